"""What can be the matter, each so that nobody takes it for an ordinary day."""

from pathlib import Path

import pytest

from engine.board import Board
from engine.doctor.finding import Topic
from store import facts
from store.alarms import Alarm
from store.dispositions import Disposition
from store.errors import StoreError
from store.keys import chain_id
from tests.engine.board_store import Reason, plan
from tests.tui.stage import Stage, play, school_day
from tui.dashboard import Dashboard
from tui.operating import operated
from tui.panels.help_screen import HelpScreen
from tui.screens.waiting import WaitingScreen

SIZES = [(120, 40), (80, 24)]


def named(state: str, size: tuple[int, int]) -> str:
    return f"{state}_{size[0]}x{size[1]}"


@pytest.mark.parametrize("size", SIZES)
def test_catching_up_is_said_with_what_is_left(size: tuple[int, int]) -> None:
    async def scene(stage: Stage) -> None:
        for _ in range(4):
            stage.store.commit(*[facts.StepBarred(chain_id(3, 12), 0, 0, Disposition.BLOCKED)] * 4_000)
        stage.app.tick()
        await stage.pilot.pause()
        stage.looks_like(named("catching_up", size))

    play(scene, size)


@pytest.mark.parametrize("size", SIZES)
def test_aging_data_is_amber(size: tuple[int, int]) -> None:
    async def scene(stage: Stage) -> None:
        stage.door.silent = True
        await stage.passes(3)
        assert "▲ DATA 3.0 s OLD" in stage.lines[0]
        stage.looks_like(named("aging", size))

    play(scene, size)


@pytest.mark.parametrize("size", SIZES)
def test_stale_data_is_dimmed_on_every_screen_until_one_browses_it(size: tuple[int, int]) -> None:
    async def scene(stage: Stage) -> None:
        stage.door.silent = True
        await stage.passes(37)
        stage.looks_like(named("stale", size))
        assert "DATA STOPPED 14:01:25 — 37 s ago. Numbers below are OLD." in stage.lines[0]
        assert "commands are off" in stage.lines[1]
        assert stage.app.screen.has_class("-old")
        await stage.press("5")
        assert stage.app.screen.has_class("-old")
        await stage.press("1", "b")
        assert not stage.app.screen.has_class("-old")
        assert "DATA STOPPED" in stage.lines[0]
        stage.door.silent = False
        await stage.press("r")
        assert "DATA STOPPED" not in stage.lines[0]
        stage.door.silent = True
        await stage.passes(7)
        assert stage.app.screen.has_class("-old")

    play(scene, size)


@pytest.mark.parametrize("size", SIZES)
def test_an_engine_that_stopped_in_good_order_says_when(size: tuple[int, int]) -> None:
    async def scene(stage: Stage) -> None:
        stage.store.stops()
        await stage.passes(1)
        stage.looks_like(named("engine_stopped", size))

    play(scene, size)


@pytest.mark.parametrize("size", SIZES)
def test_a_dashboard_without_a_door_only_looks(size: tuple[int, int]) -> None:
    async def scene(stage: Stage) -> None:
        stage.looks_like(named("no_door", size))

    play(scene, size, door=False)


@pytest.mark.parametrize("size", SIZES)
def test_a_drill_has_a_band_of_its_own_over_every_screen(size: tuple[int, int]) -> None:
    async def scene(stage: Stage) -> None:
        stage.door.stand_in = True
        await stage.passes(1)
        stage.looks_like(named("drill", size))
        for key in "23456":
            await stage.press(key)
            assert "DRILL · make-believe carrier · nobody is called" in stage.lines[0]
        stage.door.silent = True
        await stage.passes(10)
        assert "DRILL · make-believe carrier · nobody is called" in stage.lines[0]

    play(scene, size)


@pytest.mark.parametrize("size", SIZES)
def test_faults_only_of_a_day_without_faults_says_why_nothing_is_shown(size: tuple[int, int]) -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("F")
        assert "No chain passes faults only." in stage.text
        stage.looks_like(named("no_faults", size))

    def before(stage: Stage) -> None:
        stage.store.job("Absent today", Reason.ATTENDANCE, [plan("Ada Moreno", "s1")])

    play(scene, size, before)


