"""A carrier and an engine, each in its process, and the operator at the door."""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from time import monotonic_ns
from typing import Any, NamedTuple

from actors.runtime.clock import FastClock
from engine.orders import Order, PrepareRequest
from perf.district import STARTS_AT
from perf.emergency.carrier_side import Taken, run_carrier
from perf.emergency.engine_side import run_engine
from perf.emergency.jobs import settings_of
from store.commands import Verb
from tui.door import ORDER_VALID_MS, DoorClient

LOOK_SECONDS = 0.1
"""Between looks at a job; each costs the engine a millisecond."""

WAIT_SECONDS_MAX = 600.0
JOIN_SECONDS = 30.0

BIG = PrepareRequest(
    reason="emergency", subject="Gas leak", text="Please keep your children at home. There is a gas leak at school."
)


class Load(NamedTuple):
    """What the carrier is like."""

    lines: int
    emergency_lines: int
    results_per_s: int
    poll_seconds: float


class Big(NamedTuple):
    """A large emergency, from the command until the first of its calls was with the socket; ns."""

    contacts: int
    plan_ns: int
    """Until the door had answered that it is prepared: planned, and its plans on disk."""
    commit_ns: int
    """From the release until the door had answered that it is on disk."""
    dial_ns: int
    """From the release until the first call was out."""
    first_dial_ns: int
    """From the command until then: planning, release and dialing."""


class Scene:
    """Use `playing`; the door is open while its block lasts."""

    def __init__(self, home: Path, clock: FastClock, engine: Connection, incarnation: int) -> None:
        self.door = DoorClient(home)
        self._clock = clock
        self._engine = engine
        self._incarnation = incarnation

    @property
    def clock_spec(self) -> str:
        """The clock of this scene, as other programs are given it."""
        return self._clock.spec

    def release(self, job_id: int) -> int:
        """Give the command as the command line does; returns the instant before it was written to the door, ns."""
        order = Order(
            command_id=secrets.randbits(62) + 1,
            expires_at=self._clock.now() + ORDER_VALID_MS,
            incarnation=self._incarnation,
        )
        began = monotonic_ns()
        self.door.climb(Verb.SEND, job_id, order)
        return began

    def wait_for(self, job_id: int, ready: Callable[[Any], bool]) -> None:
        """Look at a job until `ready`. Raises TimeoutError after ten minutes."""
        until = time.monotonic() + WAIT_SECONDS_MAX
        while not ready(self.door.job(job_id)):
            if time.monotonic() > until:
                raise TimeoutError(f"Job {job_id} did not get where the measurement wants it; look at the engine.")
            time.sleep(LOOK_SECONDS)

    def numbers_sent(self) -> list[tuple[int, str]]:
        """Instant and number of each emergency call sent so far."""
        self._engine.send(("numbers",))
        sent: list[tuple[int, str]] = self._engine.recv()
        return sent

    def start_big(self) -> Big:
        """Prepare a message to everybody and release it, until the first call is out. Raises TimeoutError."""
        began = monotonic_ns()
        prepared = self.door.prepare(BIG)
        planned = monotonic_ns()
        released = self.release(prepared.job_id)
        committed = monotonic_ns()
        self._engine.send(("first", released))
        first: int | None = self._engine.recv()
        if first is None:
            raise TimeoutError("The large emergency was not dialed in time; look at the engine.")
        return Big(prepared.count, planned - began, committed - released, first - released, first - began)


@contextmanager
def playing(home: Path, load: Load, taken: list[Taken]) -> Iterator[Scene]:
    """Carrier and engine at work on a prepared home; at the end what the carrier took is put into `taken`."""
    clock = FastClock(time.time_ns() // 1_000_000, STARTS_AT, 1)
    with (
        _process(run_carrier, load.lines, load.emergency_lines, load.results_per_s, clock.spec) as carrier,
        _process(run_engine, home, clock.spec) as engine,
    ):
        engine.send(settings_of(load.lines, load.emergency_lines, load.poll_seconds, carrier.recv()))
        yield Scene(home, clock, engine, engine.recv())
        engine.send(("stop",))
        engine.recv()
        carrier.send("stop")
        taken.append(carrier.recv())


@contextmanager
def _process(target: Callable[..., None], *args: Any) -> Iterator[Connection]:  # noqa: ANN401
    """A new process and our end of a pipe to it. It has ended when the block has."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=target, args=(*args, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ours
        process.join(JOIN_SECONDS)
    finally:
        ours.close()
        process.kill()
        process.join()
