"""Districts for the doctor to examine: sound ones, on disk, with what a test breaks in them."""

from pathlib import Path
from typing import Any

from engine.config import CarrierSettings, District, Settings
from engine.doctor.examine import examine
from engine.doctor.finding import Finding, Grade
from engine.home import STORE_FOLDER, make_home, replace_roster_offline
from engine.orders import Health
from store import facts
from store.database import Database
from store.journal import Journal
from store.keys import attempt_id, chain_id
from store.records import Reason
from tests.fakes import HOUR, MONDAY_TEN, PASSWORD, ZONE, Family, roster_of

CUSTOMER = "D-1"


def sound_district(home: Path, *urls: str, **settings: Any) -> Path:
    """A district that lacks nothing: a family with phones, a caller ID, verified credentials."""
    district = District(name="Oak District", time_zone=ZONE, caller_id="6125550100")
    carrier = CarrierSettings(user="oak", endpoints=urls, stand_in=True)
    make_home(home, Settings(district=district, carrier=carrier, **settings), PASSWORD, CUSTOMER)
    family = Family()
    for n, phone in enumerate(family.phones):
        phone.number = f"+1612555010{n}"
    replace_roster_offline(home, roster_of(family))
    return home


def write(home: Path, at: int, *happened: facts.AnyFact) -> None:
    """Have the journal tell something."""
    database = Database(home / STORE_FOLDER)
    journal = Journal(database)
    with database.write() as txn:
        journal.append(txn, facts.Block(journal.last_seq(txn) + 1, at, list(happened)))
    database.close()


def planned(at: int = MONDAY_TEN, chains: int = 2) -> facts.JobPlanned:
    """Job 1, whose window opens at an instant."""
    return facts.JobPlanned(1, Reason.GENERAL, at, at + 8 * HOUR, chains, 0, 0, chains, b"", at + 8 * HOUR)


def dial(n: int) -> facts.AttemptOpened:
    """The n-th call of the first chain of job 1."""
    return facts.AttemptOpened(attempt_id(1, n), chain_id(1, 0), 0, 0, 77)


def engine_runs(monkeypatch, now: int) -> None:
    """An engine answers at the door, its clock at an instant."""
    health = Health(engine="running", incarnation=1, now=now, speed=1.0, lines=24, emergency_lines=8, stand_in=True)
    monkeypatch.setattr("engine.doctor.examine.knock", lambda _home: health)


def findings(home: Path, topic: str = "", **how: object) -> list[Finding]:
    """What the doctor finds about a topic, the carrier not asked."""
    found = examine(home, **{"network": False, "now": MONDAY_TEN, **how})  # type: ignore[arg-type]
    return [finding for finding in found if finding.topic == topic or not topic]


def bad(found: list[Finding]) -> list[str]:
    """What is said of all that is not well."""
    return [finding.says for finding in found if finding.grade in (Grade.WARNING, Grade.PROBLEM)]


def the_problem(found: list[Finding]) -> Finding:
    """The one problem there is."""
    (problem,) = [finding for finding in found if finding.grade is Grade.PROBLEM]
    return problem
