"""Whether anything comes of a running job: how long its last result is ago, and how long that may be."""

from dataclasses import dataclass

from store.dispositions import JobState
from store.records import Job
from store.rows import ChainRow, JobRow

SILENCE_MS = 30_000
"""Two readings of the call log: less silence says nothing."""

GAPS_MAX = 5
"""Of the mean time between two results."""

CALLS_MAX = 2
"""Of the longest call: while all lines play one message, nothing can come."""


@dataclass
class Pulse:
    """Counted chain by chain."""

    begun: int = 0
    results: int = 0
    first_at: int = 0
    """When its first call was handed over."""
    last_at: int = 0
    """When its last result came."""
    out: int = 0
    """Calls that are out."""

    def note(self, row: ChainRow) -> None:
        """One chain that has begun."""
        tries = list(row.tried())
        self.begun += 1
        self.out += bool(row.attempt_id)
        self.results += len(tries)
        began_at = tries[0].opened_at if tries else row.opened_at
        self.first_at = min(self.first_at or began_at, began_at or self.first_at)
        self.last_at = max(self.last_at, row.closed_at)

    def stalled(self, row: JobRow, job: Job, now: int) -> bool:
        """The job is paused; or calls are out or could go, and no result has come for too long."""
        if row.state is JobState.PAUSED:
            return True
        waits = self.out or self.begun < row.chains
        if not self.first_at or not waits or now >= row.dials_until:
            return False
        gap_ms = (self.last_at - self.first_at) / self.results if self.results else 0
        longest_ms = CALLS_MAX * (job.ring_s * 1000 + job.message_ms)
        return now - max(self.last_at, self.first_at) > max(SILENCE_MS, GAPS_MAX * gap_ms, longest_ms)
