"""Why somebody is in no chain of a message: which of its filters keeps them out, as the roster stands today.

Each filter is asked by itself, with the very code that selects an audience.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import msgspec

from engine.audience.directory import Directory, is_current
from engine.audience.gaps import GapReason
from engine.audience.selection import Selection
from engine.messaging.steps import StepMaker
from engine.plan_settings import PlanSettings
from engine.why.cause import Cause
from engine.why.chain.sentences import GAPS
from store.errors import AudienceError
from store.people import Person, Role, Roster
from store.records import Audience, AudienceKind, Job


class LeftOut(NamedTuple):
    """A cause and its sentence."""

    cause: Cause
    sentence: str


def why_left_out(
    job: Job, person: Person, family: Roster, directory: Directory, stopped: frozenset[tuple[str, str]]
) -> LeftOut:
    """Of a person no chain of a job is about or to. `stopped`: (contact, student) pairs nobody may be told under."""
    if job.audience.number:
        return _not(f"The message is a test call to a single number, and not to {person.name}.")
    if job.audience.kind is AudienceKind.STAFF:
        return _staff(job, person, directory)
    if person.roles & Role.STUDENT:
        return _student(job, person, directory) or _passes(person)
    if job.audience.kind is AudienceKind.STUDENTS:
        return _not("The message is for students themselves.")
    return _contact(job, person, family, directory, stopped)


def gap_of(job: Job, contact_key: str, family: Roster, settings: PlanSettings) -> str:
    """Why a contact has no number to dial, a word of `GapReason`; empty where the roster of today does not tell."""
    kind, some_id = contact_key[:2], contact_key[2:]
    maker = StepMaker(job.message.reason, job.audience.kind, settings)
    if kind == "s:":
        return GapReason.NO_CONTACT
    if kind == "h:":
        home = next((one for one in family.households if one.household_id == some_id), None)
        numbers = maker.of_household(home) if home is not None else None
    else:
        person = next((one for one in family.people if one.person_id == some_id), None)
        numbers = maker.of_person(person) if person is not None else None
    return numbers.why_none or "" if numbers is not None else ""


# ---------------------------------------------------------------- whom it is for


def _staff(job: Job, person: Person, directory: Directory) -> LeftOut:
    if not person.roles & Role.STAFF:
        return _not("The message is for staff.")
    if not person.active:
        return _not("They are no active member of staff.")
    return _first_that_fails(job.audience, person, directory) or _passes(person)


def _student(job: Job, student: Person, directory: Directory) -> LeftOut | None:
    """Why a student is none of a message's; None where every filter lets them through."""
    if not directory.is_enrolled(student):
        return LeftOut(Cause.NOT_IN_AUDIENCE, f"{student.name} is not enrolled today.")
    return _first_that_fails(job.audience, student, directory)


def _contact(
    job: Job, person: Person, family: Roster, directory: Directory, stopped: frozenset[tuple[str, str]]
) -> LeftOut:
    """A contact is called about somebody: each of their students is asked for."""
    students = [one for one in family.people if _is_contact_of(person, one, directory)]
    ended = [one for one in family.people if (person.person_id, one.person_id) in stopped]
    if not students and ended:
        names = ", ".join(one.name for one in ended)
        return LeftOut(
            Cause.CONTACT_STOPPED, f"They may not be told of {names} any more; see `callchain contact list`."
        )
    if not students:
        return _not(f"{person.name} is a messenger contact of no student: nobody to be told of.")
    outs = [_student(job, student, directory) for student in students]
    if None not in outs:
        return next(out for out in outs if out is not None)
    if not _speaks(job.audience, person, directory):
        return _not(f"The message is for contacts who speak {', '.join(job.audience.languages)}.")
    if job.audience.contact_keys:
        return _not("The message is for chosen contacts: those that an earlier one did not reach, or that it told.")
    return _passes(person)


def _is_contact_of(person: Person, student: Person, directory: Directory) -> bool:
    if not student.roles & Role.STUDENT:
        return False
    return any(contact.person.person_id == person.person_id for contact in directory.contacts_of(student.person_id))


def _speaks(audience: Audience, person: Person, directory: Directory) -> bool:
    return Selection(directory, Audience(audience.kind, languages=audience.languages)).speaks(person)


# ---------------------------------------------------------------- filters, one by one


def _first_that_fails(audience: Audience, person: Person, directory: Directory) -> LeftOut | None:
    for name, asked in _FILTERS.items():
        values = getattr(audience, name)
        # What contacts must speak is no matter of their students.
        if not values or (name == "languages" and audience.kind is AudienceKind.CONTACTS):
            continue
        each = [values] if isinstance(values, str) else values
        if not any(_lets_through(_only(audience, name, value), person, directory) for value in each):
            return _not(f"The message is for {asked(each, directory)}; {_has(name, person, directory)}.")
    return None


def _only(audience: Audience, name: str, value: str) -> Audience:
    """The audience with one filter and one value of it."""
    return msgspec.structs.replace(Audience(audience.kind), **{name: value if name == "teacher_id" else (value,)})


def _lets_through(only: Audience, person: Person, directory: Directory) -> bool:
    """Whether an audience with one filter takes somebody. One that names what is not there lets nobody through."""
    if only.person_ids:
        return person.person_id in only.person_ids
    try:
        people, _ = Selection(directory, msgspec.structs.replace(only, person_ids=(person.person_id,))).people()
    except AudienceError:
        return False
    return bool(people)


_Words = Callable[[Iterable[str], Directory], str]


def _listed(noun: str) -> _Words:
    return lambda values, _directory: f"{noun} {', '.join(values)}"


def _schools(values: Iterable[str], directory: Directory) -> str:
    return ", ".join(directory.school_names.get(value, value) for value in values)


_FILTERS: dict[str, _Words] = {
    "school_ids": _schools,
    "grades": _listed("grade"),
    "class_ids": _listed("class"),
    "teacher_id": _listed("the classes of"),
    "calendar_ids": _listed("calendar"),
    "staff_types": _listed("staff of type"),
    "languages": _listed("those who speak"),
    "person_ids": lambda _values, _directory: "certain people by name",
}
"""In the order in which they are asked."""


def _has(name: str, person: Person, directory: Directory) -> str:
    """What somebody has instead."""
    if name == "grades":
        return f"{person.name} is in grade {person.grade or 'none'}"
    if name == "school_ids":
        enrolled = [one.school_id for one in person.enrollments if is_current(one, directory.today)]
        return f"{person.name} is at {_schools([*enrolled, *person.school_ids], directory) or 'no school'}"
    if name == "languages":
        return f"{person.name} speaks {person.language}"
    if name == "staff_types":
        return f"{person.name} is {', '.join(person.staff_types) or 'of no type'}"
    return f"{person.name} is not among them"


def _not(sentence: str) -> LeftOut:
    return LeftOut(Cause.NOT_IN_AUDIENCE, sentence)


def _passes(person: Person) -> LeftOut:
    return LeftOut(
        Cause.LEFT_OUT,
        f"By the roster of today {person.name} belongs to its audience, and yet no call was planned: the roster was "
        "another one then, they were told of the same before, or " + GAPS[GapReason.NO_PREFERENCE] + ".",
    )
