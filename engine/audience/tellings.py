"""What is told of each person: the message by itself, or one thing for each event about them (decision 30)."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from engine.audience.gaps import Gap, GapReason
from engine.audience.occasions import occasion
from engine.audience.selection import Selection
from store.people import Person
from store.records import AudienceKind, Detail

WORD_FOR_SCHOOL = "/"
"""An occasion that ends so lacks its school: told about each school the student is at."""

Seen = Callable[[str], GapReason | None]
"""Why an occasion need not be told again, None where it must be."""


class Telling(NamedTuple):
    """One thing to tell of a person, at one school ("" for none)."""

    school_id: str
    detail: Detail | None = None
    place: int = 0
    """Keeps apart what events say of one person."""


def tellings(
    people: Iterable[Person], kind: AudienceKind, details: Sequence[Detail], selection: Selection, seen: Seen
) -> tuple[list[tuple[Person, tuple[Telling, ...]]], list[Gap]]:
    """What is told of each of these people, and which of it was told before or is in hand.

    Without details the message is told once of everybody.
    """
    if not details:
        return [(person, (Telling(_first_school(person, kind, selection)),)) for person in people], []
    by_person: dict[str, list[Detail]] = defaultdict(list)
    for detail in details:
        by_person[detail.person_id].append(detail)
    told: list[tuple[Person, tuple[Telling, ...]]] = []
    gaps: list[Gap] = []
    for person in people:
        fresh: list[Telling] = []
        here: set[str] = set()
        for place, detail in enumerate(_at_schools(by_person[person.person_id], person, kind, selection)):
            # Of two rows of one absence only one may name the school: it is told of once all the same.
            if detail.occasion and detail.occasion in here:
                continue
            here.add(detail.occasion)
            why = _why_not(detail, person, kind, selection, seen)
            if why is None:
                fresh.append(Telling(detail.school_id, detail, place))
            else:
                gaps.append(Gap(f"s:{person.person_id}", person.name, why, student_ids=(person.person_id,)))
        if fresh:
            told.append((person, tuple(fresh)))
    return told, gaps


def _at_schools(
    details: Iterable[Detail], person: Person, kind: AudienceKind, selection: Selection
) -> Iterator[Detail]:
    """Each detail with its school: its own, else the person's first; of an absence, each school they are at.

    What happened at a school that the audience leaves out is left out.
    """
    schools = selection.schools_of(person)
    for detail in details:
        if detail.school_id:
            if selection.takes_school(detail.school_id):
                yield detail
        elif detail.occasion.endswith(WORD_FOR_SCHOOL):
            for school_id in schools:
                full = detail.occasion + occasion(school_id)
                yield msgspec.structs.replace(detail, school_id=school_id, occasion=full)
        elif kind is AudienceKind.STAFF:
            yield detail
        else:
            yield msgspec.structs.replace(detail, school_id=next(iter(schools), ""))


def _why_not(detail: Detail, person: Person, kind: AudienceKind, selection: Selection, seen: Seen) -> GapReason | None:
    """Why something is not told: the student is not at that school, or it was told before."""
    at_school = kind is AudienceKind.STAFF or detail.school_id in selection.schools_of(person)
    if not at_school:
        return GapReason.NOT_ENROLLED
    return seen(detail.occasion) if detail.occasion else None


def _first_school(person: Person, kind: AudienceKind, selection: Selection) -> str:
    return "" if kind is AudienceKind.STAFF else next(iter(selection.schools_of(person)), "")
