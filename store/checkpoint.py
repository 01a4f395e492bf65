"""The rolling checkpoint: rows of the fold written to their tables bit by bit, so that a start replays little."""

from collections.abc import Iterable
from itertools import islice

from store.database import Database
from store.fold import LOCK_MEMORY_MS, Fold
from store.journal import Journal
from store.keys import chain_id, id_key, seq_key
from store.rows import REST, ChainRow, shelf_of_row
from store.tables import Txn

LAG_ROWS_MAX = 20_000
"""Rows that may wait to be written: one that changes meanwhile is written once, and a start replays them in 0.1 s."""

FLUSH_ROWS_MAX = 1_000
"""Rows of one slice of a flush: under 5 ms."""


class Checkpoint:
    """Remembers which rows changed since they were written, oldest first, and writes the oldest."""

    def __init__(self, database: Database, lag_rows_max: int = LAG_ROWS_MAX) -> None:
        self._database = database
        self._lag_rows_max = lag_rows_max
        self._dirty: dict[int, int] = {}
        """row id → the seq that first changed it since it was last written, in the order of those seqs."""
        self._written: list[int] = []
        self._in_table: set[int] = set()
        """Chains that have a row among the open ones: most end before they ever get one."""
        self.fold = Fold(touched=self._touched)

    def _touched(self, row_id: int) -> None:
        self._dirty.setdefault(row_id, self.fold.rest.seq)

    def found_open(self, chains: Iterable[int]) -> None:
        """Chains that had a row among the open ones when the store was opened."""
        self._in_table.update(chains)

    def write_some(self, txn: Txn) -> None:
        """Write the oldest rows beyond the lag; the others wait. Call `committed` after the commit."""
        self._write(txn, len(self._dirty) - self._lag_rows_max)

    def flush(self, txn: Txn, rows_max: int | None = None) -> None:
        """Write the oldest rows that wait; without a bound all: the tables equal the fold. Then call `committed`."""
        waiting = len(self._dirty)
        self._write(txn, waiting if rows_max is None else min(rows_max, waiting))

    def reflects(self, seq: int) -> bool:
        """Whether the tables reflect every block up to `seq`."""
        return next(iter(self._dirty.values()), seq + 1) > seq

    def committed(self) -> None:
        """The transaction is durable: forget what was written, and let ended chains go."""
        chains = self.fold.chains
        for row_id in self._written:
            del self._dirty[row_id]
            if row_id <= 0:
                continue
            if chains[row_id].is_over:
                del chains[row_id]
                self._in_table.discard(row_id)
            else:
                self._in_table.add(row_id)
        self._written = []

    def _write(self, txn: Txn, rows: int) -> None:
        self._written = list(islice(self._dirty, max(0, rows)))
        # In the order of their keys, they share pages.
        for row_id in sorted(self._written):
            self._write_row(txn, row_id)
        if self._written:
            oldest = next(islice(self._dirty.values(), rows, None), self.fold.seq + 1)
            self._database.put_meta(txn, "low_water", str(oldest - 1).encode())

    def _write_row(self, txn: Txn, row_id: int) -> None:
        if row_id == REST:
            self._database.rest.put(txn, b"rest", self.fold.rest)
        elif (shelf := shelf_of_row(row_id)) is not None:
            self._write_redials(txn, shelf)
        elif row_id < 0:
            self._database.job_rows.put(txn, id_key(-row_id), self.fold.jobs[-row_id])
        elif (row := self.fold.chains[row_id]).is_over:
            if row_id in self._in_table:
                self._database.open_chains.delete(txn, seq_key(row_id))
            self._database.ended_chains.put(txn, seq_key(row_id), row)
        else:
            self._database.open_chains.put(txn, seq_key(row_id), row)

    def _write_redials(self, txn: Txn, shelf: int) -> None:
        """A shelf of redials, unless its day is over: then the row that is there counts no more."""
        row = self.fold.redials.get(shelf)
        if row is not None:
            self._database.redials.put(txn, id_key(shelf), row)


def load(database: Database, checkpoint: Checkpoint, txn: Txn) -> Fold:
    """Bring a checkpoint's empty fold to the newest block: the tables first, then every block they may not reflect."""
    fold = checkpoint.fold
    fold.rest = database.rest.get(txn, b"rest") or fold.rest
    fold.jobs = {row.job_id: row for _, row in database.job_rows.scan(txn)}
    fold.chains = {row.chain_id: row for _, row in database.open_chains.scan(txn)}
    checkpoint.found_open(fold.chains)
    today = ((row, row.day == fold.rest.day) for _, row in database.redials.scan(txn))
    # The same day may have begun twice, where a clock was years ahead in between.
    fold.redials.update((row.shelf, row) for row, same in today if same and row.seq >= fold.rest.day_seq)
    low_water = int(database.get_meta(txn, "low_water") or b"0")
    journal = Journal(database)
    newest = journal.newest(txn)
    fold.find_chain = lambda chain: database.ended_chains.get(txn, seq_key(chain))
    if newest is not None:
        for block in journal.recent(txn, low_water, newest.at - LOCK_MEMORY_MS):
            fold.note_locks(block)
        for block in journal.since(txn, low_water):
            fold.replay(block)
        fold.rest.seq, fold.rest.at = newest.seq, newest.at
    fold.find_chain = lambda chain: ended_chain(database, chain)
    return fold


def ended_chain(database: Database, chain: int) -> ChainRow | None:
    """An ended chain's row, read in a transaction of its own."""
    with database.read() as txn:
        return database.ended_chains.get(txn, seq_key(chain))


def ended_chains_of(database: Database, txn: Txn, job_id: int) -> dict[int, ChainRow]:
    """The rows of a job's ended chains that were let go, by chain id."""
    start, stop = seq_key(chain_id(job_id, 0)), seq_key(chain_id(job_id + 1, 0))
    return {row.chain_id: row for _, row in database.ended_chains.scan(txn, start, stop)}
