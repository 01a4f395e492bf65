"""`callchain serve` as a supervisor has it: a real process that says how it is, follows signals, and ends in time."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.config import FILE_NAME, CarrierSettings, District, Settings
from engine.home import make_home
from engine.service_settings import EngineSettings
from tests.fakes import PASSWORD
from tui.commands.keeping.farewell import STOPPED_LATE, Farewell
from tui.commands.keeping.told_by_signals import Told
from tui.door import DoorClient

ROOT = Path(__file__).parents[2]

SERVE = "import sys; from tui.cli import main; sys.argv[0] = 'callchain'; main()"

HANGING = "import threading; from engine.door.door import Door; Door.close = lambda self: threading.Event().wait(60); "
"""Put before it: the door never closes."""

SECONDS_MAX = 20.0
"""For anything that is waited for; a machine under load is slow."""


class Supervisor:
    """Starts a service, and hears what it says on its socket and on standard error."""

    def __init__(self, home: Path, *, abstract: bool = False) -> None:
        self.home = home
        name = f"\0callchain-{os.getpid()}-{id(self)}" if abstract else str(home.parent / "notify")
        self.heard: list[str] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(name)
        self._socket.settimeout(SECONDS_MAX)
        self._address = name.replace("\0", "@")
        self.said: list[str] = []
        self._news = threading.Condition()

    def start(self, *options: str, before: str = "") -> None:
        environment = {**os.environ, "NOTIFY_SOCKET": self._address, "WATCHDOG_USEC": "600000"}
        self.process = subprocess.Popen(
            [sys.executable, "-c", before + SERVE, "serve", "--home", str(self.home), *options],
            stderr=subprocess.PIPE, text=True, cwd=ROOT, env=environment,
        )  # fmt: skip
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self._news:
                self.said.append(line.rstrip("\n"))
                self._news.notify_all()

    def until(self, word: str) -> dict[str, str]:
        """The next message with a word like READY=1, as a mapping."""
        while True:
            self.heard += [self._socket.recv(4096).decode()]
            words = dict(line.split("=", 1) for line in self.heard[-1].split("\n"))
            if word in self.heard[-1].split("\n"):
                return words

    def until_said(self, text: str) -> str:
        """The first line on standard error with a text in it."""
        with self._news:
            assert self._news.wait_for(lambda: any(text in line for line in self.said), SECONDS_MAX), self.said
            return next(line for line in self.said if text in line)

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def ended(self) -> int:
        code = self.process.wait(SECONDS_MAX)
        self._thread.join(SECONDS_MAX)
        return code

    def edit(self, before: str, after: str) -> None:
        path = self.home / FILE_NAME
        text = path.read_text()
        assert before in text
        self.replace(text.replace(before, after))

    def replace(self, text: str) -> None:
        """Put another file in its place, as editors do: one that is half written is a file, too."""
        new = self.home / "edited"
        new.write_text(text)
        new.replace(self.home / FILE_NAME)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._thread.join(SECONDS_MAX)
        assert self.process.stderr is not None
        self.process.stderr.close()
        self._socket.close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    carrier = CarrierSettings(user="oak", endpoints=("http://127.0.0.1:1/",), stand_in=True)
    settings = Settings(district=District(name="Oak District"), carrier=carrier, engine=EngineSettings(lease_seconds=5))
    make_home(tmp_path / "oak", settings, PASSWORD, "customer-1")
    return tmp_path / "oak"


@pytest.fixture(params=["path", "abstract"])
def supervisor(home: Path, request: pytest.FixtureRequest) -> Iterator[Supervisor]:
    supervisor = Supervisor(home, abstract=request.param == "abstract")
    yield supervisor
    supervisor.close()


def test_a_supervisor_is_told_when_it_is_ready_alive_reloading_and_stopping(supervisor):
    supervisor.start()
    ready = supervisor.until("READY=1")
    assert ready["STATUS"] == "0 jobs open, 0 calls out; no alarm"
    assert DoorClient(supervisor.home).is_open(), "the door is open once it says that it is ready"
    supervisor.until("WATCHDOG=1")

    supervisor.edit('format = "text"', 'format = "json"')
    supervisor.signal(signal.SIGHUP)
    reloading = supervisor.until("RELOADING=1")
    assert 0 < int(reloading["MONOTONIC_USEC"]) < 10**15
    supervisor.until("READY=1")
    assert "log.format" in supervisor.until_said("log.format")

    supervisor.edit('format = "json"', 'format = "xml"')
    supervisor.signal(signal.SIGHUP)
    supervisor.until("READY=1")
    assert "the old ones stay in force" in supervisor.until_said("not taken in")

    # So deep that the reader itself gives up: an error nobody foresaw ends no calls either.
    supervisor.replace(f"x = {'[' * 100_000}")
    supervisor.signal(signal.SIGHUP)
    supervisor.until("RELOADING=1")
    supervisor.until("READY=1")
    assert DoorClient(supervisor.home).is_open()

    supervisor.signal(signal.SIGTERM)
    supervisor.until("STOPPING=1")
    assert supervisor.ended() == 0
    stopped = json.loads(supervisor.until_said("engine_stopped"))
    assert (stopped["event"], stopped["level"], stopped["logger"]) == ("engine_stopped", "INFO", "callchain")
    assert any("incarnation 1 opened the store" in line for line in supervisor.said)


def test_what_does_not_stop_in_time_is_named_and_the_process_ends_with_a_code_of_its_own(home):
    supervisor = Supervisor(home)
    try:
        supervisor.start("--stop-seconds", "0.3", before=HANGING)
        supervisor.until("READY=1")
        supervisor.signal(signal.SIGTERM)
        assert supervisor.ended() == STOPPED_LATE
        assert "the door, the engine was still open" in supervisor.until_said("Not stopped within 0.3 s")
    finally:
        supervisor.close()


def test_told_to_stop_twice_it_ends_at_once(home):
    supervisor = Supervisor(home)
    try:
        supervisor.start("--stop-seconds", "50", before=HANGING)
        supervisor.until("READY=1")
        supervisor.signal(signal.SIGTERM)
        supervisor.until("STOPPING=1")
        supervisor.signal(signal.SIGINT)
        assert supervisor.ended() == 128 + signal.SIGINT
        supervisor.until_said("ended at once")
    finally:
        supervisor.close()


# ---------------------------------------------------------------- the parts


def test_a_farewell_in_time_ends_nothing():
    said: list[str] = []
    ended: list[int] = []
    farewell = Farewell(60, said.append, ended.append)
    farewell.begin("the door", "the engine")
    with farewell.closing("the door"):
        pass
    farewell.done()
    assert (said, ended) == ([], [])
    farewell.break_off()
    assert ended == [STOPPED_LATE]
    assert "60 s" in said[0]
    assert "the engine was still open" in said[0]
    assert "the door" not in said[0]


def test_signals_are_events_and_the_second_stop_is_the_end():
    said: list[str] = []
    ended: list[int] = []
    told = Told(said.append, ended.append)
    told.hear(signal.SIGHUP)
    assert told.reload.is_set()
    assert told.news.is_set()
    assert not told.stop.is_set()
    told.hear(signal.SIGTERM)
    assert told.stop.is_set()
    assert ended == []
    told.hear(signal.SIGTERM)
    assert ended == [143]
