"""Customer ids of schools: asked for once, side by side, for a short while, and never in the way of a job."""

import threading
from collections.abc import Callable

import pytest

from actors.gateway import Failure, FailureKind
from actors.runtime.clock import VirtualClock
from engine.config import Settings
from engine.district import school_ids
from engine.district.permission import add_school_ids, permission_of
from engine.district.school_ids import REST_MS, SchoolIds, schools_of
from engine.messaging.encoding import encode_plans
from store.database import Database
from store.people import Roster, School
from store.records import Plan, Policy
from store.tables import Txn
from store.vault import Vault

DOWN = Failure(FailureKind.UNREACHABLE, True, "Nobody answers.")


def plan(school_id: str) -> bytes:
    (encoded,) = encode_plans([Plan("p:mom", "Mom", ("s1",), (), 0, 1, Policy(), text="¡Hola!", school_id=school_id)])
    return encoded


class Registry:
    """A carrier that registers schools as it is told."""

    def __init__(self, answer: str | Failure | None = None, silent: threading.Event | None = None) -> None:
        self.asked: list[str] = []
        self._answer = answer
        self._silent = silent

    def register_school(self, school_id: str, name: str, phone: str, time_zone: str) -> str | Failure:
        self.asked.append(school_id)
        if self._silent is not None and school_id == "elm":
            self._silent.wait(10)
        return self._answer or f"S-{school_id}"


@pytest.fixture
def district(tmp_path):
    """A store with three schools, and the ids of them."""
    database = Database(tmp_path / "store", sync=False)

    def write(apply: Callable[[Txn], None]) -> None:
        with database.write() as txn:
            apply(txn)

    roster = Roster(schools=tuple(School(school_id, school_id.title()) for school_id in ("oak", "elm", "ash")))
    for apply in Vault(database).roster_writes(roster, 1):
        write(apply)
    clock = VirtualClock(0)
    yield SchoolIds(clock, database, write), database, clock
    database.close()


def test_the_schools_of_plans_are_read_without_decoding_them():
    assert schools_of([plan("oak"), plan("elm"), plan("oak"), plan("")]) == {"oak", "elm"}
    assert schools_of([]) == set()


def test_only_the_schools_of_the_job_are_asked_about_and_only_once(district):
    ids, database, _ = district
    registry = Registry()
    assert ids.of_job(registry, Settings(), [plan("oak")], ask=True) == (("oak", "S-oak"),)
    assert ids.of_job(registry, Settings(), [plan("oak"), plan("elm")], ask=True) == (
        ("elm", "S-elm"),
        ("oak", "S-oak"),
    )
    assert registry.asked == ["oak", "elm"]
    with database.read() as txn:
        assert permission_of(database, txn).school_ids == {"oak": "S-oak", "elm": "S-elm"}


def test_who_may_not_wait_takes_what_is_known(district):
    ids, database, _ = district
    registry = Registry()
    with database.write() as txn:
        add_school_ids(database, {"ash": "S-ash"})(txn)
    assert ids.of_job(registry, Settings(), [plan("oak"), plan("ash")], ask=False) == (("ash", "S-ash"),)
    assert ids.of_job(object(), Settings(), [plan("oak")], ask=True) == (), "a carrier that knows no such ids"
    assert registry.asked == []


def test_a_carrier_that_does_not_answer_is_left_alone_for_a_minute(district):
    ids, _, clock = district
    registry = Registry(DOWN)
    assert ids.of_job(registry, Settings(), [plan("oak")], ask=True) == ()
    assert ids.of_job(registry, Settings(), [plan("oak")], ask=True) == ()
    assert registry.asked == ["oak"]
    clock.move_to(REST_MS)
    ids.of_job(registry, Settings(), [plan("oak")], ask=True)
    assert registry.asked == ["oak", "oak"]


def test_one_silent_answer_does_not_cost_the_others_theirs(district, monkeypatch):
    ids, _, _ = district
    monkeypatch.setattr(school_ids, "WAIT_SECONDS_MAX", 0.05)
    silent = threading.Event()
    found = ids.of_job(Registry(silent=silent), Settings(), [plan("oak"), plan("elm"), plan("ash")], ask=True)
    assert dict(found).keys() >= {"oak"}
    assert "elm" not in dict(found)
    silent.set()
