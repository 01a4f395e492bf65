"""What the store says happened: read back from the journal on disk once the engine has closed it."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from engine.home import read_store
from perf.workload.rule import CHECKSUM_MODULUS, Expected, term
from store.dispositions import Disposition, JobState
from store.facts import AttemptClosed, AttemptOpened, Block, ChainClosed
from store.journal import Journal


class Recorded(NamedTuple):
    """The sums of a journal."""

    dials: int
    confirmed: int
    checksum: int
    chains_closed: int
    blocks: int
    facts: int
    last_end_at: int
    """When the last chain's end was committed, ms UTC on the engine's clock."""
    sound: bool
    """Each attempt was closed once, in a later block than the one that opened it, and every job was sent to its end."""


def read_back(home: Path, number_of: Callable[[int], int]) -> Recorded:
    """Sum up a store. `number_of` gives the workload's number of a chain id."""
    database = read_store(home)
    sums = _Sums(number_of)
    with database.read() as txn:
        for block in Journal(database).since(txn, 0):
            sums.add(block)
        all_sent = all(row.state is JobState.SENT for _, row in database.job_rows.scan(txn))
    database.close()
    return Recorded(
        sums.dials, sums.confirmed, sums.checksum % CHECKSUM_MODULUS, sums.chains_closed, sums.blocks, sums.facts,
        sums.last_end_at, sums.sound and not sums.opened and all_sent,
    )  # fmt: skip


def agrees(recorded: Recorded, due: Expected, n: int) -> bool:
    """Whether the store says what the rule demands."""
    found = (recorded.dials, recorded.confirmed, recorded.checksum, recorded.chains_closed)
    return recorded.sound and found == (due.dials, due.confirmed, due.checksum, n)


class _Sums:
    def __init__(self, number_of: Callable[[int], int]) -> None:
        self._number_of = number_of
        self.opened: dict[int, tuple[int, int, int]] = {}
        """Open attempt → chain id, step, seq of its block."""
        self.dials = self.confirmed = self.checksum = self.chains_closed = 0
        self.blocks = self.facts = self.last_end_at = 0
        self.sound = True

    def add(self, block: Block) -> None:
        self.blocks += 1
        self.facts += len(block.facts)
        for fact in block.facts:
            if isinstance(fact, AttemptOpened):
                self.opened[fact.attempt_id] = (fact.chain_id, fact.step, block.seq)
            elif isinstance(fact, AttemptClosed):
                self._close(fact, block.seq)
            elif isinstance(fact, ChainClosed):
                self.chains_closed += 1
                self.last_end_at = block.at

    def _close(self, closed: AttemptClosed, seq: int) -> None:
        chain_id, step, opened_seq = self.opened.pop(closed.attempt_id, (0, 0, seq))
        self.sound = self.sound and chain_id == closed.chain_id and opened_seq < seq
        confirmed = closed.disposition is Disposition.CONFIRMED
        self.dials += 1
        self.confirmed += confirmed
        self.checksum += term(self._number_of(closed.chain_id), step, confirmed)
