"""The confirmation ladder, as it is typed: who sends is told what it waits for, who agrees sees what they agree to."""

import pytest
import typer

from engine.config_text import settings_text
from engine.door.door import Door
from tests.engine.ladder.town import set_ladder
from tests.fakes import at, one_contact, soap_town
from tui.door import user_name


@pytest.fixture
def town(tmp_path, monkeypatch):
    """Before the district's hours, so that no phone rings."""
    with soap_town(tmp_path / "d", one_contact(), now=at("2026-03-02 06:00"), speed=1, deadline_s=10) as town:
        (town.home / "callchain.toml").write_text(settings_text(town.settings))
        monkeypatch.setenv("CALLCHAIN_HOME", str(town.home))
        door = Door(town.engine)
        door.open()
        yield town
        door.close()


@pytest.fixture
def waiting(town):
    """A job that ben asked for and that needs somebody else."""
    set_ladder(town, second_person="always")
    job = town.prepare()
    town.engine.ask_to_send(job, expect=1, author="ben")
    return job


def test_without_a_ladder_a_message_is_sent_as_ever(town, callchain):
    assert callchain("send", "Snow.", "--expect", 1) == 0, callchain.err
    assert "Sent: job 1, 1 chain." in callchain.out
    sent = callchain.json("send", "Snow.", "--expect", 1)
    assert (sent["job"]["state"], sent["release"]["rung"]) == ("waiting", "released")


@pytest.mark.parametrize("command", ["send", "emergency"])
def test_who_sends_is_told_what_it_waits_for(town, callchain, command):
    set_ladder(town, second_person="always")
    assert callchain(command, "Snow.", "--expect", 1) == 0, callchain.err
    assert "Job 1 waits for a second person, 120 s more: `callchain approve 1`" in callchain.out
    assert "`callchain recall 1`" in callchain.out
    asked = callchain.json(command, "Snow.", "--expect", 1)
    assert asked["job"] is None
    assert (asked["release"]["rung"], asked["release"]["asked_by"]) == ("asked", user_name())
    assert not town.engine.jobs()


def test_who_agrees_sees_what_it_is_and_gives_its_count(town, callchain, waiting):
    assert callchain("approve", waiting) == 3
    assert f'Job {waiting}, general, "Snow day": 1 chain. ben asked for it at 2026-03-02 06:00' in callchain.out
    assert "--expect 1" in callchain.err
    assert callchain("approve", waiting, "--expect", 2) == 3
    assert "The audience is 1, not 2" in callchain.err
    assert callchain("approve", waiting, "--expect", 1) == 0, callchain.err
    assert f"Sent: job {waiting}, 1 chain." in callchain.out
    assert callchain("approve", waiting, "--expect", 1) == 4
    assert "already sent" in callchain.err


def test_who_agrees_types_the_count_at_a_terminal(town, callchain, waiting, monkeypatch):
    monkeypatch.setattr("tui.commands.say.on_terminal", lambda: True)
    monkeypatch.setattr(typer, "prompt", lambda _text, type: type("1"))
    assert callchain("approve", waiting) == 0, callchain.err
    assert town.job(waiting).chains == 1


def test_nobody_agrees_with_themselves(town, callchain):
    set_ladder(town, second_person="always")
    asked = callchain.json("send", "Snow.", "--expect", 1)["release"]["job_id"]
    assert callchain("approve", asked, "--expect", 1) == 4
    assert "somebody else must agree" in callchain.err


def test_what_waits_is_recalled_and_listed(town, callchain, waiting):
    assert callchain("recall", waiting) == 0, callchain.err
    assert f"Job {waiting} was recalled by {user_name()}. It is never sent" in callchain.out
    assert callchain("recall", waiting) == 4
    assert callchain("releases") == 0
    assert "recalled" in callchain.out
    assert "ben" in callchain.out
    (listed,) = callchain.json("releases")
    assert (listed["rung"], listed["ended_by"], listed["subject"]) == ("recalled", user_name(), "Snow day")
    assert callchain("recall", waiting + 5) == 5


def test_what_nobody_asked_for_cannot_be_agreed_to(town, callchain):
    assert callchain("approve", town.prepare(), "--expect", 1) == 4
    assert "Nobody has asked for job 1" in callchain.err


def test_who_follows_waits_until_it_has_gone_out(town, callchain):
    set_ladder(town, recall_seconds=0.2)
    assert callchain("send", "Snow.", "--expect", 1, "--follow") == 0, callchain.err
    assert "goes out in 1 s" in callchain.out
    assert "Sent: job 1, 1 chain." in callchain.out
    sent = callchain.json("send", "Snow.", "--expect", 1, "--follow")
    assert (sent["job"]["job_id"], sent["release"]["rung"]) == (2, "released")


def test_who_follows_what_is_recalled_is_told(town, callchain, monkeypatch):
    set_ladder(town, recall_seconds=60)
    looks = []

    def recall_at_the_second_look(_seconds):
        looks.append(_seconds)
        if len(looks) == 2:
            town.engine.recall(1, author="ben")

    monkeypatch.setattr("tui.commands.sending.climbing.time.sleep", recall_at_the_second_look)
    assert callchain("send", "Snow.", "--expect", 1, "--follow") == 4
    assert "Job 1 was recalled by ben" in callchain.err


def test_ctrl_c_in_a_countdown_changes_nothing_and_says_how_to_recall(town, callchain, monkeypatch):
    set_ladder(town, recall_seconds=60)

    def interrupted(_seconds):
        raise KeyboardInterrupt

    monkeypatch.setattr("tui.commands.sending.climbing.time.sleep", interrupted)
    monkeypatch.setattr("tui.commands.say.on_terminal", lambda: True)
    assert callchain("send", "Snow.", "--expect", 1) == 0
    assert "nothing else changed" in callchain.err
    assert "`callchain recall 1` takes it back" in callchain.err
    assert town.engine.release(1).rung == "counting"


def test_a_script_gets_the_release_that_agreeing_led_to(town, callchain, waiting):
    assert callchain("approve", waiting, "--json") == 3
    release = callchain.json("approve", waiting, "--expect", 1)
    assert (release["rung"], release["job"]["job_id"]) == ("released", waiting)
