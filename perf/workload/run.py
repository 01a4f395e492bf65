"""The workload on the real engine, live on its own thread, and what that takes."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from actors.runtime.dispatcher import Dispatcher
from engine.config import CarrierSettings, Lines, Settings
from engine.running.process import settle_in
from engine.service import Engine
from perf.district import STARTS_AT
from perf.measure import Reading, anonymous_bytes
from perf.push_gateway import PushGateway
from perf.workload.carrier import DelayedGateway, Phones
from perf.workload.held_clock import HeldClock
from perf.workload.jobs import REAL, WorkloadJob
from perf.workload.rule import CALL_MS

SENDERS = 32
"""Threads that release the emergencies before the start, so that many share a commit."""


class Run(NamedTuple):
    """What the engine used from the start until every job had ended."""

    used: Reading
    memory_bytes: int
    """Growth of anonymous memory, at its highest."""
    lines_peak: int
    first_call_ms: dict[int, float]
    """Number of an emergency chain → when its first call was handed to the carrier, after the start."""


def run_workload(home: Path, jobs: list[WorkloadJob], lines: int, mode: str) -> Run:
    """Release the emergencies, which wait for their instant; start the clock and release the rest; wait for the end."""
    clock = HeldClock(STARTS_AT, runs=mode == REAL)
    phones = Phones(clock, CALL_MS if mode == REAL else 0)

    def carrier(dispatcher: Dispatcher) -> PushGateway:
        return DelayedGateway(dispatcher, phones) if mode == REAL else PushGateway(dispatcher, phones.ring)

    with Engine(home, settings=settings_of(lines), gateway=carrier, clock=clock) as engine:
        with ThreadPoolExecutor(SENDERS) as senders:
            list(senders.map(engine.send, [job.job_id for job in jobs if job.emergency]))
        settle_in()
        memory, before = anonymous_bytes(), Reading.take()
        clock.begin()
        for job in jobs:
            if not job.emergency:
                engine.send(job.job_id)
        for job in jobs:
            engine.wait(job.job_id)
        used = Reading.take().since(before)
        return Run(
            used, max(0, phones.anonymous_peak - memory), engine.lines_peak,
            {chain: (at - before.wall_ns) / 1e6 for chain, at in phones.first_ns.items()},
        )  # fmt: skip


def settings_of(lines: int) -> Settings:
    """So many lines, none dedicated, no gap between two calls to one number, everything else as a district has it."""
    return Settings(
        carrier=CarrierSettings(stand_in=True), lines=Lines(ordinary=lines, emergency=0, number_gap_seconds=0)
    )
