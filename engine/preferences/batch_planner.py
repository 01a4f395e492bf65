"""Works a batch of preferences out, in a process of its own where that takes long, so that the loop stays quick."""

from pathlib import Path

import msgspec

from engine.elsewhere import answer_here, ask_elsewhere
from engine.preferences.batch import Batch, BatchRow, by_hand_of, work_out
from engine.preferences.choices import read_choices, read_mode
from engine.preferences.in_force import in_force, void_batches, without
from engine.preferences.marks import mark_key, set_by_batch
from engine.preferences.scope import ScopeRequest, scope_of
from store.database import Database
from store.documents import Mark
from store.vault import Vault

INLINE_PEOPLE_MAX = 2_000
"""People up to which it takes some ten milliseconds and stays in the process."""

SECONDS_MAX = 120
"""For the helper process: ten times what a million people take."""


class Question(msgspec.Struct, array_like=True):
    """What the helper process is asked. `batch` is 0 for a preview."""

    store_path: str
    mode: str
    school_id: str
    calendar_id: str
    expression: str
    ids: tuple[str, ...]
    choices: tuple[str, ...]
    today: int
    batch: int = 0
    author: str = ""
    at: int = 0


class MarkWrite(msgspec.Struct, array_like=True):
    """A mark to be written, encoded, and what was there when it was made."""

    key: bytes
    before: bytes | None
    after: bytes


class WorkedOut(msgspec.Struct, array_like=True):
    """A batch worked out; `writes` is empty for a preview."""

    people: int
    households: int
    changed: int
    rows: tuple[BatchRow, ...]
    writes: list[MarkWrite]


def plan_batch(question: Question, database: Database, people: int) -> WorkedOut:
    """Work a batch out. Raises what choices and scope raise."""
    if people <= INLINE_PEOPLE_MAX:
        return _worked_out(question, database)
    return ask_elsewhere("engine.preferences.batch_planner", question, WorkedOut, SECONDS_MAX)


def _worked_out(question: Question, database: Database) -> WorkedOut:
    mode = read_mode(question.mode)
    choices = read_choices(question.choices, mode)
    with database.read() as txn:
        imported = Vault(database).roster(txn)
        void = void_batches(database, txn)
        raw = dict(database.marks.scan_raw(txn))
        marks = {key: without(mark, void) for key, mark in database.marks.scan(txn)}
        stops = [stop for _, stop in database.stops.scan(txn)]
    asked = ScopeRequest(mode, question.school_id, question.calendar_id, question.expression, question.ids)
    scope = scope_of(in_force(imported, marks.values(), stops), asked, question.today)
    batch = work_out(scope, choices, by_hand_of(marks.values()))
    writes = _writes(batch, question, marks, raw) if question.batch else []
    return WorkedOut(len(scope.people), len(scope.households), batch.changed, batch.rows, writes)


def _writes(batch: Batch, question: Question, marks: dict[bytes, Mark], raw: dict[bytes, bytes]) -> list[MarkWrite]:
    encode = msgspec.msgpack.Encoder().encode
    writes = []
    for change in batch.changes:
        key = mark_key(change.owner, change.point, False)
        mark = marks.get(key) or Mark(change.owner, change.point)
        after = set_by_batch(mark, change.on, change.off, question.batch, question.author, question.at)
        writes.append(MarkWrite(key, raw.get(key), encode(after)))
    return writes


def _worked_out_here(question: Question) -> WorkedOut:
    return _worked_out(question, Database(Path(question.store_path), readonly=True))


if __name__ == "__main__":
    answer_here(Question, _worked_out_here)
