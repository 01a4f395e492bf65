"""Jobs written straight into a vault, of plans made up here: no roster and no planner stands behind them."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from engine.home import STORE_FOLDER
from engine.messaging.encoding import encode_plans, plans_hash
from perf.district import STARTS_AT
from store.database import Database
from store.records import Audience, DeviceKind, Job, Message, Plan, Policy, Reason, Step
from store.vault import Vault

DEVICE_SLOTS = 8
"""Numbers a chain may have."""
FIRST_NUMBER = 2_000_000_000
CLOSES_AT = STARTS_AT + 9 * 3_600_000
"""19:00 of that day, an hour before the district closes."""
TEXT = "School is closed on Monday because of snow."
POLICY = Policy(rounds_max=1)


def prepared_job(job_id: int, chains: int, *, emergency: bool, opens_at: int = STARTS_AT) -> Job:
    """A job of so many chains, nothing of it unreachable, about one student a chain."""
    reason = Reason.EMERGENCY if emergency else Reason.GENERAL
    message = Message(reason, "Snow day", TEXT)
    return Job(job_id, message, Audience(), opens_at, opens_at, CLOSES_AT, chains, 0, 0, chains, fictional=True)


def made_up_plan(chain: int, devices: int) -> Plan:
    """One contact with so many numbers of their own; one round."""
    steps = tuple(_step(chain, device) for device in range(devices))
    return Plan(f"p:{chain}", f"Contact {chain}", (f"s{chain}",), steps, STARTS_AT, CLOSES_AT, POLICY)


def number_of(chain: int, device: int) -> str:
    """A number of twelve characters that says whose it is; nobody has it."""
    return f"+1{FIRST_NUMBER + chain * DEVICE_SLOTS + device}"


def owner_of(number: str) -> tuple[int, int]:
    """Chain and device of a `number_of`."""
    return divmod(int(number[2:]) - FIRST_NUMBER, DEVICE_SLOTS)


def write_jobs(home: Path, jobs: Iterable[tuple[Job, Sequence[Plan]]]) -> None:
    """Prepare jobs in a new store, ready to be sent, all in one transaction."""
    database = Database(home / STORE_FOLDER)
    vault = Vault(database)
    with database.write() as txn:
        for job, plans in jobs:
            encoded = encode_plans(plans)
            committed = msgspec.structs.replace(job, plans_hash=plans_hash(encoded))
            for apply in vault.plan_writes(committed, encoded):
                apply(txn)
    database.close()


def _step(chain: int, device: int) -> Step:
    return Step(DeviceKind.CELL, number_of(chain, device), chain * DEVICE_SLOTS + device + 1, f"p{chain}")
