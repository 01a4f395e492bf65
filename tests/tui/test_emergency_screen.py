"""The emergency, played on a stage: whom it reached, when it will be over, and how it is stopped."""

from pathlib import Path

import pytest

from engine.forecast.views import Basis, Cause, Forecast, Instant, Verdict
from store import facts
from store.commands import Verb
from store.dispositions import JobState, Outcome
from tests.engine.board_store import HOUR, Reason, plan
from tests.tui.schools_day import GAS_LEAK, schools_day
from tests.tui.stage import Stage, play
from tui.dialogs.keep_dialog import KeepDialog
from tui.dialogs.typed_dialog import TypedDialog
from tui.screens.emergency import EmergencyRoom
from tui.screens.report import ReportRoom


async def emergency_of(stage: Stage) -> EmergencyRoom:
    room = EmergencyRoom(stage.app.place)
    stage.app.push_screen(room)
    await stage.pilot.pause()
    await stage.passes()
    return room


def a_day(stage: Stage) -> None:
    schools_day(stage.store)


def foreseen(stage: Stage, verdict: Verdict) -> Forecast:
    now = stage.clock.now()
    return Forecast(
        job_id=GAS_LEAK, made_at=now, starts_at=now - 90_000, closes_at=now + 4 * HOUR, chains=41, reached=36,
        unreached=5, reached_now=18, half_at=Instant(p50=now + 60_000, p90=now + 120_000),
        nine_in_ten_at=Instant(p50=now + 9 * 60_000, p90=now + 12 * 60_000),
        last_call_at=Instant(p50=now + 14 * 60_000, p90=now + 19 * 60_000), verdict=verdict, cause=Cause.CALL_BACKS,
        curve=(), schools=(),
        basis=Basis(lines=32, answer_rate=0.41, hold_seconds=34.0, calls=41_000, days=3, runs=5, sampled=False),
    )  # fmt: skip


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
def test_an_open_emergency_shows_whom_it_reached_and_which_schools_are_behind(size: tuple[int, int]) -> None:
    async def scene(stage: Stage) -> None:
        await emergency_of(stage)
        stage.looks_like(f"emergency_{size[0]}x{size[1]}")

    play(scene, size, a_day)


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
def test_without_an_emergency_it_says_so_calmly(size: tuple[int, int]) -> None:
    async def scene(stage: Stage) -> None:
        await emergency_of(stage)
        stage.looks_like(f"emergency_none_{size[0]}x{size[1]}")

    play(scene, size, before=lambda _stage: None)


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
def test_when_the_last_one_is_over_it_says_how_it_went(size: tuple[int, int]) -> None:
    def before(stage: Stage) -> None:
        a_day(stage)
        for index in range(20, 40):
            stage.store.ends(GAS_LEAK, index, Outcome.CANCELED)
        for index in (6, 7, 14, 15):
            stage.store.ends(GAS_LEAK, index, Outcome.CANCELED)
        stage.store.commit(facts.JobCanceled(GAS_LEAK))
        stage.store.job_ends(GAS_LEAK, JobState.CANCELED_IN_PROGRESS)

    async def scene(stage: Stage) -> None:
        await emergency_of(stage)
        stage.looks_like(f"emergency_over_{size[0]}x{size[1]}")
        await stage.press("S")
        assert not isinstance(stage.app.screen, TypedDialog)

    play(scene, size, before)


def test_old_data_freezes_the_prediction_and_says_so() -> None:
    async def scene(stage: Stage) -> None:
        room = await emergency_of(stage)
        stage.door.silent = True
        await stage.passes(7)
        before = [line for line in stage.lines if "P50" in line]
        await stage.passes(60)
        stage.looks_like("emergency_stale_120x40")
        assert len(before) == 1
        assert [line for line in stage.lines if "P50" in line] == before
        await stage.press("S")
        assert stage.app.screen is room

    play(scene, before=a_day)


