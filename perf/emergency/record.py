"""What carrier, sockets and journal say of the emergencies, put together."""

from collections.abc import Collection, Iterator, Sequence
from math import ceil
from pathlib import Path
from typing import NamedTuple

from engine.home import read_store
from perf.emergency.jobs import ORDINARY_JOB, Emergency
from store.facts import AttemptOpened
from store.journal import Journal
from store.keys import job_of


class Times(NamedTuple):
    """One emergency, ns from the command."""

    size: int
    first: int
    """Until its first call was with the socket."""
    filled: int
    """Until as many were as there are dedicated lines, or all."""
    all: int
    """Until all were."""


def times_of(
    jobs: Sequence[Emergency], released: dict[int, int], sent: Sequence[tuple[int, str]], emergency_lines: int
) -> list[Times]:
    """The times of each emergency, those left out that were not sent completely."""
    owner = {number: job.job_id for job in jobs for number in job.numbers()}
    instants: dict[int, list[int]] = {job.job_id: [] for job in jobs}
    for at, number in sent:
        if number in owner:
            instants[owner[number]].append(at)
    return [
        _times(job, instants[job.job_id], released[job.job_id], emergency_lines)
        for job in jobs
        if len(instants[job.job_id]) == job.size
    ]


def _times(job: Emergency, instants: list[int], released: int, emergency_lines: int) -> Times:
    filled = instants[min(job.size, emergency_lines) - 1]
    return Times(job.size, instants[0] - released, filled - released, instants[-1] - released)


def granted_between(home: Path, jobs: Collection[int]) -> int:
    """Ordinary calls that got a line after the first and before the last chain of an emergency that is among `jobs`.

    Attempts are numbered in the order lines are granted; chains of these emergencies are called once.
    """
    attempts = sorted(_attempts(home))
    last = {job_id: attempt for attempt, job_id in attempts}
    between, open_until = 0, 0
    for attempt, job_id in attempts:
        if job_id in jobs:
            open_until = max(open_until, last[job_id])
        elif job_id == ORDINARY_JOB and attempt < open_until:
            between += 1
    return between


def _attempts(home: Path) -> Iterator[tuple[int, int]]:
    """Attempt id and job of every attempt in the journal."""
    database = read_store(home)
    try:
        with database.read() as txn:
            for block in Journal(database).since(txn, 0):
                for fact in block.facts:
                    if isinstance(fact, AttemptOpened):
                        yield fact.attempt_id, job_of(fact.chain_id)
    finally:
        database.close()


def rank(ordered: Sequence[int], share: float) -> float | None:
    """The nearest-rank percentile in ms, None of nothing."""
    return round(ordered[ceil(share * len(ordered)) - 1] / 1e6, 2) if ordered else None
