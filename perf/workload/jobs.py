"""The workload as prepared jobs: one for the ordinary chains, and one for the emergencies of each millisecond."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from perf.district import STARTS_AT
from perf.prepared import made_up_plan, prepared_job, write_jobs
from perf.workload.rule import arrivals_ms, devices, expected, is_emergency

VIRTUAL, REAL = MODES = ("virtual", "real")


class WorkloadJob(NamedTuple):
    """Chains that arrive together. The index of a chain in `chains` is its index in the job."""

    job_id: int
    emergency: bool
    arrives_ms: int
    """After the start."""
    chains: tuple[int, ...]


def workload_jobs(n: int, lines: int, mode: str) -> list[WorkloadJob]:
    """The jobs of chains 0 … n-1, in the order they are numbered; none is empty."""
    ordinary = tuple(chain for chain in range(n) if not is_emergency(chain))
    due = expected(n)
    chains = [chain for chain, _ in due.emergencies]
    arrivals = arrivals_ms(due, lines) if mode == REAL else [0] * len(chains)
    slices = groupby(zip(arrivals, chains, strict=True), key=lambda arrival: arrival[0])
    jobs = [(False, 0, ordinary)] if ordinary else []
    jobs += [(True, at, tuple(chain for _, chain in arriving)) for at, arriving in slices]
    return [WorkloadJob(job_id, *job) for job_id, job in enumerate(jobs, 1)]


def prepare_workload(home: Path, n: int, lines: int, mode: str) -> None:
    """Write the jobs into a new store. An emergency job's window opens when it arrives."""
    write_jobs(
        home,
        (
            (
                prepared_job(job.job_id, len(job.chains), emergency=job.emergency, opens_at=STARTS_AT + job.arrives_ms),
                [made_up_plan(chain, devices(chain)) for chain in job.chains],
            )
            for job in workload_jobs(n, lines, mode)
        ),
    )


def chain_numbers(jobs: list[WorkloadJob]) -> Iterator[tuple[int, int, int]]:
    """Job id, index in the job, and number of every chain."""
    return ((job.job_id, index, chain) for job in jobs for index, chain in enumerate(job.chains))
