"""The whole engine over SOAP: chains of one device, released together, walked to their ends through the carrier."""

from pathlib import Path
from time import perf_counter_ns, process_time_ns
from typing import NamedTuple

import msgspec

from actors.runtime.clock import FastClock
from engine.config import CarrierSettings, Lines, Settings
from engine.gateways.shoutpoint import ShoutpointGateway
from engine.running.process import settle_in
from engine.service import Engine
from perf.prepared import made_up_plan, prepared_job, write_jobs
from perf.soap.carrier_side import PASSWORD, USER, CarrierProcess, CarrierReading
from perf.soap.phones import confirms, number_of
from store.records import Plan

JOB_ID = 1
POLL_SECONDS = 0.05
"""As long as a call takes here at most; in life one takes thirty seconds, and the log is read every fifteen."""


class Dialed(NamedTuple):
    """What the engine did, and what it took on both sides."""

    wall_ns: int
    cpu_ns: int
    carrier: CarrierReading
    dials: int
    verified: bool


def prepare(home: Path, chains: int) -> None:
    """An ordinary job of chains with one number each."""
    write_jobs(home, [(prepared_job(JOB_ID, chains, emergency=False), [_plan(chain) for chain in range(chains)])])


def dial_all(home: Path, carrier: CarrierProcess, clock: str, chains: int, lines: int, threads: int) -> Dialed:
    """Release a prepared job, and wait for its end."""
    settings = Settings(
        carrier=CarrierSettings(stand_in=True, poll_seconds=POLL_SECONDS),
        lines=Lines(ordinary=lines, number_gap_seconds=0),
    )
    engine = Engine(
        home,
        settings=settings,
        gateway=lambda _dispatcher: ShoutpointGateway(
            carrier.urls, USER, PASSWORD, ca_file=carrier.ca_file, threads=threads
        ),
        clock=FastClock.parse(clock),
    )
    with engine:
        settle_in()
        before, begun_cpu, begun_wall = carrier.read(), process_time_ns(), perf_counter_ns()
        engine.send(JOB_ID)
        engine.wait(JOB_ID)
        wall_ns, cpu_ns = perf_counter_ns() - begun_wall, process_time_ns() - begun_cpu
        used, job = carrier.read().since(before), engine.job(JOB_ID)
    due = sum(confirms(number_of(chain)) for chain in range(chains))
    verified = (job.attempts, used.rings, used.numbers_rung_twice, job.confirmed) == (
        chains,
        chains,
        0,
        due,
    ) and job.live == 0
    return Dialed(wall_ns, cpu_ns, used, job.attempts, verified)


def _plan(chain: int) -> Plan:
    """A made-up plan whose number the carrier will dial."""
    plan = made_up_plan(chain, 1)
    return msgspec.structs.replace(
        plan, steps=tuple(msgspec.structs.replace(step, number=number_of(chain)) for step in plan.steps)
    )