def test_the_engine_s_forecast_goes_before_the_pace() -> None:
    async def scene(stage: Stage) -> None:
        stage.door.answers["forecast.job"] = foreseen(stage, Verdict.AT_RISK)
        room = await emergency_of(stage)
        await stage.passes(1)
        stage.looks_like("emergency_forecast_120x40")
        assert "▲ AT RISK" in stage.text
        assert "half reached" in stage.text
        del stage.door.answers["forecast.job"]
        await stage.passes(70)
        assert "By pace alone" in stage.text or "No chain ended" in stage.text
        assert room.job is not None

    play(scene, before=a_day)


def test_a_job_in_which_nothing_moves_is_stalled() -> None:
    def before(stage: Stage) -> None:
        a_day(stage)
        for index in range(20, 28):
            stage.store.ends(GAS_LEAK, index, Outcome.ERROR)

    async def scene(stage: Stage) -> None:
        await emergency_of(stage)
        assert "STALLED" not in stage.text
        await stage.passes(190)
        assert "■ STALLED" in stage.text
        assert "No call began or ended for 3 min." in stage.text

    play(scene, before=before)


def test_one_that_is_being_canceled_is_not_said_to_be_on_time() -> None:
    async def scene(stage: Stage) -> None:
        stage.door.answers["forecast.job"] = foreseen(stage, Verdict.ON_TIME)
        await emergency_of(stage)
        await stage.passes(1)
        assert "ON TIME" in stage.text
        stage.store.commit(facts.JobCanceled(GAS_LEAK))
        await stage.passes(2)
        assert "ON TIME" not in stage.text
        assert "– CANCELING" in stage.text

    play(scene, before=a_day)


def test_only_the_word_stop_stops_it() -> None:
    async def scene(stage: Stage) -> None:
        await emergency_of(stage)
        await stage.press("S")
        assert isinstance(stage.app.screen, TypedDialog)
        await stage.types("STO")
        await stage.press("ctrl+y", "enter")
        assert stage.door.given == []
        await stage.types("P")
        await stage.press("ctrl+y")
        assert stage.door.given == [(Verb.CANCEL, GAS_LEAK)]

    play(scene, before=a_day)


def test_the_command_goes_to_the_emergency_of_the_dialog_though_a_newer_one_was_sent() -> None:
    async def scene(stage: Stage) -> None:
        room = await emergency_of(stage)
        await stage.press("P")
        assert isinstance(stage.app.screen, KeepDialog)
        newer = stage.store.job("Tornado warning", Reason.EMERGENCY, [plan("Ada Moreno", "s1")])
        stage.store.opens(newer)
        await stage.passes(2)
        assert room.job is not None
        assert room.job.job_id == newer
        await stage.press("y")
        assert stage.door.given == [(Verb.PAUSE, GAS_LEAK)]
        await stage.press("right_square_bracket")
        assert room.job.job_id == GAS_LEAK
        await stage.passes(2)
        assert "#3 Gas leak" in stage.text
        assert "2 of 2" in stage.text

    play(scene, before=a_day)


def test_enter_goes_to_the_chains_of_the_selected_school() -> None:
    async def scene(stage: Stage) -> None:
        room = await emergency_of(stage)
        await stage.press("down")
        assert room.list.selected == "S4"
        await stage.press("enter")
        assert stage.app.screen is stage.app.live
        await stage.passes(2)
        assert stage.app.live.chains.shown.total == 10

    play(scene, before=a_day)


def test_a_school_stays_selected_wherever_it_goes() -> None:
    async def scene(stage: Stage) -> None:
        room = await emergency_of(stage)
        await stage.press("down")
        chosen = room.list.selected
        for index in (23, 27, 31, 35):
            stage.store.ends(GAS_LEAK, index, Outcome.DELIVERED_UNCONFIRMED)
        await stage.passes(2)
        assert room.list.selected == chosen == "S4"
        assert room.list.rows[0].school_id != "S4"

    play(scene, before=a_day)


def test_u_lists_those_nobody_reached_and_e_exports_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    async def scene(stage: Stage) -> None:
        await emergency_of(stage)
        await stage.press("e", "u")
        assert isinstance(stage.app.screen, ReportRoom)
        await stage.passes(1)
        assert "Rosa Nobody" in stage.text
        (file,) = tmp_path.glob("callchain-job3-not-reached-*.csv")
        assert "Rosa Nobody" in file.read_text()

    play(scene, before=a_day)
