"""Stands between an engine and its store: every put, every commit and every checkpoint is seen, none is changed."""

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from time import perf_counter_ns
from types import TracebackType
from typing import Any, NamedTuple, Self, cast

from perf.measure import Reading
from perf.store_week.watch import META, Watch, pages, tables
from store.checkpoint import Checkpoint
from store.database import Database
from store.tables import Txn

ROWS = frozenset({"job_rows", "open_chains", "ended_chains", "rest"})
"""The tables of the checkpoint."""

KINDS = (
    ("facts", frozenset({"journal"})),
    ("roster", frozenset({"schools", "people", "households", "relationships"})),
    ("plans", frozenset({"plans", "jobs"})),
    ("checkpoint", ROWS),
)
"""A transaction is of the first kind of which it holds anything; beside its facts it may hold the cursor and rows."""

CURSOR = "cursor"
"""The kind of all others: they move the cursor of the call log, or put a roster in force."""


class WatchedStore:
    """From now on everything this database writes goes into `watch`, which may be replaced at any time."""

    def __init__(self, database: Database, checkpoint: Checkpoint) -> None:
        self.watch = Watch()
        self.page_bytes = pages(database).page_bytes
        self.names = {id(table._db): table.name for table in tables(database)} | {id(database._meta): META}
        database.write = WatchedWrite(database.write, self)  # type: ignore[method-assign,assignment]
        checkpoint.write_some = self._rolling(checkpoint.write_some)  # type: ignore[method-assign,assignment]
        checkpoint.flush = _flushing(checkpoint.flush)  # type: ignore[method-assign,assignment]

    def _rolling(self, write_some: Callable[[Txn], None]) -> Callable[[Txn], None]:
        def watched(txn: Txn) -> None:
            seen = cast("WatchedTxn", txn)
            rows, begun = seen.rows, perf_counter_ns()
            write_some(txn)
            if seen.rows > rows:
                self.watch.checkpoint_ns.append(perf_counter_ns() - begun)

        return watched


def _flushing(flush: Callable[[Txn, int | None], None]) -> Callable[[Txn, int | None], None]:
    def watched(txn: Txn, rows_max: int | None = None) -> None:
        cast("WatchedTxn", txn).flush_begun = perf_counter_ns()
        flush(txn, rows_max)

    return watched


class WatchedTxn:
    """A write transaction that counts what is put into it; everything else goes straight through."""

    def __init__(self, txn: Txn, names: dict[int, str]) -> None:
        self._txn = txn
        self._names = names
        self.put_bytes = Counter[str]()
        self.removed = Counter[str]()
        self.rows = 0
        self.flush_begun = 0
        """When the tables began to be brought level in it, 0 for never."""

    def put(self, key: bytes, value: bytes, **options: Any) -> bool:  # noqa: ANN401
        """See lmdb."""
        table = self._names[id(options["db"])]
        self.put_bytes[table] += len(key) + len(value)
        self.rows += table in ROWS
        return bool(self._txn.put(key, value, **options))

    def delete(self, key: bytes, **options: Any) -> bool:  # noqa: ANN401
        """See lmdb."""
        there = bool(self._txn.delete(key, **options))
        self.removed[self._names[id(options["db"])]] += there
        return there

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        """Reading."""
        return getattr(self._txn, name)

    @property
    def kind(self) -> str:
        """Which of `KINDS` it is."""
        touched = self.put_bytes.keys() | self.removed.keys()
        return next((kind for kind, names in KINDS if touched & names), CURSOR)


class _Open(NamedTuple):
    """A transaction that is open."""

    inside: AbstractContextManager[Txn]
    txn: WatchedTxn
    written_before: int


class WatchedWrite:
    """Stands in for `Database.write`. One transaction is open at a time."""

    def __init__(self, write: Callable[[], AbstractContextManager[Txn]], store: WatchedStore) -> None:
        self._write = write
        self._store = store

    def __call__(self) -> Self:
        """Every transaction has this one object around it."""
        return self

    def __enter__(self) -> Txn:
        """Open a transaction. Pages may spill to the disk before its end, so the kernel is asked now."""
        before, inside = Reading.take().written_bytes, self._write()
        self._open = _Open(inside, WatchedTxn(inside.__enter__(), self._store.names), before)
        return cast("Txn", self._open.txn)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        """The commit."""
        begun = perf_counter_ns()
        handled = self._open.inside.__exit__(kind, error, trace)
        ended = perf_counter_ns()
        if error is None:
            self._note(self._open.txn, begun, ended, Reading.take().written_bytes - self._open.written_before)
        return handled

    def _note(self, txn: WatchedTxn, begun: int, ended: int, written: int) -> None:
        watch, kind = self._store.watch, txn.kind
        watch.put_bytes.update(txn.put_bytes)
        watch.removed.update(txn.removed)
        watch.logical_bytes[kind] += txn.put_bytes.total()
        watch.written_bytes[kind] += written
        watch.commits[kind] += 1
        # All that is written are whole pages, and at the end less than one that says which is the newest root.
        watch.written_pages += written // self._store.page_bytes
        watch.rows += txn.rows
        watch.commit_ns.append(ended - begun)
        if txn.flush_begun and txn.rows:
            watch.flush_ns.append(ended - txn.flush_begun)
