"""The doctor about folder, disk, store and engine, each with something real broken."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import namedtuple
from pathlib import Path

import pytest

from engine.acts.catalog import ACTS
from engine.acts.doctor import Examine
from engine.doctor.finding import Grade
from engine.door.door import Door
from engine.home import STORE_FOLDER
from engine.service import Engine
from store import facts
from store.alarms import Alarm
from store.database import Database
from tests.engine.doctor.districts import bad, engine_runs, findings, planned, sound_district, the_problem, write
from tests.engine.test_recovery import no_gateway
from tests.fakes import MONDAY_TEN, settings_of
from tests.tui.callchain import Callchain
from tui.door import DoorClient

Usage = namedtuple("Usage", "total used free")

NO_ENGINE = "No engine runs: nothing is dialed, no schedule fires and no result is read."


@pytest.fixture
def home(tmp_path) -> Path:
    return sound_district(tmp_path / "district")


def test_in_a_sound_district_nothing_is_bad_but_that_no_engine_runs(home):
    assert bad(findings(home)) == [NO_ENGINE]


@pytest.mark.row("C179", "C181")
def test_with_an_engine_at_its_door_exactly_one_holds_the_store(home):
    """C179: With several app servers it must run on exactly one. C181: Never on more than one server (leader election /
    exactly-once triggering).
    """
    with Engine(home, settings=settings_of(), gateway=no_gateway) as engine:
        door = Door(engine)
        door.open()
        try:
            (found,) = findings(home, "engine", database=engine.station.database)
        finally:
            door.close()
    assert found.grade is Grade.OK
    assert f"Exactly one engine runs on the store (process {os.getpid()})" in found.says
    assert the_problem(findings(home, "engine")).says == NO_ENGINE, "a lease names its last holder for ever"


def test_an_engine_that_was_stopped_is_told_from_one_that_does_not_run(tmp_path):
    home = sound_district(tmp_path / "district", "http://127.0.0.1:1/ca/soap")
    engine = subprocess.Popen(
        [sys.executable, "-m", "tui.cli", "serve", "--home", str(home)], stderr=subprocess.PIPE, text=True
    )
    try:
        assert engine.stderr is not None
        while "The engine runs" not in engine.stderr.readline():
            assert engine.poll() is None
        assert not bad(findings(home, "engine"))
        engine.send_signal(signal.SIGSTOP)
        problem = the_problem(findings(home, "engine"))
        assert f"(process {engine.pid}) holds the store but does not answer" in problem.says
        assert "hangs or is stopped" in problem.says
        engine.send_signal(signal.SIGCONT)
        engine.terminate()
        engine.wait(20)
    finally:
        engine.kill()
        engine.communicate()
    assert the_problem(findings(home, "engine")).says == NO_ENGINE


def test_it_needs_no_more_than_a_few_seconds_whatever_hangs(home):
    began = time.monotonic()
    findings(home)
    assert time.monotonic() - began < 3


def test_others_than_the_owner_may_not_read_store_and_key(home):
    (home / "secret.key").chmod(0o644)
    (home / STORE_FOLDER / "data.mdb").chmod(0o640)
    assert bad(findings(home, "folder")) == [
        f"Others than its owner may read {home / STORE_FOLDER / 'data.mdb'}: it holds what must stay secret.",
        f"Others than its owner may read {home / 'secret.key'}: it holds what must stay secret.",
    ]


@pytest.mark.parametrize(
    ("free", "grade"), [(10 << 20, Grade.PROBLEM), (500 << 20, Grade.WARNING), (5 << 30, Grade.OK)]
)
def test_a_full_disk_is_a_problem_and_a_filling_one_a_warning(home, monkeypatch, free: int, grade: Grade):
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(1 << 40, 0, free))
    (found,) = findings(home, "disk")
    assert found.grade is grade
    assert f"{free >> 20:,} MiB are free" in found.says


def test_a_damaged_store_is_a_problem_and_not_a_traceback(home):
    (home / STORE_FOLDER / "data.mdb").write_bytes(b"\x00" * 40_000)
    problem = the_problem(findings(home, "store"))
    assert "damaged" in problem.says or "cannot be opened" in problem.says
    assert "backup" in problem.todo


def test_a_gap_in_the_journal_is_a_problem(home):
    for _ in range(4):
        write(home, MONDAY_TEN, facts.EngineStopped())
    database = Database(home / STORE_FOLDER)
    with database.write() as txn:
        key = next(key for key, block in database.journal.scan(txn) if block.seq == 3)
        database.journal.delete(txn, key)
    database.close()
    assert "The journal has a gap" in the_problem(findings(home, "store")).says


def test_a_backup_that_was_put_back_is_told(home, tmp_path):
    database = Database(home / STORE_FOLDER, readonly=True)
    database.backup(tmp_path / "copy")
    database.close()
    shutil.rmtree(home / STORE_FOLDER)
    (tmp_path / "copy").rename(home / STORE_FOLDER)
    assert "a backup that was put back" in bad(findings(home, "store"))[0]


def test_every_alarm_is_told_with_its_meaning_and_what_to_do(home):
    write(home, MONDAY_TEN, planned(), *[facts.AlarmRaised(alarm) for alarm in Alarm])
    found = findings(home, "alarms")
    assert [finding.grade for finding in found] == [Grade.PROBLEM] * len(Alarm)
    assert all(finding.todo for finding in found)
    refused = next(finding for finding in found if "refuses login" in finding.says)
    assert refused.says.startswith("Since 2026-03-02 10:00 the alarm carrier refuses login is raised.")
    assert refused.todo == "Nothing is dialed; correct them."


def test_settings_that_cannot_be_read_are_told_and_the_rest_is_left_alone(home):
    with (home / "callchain.toml").open("a") as file:
        file.write("\n[nosuch]\nx = 1\n")
    assert "nosuch" in the_problem(findings(home, "settings")).says


def test_settings_whose_file_is_lost_are_those_the_store_keeps(home):
    (home / "callchain.toml").unlink()
    assert bad(findings(home)) == [NO_ENGINE]


def test_a_file_that_was_edited_under_a_running_engine_is_told(home, monkeypatch):
    engine_runs(monkeypatch, MONDAY_TEN)
    assert not bad(findings(home, "set-up"))
    toml = home / "callchain.toml"
    toml.write_text(toml.read_text().replace('end_time = "20:00"', 'end_time = "19:00"'))
    assert "was edited and the engine that runs still goes by what stood there" in bad(findings(home, "set-up"))[0]


# ---------------------------------------------------------------- the act and the command


def test_an_engine_examines_its_own_district_for_whoever_asks_at_its_door(home):
    with Engine(home, settings=settings_of(), gateway=no_gateway) as engine:
        door = Door(engine)
        door.open()
        try:
            found = DoorClient(home).act(ACTS["doctor.examine"], Examine(network=False))
        finally:
            door.close()
    assert any("Exactly one engine runs on the store" in finding.says for finding in found)
    assert not [finding for finding in found if finding.grade is Grade.PROBLEM]


def test_a_district_there_is_not_is_refused(tmp_path, monkeypatch, capsys):
    callchain = Callchain(monkeypatch, capsys)
    assert callchain("doctor", "--home", tmp_path) == 6
    assert "There is no district" in callchain.err


def test_the_command_ends_with_one_where_there_is_a_problem_and_prints_what_to_do(home, monkeypatch, capsys):
    callchain = Callchain(monkeypatch, capsys)
    assert callchain("doctor", "--home", home, "--offline") == 1
    assert "PROBLEM  engine: No engine runs" in callchain.out
    assert f"→ Start one with `callchain serve --home {home}`" in callchain.out
    assert callchain("doctor", "--home", home, "--offline", "--json") == 1
    assert '"grade":"problem"' in callchain.out
    engine_runs(monkeypatch, MONDAY_TEN)
    assert callchain("doctor", "--home", home, "--offline") == 0
