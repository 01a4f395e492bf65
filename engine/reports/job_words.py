"""A job as the Sent Message Log words it: its state, and its chains completed, canceled and in the queue (C128)."""

from typing import NamedTuple

from store.dispositions import JobState, Outcome
from store.records import Job
from store.rows import JobRow

STATES = {
    JobState.WAITING: "Waiting",
    JobState.IN_PROGRESS: "In-Progress",
    JobState.PAUSED: "Paused",
    JobState.SENT: "Sent",
    JobState.CANCELED: "Canceled",
    JobState.CANCELED_IN_PROGRESS: "Canceled IP",
    JobState.ERROR: "Error",
}
"""Campus' words (facts 2.1); it has none for a job that is paused."""


class JobCounts(NamedTuple):
    """Chains of a job. Completed, canceled and in the queue are all of them; a canceled one is no failure (38)."""

    completed: int
    canceled: int
    in_queue: int
    confirmed: int
    delivered_unconfirmed: int
    not_reached: int
    """Every number was tried without success, the time was over, or an error ended it (decision 13)."""


def counts_of(row: JobRow) -> JobCounts:
    """What has become of a job's chains so far."""
    outcomes = row.outcomes
    confirmed, delivered = outcomes[Outcome.CONFIRMED], outcomes[Outcome.DELIVERED_UNCONFIRMED]
    not_reached = outcomes[Outcome.EXHAUSTED] + outcomes[Outcome.EXPIRED] + outcomes[Outcome.ERROR]
    completed = confirmed + delivered + not_reached
    return JobCounts(completed, outcomes[Outcome.CANCELED], row.live, confirmed, delivered, not_reached)


def author_of(job: Job) -> str:
    """Who sent it."""
    return job.author or job.origin.author


def type_of(job: Job) -> str:
    """The type of message."""
    return job.message.reason.word


def is_active(row: JobRow) -> bool:
    """Waiting, in progress or paused (decision 39)."""
    return not row.state.ended
