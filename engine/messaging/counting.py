"""How many an audience reaches and whom not, while it is still being chosen: nothing is frozen and nothing kept."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from engine.audience.directory import STAFF, STUDENT, Directory
from engine.audience.gaps import Gap, GapReason
from engine.audience.rights import check_rights
from engine.audience.selection import Selection
from engine.audience.tellings import tellings
from engine.elsewhere import answer_here, ask_elsewhere
from engine.messaging.drafts import Draft, Drafter
from engine.messaging.duplicates import keep_once
from engine.messaging.planner import INLINE_PEOPLE_MAX
from engine.messaging.windows import local_day, zone_of
from engine.plan_settings import PlanSettings
from engine.preferences.in_force import roster_in_force
from engine.views import GapView, View, gap_view
from store.database import Database
from store.errors import AudienceError, InvalidInputError, RefusedError
from store.people import Person
from store.records import Audience, Message, Reason

COUNTING_SECONDS_MAX = 60
"""For the helper process: thirty times what 40,000 people take."""

GAPS_MAX = 200
"""Gaps that are listed: more than anybody reads while choosing; the totals count them all."""

FOUND_MAX = 20
"""People a search finds: enough to see that the name must be longer."""

CHOICES_MAX = 5_000
"""Of each kind: more classes than any district of 40,000 people has."""


class Choice(View, frozen=True):
    """Something an audience can be narrowed to."""

    kind: str
    """school, grade, class, calendar, staff_type, language or person."""
    key: str
    """As `PrepareRequest` names it."""
    name: str
    note: str = ""
    """Where it belongs: a class's or person's school."""
    people: int = 0
    """How many are in it; 0 where that is not told."""


class AudienceCount(View, frozen=True):
    """Whom a message would reach if it were prepared now; what is prepared may differ by who came and went since."""

    why_none: str = ""
    """Why there is nobody, or why they may not be asked for, as a sentence; empty: the figures count."""
    contacts: int = 0
    """Different contacts that would be called."""
    chains: int = 0
    """What a sender confirms once it is prepared."""
    devices: int = 0
    """Numbers those chains dial at most."""
    students: int = 0
    covered: int = 0
    unreachable: int = 0
    gaps: tuple[GapView, ...] = ()
    """Who would not be called, whole chains first; at most `GAPS_MAX`."""
    gap_totals: tuple[tuple[str, int], ...] = ()
    """Reason → how many gaps, most first."""
    choices: tuple[Choice, ...] = ()
    """What there is to choose from, where it was asked for."""
    found: tuple[Choice, ...] = ()
    """Students, or staff, whose names begin with the words looked for."""


class CountRequest(msgspec.Struct, array_like=True):
    """What the helper process is asked."""

    store_path: str
    message: Message
    audience: Audience
    settings: PlanSettings
    now: int
    count: bool = True
    choices: bool = False
    find: str = ""


def count_audience(request: CountRequest, database: Database, people: int) -> AudienceCount:
    """Count here where the roster is small, elsewhere where that would slow the engine's loop down."""
    if people <= INLINE_PEOPLE_MAX:
        return _counted(request, database)
    return ask_elsewhere("engine.messaging.counting", request, AudienceCount, COUNTING_SECONDS_MAX)


def _counted(request: CountRequest, database: Database) -> AudienceCount:
    settings = request.settings
    with database.read() as txn:
        roster = roster_in_force(database, txn)
        blocks = [block for _, block in database.blocks.scan(txn)]
    emergency = request.message.reason is Reason.EMERGENCY
    blocked = {block.number_id for block in blocks if not (emergency and block.except_emergency)}
    today = local_day(request.now, zone_of(settings))
    directory = Directory(roster, today, include_inactive=settings.include_inactive)
    answer = _figures(request, directory, blocked) if request.count else AudienceCount()
    return msgspec.structs.replace(
        answer,
        choices=tuple(choices_of(directory)) if request.choices else (),
        found=tuple(_found(request.find, directory, staff=request.audience.kind.name == "STAFF")),
    )


def _figures(request: CountRequest, directory: Directory, blocked: set[int]) -> AudienceCount:
    """The figures of an audience; one that cannot be asked for is an answer, too: it is still being chosen."""
    message, audience = request.message, request.audience
    try:
        check_rights(message, audience, directory, request.settings)
        selection = Selection(directory, audience)
        people, left_out = selection.people()
        told, _ = tellings(people, audience.kind, (), selection, lambda _: None)
        drafts = Drafter(directory, selection, message, audience, request.settings).draft(told)
    except (AudienceError, InvalidInputError, RefusedError) as error:
        return AudienceCount(why_none=str(error))
    if message.reason is Reason.EMERGENCY:
        keep_once(drafts)
    elif message.names_recipient:
        keep_once(sorted(drafts, key=lambda draft: draft.name_order))
    return _summed(drafts, left_out, blocked)


