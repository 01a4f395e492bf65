"""A make-believe district on disk, its message planned by the planner, ready to be sent; made in a process of its own.

Import and planning leave a process full of garbage that would blur the readings of memory and of garbage collection.
"""

import gc
import shutil
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from itertools import cycle, islice
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple, ParamSpec, TypeVar

import msgspec

from actors.runtime.clock import VirtualClock
from actors.runtime.dispatcher import Dispatcher
from engine.config import CarrierSettings, Settings
from engine.gateways.stand_in.carrier import Carrier
from engine.gateways.stand_in.in_process import InProcessGateway
from engine.gateways.stand_in.phone_network import SeededNetwork
from engine.home import STORE_FOLDER
from engine.messaging.encoding import plans_hash
from engine.roster.importer import import_bundle
from engine.roster.sample import write_sample
from engine.service import Engine
from store.database import Database
from store.records import Job, Message, Plan, Reason
from store.vault import Vault

P = ParamSpec("P")
T = TypeVar("T")

STARTS_AT = 1_764_000_000_000
"""Monday, 24 November 2025, 10:00 in Chicago: ten hours until the district closes."""

CHAINS_PER_FAMILY = 3.92
"""What the planner makes of a general message to a sample district; a run comes within one in a hundred of its aim."""

MESSAGE = Message(Reason.GENERAL, "Snow day", "School is closed on Monday because of snow.")


class PreparedDistrict(NamedTuple):
    """A store with one prepared job, and a copy with one more whose plans are the longest of them, over and over."""

    home: Path
    job_id: int
    chains: int
    families: int
    devices: dict[int, int]
    """Number of devices in a plan → how many plans."""
    waiting_home: Path
    waiting_job_id: int


def prepare_district(home: Path, chains: int, seed: int) -> PreparedDistrict:
    """Make up a district that yields about `chains` chains, import it, plan a message, stop before it is sent."""
    gc.disable()  # everything lives until the process ends
    families = max(1, round(chains / CHAINS_PER_FAMILY))
    write_sample(home / "sample", families, seed)
    roster = import_bundle(home / "sample").roster
    settings = Settings(carrier=CarrierSettings(stand_in=True))
    with Engine(home, settings=settings, gateway=_no_lines, clock=VirtualClock(STARTS_AT), seed=seed, sync=False) as it:
        it.replace_roster(roster)
        prepared = it.prepare(MESSAGE)
    job, plans = _stored(home, prepared.job_id)
    decode = msgspec.msgpack.Decoder(Plan).decode
    by_devices = [len(decode(plan).steps) for plan in plans]
    most = max(by_devices)
    longest = [plan for plan, devices in zip(plans, by_devices, strict=True) if devices == most]
    return PreparedDistrict(
        home, job.job_id, job.chains, families, dict(sorted(Counter(by_devices).items())),
        home / "waiting", _store_copy(home, job, list(islice(cycle(longest), job.chains))),
    )  # fmt: skip


def in_a_process(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function in a new process and return what it returns."""
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        return process.submit(function, *args, **kwargs).result()


def _no_lines(dispatcher: Dispatcher) -> InProcessGateway:
    """A gateway nobody dials through."""
    carrier = Carrier(SeededNetwork(0), lines=1, emergency_lines=1)
    return InProcessGateway(carrier, dispatcher.clock, lambda _at, _act: None)


def _stored(home: Path, job_id: int) -> tuple[Job, list[bytes]]:
    database = Database(home / STORE_FOLDER)
    vault = Vault(database)
    with database.read() as txn:
        job = vault.job(txn, job_id)
    assert job is not None, "it was prepared just now"
    plans = vault.plans(job_id, 0, job.chains)
    database.close()
    return job, plans


def _store_copy(home: Path, job: Job, plans: list[bytes]) -> int:
    """Copy the store and prepare one more job in the copy, of these plans. Returns its id."""
    shutil.copytree(home / STORE_FOLDER, home / "waiting" / STORE_FOLDER)
    another = msgspec.structs.replace(job, job_id=job.job_id + 1, chains=len(plans), plans_hash=plans_hash(plans))
    database = Database(home / "waiting" / STORE_FOLDER, sync=False)
    for apply in Vault(database).plan_writes(another, plans):
        with database.write() as txn:
            apply(txn)
    database.close()
    return another.job_id
