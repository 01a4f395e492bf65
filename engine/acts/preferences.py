"""Contact preferences: shown, set one by one, set in a batch, taken back, forgotten (decision 21c; C090, section S)."""

import secrets
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain, islice
from typing import TypeVar
from zoneinfo import ZoneInfo

import msgspec

from engine.acts.act import Act
from engine.acts.desk import Desk
from engine.messaging.windows import local_day
from engine.preferences.batch import BatchRow
from engine.preferences.batch_planner import MarkWrite, Question, plan_batch
from engine.preferences.choices import is_text, read_point, read_reason
from engine.preferences.excerpt import excerpt, excerpt_in_force
from engine.preferences.in_force import void_batches, without
from engine.preferences.marks import (
    begin_batch,
    end_batch,
    last_batch,
    put_mark,
    read_mark,
    set_by_batch,
    set_by_hand,
    undo_batch,
)
from engine.preferences.matrix import Matrix, matrix_of
from engine.preferences.owner import bare_id, mark_owner, owner_named, settable
from store.access import Role
from store.commands import Verb
from store.database import Database
from store.documents import Mark
from store.errors import InvalidInputError
from store.tables import Txn

SETTINGS = {"on": True, "off": False, "roster": None}
"""What a preference can be set to; `roster` takes a mark away, so that the roster says again."""

BATCH_BITS = 48
"""Of a batch's id, which is drawn at random: no two are the same."""

SLICE_MARKS = 500
"""Marks written in one transaction beside the calls: 1 ms."""

T = TypeVar("T")
Write = Callable[[Txn], None]


class Who(msgspec.Struct, kw_only=True, frozen=True):
    """A person's or a household's id."""

    who: str


class Setting(msgspec.Struct, kw_only=True, frozen=True):
    """One contact point's preferences, set by hand."""

    who: str
    point: str
    delivery: str
    reasons: tuple[str, ...]
    setting: str


class BatchAsked(msgspec.Struct, kw_only=True, frozen=True):
    """A batch: whose, which, and what (C206-C212)."""

    mode: str
    choices: tuple[str, ...]
    """Like `cell.emergency=on`."""
    school_id: str = ""
    calendar_id: str = ""
    expression: str = ""
    """A filter such as `grade=3,4`."""
    ids: tuple[str, ...] = ()
    """A filter of people by name."""
    preview: bool = False


class BatchAnswer(msgspec.Struct, kw_only=True, frozen=True):
    """What a batch changed, or would change."""

    people: int
    households: int
    changed: int
    """Preferences that are others now (C213)."""
    by_hand: int
    """Of these, set one by one before (C190)."""
    rows: tuple[BatchRow, ...]
    applied: bool


class Nothing(msgspec.Struct, kw_only=True, frozen=True):
    """No more needs to be said."""


class Count(msgspec.Struct, kw_only=True, frozen=True):
    """How many contact points were changed back."""

    points: int


def _show(desk: Desk, asked: Who, _author: str) -> Matrix:
    database, some_id = desk.database, bare_id(asked.who)
    with database.read() as txn:
        roster, imported, marks = excerpt_in_force(database, txn, [some_id])
        others = {word for link in imported.relationships for word in (link.student_id, link.contact_id)}
        names = {one.person_id: one.name for one in excerpt(database, txn, others).people}
    return matrix_of(owner_named(roster, asked.who), roster, marks, imported, names, desk_day(desk))


def _set(desk: Desk, asked: Setting, author: str) -> Matrix:
    if asked.setting not in SETTINGS:
        raise InvalidInputError(f"{asked.setting!r} is no setting; give one of {', '.join(SETTINGS)}.")
    point = read_point(asked.point)
    text, reasons = is_text(asked.delivery, point), 0
    for word in asked.reasons:
        reasons |= read_reason(word)
    if not reasons:
        raise InvalidInputError("No reason is given; name one, several, or all.")
    database = desk.database
    with database.read() as txn:
        roster, _, _ = excerpt_in_force(database, txn, [bare_id(asked.who)])
    one = owner_named(roster, asked.who)
    on, at = SETTINGS[asked.setting], desk.clock.now()
    owner, reasons = mark_owner(roster, one, point, desk_day(desk)), settable(one, reasons) if on else reasons

    def write(txn: Txn) -> None:
        mark = read_mark(database, txn, owner, point, text)
        put_mark(database, txn, set_by_hand(mark, reasons, on, author, at))

    desk.change(Verb.PREFERENCES, author, write)
    return _show(desk, Who(who=asked.who), author)


