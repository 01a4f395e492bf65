"""Checks of the roster: students nobody is called about, contacts without a phone, numbers nobody can dial."""

import re
from collections import Counter
from collections.abc import Iterator

from engine.audience.directory import Directory
from engine.district.permission import standing
from engine.doctor.finding import Finding, Topic, amount, some
from engine.doctor.patient import Patient
from engine.roster.numbers import read_number
from store.people import Device, Person, Role, Roster
from store.records import DeviceKind

ROSTER = Topic("roster")

_E164 = re.compile(r"\+1[2-9]\d{2}[2-9]\d{6}")
"""Numbers of this shape passed the import's checks; the others are looked at again."""


def check_roster(patient: Patient) -> Iterator[Finding]:
    """Who would not be reached whatever is sent (C078, C080, C085)."""
    roster = patient.roster
    students = sum(bool(person.roles & Role.STUDENT) for person in roster.people)
    if not students:
        yield ROSTER.problem(
            "The roster in force has no students: nobody can be called about anybody.",
            "Import it with `callchain roster import`, or go back with `callchain roster restore`.",
        )
        return
    directory = Directory(roster, patient.today)
    found = [*_fictional(patient), *_without_contact(roster, directory), *_without_phone(roster, directory)]
    found += _numbers(roster)
    yield from found
    if not found:
        yield ROSTER.ok(f"All of {amount(students, 'student')} have a messenger contact who can be dialed.")


def _fictional(patient: Patient) -> Iterator[Finding]:
    if patient.roster.fictional and not standing(patient.permission, patient.settings).drill:
        yield ROSTER.problem(
            "The roster is make-believe and the carrier is real: nothing is dialed, the numbers belong to strangers.",
            "Import the real roster.",
        )


def _without_contact(roster: Roster, directory: Directory) -> Iterator[Finding]:
    """Enrolled students without any messenger contact today (C085)."""
    enrolled = [person for person in _all(roster, Role.STUDENT) if directory.is_enrolled(person)]
    if not enrolled:
        yield ROSTER.problem(
            "No student of the roster in force is enrolled today: nobody would be called.",
            "Import the roster of the current school year.",
        )
        return
    alone = sorted(person.person_id for person in enrolled if not directory.contacts_of(person.person_id))
    if alone:
        yield ROSTER.warning(
            f"{amount(len(alone), 'student')} of {len(enrolled):,} without any messenger contact ({some(alone)}): no "
            "message about them reaches anybody.",
            "Mark the Messenger box of somebody in their contacts, and import again.",
        )


def _without_phone(roster: Roster, directory: Directory) -> Iterator[Finding]:
    """Messenger contacts whom no number belongs to, their household's included (C080, C082)."""
    silent = {
        contact.person.person_id
        for person in _all(roster, Role.STUDENT)
        for contact in directory.contacts_of(person.person_id)
        if not _dialable(contact.person) and not any(household.number for household in contact.households)
    }
    if silent:
        yield ROSTER.warning(
            f"{amount(len(silent), 'messenger contact')} without any phone ({some(sorted(silent))}).",
            "Enter a number of ten digits for them, and import again.",
        )


def _numbers(roster: Roster) -> Iterator[Finding]:
    """Numbers that cannot be dialed, by why, and whose they are; never the numbers (C077, C078)."""
    numbers = [(person.person_id, device.number) for person in roster.people for device in person.devices]
    numbers += [(home.household_id, home.number) for home in roster.households if home.number]
    bad = [(owner, why) for owner, number in numbers if (why := _why_bad(number))]
    for why, count in Counter(why for _, why in bad).most_common():
        owners = sorted({owner for owner, reason in bad if reason == why})
        yield ROSTER.warning(
            f"{amount(count, 'phone number')} that cannot be dialed ({why}), of {some(owners)}.",
            "Enter all ten digits, and import again.",
        )
    extensions = sum(bool(device.extension) for person in roster.people for device in person.devices)
    if extensions:
        yield ROSTER.note(f"{amount(extensions, 'number')} behind an extension: kept, but not dialed.")


def _why_bad(number: str) -> str:
    if _E164.fullmatch(number):
        return ""
    read = read_number(number)
    return read if isinstance(read, str) else ""


def _dialable(person: Person) -> list[Device]:
    return [device for device in person.devices if device.kind is not DeviceKind.PAGER and not device.extension]


def _all(roster: Roster, role: Role) -> Iterator[Person]:
    return (person for person in roster.people if person.roles & role)
