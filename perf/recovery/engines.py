"""The engine that is killed and the one after it, each in a process of its own, talking to the harness by a pipe."""

from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from time import monotonic_ns, sleep
from typing import NamedTuple

from actors.runtime.clock import FastClock
from engine.running.process import settle_in
from engine.service import Engine
from perf.measure import anonymous_bytes, resident_bytes
from perf.prepared import made_up_plan, prepared_job, write_jobs
from perf.push_gateway import PushGateway, Ring
from perf.recovery.phones import PhonesAfter, PhonesBefore
from perf.workload.run import settings_of

JOB_ID = 1
DEVICES = 3
LOOK_SECONDS = 0.002
WAIT_SECONDS_MAX = 600.0
"""For the next engine's first dial: ten times the aim for a million chains."""


class Restart(NamedTuple):
    """What the second engine did, and when: ns after its process was asked for."""

    opened_ns: int
    first_repeat_ns: int
    first_dial_ns: int
    all_live_ns: int
    stop_ns: int
    """How long it took to stop in good order."""
    resident_bytes: int
    anonymous_bytes: int
    live: int
    attempts: int
    repeated: tuple[str, ...]


def prepare(home: Path, chains: int) -> None:
    """An ordinary job of chains with three numbers each."""
    job = prepared_job(JOB_ID, chains, emergency=False)
    write_jobs(home, [(job, [made_up_plan(chain, DEVICES) for chain in range(chains)])])


def dial_until_killed(home: Path, chains: int, lines: int, clock: str, pipe: Connection) -> None:
    """Open all chains; tell the references that are out when every chain has begun and no line is left."""
    phones = PhonesBefore(chains, lines, pipe.send)
    with _engine(home, lines, clock, phones.ring) as engine:
        settle_in()
        engine.send(JOB_ID)
        engine.wait(JOB_ID)


def go_on(home: Path, lines: int, clock: str, held: Sequence[str], asked_ns: int, pipe: Connection) -> None:
    """Start on the store that was left, until every open chain lives and a new call has gone out; tell a Restart."""
    phones = PhonesAfter(held)
    settle_in()
    engine = _engine(home, lines, clock, phones.ring).start()
    opened_ns, station = monotonic_ns(), engine.station
    runs = station.team.floor.runs
    _wait_until(lambda: JOB_ID in runs and len(runs[JOB_ID].chains) == runs[JOB_ID].live)
    all_live_ns, resident, anonymous = monotonic_ns(), resident_bytes(), anonymous_bytes()
    if not phones.dialed.wait(WAIT_SECONDS_MAX):
        raise TimeoutError(f"The engine that went on dialed nothing new in {WAIT_SECONDS_MAX:.0f} s; look at its log.")
    job, stopping_ns = engine.job(JOB_ID), monotonic_ns()
    engine.stop()
    restart = Restart(
        opened_ns=opened_ns - asked_ns,
        first_repeat_ns=phones.first_repeat_ns - asked_ns,
        first_dial_ns=phones.first_dial_ns - asked_ns,
        all_live_ns=all_live_ns - asked_ns,
        stop_ns=monotonic_ns() - stopping_ns,
        resident_bytes=resident,
        anonymous_bytes=anonymous,
        live=job.live,
        attempts=job.attempts,
        repeated=tuple(phones.repeated),
    )
    pipe.send(restart)


def _wait_until(ready: Callable[[], bool]) -> None:
    """Look every other millisecond: chains come to life in slices, and nothing tells that the last has."""
    deadline_ns = monotonic_ns() + int(WAIT_SECONDS_MAX * 1e9)
    while not ready():
        if monotonic_ns() > deadline_ns:
            raise TimeoutError(f"The chains had not all come to life after {WAIT_SECONDS_MAX:.0f} s; look at the log.")
        sleep(LOOK_SECONDS)


def _engine(home: Path, lines: int, clock: str, ring: Ring) -> Engine:
    return Engine(
        home,
        settings=settings_of(lines),
        gateway=lambda dispatcher: PushGateway(dispatcher, ring),
        clock=FastClock.parse(clock),
    )
