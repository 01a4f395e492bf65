"""How long a standby waits before it takes a silent engine for one that hangs."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import msgspec
import pytest

from actors.runtime.clock import VirtualClock
from actors.runtime.dispatcher import Dispatcher
from engine.config import Settings
from engine.home import make_home
from engine.running.supervision.heart import BEAT_MS, Heart
from engine.running.supervision.notify import Notifier
from engine.running.supervision.standby import OPENING_SECONDS_MAX, Patience, Standby
from engine.service import Engine
from engine.service_settings import EngineSettings
from store.database import Database
from store.engine_lock import EngineLock
from store.errors import ConfigError, StoreBusyError
from store.lease import LOCK_FILE, Lease, myself
from tui.commands.keeping import serve
from tui.commands.keeping.told_by_signals import Told

BEATING = Lease(holder=msgspec.structs.replace(myself(), beats=True), beat_at=1_000)
OPENING = Lease(holder=myself(), beat_at=1_000)


def beat(lease: Lease, at: int) -> Lease:
    return msgspec.structs.replace(lease, beat_at=at)


def test_a_holder_that_beats_is_never_lost():
    patience = Patience(10)
    assert not any(patience.lost_with(beat(BEATING, second), second) for second in range(100))


def test_a_holder_that_stops_beating_is_lost_after_its_lease_as_the_waiting_one_saw_it():
    patience = Patience(10)
    assert not patience.lost_with(BEATING, 500)
    assert not patience.lost_with(BEATING, 509.9)
    assert patience.lost_with(BEATING, 510)


def test_a_clock_that_was_set_does_not_matter():
    patience = Patience(10)
    for second in range(100):
        at = 1_000_000 - second * 1_000
        assert not patience.lost_with(beat(BEATING, at), second)


def test_a_holder_that_opens_its_store_has_all_the_time_that_takes():
    patience = Patience(10)
    assert not patience.lost_with(OPENING, 0)
    assert not patience.lost_with(OPENING, OPENING_SECONDS_MAX - 1)
    assert patience.lost_with(OPENING, OPENING_SECONDS_MAX)


def test_a_new_holder_is_waited_for_anew():
    patience = Patience(10)
    patience.lost_with(BEATING, 0)
    other = Lease(holder=msgspec.structs.replace(BEATING.holder, pid=1), beat_at=1_000)
    assert not patience.lost_with(other, 10)
    assert not patience.lost_with(None, 19)
    assert not patience.lost_with(other, 20)


# ---------------------------------------------------------------- the beat


def test_a_loop_that_turns_beats_every_second_and_one_that_does_not_is_silent(tmp_path: Path):
    lock, dispatcher, path = EngineLock(tmp_path), Dispatcher(VirtualClock(), 1), tmp_path / LOCK_FILE
    database = Database(tmp_path)
    heart = Heart(dispatcher, lock, database)
    heart.start(3)
    for _ in range(3):
        os.utime(path, (1, 1))
        dispatcher.clock.move_to(dispatcher.clock.now() + BEAT_MS - 1)  # type: ignore[attr-defined]
        assert path.stat().st_mtime == 1
        assert dispatcher.step_time()
        assert path.stat().st_mtime > 1
    heart.stop()
    assert not dispatcher.step_time()
    database.close()
    lock.release()


_READER = """
import sys
from pathlib import Path
from store.database import Database
database = Database(Path(sys.argv[1]), readonly=True)
with database.read() as txn:
    database.get_meta(txn, "version")
    print("reads", flush=True)
    sys.stdin.read()
"""


def test_a_report_that_was_killed_while_it_read_makes_the_file_of_a_running_engine_grow_no_further(tmp_path: Path):
    lock, dispatcher, database = EngineLock(tmp_path), Dispatcher(VirtualClock(), 1), Database(tmp_path)
    heart = Heart(dispatcher, lock, database)
    heart.start(3)
    command = [sys.executable, "-c", _READER, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "reads\n"
        reader.kill()
    dispatcher.step_time()
    for commit in range(300):
        with database.write() as txn:
            database.put_meta(txn, f"row {commit % 10}", b"x" * 3_000)
    assert database.size() < 1 << 20
    heart.stop()
    database.close()
    lock.release()


# ---------------------------------------------------------------- waiting


class Turns:
    """What becomes of each try to start, in order."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.stop = threading.Event()

    def __call__(self) -> Engine:
        error = self.errors.pop(0)
        if not self.errors:
            self.stop.set()
        raise error


def test_settings_that_cannot_be_used_are_said_at_once_where_nobody_is_waited_for(tmp_path: Path):
    turns = Turns(ConfigError("There is no setting groping."))
    with pytest.raises(ConfigError, match="groping"):
        Standby(tmp_path, turns, 10, lambda _sentence: None).start(turns.stop)


def test_settings_that_break_while_it_waits_end_no_standby_and_are_said_once(tmp_path: Path):
    said: list[str] = []
    broken = ConfigError("There is no setting groping.")
    turns = Turns(StoreBusyError("taken"), broken, broken, StoreBusyError("taken"))
    assert Standby(tmp_path, turns, 10, said.append).start(turns.stop) is None
    assert [sentence.partition(":")[0] for sentence in said] == [
        "Standing by", "Standing by, but this one could not start now",
    ]  # fmt: skip


@pytest.mark.parametrize(("option", "seconds"), [(None, 4.0), (7.5, 7.5)])
def test_the_lease_is_the_settings_and_the_option_goes_before_it(tmp_path: Path, monkeypatch, option, seconds: float):
    make_home(tmp_path / "d", Settings(engine=EngineSettings(lease_seconds=4.0)))
    waited: list[float] = []

    class Waiting(Standby):
        def start(self, stop: threading.Event) -> Engine | None:
            waited.append(self.lease_seconds)
            return None

    monkeypatch.setattr(serve, "Standby", Waiting)
    assert serve._started(tmp_path / "d", True, option, "", Told(lambda _: None), Notifier()) is None
    assert waited == [seconds]