def _summed(drafts: list[Draft], left_out: list[Gap], blocked: set[int]) -> AudienceCount:
    dialed = [draft for draft in drafts if draft.kept]
    covered = sum(bool(draft.moved) and not draft.kept for draft in drafts)
    unreachable = sum(not draft.numbers.steps for draft in drafts)
    gaps = [*left_out, *_gaps(drafts, blocked)]
    return AudienceCount(
        contacts=len({draft.contact_key for draft in dialed}),
        chains=len(dialed),
        devices=sum(len(draft.kept) for draft in dialed),
        students=len({student.person_id for draft in drafts for student in draft.students}),
        covered=covered,
        unreachable=unreachable,
        gaps=tuple(gap_view(gap) for gap in gaps[:GAPS_MAX]),
        gap_totals=tuple(Counter(gap.reason.value for gap in gaps).most_common()),
    )


def _gaps(drafts: Iterable[Draft], blocked: set[int]) -> Iterator[Gap]:
    """Chains that dial nothing, then those whose every number is blocked; single devices are the review's business."""
    for draft in drafts:
        if not draft.numbers.steps:
            students = tuple(student.person_id for student in draft.students)
            why = draft.numbers.why_none or GapReason.NO_PHONE
            yield Gap(draft.contact_key, draft.contact_name, why, student_ids=students)
    for draft in drafts if blocked else ():
        if draft.kept and all(step.number_id in blocked for step in draft.kept):
            yield Gap(draft.contact_key, draft.contact_name, GapReason.BLOCKED)


def choices_of(directory: Directory) -> Iterator[Choice]:
    """Everything an audience can be narrowed to, schools first, each kind by name."""
    students = [person for person in directory.people.values() if person.roles & STUDENT and person.active]
    staff = [person for person in directory.people.values() if person.roles & STAFF and person.active]
    schools = Counter(one for person in students for one in {seat.school_id for seat in person.enrollments})
    grades = Counter(person.grade for person in students if person.grade)
    types = Counter(word for person in staff for word in set(person.staff_types))
    spoken = Counter(person.language for person in directory.people.values() if person.language)
    names = directory.school_names
    yield from _sorted(Choice(kind="school", key=key, name=name, people=schools[key]) for key, name in names.items())
    yield from (Choice(kind="grade", key=key, name=key, people=grades[key]) for key in directory.grades())
    yield from _sorted(
        Choice(kind="class", key=one.class_id, name=one.name, note=names.get(one.school_id, ""),
               people=len(one.students_on(directory.today)))
        for one in directory.classes.values()
    )  # fmt: skip
    yield from (Choice(kind="staff_type", key=key, name=key, people=types[key]) for key in directory.staff_types())
    yield from (Choice(kind="language", key=key, name=key, people=spoken[key]) for key in sorted(spoken))
    yield from _sorted(
        Choice(kind="calendar", key=one.calendar_id, name=one.name, note=names.get(one.school_id, ""))
        for one in directory.calendars.values()
        if one.ends_on >= directory.today
    )


def _sorted(choices: Iterable[Choice]) -> list[Choice]:
    return sorted(choices, key=lambda choice: (choice.name.casefold(), choice.key))[:CHOICES_MAX]


def _found(words: str, directory: Directory, *, staff: bool) -> Iterator[Choice]:
    """Students, or staff, by parts of their name."""
    wanted = words.casefold().split()
    if not wanted:
        return
    role = STAFF if staff else STUDENT
    people = (one for one in directory.people.values() if one.roles & role)
    found = [one for one in people if _is_called(one, wanted)]
    for person in sorted(found, key=lambda one: (one.name.casefold(), one.person_id))[:FOUND_MAX]:
        yield Choice(kind="person", key=person.person_id, name=person.name, note=_note(person, directory))


def _is_called(person: Person, wanted: list[str]) -> bool:
    """Whether each of the words begins one of somebody's names."""
    names = person.name.casefold().split()
    return all(any(name.startswith(word) for name in names) for word in wanted)


def _note(person: Person, directory: Directory) -> str:
    """What tells people of one name apart."""
    schools = person.school_ids or tuple(seat.school_id for seat in person.enrollments)
    school = directory.school_names.get(schools[0], "") if schools else ""
    return ", ".join(word for word in (school, f"grade {person.grade}" if person.grade else "") if word)


def _counted_here(request: CountRequest) -> AudienceCount:
    return _counted(request, Database(Path(request.store_path), readonly=True))


if __name__ == "__main__":
    answer_here(CountRequest, _counted_here)
