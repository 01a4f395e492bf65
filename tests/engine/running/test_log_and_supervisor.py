"""What the engine writes to its log and tells its supervisor."""

import io
import json
import logging
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.running import logbook
from engine.running.structured_log import LogWriter, masked
from engine.running.supervision.notify import Notifier
from engine.running.supervision.pulse import Pulse
from engine.service_settings import LogSettings
from store import facts
from store.access import Role
from store.alarms import Alarm
from store.commands import Verb
from store.dispositions import JobState
from store.engine_lock import EngineLock
from store.records import Reason

PLANNED = facts.JobPlanned(3, Reason.EMERGENCY, 1, 2, 40, 0, 0, 60, b"x")


@pytest.fixture
def out() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def log(out: io.StringIO) -> Iterator[LogWriter]:
    root = logging.getLogger()
    level = root.level
    with LogWriter(out) as writer:
        yield writer
    root.setLevel(level)


def entries(out: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_programs_read_each_entry_as_fields(log, out):
    log.follow(LogSettings(format="json"))
    for fact in (
        PLANNED, facts.JobEnded(3, JobState.SENT), facts.CommandTaken(7, Verb.PAUSE, 3, 99),
        facts.CommandRefused(Verb.SEND, 3, 99, Role.VIEWER, Role.SENDER, 4), facts.AlarmRaised(Alarm.STORE_FULL),
    ):  # fmt: skip
        logbook.write(fact)
    released, ended, taken, refused, alarm = entries(out)
    assert (released["event"], released["job_id"], released["reason"]) == ("job_released", 3, "emergency")
    assert (released["level"], released["logger"], released["chains"]) == ("INFO", "callchain", 40)
    assert str(released["ts"]).startswith("20")
    assert released["message"] == "job 3 (emergency) released: 40 chains"
    assert ended["state"] == "sent"
    assert (taken["command_id"], taken["verb"]) == (7, "pause")
    assert (refused["needed"], refused["times"], refused["level"]) == ("sender", 4, "WARNING")
    assert alarm["alarm"] == "store_full"
    assert not any("99" in str(entry) for entry in (taken, refused))


def test_people_read_sentences(log, out):
    logbook.write(PLANNED)
    assert out.getvalue().rstrip().endswith("INFO callchain job 3 (emergency) released: 40 chains")


def test_the_log_follows_its_settings_from_the_next_entry_on(log, out):
    log.follow(LogSettings(level="error"))
    logbook.write(PLANNED)
    log.follow(LogSettings(level="debug", format="json"))
    logging.getLogger("x").debug("now")
    assert [entry["message"] for entry in entries(out)] == ["now"]


@pytest.mark.parametrize("format_", ["text", "json"])
def test_phone_numbers_are_masked_whatever_says_them(log, out, format_):
    log.follow(LogSettings(format=format_))
    try:
        int("no route to +12015550123")
    except ValueError:
        logging.getLogger("x").exception("%s failed, then (201) 555-0124 and 2015550125", "+1 201-555-0126")
    assert "5550" not in out.getvalue().replace("-", "")
    assert out.getvalue().count("•••-•••-01") >= 4


@pytest.mark.parametrize(
    "text", ["job 1234567890123", "command 4611686018427387904", "2026-11-24 16:05:01,250", "mail 5015550123abcdef",
             "10.0.0.7:8443", "60000"],
)  # fmt: skip
def test_what_is_no_phone_number_is_left_alone(text):
    assert masked(text) == text


def test_a_supervisor_that_is_not_there_changes_nothing(tmp_path, caplog):
    Notifier({}).ready("x")
    notifier = Notifier({"NOTIFY_SOCKET": str(tmp_path / "nobody")})
    notifier.ready("x")
    notifier.stopping()
    assert len(caplog.records) == 1, "it is said once"


def test_a_status_is_told_when_it_changes_and_the_watchdog_is_fed_only_when_it_is_meant_for_us(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(tmp_path / "notify"))
        heard.setblocking(False)
        mine = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "60000000"}
        notifier = Notifier(mine)
        notifier.status("two\nlines")
        notifier.status("two\nlines")
        notifier.alive()
        notifier.alive()
        Notifier({**mine, "WATCHDOG_PID": "1"}).alive()
        Notifier({"NOTIFY_SOCKET": mine["NOTIFY_SOCKET"]}).alive()
        assert [heard.recv(1_000), heard.recv(1_000)] == [b"STATUS=two lines", b"WATCHDOG=1"]
        with pytest.raises(BlockingIOError):
            heard.recv(1_000)


def test_a_pulse_is_silent_from_the_last_beat_on(tmp_path: Path):
    lock, now = EngineLock(tmp_path / "store"), [100.0]
    try:
        pulse = Pulse(tmp_path, lambda: now[0])
        assert pulse.silent_seconds() == 0
        now[0] = 105
        assert pulse.silent_seconds() == 5
        lock.begin_beating(1)
        assert pulse.silent_seconds() == 0
    finally:
        lock.release()
