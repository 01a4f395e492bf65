"""The command line: what it prints, what it refuses, and its exit codes."""

import io
import json
import time

import pytest

from engine.home import read_jobs
from engine.orders import Order, PrepareRequest
from engine.views import JobView
from store.commands import Verb
from store.errors import InvalidInputError, RefusedError
from tui.commands.drill.drill import Drill
from tui.door import DoorClient, user_name


@pytest.fixture
def district(tmp_path, callchain):
    """A district with a sample roster of eight families."""
    home = tmp_path / "d"
    assert (
        callchain("init", home, "--stand-in", "--user", "u", "--password", "w", "--endpoint", "http://127.0.0.1:9/soap")
        == 0
    )
    assert callchain("sample", tmp_path / "roster", "--families", 8, "--seed", 3) == 0
    assert callchain("roster", "import", tmp_path / "roster", "--home", home) == 0
    return home


@pytest.fixture(scope="module")
def drill(tmp_path_factory):
    """A running district of eight families: carrier and engine, each a process, four hundred times faster than life."""
    with Drill(tmp_path_factory.mktemp("drill"), 8, 3, 400.0, remove=False) as drill:
        yield drill


def ended(drill: Drill, job_id: int) -> JobView:
    """The job once it has ended."""
    door, deadline = DoorClient(drill.home), time.monotonic() + 60
    while not (job := door.job(job_id)).ended:
        assert time.monotonic() < deadline, "the job did not end"
        drill.check()
        drill.over.wait(0.05)
    return job


def test_a_new_district_explains_its_settings_and_a_second_one_is_refused(tmp_path, callchain):
    assert callchain("init", tmp_path / "d") == 0
    text = (tmp_path / "d" / "callchain.toml").read_text()
    assert "# District Start Time: no ordinary call before it (C047)." in text
    assert (tmp_path / "d").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "d" / "secret.key").stat().st_mode & 0o777 == 0o600

    assert callchain("init", tmp_path / "d") == 2
    assert "already holds a district" in callchain.err


def test_an_unknown_setting_is_refused_with_a_suggestion(district, callchain):
    path = district / "callchain.toml"
    path.write_text(path.read_text().replace("grouping =", "groping ="))
    assert callchain("plan", "Hello.", "--home", district) == 2
    assert "there is no setting groping in [voice]. Did you mean grouping?" in callchain.err
    assert "Traceback" not in callchain.err


BROKEN = ("", "\n", "[district", "[district]\nstart_time = 8", "[district]\nstart_time = '25:00'")


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_settings_file_is_one_sentence(district, callchain, text):
    (district / "callchain.toml").write_text(text)
    assert callchain("plan", "Hello.", "--home", district) == 2
    assert callchain.err.startswith("callchain: ")
    assert len(callchain.err.strip().splitlines()) == 1


def test_a_dry_run_prints_the_chains_masked_and_who_cannot_be_reached(district, callchain):
    planned = callchain.json("plan", "School is closed, {students}.", "--home", district)
    assert planned["chains"] == sum(plan["state"] == "dial" for plan in planned["plans"])
    assert planned["gaps"]
    devices = [device for plan in planned["plans"] for device in plan["devices"]]
    assert devices
    assert all(device["number"].startswith("•••-•••-") for device in devices)
    assert read_jobs(district) == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["plan", "Hello {nickname}."], "nickname"),
        (["plan", "Hello.", "--reason", "gossip"], '--reason is "gossip"'),
        (["plan", "Hello.", "--audience", "cats"], '--audience is "cats"'),
        (["plan", "Hello.", "--window", "nine"], "write it like 09:00-17:00"),
        (["plan", "Hello.", "--school", "nowhere"], "nowhere"),
        (["plan", "Hello.", "--window", "17:00-09:00"], ""),
        (["send", "Hello.", "--reason", "emergency"], "callchain emergency"),
    ],
)
def test_a_message_that_makes_no_sense_is_refused_in_one_sentence(district, callchain, words, sentence):
    assert callchain(*words, "--home", district) in (2, 3, 4)
    assert sentence in callchain.err
    assert "Traceback" not in callchain.err


