"""Reads the journal for webhooks: the next blocks of each, and the deliveries that they make."""

from collections.abc import Iterator

from engine.hooks.happenings import Happening, Words, happenings
from engine.hooks.letters import Keyed, deliveries_of
from engine.running.station import Station
from store.dispositions import Outcome
from store.facts import Block, JobEnded
from store.hooks import Webhook
from store.journal import Journal
from store.rows import JobRow

FACTS_MAX = 5_000
"""Read at once for one webhook: 10 ms of a thread beside the loop, and at most as many deliveries."""

BLOCKS_MAX = 2_000
"""The same, of blocks with little in them."""

UNKEPT_BLOCKS_MAX = 20_000
"""Blocks that told a webhook nothing and are read again after a start: keeping it at each look would be a commit."""


class Unfolding:
    """Knows how far each webhook's blocks were read, beyond what its record says."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._journal = Journal(station.database)
        self._read_to: dict[int, int] = {}

    def next_of(self, hook: Webhook, now: int, since_at: int) -> tuple[int, list[Keyed], bool]:
        """The block read up to, the deliveries of the blocks until there, and whether there are more blocks.

        Nobody is told of what is older than `since_at`, ms UTC.
        """
        seq = max(hook.seq, self._read_to.get(hook.webhook_id, 0))
        blocks = self._blocks(seq)
        found: list[Happening] = []
        for block in blocks:
            if block.at >= since_at:
                found += happenings(block, hook.events, self._job)
        if blocks:
            seq = self._read_to[hook.webhook_id] = blocks[-1].seq
        more = bool(blocks) and seq < self._station.fold.seq
        return seq, list(deliveries_of(hook.webhook_id, found, now, self._job)), more

    def is_worth_keeping(self, hook: Webhook, seq: int) -> bool:
        """Whether so much was read that told nothing that the record has to say so."""
        return seq - hook.seq > UNKEPT_BLOCKS_MAX

    def _blocks(self, seq: int) -> list[Block]:
        blocks, facts = list[Block](), 0
        with self._station.database.read() as txn:
            for block in self._readable(self._journal.since(txn, seq, BLOCKS_MAX)):
                blocks.append(block)
                facts += len(block.facts)
                if facts >= FACTS_MAX:
                    break
        return blocks

    def _readable(self, blocks: Iterator[Block]) -> Iterator[Block]:
        """Up to what is folded: a block is on disk a moment before its job's counts are what it says."""
        for block in blocks:
            if not all(self._is_folded(fact, block.seq) for fact in block.facts if type(fact) is JobEnded):
                return
            yield block

    def _is_folded(self, fact: JobEnded, seq: int) -> bool:
        row = self._station.fold.jobs.get(fact.job_id)
        return row is not None and (row.seq > seq or (row.seq == seq and row.state is fact.state))

    def _job(self, job_id: int) -> Words:
        """A job's id, subject, reason and counts, as far as there is such a job."""
        station = self._station
        row = station.fold.jobs.get(job_id)
        with station.database.read() as txn:
            job = station.vault.job(txn, job_id)
        said: Words = {"job_id": job_id}
        if job is not None:
            said |= {"subject": job.message.subject, "reason": job.message.reason.word, "chains": job.chains}
            said |= {"students": job.students, "unreachable": job.unreachable, "covered": job.covered}
        if row is not None:
            said |= {"ended": row.ended, "attempts": row.attempts, "overdue": row.overdue}
            said["outcomes"] = outcomes_of(row)
        return said


def outcomes_of(row: JobRow) -> dict[str, int]:
    """Ended chains by outcome, in words."""
    return {outcome.word: row.outcomes[outcome] for outcome in Outcome if row.outcomes[outcome]}
