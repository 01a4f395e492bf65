"""The dashboard, played on a stage: a small district, a virtual clock and an engine that answers as it is told."""

import pytest

from store import facts
from store.alarms import Alarm
from store.commands import Verb
from store.dispositions import Disposition, Outcome
from store.errors import RefusedError, StoreError
from store.keys import chain_id
from tests.engine.board_store import Reason, plan
from tests.tui.stage import Stage, play, school_day
from tui.dialogs.keep_dialog import KeepDialog
from tui.operating.operated import FAREWELL
from tui.panels.text_lines import TextLines
from tui.screens.chain import ChainScreen

GAS_LEAK = 3


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
def test_the_home_screen_shows_jobs_chains_and_what_needs_a_human(size: tuple[int, int]) -> None:
    async def scene(stage: Stage) -> None:
        stage.looks_like(f"live_{size[0]}x{size[1]}")

    play(scene, size)


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
def test_a_chain_shows_its_plan_its_attempts_and_what_comes_next(size: tuple[int, int]) -> None:
    async def scene(stage: Stage) -> None:
        stage.app.live.chains.select(chain_id(GAS_LEAK, 2))
        await stage.press("enter")
        stage.looks_like(f"chain_{size[0]}x{size[1]}")
        await stage.press("escape")
        assert stage.app.screen is stage.app.live

    play(scene, size)


def test_prev_and_next_walk_the_list_and_take_the_cursor_along() -> None:
    async def scene(stage: Stage) -> None:
        order = stage.app.live.chains.shown
        await stage.press("down", "enter", "right_square_bracket", "right_square_bracket", "left_square_bracket")
        assert isinstance(stage.app.screen, ChainScreen)
        assert stage.app.screen.chain == stage.app.live.chains.selected == order.at(1)

    play(scene)


def test_a_filter_narrows_the_list_as_it_is_typed_and_esc_clears_it() -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("slash")
        await stage.types("job:gas yıl")
        stage.looks_like("filter_80x24")
        await stage.press("enter")
        assert stage.app.live.chains.shown.total == 1
        await stage.press("escape")
        assert stage.app.live.chains.shown.total == 56

    play(scene, (80, 24))


def test_keys_typed_into_the_filter_command_nothing() -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("slash")
        await stage.types("XPRq")
        assert stage.app.screen is stage.app.live
        assert stage.app.is_running

    play(scene)


def test_faults_only_shows_who_heard_nothing() -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("F")
        assert stage.app.live.chains.shown.total == 3
        assert "FAULTS ONLY" in stage.text

    play(scene)


# ---------------------------------------------------------------- may it be believed?


def test_data_older_than_two_seconds_is_amber_and_older_than_five_is_a_red_band_without_commands() -> None:
    async def scene(stage: Stage) -> None:
        stage.door.silent = True
        await stage.passes(3)
        assert "▲ DATA 3.0 s OLD" in stage.lines[0]
        await stage.passes(3)
        await stage.press("X")
        assert stage.app.screen is stage.app.live
        stage.door.silent = False
        await stage.passes(1)
        assert "LIVE" in stage.lines[0]

    play(scene)


def test_an_engine_that_stopped_cannot_be_mistaken_for_one_that_runs() -> None:
    async def scene(stage: Stage) -> None:
        stage.store.stops()
        await stage.passes(1)
        assert "ENGINE STOPPED" in stage.lines[0]
        assert "LIVE" not in stage.lines[0]
        await stage.press("P")
        assert stage.app.screen is stage.app.live

    play(scene)


def test_a_make_believe_carrier_is_named_on_the_first_line() -> None:
    async def scene(stage: Stage) -> None:
        stage.door.stand_in = True
        await stage.passes(1)
        assert "DRILL · make-believe carrier · nobody is called" in stage.lines[0]
        assert stage.lines[1].startswith(" DRILL · make-believe carrier")

    play(scene)


def test_without_an_engine_the_screen_says_so_and_gives_no_commands() -> None:
    async def scene(stage: Stage) -> None:
        assert "NO DOOR · LOOKING ONLY" in stage.lines[0]
        await stage.press("C", "X")
        assert stage.app.screen is stage.app.live

    play(scene, door=False)


def test_a_board_that_is_behind_says_that_it_is_catching_up() -> None:
    async def scene(stage: Stage) -> None:
        chain = chain_id(GAS_LEAK, 12)
        for _ in range(4):
            stage.store.commit(*[facts.StepBarred(chain, 0, 0, Disposition.BLOCKED)] * 4_000)
        stage.app.tick()
        await stage.pilot.pause()
        assert "CATCHING UP 1" in stage.lines[0]
        await stage.passes(1)
        assert "CATCHING UP" not in stage.lines[0]

    play(scene)


def test_a_terminal_too_small_shows_the_vitals_and_nothing_that_looks_like_the_whole() -> None:
    async def scene(stage: Stage) -> None:
        stage.looks_like("small_60x20")
        await stage.pilot.resize_terminal(80, 24)
        await stage.passes(1)
        assert "Chains by urgency" in stage.text

    play(scene, (60, 20))


def test_times_are_those_of_the_district_s_own_zone() -> None:
    def before(stage: Stage) -> None:
        school_day(stage.store)
        settings = '[district]\nname = "Cedar Falls"\ntime_zone = "America/Chicago"\n'
        (stage.folder / "callchain.toml").write_text(settings)

    async def scene(stage: Stage) -> None:
        assert "Cedar Falls" in stage.lines[0]
        assert "09:01:25 local  14:01:25Z" in stage.lines[0]
        assert "09:00:40 invalid number" in stage.text

    play(scene, before=before)