def test_without_an_engine_nothing_is_sent_and_the_way_to_start_one_is_named(district, callchain):
    assert callchain("send", "Hello.", "--home", district, "--expect", 3) == 8
    assert f"callchain serve --home {district}" in callchain.err
    assert callchain("cancel", 1, "--home", district) == 8


def test_a_wrong_count_sends_nothing(drill, callchain):
    before = callchain.json("jobs", "--home", drill.home)
    assert callchain("send", "Hello.", "--home", drill.home, "--expect", 99_999) == 3
    assert "Nothing was sent" in callchain.err
    assert callchain.json("jobs", "--home", drill.home) == before


def test_a_script_without_a_count_is_told_the_count(drill, callchain, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("12\n"))
    assert callchain("emergency", "This is a drill.", "--home", drill.home) == 3
    count = int(callchain.err.rsplit("--expect ", 1)[1].strip(" .\n"))
    sent = callchain.json("emergency", "This is a drill.", "--home", drill.home, "--expect", count)
    assert sent["job"]["chains"] == count
    ended(drill, sent["job"]["job_id"])


def test_json_without_a_count_answers_the_audience_and_sends_nothing(drill, callchain):
    before = callchain.json("jobs", "--home", drill.home)
    assert callchain("send", "Hello.", "--home", drill.home, "--json") == 3
    answer = json.loads(callchain.out)
    assert answer["job"] is None
    assert f"--expect {answer['prepared']['count']}" in callchain.err
    assert callchain.json("jobs", "--home", drill.home) == before


@pytest.mark.row("C022")
def test_that_the_district_may_not_phone_is_said_before_the_count_is_asked_for(drill, callchain, monkeypatch):
    """C022: Failed verification returns an error and leaves messaging disabled."""
    monkeypatch.setattr("tui.commands.say.on_terminal", lambda: True)
    monkeypatch.setattr("typer.prompt", lambda *_, **__: pytest.fail("the count was asked for"))
    assert callchain("messenger", "disable", "--home", drill.home) == 0
    try:
        for command in ("send", "emergency"):
            assert callchain(command, "Hello.", "--home", drill.home) == 4
            assert "line-minutes" in callchain.out, "its audience is shown all the same"
            assert "Messenger is not enabled" in callchain.err
    finally:
        assert callchain("messenger", "enable", "--contract", "C-1", "--home", drill.home) == 0


def test_a_list_of_jobs_says_who_prepared_what_and_when(drill, callchain):
    count = callchain.json("plan", "Hi.", "--home", drill.home, "--clock", drill.clock.spec)["chains"]
    sent = callchain.json("send", "Hi.", "--subject", "Field day", "--home", drill.home, "--expect", count)["job"]
    assert (sent["subject"], sent["author"]) == ("Field day", user_name())
    assert callchain("jobs", "--home", drill.home) == 0
    row = next(line for line in callchain.out.splitlines() if line.split()[:1] == [str(sent["job_id"])])
    assert "Field day" in row
    assert user_name() in row
    assert callchain("cancel", sent["job_id"], "--home", drill.home) == 0
    assert f"Job {sent['job_id']}: canceled" in callchain.out


def test_a_message_goes_from_the_command_line_to_confirmed_calls(drill, callchain):
    count = callchain.json("plan", "Hello.", "--home", drill.home, "--clock", drill.clock.spec)["chains"]
    sent = callchain.json("send", "Hello.", "--home", drill.home, "--expect", count)
    job = ended(drill, sent["job"]["job_id"])
    assert job.state == "sent"
    assert job.confirmed > 0
    listed = callchain.json("jobs", "--home", drill.home)
    assert listed[-1]["chains"] == count
    assert callchain("cancel", job.job_id, "--home", drill.home) == 4
    assert "has ended" in callchain.err


