"""A morning in a district of four schools: a gas leak goes out to all of them while other jobs run."""

import msgspec

from store import facts
from store.dispositions import Disposition, Outcome
from store.keys import chain_id
from store.people import Roster, School
from store.records import Origin, Plan
from store.vault import Vault
from tests.engine.board_store import HOUR, MORNING, BoardStore, Reason, plan

SCHOOLS = ("Lincoln Elementary", "Adams High", "Jefferson Middle School", "Monroe Elementary")

LETTER, BUSES, GAS_LEAK = 1, 2, 3


def roster(store: BoardStore) -> None:
    """Only the schools are in force; whom messages are about is in their plans."""
    schools = tuple(School(f"S{n}", name) for n, name in enumerate(SCHOOLS, 1))
    with store.database.write() as txn:
        for write in Vault(store.database).roster_writes(Roster(schools=schools), 1):
            write(txn)


def of_school(number: int, made: Plan) -> Plan:
    return msgspec.structs.replace(made, school_id=f"S{number}")


def authored(store: BoardStore, job_id: int, author: str) -> None:
    """Say afterwards who sent a job; to be done before anybody looks."""
    vault = Vault(store.database)
    with store.database.read() as txn:
        job = vault.job(txn, job_id)
    assert job is not None
    job = msgspec.structs.replace(job, author=author, origin=Origin(author=author))
    with store.database.write() as txn:
        for write in vault.plan_writes(job, []):
            write(txn)


def schools_day(store: BoardStore) -> None:
    """Forty families of four schools, of whom about half are reached in the first three minutes."""
    roster(store)
    letter = [plan(f"Contact {n:02d}", f"p{n}", opens_at=MORNING + HOUR) for n in range(12)]
    store.job("Picture day is on Friday", Reason.GENERAL, letter, opens_at=MORNING + HOUR)
    buses = store.job("Bus 12 is late", Reason.PRIORITY, [plan(f"Rider {n}", f"b{n}") for n in range(9)])
    families = [of_school(n % 4 + 1, plan(f"Family {n:02d}", f"s{n}", steps=3)) for n in range(40)]
    families += [
        of_school(2, plan("Quinn Tanaka", "s1", steps=0, owner=1)),
        of_school(2, plan("Rosa Nobody", "s99", steps=0)),
    ]
    leak = store.job("Gas leak: go to the meeting points", Reason.EMERGENCY, families)
    for job_id, author in ((LETTER, "batch"), (BUSES, "per"), (GAS_LEAK, "anna")):
        authored(store, job_id, author)
    store.opens(buses)
    store.dials(buses, 0, 1, 2)
    for index in range(3):
        store.hears(buses, index, Disposition.CONFIRMED, Outcome.CONFIRMED, after_ms=2_000)
    store.opens(leak)
    store.dials(leak, *range(20))
    for index in range(20):
        _ends(store, leak, index)
    store.dials(leak, *range(20, 28))
    store.commit(facts.AlarmRaised(8), after_ms=500)
    store.commit(facts.AlarmCleared(8))


def _ends(store: BoardStore, leak: int, index: int) -> None:
    """School by school it goes worse."""
    school = index % 4 + 1
    if school == 1 or (school == 2 and index % 8 == 1):
        store.hears(leak, index, Disposition.CONFIRMED, Outcome.CONFIRMED, after_ms=7_000)
    elif school == 2:
        store.hears(leak, index, Disposition.LIVE_NO_CONFIRM, Outcome.DELIVERED_UNCONFIRMED, after_ms=4_000)
    elif school == 3 and index % 8 == 2:
        store.hears(leak, index, Disposition.MACHINE_MESSAGE_LEFT, Outcome.DELIVERED_UNCONFIRMED, after_ms=9_000)
    elif school == 3:
        store.hears(leak, index, Disposition.NO_ANSWER, after_ms=6_000)
    elif index % 8 == 3:
        store.hears(leak, index, Disposition.INVALID_NUMBER, Outcome.EXHAUSTED, after_ms=1_000)
    else:
        store.hears(leak, index, Disposition.BUSY, after_ms=3_000)


def school_chain(index: int) -> int:
    """A chain of the gas leak."""
    return chain_id(GAS_LEAK, index)
