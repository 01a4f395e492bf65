"""One day: its chains, and the real engine walking them, stepped by a seed on a virtual clock."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import msgspec

from actors.gateway import Failure, LogPage, Lookup, Reply
from actors.runtime.clock import VirtualClock
from actors.runtime.dispatcher import Dispatcher
from engine.config import CarrierSettings, Lines, Settings
from engine.gateways.stand_in.carrier import Carrier
from engine.gateways.stand_in.in_process import InProcessGateway
from engine.running.process import settle_in
from engine.service import Engine
from engine.views import JobView
from perf.district import STARTS_AT
from perf.makespan.account import Account, settle_account
from perf.makespan.phones import DayPhones, number_of
from perf.prepared import prepared_job, write_jobs
from perf.rig import ACTS
from perf.workload.rule import DEVICE_SLOTS, devices, drawn
from store.records import DeviceKind, Plan, Policy, Step

OPENS_AT = STARTS_AT - 2 * 3_600_000
"""08:00 in Chicago, when the district opens."""
CLOSES_AT = OPENS_AT + 12 * 3_600_000
"""20:00, when it closes: what has not ended by then expires, and the run is not verified."""
POLL_MS = 15_000
START_DELAY_MS = 200
"""From the moment a line is free until the carrier rings the next call on it."""
SIBLINGS_PERMILLE = 100
"""Chains whose first number is their neighbour's too: a household called for a son and for a daughter (decision 7)."""
JOB_ID = 1


class Day(NamedTuple):
    """What one run of the day came to."""

    account: Account
    job: JobView
    readings: "Readings"
    rings: int
    carrier_peak: int
    """Lines ever in use at once, by the carrier's own count."""
    handed_over_peak: int
    """Calls ever handed over and not known to have ended, by the engine's ledger."""
    wall_s: float


def run_day(home: Path, lines: int, chains: int, rounds: int, ahead_max: int, seed: int) -> Day:
    """Prepare the day in a new store, walk it to its end, and settle the carrier's account of it with the journal."""
    begun = perf_counter()
    prepare_day(home, chains, rounds)
    phones, clock = DayPhones(seed), VirtualClock(OPENS_AT)
    carrier = Carrier(phones, lines=lines, emergency_lines=0, start_delay_ms=START_DELAY_MS)
    readings = Readings()

    def gateway(dispatcher: Dispatcher) -> PolledGateway:
        return PolledGateway(carrier, clock, dispatcher, readings)

    settings = Settings(
        carrier=CarrierSettings(stand_in=True, poll_seconds=POLL_MS / 1000, poll_soonest_seconds=POLL_MS / 1000),
        lines=Lines(ordinary=lines, emergency=0, ahead_max=ahead_max),
    )
    # No disk is waited for: nothing here is measured on a wall clock, and the same blocks are written.
    with Engine(home, settings=settings, gateway=gateway, clock=clock, seed=seed, sync=False) as engine:
        settle_in()
        engine.send(JOB_ID, expect=chains)
        job, handed_over_peak = engine.wait(JOB_ID), engine.lines_peak + engine.ahead_peak
    account = settle_account(home, carrier.ledger, OPENS_AT, lines, START_DELAY_MS)
    wall_s = perf_counter() - begun
    return Day(account, job, readings, phones.rings, carrier.lines_peak, handed_over_peak, wall_s)


def prepare_day(home: Path, chains: int, rounds: int) -> None:
    """Write one job into a new store: a general message about one student a chain."""
    job = prepared_job(JOB_ID, chains, emergency=False, opens_at=OPENS_AT)
    write_jobs(home, [(msgspec.structs.replace(job, closes_at=CLOSES_AT), list(plans_of(chains, rounds)))])


def plans_of(chains: int, rounds: int) -> Iterator[Plan]:
    """The day's plans, one to three devices each, the same for every seed; between rounds the product's own delays."""
    policy = Policy(rounds_max=rounds)
    for chain in range(chains):
        steps = tuple(_step(chain, device) for device in range(devices(chain)))
        yield Plan(f"p:{chain}", f"Contact {chain}", (f"s{chain}",), steps, OPENS_AT, CLOSES_AT, policy)


def _step(chain: int, device: int) -> Step:
    owner = chain - 1 if device == 0 and _is_sibling(chain) else chain
    phone = owner * DEVICE_SLOTS + device
    return Step(DeviceKind.CELL, number_of(phone), phone + 1, f"p{chain}")


def _is_sibling(chain: int) -> bool:
    """Of the odd chains twice as many, so that no number is shared by three."""
    return chain % 2 == 1 and drawn(chain, 5) % 1000 < 2 * SIBLINGS_PERMILLE


class Readings:
    """When the carrier was asked for results: by reading its call log, and by looking up calls that seemed overdue."""

    def __init__(self) -> None:
        self.polled_at: list[int] = []
        self.lookups = 0
        self.found_at: list[int] = []
        """When a look-up brought a result."""

    @property
    def on_time(self) -> bool:
        """Whether the log was read every 15 s and at no other time, and no look-up brought a result between."""
        due = [OPENS_AT + POLL_MS * turn for turn in range(1, len(self.polled_at) + 1)]
        return self.polled_at == due and set(self.found_at) <= set(due)


class PolledGateway(InProcessGateway):
    """The way to the carrier, with a note of every question about results. Replies are later events of the timer."""

    def __init__(self, carrier: Carrier, clock: VirtualClock, dispatcher: Dispatcher, readings: Readings) -> None:
        def later(at: int, act: Callable[[], None]) -> None:
            dispatcher.timer.at(at, ACTS, act)

        super().__init__(carrier, clock, later)
        self._now = clock.now
        self._readings = readings

    def results(self, cursor: str, reply: Reply[LogPage]) -> None:
        """See Gateway; pages of one instant are one reading."""
        now, polled_at = self._now(), self._readings.polled_at
        if not polled_at or polled_at[-1] != now:
            polled_at.append(now)
        super().results(cursor, reply)

    def lookup(self, refs: Sequence[str], reply: Reply[Sequence[Lookup]]) -> None:
        """See Gateway."""
        now, readings = self._now(), self._readings
        readings.lookups += len(refs)

        def noted(answer: Sequence[Lookup] | Failure) -> None:
            if not isinstance(answer, Failure) and any(lookup.row is not None for lookup in answer):
                readings.found_at.append(now)
            reply(answer)

        super().lookup(refs, noted)