def test_a_job_is_paused_resumed_and_canceled_by_hand(drill, callchain):
    count = callchain.json("plan", "Hello.", "--home", drill.home, "--clock", drill.clock.spec)["chains"]
    job_id = callchain.json("send", "Hello.", "--home", drill.home, "--expect", count)["job"]["job_id"]
    assert callchain.json("pause", job_id, "--home", drill.home)["state"] == "paused"
    assert callchain("pause", job_id, "--home", drill.home) == 4
    assert callchain.json("resume", job_id, "--home", drill.home)["state"] == "in_progress"
    assert callchain("cancel", job_id, "--home", drill.home) == 0
    assert ended(drill, job_id).state == "canceled_in_progress"
    assert callchain("cancel", 77, "--home", drill.home) == 5


def test_a_roster_can_be_imported_while_the_engine_runs(drill, tmp_path, callchain):
    before = DoorClient(drill.home).prepare(HELLO).count
    assert callchain("sample", tmp_path / "more", "--families", 20, "--seed", 3) == 0
    assert callchain("roster", "import", tmp_path / "more", "--home", drill.home, "--accept-loss", 100) == 0
    assert DoorClient(drill.home).prepare(HELLO).count > before
    assert callchain("roster", "restore", "--home", drill.home) == 0
    assert DoorClient(drill.home).prepare(HELLO).count == before


def test_the_same_order_twice_acts_once_and_an_old_one_never(drill):
    door = DoorClient(drill.home)
    job = door.send(door.prepare(HELLO).job_id, door.prepare(HELLO).count)
    health = door.health()
    order = Order(command_id=12_345, expires_at=health.now + 60_000_000, incarnation=health.incarnation)
    assert door.give(Verb.PAUSE, job.job_id, order) == door.give(Verb.PAUSE, job.job_id, order)
    late = Order(command_id=12_346, expires_at=health.now - 1, incarnation=health.incarnation)
    with pytest.raises(RefusedError, match="too late"):
        door.give(Verb.CANCEL, job.job_id, late)
    elsewhere = Order(command_id=12_347, expires_at=health.now + 60_000_000, incarnation=health.incarnation + 1)
    with pytest.raises(RefusedError, match="started anew"):
        door.give(Verb.CANCEL, job.job_id, elsewhere)
    door.command(Verb.CANCEL, job.job_id)
    ended(drill, job.job_id)


def test_a_backup_is_taken_while_the_engine_runs(drill, tmp_path, callchain):
    assert callchain("backup", tmp_path / "copy", "--home", drill.home) == 0
    assert (tmp_path / "copy" / "data.mdb").stat().st_mode & 0o777 == 0o600
    assert callchain("backup", tmp_path / "copy", "--home", drill.home) == 6


def test_a_second_engine_on_one_store_is_refused(drill, callchain):
    assert callchain("serve", "--home", drill.home) == 6
    assert "Another engine" in callchain.err


@pytest.mark.parametrize("body", [b"", b"[]", b'{"command_id": "x"}', b"\xff\xfe"])
def test_a_request_that_is_none_is_refused_at_the_door(drill, body):
    with pytest.raises(InvalidInputError, match="not understood"):
        DoorClient(drill.home)._ask("POST", "/jobs/1/cancel", JobView, body)


def test_a_roster_that_loses_a_tenth_is_refused_until_the_loss_is_accepted(district, tmp_path, callchain):
    assert callchain("sample", tmp_path / "small", "--families", 2, "--seed", 9) == 0
    assert callchain("roster", "import", tmp_path / "small", "--home", district) == 4
    assert "--accept-loss" in callchain.err
    assert callchain("roster", "import", tmp_path / "small", "--home", district, "--accept-loss", 100) == 0
    small = callchain.json("plan", "Hello.", "--home", district)["students"]
    assert callchain("roster", "restore", "--home", district) == 0
    assert callchain.json("plan", "Hello.", "--home", district)["students"] > small


def test_a_bundle_that_is_none_is_one_sentence(district, tmp_path, callchain):
    (tmp_path / "empty").mkdir()
    assert callchain("roster", "check", tmp_path / "empty", "--home", district) == 2
    assert callchain("roster", "check", tmp_path / "nowhere", "--home", district) == 2
    assert "Traceback" not in callchain.err


HELLO = PrepareRequest(reason="general", subject="Hello", text="Hello.")
