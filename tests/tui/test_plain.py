"""`watch --plain`: lines that can be read aloud, each thing once, and never old news as new."""

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from actors.runtime.clock import VirtualClock
from engine.orders import Health
from store import facts
from store.alarms import Alarm
from store.dispositions import Disposition, Outcome
from store.records import Reason
from tests.engine.board_store import MORNING, BoardStore, plan
from tui.plain.plain_watch import PlainWatch

ZONE = ZoneInfo("America/Chicago")


class Listener:
    """Somebody who listens to one district."""

    def __init__(self, folder: Path) -> None:
        self.store = BoardStore(folder / "store")
        self.clock = VirtualClock(MORNING)
        self.answers = True
        self.watch: PlainWatch

    def health(self) -> Health | None:
        if not self.answers:
            return None
        return Health(
            engine="running", incarnation=1, now=self.clock.now(), speed=1.0, lines=24, emergency_lines=8,
            stand_in=True,
        )  # fmt: skip

    def sits_down(self, *, of_chains: bool = False) -> list[str]:
        self.watch = PlainWatch(self.store.database, self.clock, ZONE, self.health, of_chains=of_chains)
        return list(self.watch.greeting())

    def hears(self, seconds: float = 0.5) -> list[str]:
        self.clock.move_to(self.clock.now() + int(seconds * 1000))
        return list(self.watch.look())

    def leak(self) -> int:
        """An emergency to two families, one of whose students is named in it."""
        job = self.store.job("Gas leak", Reason.EMERGENCY, [plan("Ada Moreno", "s1"), plan("Bo Jensen", "s2")])
        self.store.opens(job)
        return job


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Listener]:
    sits = Listener(tmp_path)
    yield sits
    sits.store.close()


def test_it_begins_with_how_things_stand_and_says_that_a_drill_is_one(listener: Listener) -> None:
    listener.leak()
    first, job = listener.sits_down()
    assert first == (
        "09:00:00 DRILL: the carrier is make-believe. The engine runs with 24 ordinary lines and 8 for emergencies."
    )
    assert job == (
        "09:00:00 Job 1, emergency, Gas leak: in progress; 0 of 2 students' families reached, 0%; "
        "0 calls at the carrier, 2 chains to go."
    )


def test_each_event_is_told_once_and_calls_are_not(listener: Listener) -> None:
    listener.sits_down()
    job = listener.leak()
    told = listener.hears()
    assert [line[9:] for line in told] == [
        "Job 1, emergency, Gas leak: released with 2 chains about 2 students.",
        "Job 1, emergency, Gas leak: its calls begin.",
    ]
    listener.store.dials(job, 0)
    listener.store.hears(job, 0, Disposition.CONFIRMED, Outcome.CONFIRMED)
    assert listener.hears() == []


def test_every_quarter_of_a_minute_it_sums_up_what_moved_and_nothing_else(listener: Listener) -> None:
    listener.sits_down()
    job = listener.leak()
    listener.hears(16)
    listener.store.dials(job, 0)
    listener.store.hears(job, 0, Disposition.CONFIRMED, Outcome.CONFIRMED)
    (summary,) = listener.hears(16)
    assert "1 of 2 students' families reached, 50%; 0 calls at the carrier, 1 chains to go" in summary
    assert listener.hears(16) == []


def test_chains_are_told_by_name_when_asked_for(listener: Listener) -> None:
    listener.sits_down(of_chains=True)
    job = listener.leak()
    listener.store.dials(job, 0)
    listener.store.hears(job, 0, Disposition.CONFIRMED, Outcome.CONFIRMED)
    assert "Job 1, Ada Moreno: confirmed." in [line[9:] for line in listener.hears()]


def test_silence_is_told_once_and_its_end_too(listener: Listener) -> None:
    listener.sits_down()
    listener.answers = False
    assert [line[9:] for line in listener.hears(6)] == [
        "DATA STOPPED: the engine does not answer. What was said before is old."
    ]
    assert listener.hears(6) == []
    listener.answers = True
    assert [line[9:] for line in listener.hears()] == ["The engine answers again."]


def test_an_engine_that_stopped_in_good_order_is_no_silence(listener: Listener) -> None:
    listener.sits_down()
    listener.store.commit(facts.EngineStopped())
    listener.answers = False
    assert [line[9:] for line in listener.hears()] == ["The engine stopped in good order."]
    assert listener.hears(60) == []


def test_alarms_say_what_to_do(listener: Listener) -> None:
    listener.sits_down()
    listener.store.commit(facts.AlarmRaised(Alarm.STORE_FULL))
    (line,) = listener.hears()
    assert line.endswith("Alarm: store full. The disk of the store is full. Only emergencies are dialed; make room.")
