"""A store on paper: it reads as the real one does, takes every write, and keeps nothing."""

import copy
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, cast

import msgspec

from store.checkpoint import Checkpoint
from store.database import Database
from store.fold import Fold
from store.keys import job_of
from store.rows import JobRow, RedialRow, RestRow
from store.tables import Txn

ROWS_MAX = 1 << 40
"""Rows of the fold that may wait to be written: they wait for ever."""

_encode = msgspec.msgpack.Encoder().encode


class PaperStore(Database):
    """What writer, gate and poller of a run on paper have for a database. It opens nothing of its own."""

    def __init__(self, database: Database) -> None:
        self._real = database
        self.path = database.path
        self.blocks = database.blocks
        self.journal = cast("Any", _NoTable())

    def read(self) -> AbstractContextManager[Txn]:  # type: ignore[override]
        """A read transaction of the real store."""
        return self._real.read()

    @contextmanager
    def write(self) -> Iterator[Txn]:
        """A transaction that nothing becomes of."""
        yield cast("Txn", None)

    def put_meta(self, txn: Txn, name: str, value: bytes) -> None:
        """Keep nothing."""

    def has_room(self) -> bool:
        """Paper has."""
        return True


class _NoTable:
    """In the journal's place."""

    def append(self, _txn: Txn, _key: bytes, _data: bytes) -> None:
        """Keep nothing."""


class State:
    """What the district's jobs and numbers are like at the moment a forecast begins; each run has a copy."""

    def __init__(self, fold: Fold) -> None:
        self.fold = fold
        orphans = {job_of(row.chain_id) for row in fold.chains.values() if row.outcome and row.attempt_id}
        self.open = {
            job_id for job_id, row in fold.jobs.items() if not row.state.ended or row.overdue or job_id in orphans
        }
        self._chains = [row for row in fold.chains.values() if job_of(row.chain_id) in self.open]

    def copy(self, paper: PaperStore) -> Checkpoint:
        """A checkpoint on paper that stands where the real one does; jobs that are over are left out."""
        checkpoint = Checkpoint(paper, ROWS_MAX)
        was, fold = self.fold, checkpoint.fold
        fold.rest = msgspec.msgpack.decode(_encode(was.rest), type=RestRow)
        fold.jobs = {job_id: msgspec.msgpack.decode(_encode(was.jobs[job_id]), type=JobRow) for job_id in self.open}
        fold.chains = {row.chain_id: copy.copy(row) for row in self._chains}
        fold.released = dict(was.released)
        for shelf, row in was.redials.items():
            fold.redials[shelf] = RedialRow(row.shelf, row.seq, row.day, dict(row.counts))
        fold.find_chain = was.find_chain
        return checkpoint