@pytest.mark.parametrize("size", [(79, 24), (80, 23), (40, 8)])
def test_a_terminal_too_small_shows_nothing_that_looks_like_the_whole(size: tuple[int, int]) -> None:
    async def scene(stage: Stage) -> None:
        assert f"{size[0]}×{size[1]} IS TOO SMALL" in stage.text
        assert "Chains by" not in stage.text

    play(scene, size)


def test_an_alarm_turns_around_once_a_second_until_somebody_has_seen_it() -> None:
    async def scene(stage: Stage) -> None:
        stage.store.commit(facts.AlarmRaised(Alarm.STORE_FULL))
        looks = set()
        for _ in range(4):
            await stage.passes(1)
            looks.add(look(stage))
        assert len(looks) == 2
        await stage.press("a")
        looks = set()
        for _ in range(4):
            await stage.passes(1)
            looks.add(look(stage))
        assert len(looks) == 1

    def look(stage: Stage) -> str:
        line = next(y for y, text in enumerate(stage.lines) if "STORE FULL" in text)
        strip = stage.app.screen._compositor.render_strips()[line]
        return str(next(segment.style for segment in strip if "STORE FULL" in segment.text))

    play(scene)


def test_nothing_moves_where_nothing_shall_move(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(stage: Stage) -> None:
        stage.app.animation_level = "none"
        stage.store.commit(facts.AlarmRaised(Alarm.STORE_FULL))
        styles = set()
        for _ in range(3):
            await stage.passes(1)
            top = stage.app.live.query_one("#alarms")
            styles.add(str(top._lines[0].spans[0].style))  # type: ignore[attr-defined]
        assert styles == {"cc.alert"}

    play(scene)


def test_the_doctor_is_asked_while_nothing_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [Topic("engine").problem("No engine answers.", "Start one."), Topic("disk").ok("12 GB are free.")]
    monkeypatch.setattr(operated, "examine", lambda *_args, **_named: found)

    async def scene(stage: Stage) -> None:
        stage.door.silent = True
        await stage.passes(7)
        await stage.press("d")
        stage.looks_like("diagnosis_80x24")
        await stage.press("escape")
        assert stage.app.screen is stage.app.live

    play(scene, (80, 24))


# ---------------------------------------------------------------- no store, no permission


@pytest.mark.parametrize(
    ("size", "why"),
    [
        ((120, 40), "There is no store at /srv/district/store; make one with `callchain init /srv/district`."),
        ((80, 24), "The store at /srv/district/store cannot be opened: Permission denied."),
    ],
)
def test_without_a_store_the_screen_says_what_is_missing_and_looks_again(
    size: tuple[int, int], why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene(stage: Stage) -> None:
        board = stage.app.board

        def closed(*_args: object) -> object:
            raise StoreError(why)

        monkeypatch.setattr(Board, "open", closed)
        late = Dashboard(Path("/nowhere"), stage.door, stage.clock, apart=stage.app.apart, tick_seconds=0)
        async with late.run_test(size=size) as pilot:
            await pilot.pause()
            assert isinstance(late.screen, WaitingScreen)
            strips = late.screen._compositor.render_strips()
            text = "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)
            assert "NOTHING TO SHOW" in text
            assert why.split()[-1] in text
            await pilot.press("5", "X", "colon", "n")
            assert isinstance(late.screen, WaitingScreen)
            monkeypatch.setattr(Board, "open", lambda *_args: board)
            late.tick()
            await pilot.pause()
            assert late.live.is_current

    play(scene, size, before=lambda stage: school_day(stage.store))


def test_a_drill_too_small_to_be_shown_is_a_drill_still() -> None:
    async def scene(stage: Stage) -> None:
        await stage.passes(3)
        assert "TOO SMALL" in stage.text
        assert "DRILL" in stage.text

    def before(stage: Stage) -> None:
        school_day(stage.store)
        stage.door.stand_in = True

    play(scene, size=(60, 20), before=before)


@pytest.mark.parametrize("name", ["Live", "Log", "Health"])
def test_help_says_every_key_to_the_end(name: str) -> None:
    async def scene(stage: Stage) -> None:
        await stage.press({"Live": "1", "Log": "3", "Health": "6"}[name], "question_mark")
        assert isinstance(stage.app.screen, HelpScreen)
        told = " ".join(" ".join(line.split("│")[1] for line in stage.lines if line.count("│") > 1).split())
        assert "Esc closes this" in told
        for _, meaning in stage.app.screen._keys:
            assert " ".join(meaning.split()) in told

    play(scene)
