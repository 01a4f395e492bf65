"""What a batch of preferences comes to: which marks change, and how many preferences that is (section S)."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from engine.preferences.choices import Choices
from engine.preferences.scope import Scope
from store.documents import Mark, Point
from store.people import Person
from store.records import Reason


class BatchRow(msgspec.Struct, kw_only=True, frozen=True):
    """One contact point and reason of a batch."""

    point: str
    reason: str
    on: bool
    on_record: int
    """People, or households, with that point on record: the others have nothing to set (C195)."""
    changes: int
    """Of these, whose preference is another one now: they change (C213)."""
    by_hand: int
    """Of those that change, which somebody had set one by one here (C190)."""


class Change(NamedTuple):
    """A mark to be set: reasons on and off for one owner's point."""

    owner: str
    point: Point
    on: int
    off: int


class Batch(NamedTuple):
    """A batch worked out, nothing of it written."""

    changes: list[Change]
    """One for every point on record, those that are as chosen already included: an import must not undo them."""
    rows: tuple[BatchRow, ...]

    @property
    def changed(self) -> int:
        """Preferences that will be other than they are: each point and reason of each person or household."""
        return sum(row.changes for row in self.rows)


class Now(NamedTuple):
    """How a point is set now: bits that are on for all its numbers, and for any."""

    on_all: int
    on_any: int


def work_out(scope: Scope, choices: Choices, by_hand: dict[tuple[str, Point], int]) -> Batch:
    """Lay choices over the people of a scope, who are as they hold now (marks included).

    `by_hand`: reasons set one by one before, for each owner and point. A household's phone counts once, whoever of its
    members the batch is for; it changes for all of them (C207).
    """
    changes: list[Change] = []
    on_record: Counter[Point] = Counter()
    changing: Counter[tuple[Point, int, int]] = Counter()
    for owner, point, now in _points(scope):
        said = choices.get(point)
        if said is None:
            continue
        on_record[point] += 1
        changes.append(Change(owner, point, said.on, said.off))
        if bits := said.on & ~now.on_all | said.off & now.on_any:
            changing[point, bits, bits & by_hand.get((owner, point), 0)] += 1
    return Batch(changes, tuple(_rows(choices, on_record, changing)))


def _rows(choices: Choices, on_record: Counter[Point], changing: Counter[tuple[Point, int, int]]) -> Iterator[BatchRow]:
    for point, said in sorted(choices.items()):
        for reason in Reason:
            if not (said.on | said.off) & reason.mask:
                continue
            of_point = [(bits, hand, n) for (p, bits, hand), n in changing.items() if p is point]
            yield BatchRow(
                point=point.word,
                reason=reason.word,
                on=bool(said.on & reason.mask),
                on_record=on_record[point],
                changes=sum(n for bits, _, n in of_point if bits & reason.mask),
                by_hand=sum(n for _, hand, n in of_point if hand & reason.mask),
            )


def _points(scope: Scope) -> Iterator[tuple[str, Point, Now]]:
    """Every contact point on record: owner, point, and how it is set."""
    for person in scope.people:
        owner = f"p:{person.person_id}"
        for point, now in points_of(person).items():
            yield owner, point, now
    for household in scope.households:
        if household.number:
            yield f"h:{household.household_id}", Point.HOUSEHOLD, Now(household.voice_reasons, household.voice_reasons)


def points_of(person: Person) -> dict[Point, Now]:
    """A person's own points with voice (or mail), those of two numbers of one kind together."""
    found: dict[Point, Now] = {}
    for device in person.devices:
        _note(found, Point(device.kind), device.voice_reasons)
    for email in person.emails:
        _note(found, Point.SECONDARY_EMAIL if email.secondary else Point.EMAIL, email.reasons)
    return found


def _note(found: dict[Point, Now], point: Point, reasons: int) -> None:
    now = found.get(point)
    found[point] = Now(reasons, reasons) if now is None else Now(now.on_all & reasons, now.on_any | reasons)


def by_hand_of(marks: Iterable[Mark]) -> dict[tuple[str, Point], int]:
    """What was set one by one, texts left out."""
    return {(mark.owner, mark.point): mark.by_hand for mark in marks if mark.by_hand and not mark.text}