def _batch(desk: Desk, asked: BatchAsked, author: str) -> BatchAnswer:
    """Preview, or apply: its marks are written in slices and count all at once, with the last write."""
    database = desk.database
    with database.read() as txn:
        people = desk.vault.people_count(txn)
    batch = secrets.randbits(BATCH_BITS) + 1
    question = Question(
        str(database.path), asked.mode, asked.school_id, asked.calendar_id, asked.expression, asked.ids,
        asked.choices, desk_day(desk), 0 if asked.preview else batch, author, desk.clock.now(),
    )  # fmt: skip
    found = plan_batch(question, database, people)
    if not asked.preview:
        written = (partial(_write_marks, database, part) for part in _slices(found.writes))
        _write(desk, chain((partial(begin_batch, database, batch),), written))
        desk.change(Verb.PREFERENCES, author, partial(end_batch, database, batch))
    return BatchAnswer(
        people=found.people,
        households=found.households,
        changed=found.changed,
        by_hand=sum(row.by_hand for row in found.rows),
        rows=found.rows,
        applied=not asked.preview,
    )


def _undo(desk: Desk, _asked: Nothing, author: str) -> Count:
    with desk.database.read() as txn:
        batch = last_batch(desk.database, txn)
        points = sum(mark.batch == batch and mark.batch_bits != 0 for _, mark in desk.database.marks.scan(txn))
    desk.change(Verb.PREFERENCES, author, lambda txn: undo_batch(desk.database, txn))
    return Count(points=points)


def _forget(desk: Desk, _asked: Nothing, author: str) -> Count:
    """Let the roster say again for everybody; blocks and stopped contacts stay."""
    with desk.database.read() as txn:
        keys = [key for key, _ in desk.database.marks.scan_raw(txn)]
    _write(desk, (partial(_delete_marks, desk.database, part) for part in _slices(keys)))
    desk.change(Verb.PREFERENCES, author, lambda txn: desk.database.put_meta(txn, "last_batch", b""))
    return Count(points=len(keys))


# ---------------------------------------------------------------- writing


def _write(desk: Desk, writes: Iterable[Write]) -> None:
    """Carry writes out one by one under a running engine, so that its calls go on; else in one transaction."""
    if desk.running:
        for apply in writes:
            desk.engine.station.write(apply)
        return
    with desk.database.write() as txn:
        for apply in writes:
            apply(txn)


def _slices(things: Iterable[T]) -> Iterator[list[T]]:
    remaining = iter(things)
    while part := list(islice(remaining, SLICE_MARKS)):
        yield part


def _write_marks(database: Database, writes: list[MarkWrite], txn: Txn) -> None:
    void: frozenset[int] | None = None
    for write in writes:
        if database.marks.raw(txn, write.key) == write.before:
            database.marks.put_raw(txn, write.key, write.after)
            continue
        # Somebody changed it meanwhile: what they did is what the batch has to give back.
        void = void_batches(database, txn) if void is None else void
        after = msgspec.msgpack.decode(write.after, type=Mark)
        now = database.marks.get(txn, write.key) or Mark(after.owner, after.point)
        on, off = after.on & after.batch_bits, after.off & after.batch_bits
        put_mark(database, txn, set_by_batch(without(now, void), on, off, after.batch, after.author, after.at))


def _delete_marks(database: Database, keys: list[bytes], txn: Txn) -> None:
    for key in keys:
        database.marks.delete(txn, key)


def desk_day(desk: Desk) -> int:
    """The district's local day, an ordinal."""
    return local_day(desk.clock.now(), ZoneInfo(desk.settings.district.time_zone))


SHOW = Act("preferences.show", Who, Matrix, _show, role=Role.SENDER)
SET = Act("preferences.set", Setting, Matrix, _set, role=Role.SENDER)
BATCH = Act("preferences.batch", BatchAsked, BatchAnswer, _batch, role=Role.ADMINISTRATOR)
UNDO = Act("preferences.undo", Nothing, Count, _undo, role=Role.ADMINISTRATOR)
FORGET = Act("preferences.forget", Nothing, Count, _forget, role=Role.ADMINISTRATOR)

ACTS = (SHOW, SET, BATCH, UNDO, FORGET)
