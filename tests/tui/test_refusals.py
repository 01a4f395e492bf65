"""What every administrator gets wrong once is refused with one clear sentence and an exit code, and nothing is sent."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from actors.runtime.clock import FastClock, WallClock
from engine.door.door import Door
from engine.gateways.stand_in.carrier import Carrier
from engine.gateways.stand_in.soap_server import SoapServer
from engine.service import Engine
from tests.engine.doctor.districts import sound_district
from tests.engine.test_recovery import no_gateway
from tests.fakes import MONDAY_TEN, PASSWORD, ScriptedPhones
from tui.door import DoorClient

EXPECTED = [
    ("send Absent. --reason attendance --window 17:00-17:29 --expect 1", 4, "needs at least 30 minutes"),
    ("send Absent. --reason behavior --window 19:31-21:00 --expect 1", 4, "Less than 30 minutes"),
    ("send Hello. --window 18:00-17:00 --expect 1", 2, "begin before it ends"),
    ("send Hello. --window 20:00-21:00 --expect 1", 4, "lies outside the district's, 08:00-20:00"),
    ("send {studnet} --expect 1", 2, "studnet"),
    ("send Hello. --grade 99 --expect 1", 3, "The audience is empty"),
    ("send Hello. --expect 5", 3, "not 5"),
    ("emergency Hello. --expect 5", 3, "not 5"),
    ("settings caller-id oak 5550100", 2, "area code"),
    ("settings set district.time_zone=America/Nowhere", 2, "America/Nowhere"),
    ("settings set district.start_time=21:00", 2, "must lie before"),
    ("recording add recording.wav", 2, "wav"),
    ("cancel 99", 5, "There is no job 99"),
    ("cancel 99999999999999999999", 2, "See `callchain cancel --help`"),
    ("resend 99999999999999999999 --not-reached", 2, "See `callchain resend --help`"),
    ("send Hello. --expect 99999999999", 2, "--expect"),
    ("send Hello. --expect -1", 2, "--expect"),
    ("send Hello. --expect 1 --notify office", 2, "--notify is no e-mail address"),
    ("emergency Hello. --expect 1 --notify office", 2, "--notify is no e-mail address"),
    ("settings caller-id oak", 2, "ten digits, or --remove"),
    ("settings pronounce Nguyen", 2, "how it is to be spoken"),
    ("template save", 2, "See `callchain template save --help`"),
]


@pytest.fixture
def home(tmp_path, monkeypatch) -> Iterator[Path]:
    """A district whose engine is at its door, on a Monday at ten; a file that is no recording lies beside."""
    monkeypatch.chdir(tmp_path)
    Path("recording.wav").write_text("RIFF, or so it says")
    home = sound_district(tmp_path / "d", "http://127.0.0.1:1/ca/soap")
    clock = FastClock(int(time.time() * 1000), MONDAY_TEN, 1.0)
    with Engine(home, gateway=no_gateway, clock=clock) as engine:
        door = Door(engine)
        door.open()
        yield home
        door.close()


@pytest.mark.parametrize(("typed", "code", "says"), EXPECTED, ids=[typed for typed, _, _ in EXPECTED])
def test_what_cannot_be_is_refused_in_a_sentence_and_nothing_is_sent(home, callchain, typed: str, code: int, says: str):
    assert callchain(*typed.split(), "--home", home) == code, callchain.err
    last = callchain.err.strip().splitlines()[-1]
    assert last.startswith("callchain: ")
    assert says in last
    assert last.endswith(".")
    assert not DoorClient(home).jobs()


def test_a_wrong_password_is_refused(home, callchain, monkeypatch):
    carrier = Carrier(ScriptedPhones(), lines=4, emergency_lines=1)
    server = SoapServer(carrier, WallClock(), user="oak", password=PASSWORD)
    server.start()
    monkeypatch.setenv("CALLCHAIN_PASSWORD", "guessed")
    try:
        assert callchain("settings", "credentials", "--user", "oak", "--endpoint", server.urls[0], "--home", home) == 7
    finally:
        server.stop()
    assert "does not know this User Name and Password" in callchain.err


def test_an_unreachable_carrier_is_refused(home, callchain, monkeypatch):
    monkeypatch.setenv("CALLCHAIN_PASSWORD", PASSWORD)
    nowhere = ("--endpoint", "http://127.0.0.1:1/soap")
    assert callchain("settings", "credentials", "--user", "oak", *nowhere, "--home", home) == 7
    assert "could not be asked" in callchain.err


@pytest.mark.parametrize(
    ("days", "code", "says"),
    [
        (("--from", "2026-03-05", "--until", "2026-03-01"), 2, "before it begins"),
        (("--from", "2026-03-01", "--until", "2026-03-05"), 5, "between 2026-03-01 and 2026-03-05"),
    ],
)
@pytest.mark.parametrize("report", ["sent", "utilization"])
def test_a_report_over_an_empty_range_is_refused(tmp_path, callchain, report: str, days, code: int, says: str):
    home = sound_district(tmp_path / "d")
    assert callchain("report", report, *days, "--home", home) == code
    assert says in callchain.err
