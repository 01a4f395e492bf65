"""`callchain plan … --forecast` and `callchain report forecast`: typed, printed, refused."""

import pytest

from actors.runtime.clock import FastClock, WallClock
from engine.config_text import settings_text
from engine.forecast.keeper import Keeper
from tests.engine.forecast.paper import SamePhones, families
from tests.fakes import SNOW, SteppedTown, at
from tests.tui.callchain import Callchain


@pytest.fixture
def callchain(monkeypatch, capsys):
    return Callchain(monkeypatch, capsys)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A district of thirty families that has sent one message, foreseen by its keeper."""
    home = tmp_path_factory.mktemp("district")
    with SteppedTown(home, *families(30), network=SamePhones(), lines=2) as town:
        keeper, job_id = Keeper(town.engine), town.send()
        keeper.look()
        town.wait(job_id)
        keeper.look()
        (home / "callchain.toml").write_text(settings_text(town.settings), encoding="utf-8")
    return home


def clock() -> str:
    return FastClock(WallClock().now(), at("2026-03-03 10:00"), 1).spec


def test_a_dry_run_says_when_how_many_would_be_reached_and_what_that_rests_on(callchain, home):
    assert callchain("plan", SNOW, "--home", home, "--clock", clock(), "--forecast") == 0
    assert "Half reached by 10:0" in callchain.out
    assert "ON TIME for 20:00" in callchain.out
    assert "from 30 calls of 1 day" in callchain.out
    assert "What if" not in callchain.out


def test_what_if_stands_beside_what_is(callchain, home):
    words = ("plan", SNOW, "--home", home, "--clock", clock(), "--lines", "+2", "--until", "19:00")
    assert callchain(*words) == 0
    rows = [line.split() for line in callchain.out.splitlines() if line.startswith(("as it is", "--lines +2"))]
    assert rows[0][3] == "2"
    assert rows[1][4] == "4"
    answered = callchain.json(*words)
    assert answered["what_if"]["half_at"]["p50"] < answered["forecast"]["half_at"]["p50"]
    assert answered["chains"] == 30, "the plan itself is there as always"
    assert "forecast" not in callchain.json("plan", SNOW, "--home", home, "--clock", clock())


def test_a_what_if_that_makes_no_sense_is_refused_in_a_sentence(callchain, home):
    assert callchain("plan", SNOW, "--home", home, "--clock", clock(), "--lines", "many") != 0
    assert '"many" is no number of lines' in callchain.err


def test_predictions_are_scored_against_what_happened(callchain, home):
    report = callchain.json("report", "forecast", 1, "--home", home, "--clock", clock())
    assert report["summary"]["predictions"] == 1
    assert {row["what"] for row in report["rows"]} >= {"half reached", "last call"}
    assert all(row["error_percent"] is not None for row in report["rows"] if row["what"] == "last call")


def test_what_was_never_predicted_is_said(callchain, home):
    assert callchain("report", "forecast", 9, "--home", home, "--clock", clock()) != 0
    assert "no job 9" in callchain.err