def test_the_newest_attempts_stay_in_sight_on_a_small_terminal() -> None:
    def before(stage: Stage) -> None:
        job = stage.store.job("Absent today", Reason.ATTENDANCE, [plan("Ada Moreno", "s1", rounds=9)])
        for round_ in range(6):
            for step in range(2):
                stage.store.dials(job, 0, step=step, round_=round_, after_ms=60_000)
                stage.store.hears(job, 0, Disposition.NO_ANSWER)
        stage.store.dials(job, 0, round_=6)

    async def scene(stage: Stage) -> None:
        await stage.press("down", "enter")
        assert "Attempts · 13, newest last" in stage.text
        assert " earlier" in stage.text
        assert "» at the carrier" in stage.text

    play(scene, (80, 24), before)


def test_a_district_where_no_engine_ever_ran_says_so_and_follows_the_first_one() -> None:
    async def scene(stage: Stage) -> None:
        stage.looks_like("no_engine_yet_120x40")
        await stage.press("P")
        assert stage.app.screen is stage.app.live
        stage.door.silent = False
        await stage.passes(2)
        assert "NO ENGINE" not in stage.lines[0]
        assert "LIVE" in stage.lines[0]

    play(scene, before=lambda stage: setattr(stage.door, "silent", True), begun=False)


def test_an_empty_district_says_that_there_is_nothing_to_call() -> None:
    async def scene(stage: Stage) -> None:
        stage.looks_like("empty_80x24")
        await stage.press("down", "enter", "X")
        assert stage.app.screen is stage.app.live

    play(scene, (80, 24), before=lambda _stage: None)


def test_an_alarm_stands_in_words_until_it_is_cleared() -> None:
    async def scene(stage: Stage) -> None:
        stage.store.commit(facts.AlarmRaised(Alarm.STORE_FULL))
        await stage.passes(1)
        assert "! STORE FULL since" in stage.text
        assert "! 1 alarm" in stage.lines[1]
        stage.store.commit(facts.AlarmCleared(Alarm.STORE_FULL))
        await stage.passes(1)
        assert "STORE FULL" not in stage.text

    play(scene)


def test_no_color_still_tells_states_by_glyph_and_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    async def scene(stage: Stage) -> None:
        stage.looks_like("live_120x40")
        colors = {
            segment.style.color.triplet
            for strip in stage.app.screen._compositor.render_strips()
            for segment in strip
            if segment.style and segment.style.color and segment.style.color.triplet
        }
        assert all(red == green == blue for red, green, blue in colors)

    play(scene)


# ---------------------------------------------------------------- commands


@pytest.mark.parametrize("key", ["enter", "escape", "X", "y", "x"])
def test_a_dialog_keeps_the_job_whatever_is_pressed_but_its_own_key(key: str) -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("down", "X")
        assert isinstance(stage.app.screen, KeepDialog)
        await stage.press(key)
        assert stage.door.given == []

    play(scene)


def test_the_question_says_what_will_happen_to_how_many() -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("down", "X")
        question = stage.app.screen.query_one("#question", TextLines)
        text = "\n".join(line.plain for line in question._lines)
        assert "CANCEL JOB 3?" in text
        assert "13 chains will never be called again" in text
        assert "THIS IS AN EMERGENCY" in text

    play(scene)


def test_a_confirmed_command_goes_to_the_job_asked_about_and_shows_that_it_was_applied() -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("down", "X", "C")
        assert stage.door.given == [(Verb.CANCEL, GAS_LEAK)]
        assert "cancel #3 ✓ applied" in stage.text

    play(scene)


@pytest.mark.row("C157")
def test_a_message_that_still_waits_for_its_window_can_be_canceled_from_the_screen() -> None:
    """Unsent scheduled messages can be canceled here."""

    async def scene(stage: Stage) -> None:
        assert "· waiting      #1 Picture day" in stage.text
        stage.app.live.chains.select(chain_id(1, 0))
        await stage.press("X", "C")
        assert stage.door.given == [(Verb.CANCEL, 1)]

    play(scene)


def test_a_refused_command_shows_the_engine_s_sentence() -> None:
    async def scene(stage: Stage) -> None:
        stage.door.refuses = RefusedError("Job 3 is not paused.")
        await stage.press("down", "R", "y")
        assert "✗ rejected" in stage.lines[-1]
        assert "Job 3 is not paused." in stage.lines[-1]

    play(scene, (80, 24))


def test_the_command_goes_to_the_job_of_the_question_though_the_list_moves_on() -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("down", "P")
        stage.store.ends(1, 3, Outcome.ERROR)
        await stage.passes(5)
        await stage.press("y")
        assert stage.door.given == [(Verb.PAUSE, GAS_LEAK)]

    play(scene)


def test_a_command_confirmed_when_the_data_has_gone_stale_is_not_sent() -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("down", "X")
        stage.door.silent = True
        await stage.passes(7)
        await stage.press("C")
        assert stage.door.given == []

    play(scene)


def test_leaving_leaves_the_engine_running_and_says_so() -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("q")
        assert FAREWELL in [str(message) for message in stage.app._exit_renderables]
        assert stage.door.given == []

    play(scene)


def test_a_store_that_cannot_be_read_ends_the_dashboard_with_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(stage: Stage) -> None:
        def fails() -> None:
            raise StoreError("The record cannot be read; update the program.")

        monkeypatch.setattr(stage.app.board, "refresh", fails)
        stage.app.tick()
        assert stage.app.return_code == StoreError.exit_code
        assert "The record cannot be read; update the program." in [str(m) for m in stage.app._exit_renderables]

    play(scene)


def test_help_names_the_keys_of_the_pane_one_is_in() -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("question_mark")
        assert "Keys of Live" in stage.text
        await stage.press("escape", "down", "enter", "question_mark")
        assert "Keys of a chain" in stage.text

    play(scene)
