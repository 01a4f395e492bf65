"""One job on the board: its row, its counts and its plans, and the summary made of them."""

from collections.abc import Collection
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.board.job_plans import JobPlans
from engine.board.state import State
from engine.board.views import ChainCounts, JobSummary, LinesInUse, Students, Totals
from engine.tame import tame
from store.dispositions import Disposition
from store.records import Job
from store.rows import JobRow


class JobSpan(NamedTuple):
    """A job and the slots of its chains, which lie side by side."""

    job_id: int
    subject: str
    reason: str
    start: int
    slots: int

    @property
    def here(self) -> slice:
        """Its part of a column."""
        return slice(self.start, self.start + self.slots)


class ShownJob:
    """Kept by the board for every job that is open or ended recently."""

    def __init__(self, row: JobRow, job: Job | None) -> None:
        self.row = row
        self.message = job.message if job else None
        self.author = tame(job.author or job.origin.author) if job else ""
        self.plans = JobPlans(row.job_id, row.chains, row.chains + row.covered + row.unreachable)
        self.states = np.zeros(len(State), np.int64)
        """Chains by state."""
        self.states[[State.PENDING, State.COVERED, State.UNREACHABLE]] = row.chains, row.covered, row.unreachable

    @property
    def subject(self) -> str:
        """What the message is called, empty where nobody knows."""
        return tame(self.message.subject) if self.message else ""

    @property
    def slots(self) -> int:
        """Chains, whether they have something to dial or not."""
        return self.row.chains + self.row.covered + self.row.unreachable

    def span(self, start: int) -> JobSpan:
        """The job on slots from `start` on."""
        return JobSpan(self.row.job_id, self.subject, self.row.reason.word, start, self.slots)

    def change(self, indexes: NDArray[np.int64], before: NDArray[np.uint8], after: NDArray[np.uint8]) -> None:
        """Some chains, each named once, went from one state to another."""
        self.states += np.bincount(after, minlength=len(State)) - np.bincount(before, minlength=len(State))
        if self.plans.tally is not None:
            self.plans.tally.change(indexes, before, after)

    @property
    def students(self) -> Students:
        """By what they know; all zero until every plan is read."""
        return self.plans.tally.students if self.plans.tally else Students()

    @property
    def summary(self) -> JobSummary:
        """As far as it has come."""
        row = self.row
        return JobSummary(
            job_id=row.job_id,
            subject=self.subject,
            reason=row.reason.word,
            state=row.state.word,
            emergency=row.emergency,
            planned_at=row.planned_at,
            opens_at=row.opens_at,
            closes_at=row.dials_until,
            ended_at=row.ended_at,
            chains=row.chains,
            ended=row.ended,
            attempts=row.attempts,
            overdue=row.overdue,
            counts=counts_of(self.states),
            students=self.students,
            complete=self.plans.tally is not None,
            canceling=row.canceled and not row.state.ended,
            dispositions=dispositions_of(row.dispositions),
            author=self.author,
        )


def totals_of(jobs: Collection[ShownJob]) -> Totals:
    """Several jobs together."""
    dispositions = np.zeros(len(Disposition) + 1, np.int64)
    states = np.zeros(len(State), np.int64)
    for job in jobs:
        dispositions += np.array(job.row.dispositions)
        states += job.states
    return Totals(
        jobs=len(jobs),
        chains=sum(job.row.chains for job in jobs),
        attempts=sum(job.row.attempts for job in jobs),
        counts=counts_of(states),
        students=sum((job.students for job in jobs), Students()),
        dispositions=dispositions_of(dispositions.tolist()),
    )


def lines_of(jobs: Collection[ShownJob], peak: int) -> LinesInUse:
    """The attempts several jobs have open at the carrier."""
    open_by = [(job.row.emergency, int(job.states[State.AT_CARRIER])) for job in jobs]
    ordinary = sum(count for urgent, count in open_by if not urgent)
    emergency = sum(count for urgent, count in open_by if urgent)
    return LinesInUse(ordinary, emergency, max(peak, ordinary + emergency))


def counts_of(states: NDArray[np.int64]) -> ChainCounts:
    """Chains by state, as a summary."""
    return ChainCounts(*(int(states[state]) for state in State))


def dispositions_of(counts: list[int]) -> dict[str, int]:
    """Ended attempts by how they ended, only those that occurred."""
    return {disposition.word: counts[disposition] for disposition in Disposition if counts[disposition]}
