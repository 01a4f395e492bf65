"""What happened, as a list: a window on the journal that can be moved, filled at either end, and never grows large."""

from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple

from store import facts
from store.database import Database
from store.facts import AnyFact, Block
from store.journal import Journal
from store.tables import Txn

ROWS_MAX = 5_000
"""Rows kept: a megabyte, and more than anybody reads without a filter."""

FACTS_PER_READ = 4_000
"""Facts read in one go before somebody else has a turn: some 5 ms."""


class Happening(NamedTuple):
    """One fact worth a line, and where it stands: `seq` and `place` are its identity."""

    seq: int
    place: int
    at: int
    fact: AnyFact
    end: facts.ChainClosed | None = None
    """The end of the chain, where this result was what ended it."""

    @property
    def row_id(self) -> tuple[int, int]:
        """The block, and the place in it."""
        return self.seq, self.place

    @property
    def chain(self) -> int:
        """The chain it happened to, 0 for none."""
        return int(getattr(self.fact, "chain_id", 0))


def happenings_of(block: Block) -> Iterator[Happening]:
    """What is worth a line in a block, in order. That a call begins is told by how it ends."""
    waiting: Happening | None = None
    for place, fact in enumerate(block.facts):
        if type(fact) is facts.AttemptOpened:
            continue
        if waiting is not None and type(fact) is facts.ChainClosed and fact.chain_id == waiting.chain:
            yield waiting._replace(end=fact)
            waiting = None
            continue
        if waiting is not None:
            yield waiting
        waiting = Happening(block.seq, place, block.at, fact)
    if waiting is not None:
        yield waiting


def everything(_happening: Happening) -> bool:
    """No filter."""
    return True


class History:
    """Rows of the blocks `first_seq` … `last_seq`, oldest first, as far as they pass. No transaction outlives a call.

    `begin` somewhere, then read `older` and `newer` ones. What grows beyond ROWS_MAX is let go of at the other end.
    """

    def __init__(self, database: Database, passes: Callable[[Happening], bool] = everything) -> None:
        self.rows: deque[Happening] = deque()
        self.first_seq = 1
        self.last_seq = 0
        self.passes = passes
        self._database = database
        self._journal = Journal(database)

    def begin(self, seq: int) -> None:
        """Forget all rows, and stand behind a block: `older` reads it next, `newer` the one after it."""
        self.rows.clear()
        self.first_seq, self.last_seq = seq + 1, seq

    @property
    def at_beginning(self) -> bool:
        """There is nothing older."""
        return self.first_seq <= 1

    def newer(self, until_seq: int) -> int:
        """Read on, at most up to a block; the number of rows added."""
        if self.last_seq >= until_seq:
            return 0
        read, added = 0, 0
        with self._database.read() as txn:
            for block in self._journal.since(txn, self.last_seq, until_seq - self.last_seq):
                found = [row for row in happenings_of(block) if self.passes(row)]
                self.rows.extend(found)
                self.last_seq = block.seq
                added += len(found)
                read += len(block.facts)
                if read >= FACTS_PER_READ:
                    break
        while len(self.rows) > ROWS_MAX:
            self._drop_oldest()
        return added

    def older(self) -> int:
        """Read further back; the number of rows added."""
        read, added = 0, 0
        with self._database.read() as txn:
            while not self.at_beginning and read < FACTS_PER_READ:
                block = self._block(txn, self.first_seq - 1)
                if block is None:  # the journal begins later than at 1
                    self.first_seq = 1
                    break
                found = [row for row in happenings_of(block) if self.passes(row)]
                self.rows.extendleft(reversed(found))
                self.first_seq = block.seq
                added += len(found)
                read += max(1, len(block.facts))
        while len(self.rows) > ROWS_MAX:
            self._drop_newest()
        return added

    def seq_before(self, at: int, last_seq: int) -> int:
        """The last block before an instant, 0 where there is none: found by halving."""
        low, high = 0, last_seq
        with self._database.read() as txn:
            while low < high:
                middle = (low + high + 1) // 2
                block = self._block(txn, middle)
                if block is None or block.at < at:
                    low = middle
                else:
                    high = middle - 1
        return low

    def _block(self, txn: Txn, seq: int) -> Block | None:
        return next(self._journal.since(txn, seq - 1, 1), None)

    def _drop_oldest(self) -> None:
        """Let go of the oldest block that has rows, whole, so that it can be read again."""
        self.first_seq = self.rows[0].seq + 1
        while self.rows and self.rows[0].seq < self.first_seq:
            self.rows.popleft()

    def _drop_newest(self) -> None:
        self.last_seq = self.rows[-1].seq - 1
        while self.rows and self.rows[-1].seq > self.last_seq:
            self.rows.pop()
