"""The jobs of the measurement and their numbers: one ordinary job that never ends, and emergencies of several sizes."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from engine.config import CarrierSettings, Lines, Settings
from engine.home import make_home, replace_roster_offline
from engine.roster.importer import import_bundle
from engine.roster.sample import write_sample
from perf.district import STARTS_AT
from perf.prepared import CLOSES_AT, prepared_job, write_jobs
from store.records import DeviceKind, Job, Plan, Policy, Step

USER, PASSWORD = "district", "make-believe"
ORDINARY_JOB = 1
ORDINARY_DEVICES = 3
ROUNDS = 1_000
"""Nobody answers an ordinary call, and a chain goes round and round: as many wait at the end as at the beginning."""

NUMBERS_OF_AN_EXCHANGE = 10_000
EXCHANGES = tuple(exchange for exchange in range(200, 1_000) if exchange % 100 != 11)
AREAS = tuple(area for area in range(200, 1_000) if area // 10 % 10 != 9)
"""What the North American plan takes for a number; the carrier rejects any other."""

CONTACTS_PER_FAMILY = 2.484
"""What the planner makes of an emergency to a sample district."""


class Emergency(NamedTuple):
    """One prepared emergency job of the measurement."""

    job_id: int
    size: int
    first_contact: int
    """Its contacts are numbered from here on; the ordinary ones come before all emergencies."""

    def numbers(self) -> list[str]:
        """The one number of each contact."""
        contacts = range(self.first_contact, self.first_contact + self.size)
        return [number_of(ORDINARY_DEVICES * contact) for contact in contacts]


def emergencies(waiting: int, sizes: Sequence[int], times: int) -> list[Emergency]:
    """All emergencies in the order they are released: each size in turn, `times` over."""
    jobs, contact = [], waiting
    for job_id, size in enumerate(list(sizes) * times, ORDINARY_JOB + 1):
        jobs.append(Emergency(job_id, size, contact))
        contact += size
    return jobs


def number_of(serial: int) -> str:
    """A number of its own for each serial, of the form the carrier demands."""
    rest, line = divmod(serial, NUMBERS_OF_AN_EXCHANGE)
    area, exchange = divmod(rest, len(EXCHANGES))
    return f"+1{AREAS[area]}{EXCHANGES[exchange]}{line:04}"


def settings_of(lines: int, emergency_lines: int, poll_seconds: float, endpoints: Sequence[str]) -> Settings:
    """The district's settings: no gap between two calls to one number, everything else as a district has it."""
    return Settings(
        carrier=CarrierSettings(user=USER, endpoints=tuple(endpoints), stand_in=True, poll_seconds=poll_seconds),
        lines=Lines(ordinary=lines, emergency=emergency_lines, number_gap_seconds=0),
    )


def prepare(home: Path, waiting: int, jobs: Sequence[Emergency], big: int, seed: int) -> None:
    """Make a district: a roster of about `big` contacts (0: none), the ordinary job and the emergencies, prepared."""
    make_home(home, Settings(), PASSWORD)
    if big:
        write_sample(home / "sample", max(1, round(big / CONTACTS_PER_FAMILY)), seed)
        replace_roster_offline(home, import_bundle(home / "sample").roster)
    write_jobs(home, _jobs(waiting, jobs))


def _jobs(waiting: int, jobs: Sequence[Emergency]) -> Iterator[tuple[Job, Sequence[Plan]]]:
    policy = Policy(rounds_max=ROUNDS, redial_ms=0, busy_redial_ms=0)
    plans = [_plan(contact, ORDINARY_DEVICES, policy) for contact in range(waiting)]
    yield prepared_job(ORDINARY_JOB, waiting, emergency=False), plans
    for job in jobs:
        contacts = range(job.first_contact, job.first_contact + job.size)
        plans = [_plan(contact, 1, Policy(rounds_max=1)) for contact in contacts]
        yield prepared_job(job.job_id, job.size, emergency=True), plans


def _plan(contact: int, devices: int, policy: Policy) -> Plan:
    steps = tuple(_step(contact, ORDINARY_DEVICES * contact + device) for device in range(devices))
    return Plan(f"p:{contact}", f"Contact {contact}", (f"s{contact}",), steps, STARTS_AT, CLOSES_AT, policy)


def _step(contact: int, serial: int) -> Step:
    return Step(DeviceKind.CELL, number_of(serial), serial + 1, f"p{contact}")
