"""From a bundle to a roster: every file read once, every bad row reported, nothing guessed.

What a plain OneRoster bundle leaves open, and how it is settled:

- `sms` is the person's cell. `phone` is the household's where two people give it who are linked to the same student
  (themselves included); otherwise it is the person's other phone. With households.csv, households come from it alone,
  and a `phone` that is the number of one of the person's households is not theirs a second time.
- phones.csv adds cell, work, other and pager numbers. With contacts.csv only its rows can have the Messenger box;
  without it parents and guardians are messenger contacts (decision 4). With preferences.csv Voice is on only where it
  says so; without it Voice is on for the default reasons. `Roster.defaults_used` says in sentences which defaults held.
- Rows to be deleted are left out; people with `enabledUser` false are kept as inactive.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from engine.roster.bundle import Bundle, Progress, open_bundle
from engine.roster.classes import frozen_classes
from engine.roster.draft import PersonDraft, RosterDraft, common, hull
from engine.roster.households import shared_households
from engine.roster.oneroster import read_oneroster
from engine.roster.problems import Problem, Problems
from engine.roster.side_files import (
    read_contacts,
    read_households,
    read_phones,
    read_preferences,
    read_relationships,
)
from engine.roster.voice import Preferences
from store.documents import Point
from store.people import Device, Email, Household, Person, Relationship, Role, Roster
from store.records import DeviceKind, Reason

DEFAULT_REASONS = frozenset({Reason.EMERGENCY, Reason.ATTENDANCE, Reason.PRIORITY, Reason.GENERAL})
"""For which Voice is on where no preferences.csv says otherwise (decision 3, setting `default_reasons`)."""
MESSENGER_WORDS = ("parent", "guardian")
"""Plain links of these words are messenger contacts (decision 4)."""


@dataclass(frozen=True)
class RosterImport:
    """A roster and what was wrong on the way to it."""

    roster: Roster
    problems: tuple[Problem, ...]
    """All of them, in reading order; a listing may stop earlier, the count may not."""
    rows: dict[str, int]
    """Rows read per file, bad ones included: `{"users.csv": 1204}`."""


def import_bundle(
    path: Path,
    *,
    default_reasons: frozenset[Reason] = DEFAULT_REASONS,
    progress: Progress | None = None,
) -> RosterImport:
    """Read the OneRoster 1.1 or 1.2 bundle, a folder or a zip, at `path`.

    `progress` is told (bytes read, bytes in all). The result depends on the files alone, not on the day.
    Raises RosterError where the bundle as a whole cannot be read; a bad row never raises.
    """
    problems = Problems()
    with open_bundle(path, problems, progress) as bundle:
        draft = read_oneroster(bundle, problems)
        read_relationships(bundle, draft)
        read_contacts(bundle, draft)
        read_phones(bundle, draft)
        _settle_relationships(bundle, draft)
        _settle_households(bundle, draft)
        marked = read_preferences(bundle, draft)
        if not bundle.has("preferences"):
            marked = Preferences(sum(reason.mask for reason in default_reasons))
        _report_nobodies(draft, problems)
        roster = Roster(
            tuple(draft.schools.values()),
            tuple(_frozen_people(draft, marked)),
            tuple(_frozen_households(draft, marked)),
            tuple(_frozen_relationships(draft)),
            bundle.fictional,
            tuple(_defaults_used(bundle, default_reasons)),
            tuple(draft.calendars.values()),
            tuple(frozen_classes(draft)),
        )
        return RosterImport(roster, problems.all(), bundle.counts)


def _settle_relationships(bundle: Bundle, draft: RosterDraft) -> None:
    """Turn plain links into relationships; beside contacts.csv they are kept without the Messenger box."""
    told = {(relationship.student_id, relationship.contact_id) for relationship in draft.relationships}
    by_word = not bundle.has("contacts")
    for (student_id, contact_id), word in draft.links.items():
        if (student_id, contact_id) not in told:
            close = word in MESSENGER_WORDS
            draft.relationships.append(Relationship(student_id, contact_id, word, by_word and close, close))
    for relationship in draft.relationships:
        contact = draft.people[relationship.contact_id]
        if relationship.messenger or not contact.roles:
            contact.roles |= Role.CONTACT


def _settle_households(bundle: Bundle, draft: RosterDraft) -> None:
    if bundle.has("households"):
        read_households(bundle, draft)
    else:
        for household in shared_households(draft):
            draft.join(household)


def _report_nobodies(draft: RosterDraft, problems: Problems) -> None:
    """People who are nothing to the district, and students no school is told for: never dropped in silence."""
    for person in draft.people.values():
        if not person.roles:
            problems.add("users.csv", person.line, "role", "has no role and is nobody's contact")
        elif person.roles & Role.STUDENT and not person.enrollments:
            problems.add("users.csv", person.line, "orgSourcedIds", "a student without a school")


def _frozen_people(draft: RosterDraft, marked: Preferences) -> Iterator[Person]:
    homes = {household.household_id: household.number for household in draft.households}
    for person in draft.people.values():
        if person.roles:
            numbers = {homes[household_id] for household_id in draft.members_of.get(person.person_id, ())}
            yield Person(
                person.person_id,
                person.given_name,
                person.family_name,
                int(person.roles),
                tuple(_devices(person, numbers, marked)),
                person.enrollments,
                person.school_ids,
                person.staff_types,
                person.grade,
                person.language,
                person.active,
                emails=tuple(_emails(person, marked)),
                time_zone=person.time_zone,
            )


def _devices(person: PersonDraft, homes: set[str], marked: Preferences) -> Iterator[Device]:
    """A person's own numbers, each once per kind: `sms`, phones.csv, then `phone` unless it is a household's."""
    numbers = [(DeviceKind.CELL, person.cell, False)] if person.cell else []
    numbers += person.listed
    if person.phone and person.phone.e164 not in homes:
        numbers.append((DeviceKind.OTHER, person.phone, False))
    seen = set()
    for kind, number, private in numbers:
        if (kind, number) not in seen:
            seen.add((kind, number))
            voice = marked.voice.of_person(person.person_id, kind)
            text = marked.text.of_person(person.person_id, kind)
            refused = marked.voice.refused_by(person.person_id, kind)
            yield Device(kind, number.e164, number.extension, voice, private, text, refused)


def _emails(person: PersonDraft, marked: Preferences) -> Iterator[Email]:
    for address, secondary in person.emails:
        point = Point.SECONDARY_EMAIL if secondary else Point.EMAIL
        yield Email(address, secondary, marked.mail.of_person(person.person_id, point))


def _frozen_households(draft: RosterDraft, marked: Preferences) -> Iterator[Household]:
    for household in draft.households:
        members = tuple(member for member in household.members if draft.people[member.person_id].roles)
        ids = [member.person_id for member in members]
        voice = marked.voice.of_household(household.household_id, ids)
        text = marked.text.of_household(household.household_id, ids)
        yield msgspec.structs.replace(household, voice_reasons=voice, text_reasons=text, members=members)


def _frozen_relationships(draft: RosterDraft) -> Iterator[Relationship]:
    """Relationships, narrowed to the time the contact has that role at all where roles.csv dates it."""
    for one in draft.relationships:
        span = common((one.begins_on, one.ends_on), hull(draft.people[one.contact_id].contact_spans))
        yield msgspec.structs.replace(one, begins_on=span[0], ends_on=span[1])


def _defaults_used(bundle: Bundle, default_reasons: frozenset[Reason]) -> Iterator[str]:
    if not bundle.has("preferences"):
        words = ", ".join(reason.word for reason in sorted(default_reasons)) or "no reason"
        yield f"No preferences.csv: Voice is on for {words} on every phone."
    if not bundle.has("contacts"):
        yield "No contacts.csv: parents and guardians are messenger contacts, other relatives and staff are not."
    if not bundle.has("households"):
        yield "No households.csv: people with the same phone and the same student share a household."
