"""The wallboard: big figures, no names, and never old numbers that look new."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from engine.board import Board
from engine.board.state import State
from tests.engine.board_store import BoardStore
from tests.tui.stage import NAMES, Stage, at_once, school_day
from tui.wall.big import HALF_ROWS, WIDE_ROWS, big
from tui.wall.needs import needs_of
from tui.wall.wallboard import Wallboard


def hang(
    scene: Callable[[Stage, Wallboard], Awaitable[None]],
    size: tuple[int, int] = (120, 40),
    before: Callable[[BoardStore], None] = school_day,
    *,
    locked: bool = False,
) -> None:
    """Hang a wallboard up in the middle of a school day."""

    async def run(stage: Stage) -> None:
        stage.clock.move_to(stage.store.at)
        wall = Wallboard(
            stage.folder, stage.door, stage.clock, board=Board(stage.store.database), apart=at_once, tick_seconds=0,
            locked=locked,
        )  # fmt: skip
        stage.app = wall  # type: ignore[assignment]
        async with wall.run_test(size=size) as stage.pilot:
            await stage.passes(2)
            await scene(stage, wall)

    with TemporaryDirectory() as folder:
        stage = Stage(Path(folder), begun=True)
        before(stage.store)
        asyncio.run(run(stage))
        stage.store.close()


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
def test_it_shows_lines_needs_and_the_emergency_big(size: tuple[int, int]) -> None:
    async def scene(stage: Stage, _wall: Wallboard) -> None:
        stage.looks_like(f"wallboard_{size[0]}x{size[1]}")

    hang(scene, size)


def test_no_name_of_anybody_is_on_it() -> None:
    async def scene(stage: Stage, _wall: Wallboard) -> None:
        assert not [name for name in NAMES if name.split()[0] in stage.text or name.split()[1] in stage.text]

    hang(scene)


def test_an_empty_district_is_calm() -> None:
    async def scene(stage: Stage, _wall: Wallboard) -> None:
        stage.looks_like("wallboard_empty_80x24")

    hang(scene, (80, 24), before=lambda store: None)


def test_when_the_engine_is_silent_the_first_line_says_so() -> None:
    async def scene(stage: Stage, _wall: Wallboard) -> None:
        stage.door.silent = True
        await stage.passes(7)
        assert "DATA STOPPED" in stage.lines[0]

    hang(scene)


def test_a_drill_is_called_one() -> None:
    async def scene(stage: Stage, _wall: Wallboard) -> None:
        stage.door.stand_in = True
        await stage.passes(2)
        assert "make-believe carrier" in stage.lines[0]

    hang(scene)


def test_too_small_a_wall_shows_the_vitals_only() -> None:
    async def scene(stage: Stage, _wall: Wallboard) -> None:
        assert "IS TOO SMALL" in stage.text

    hang(scene, (60, 20))


def test_in_a_browser_no_key_ends_it() -> None:
    async def scene(stage: Stage, wall: Wallboard) -> None:
        await stage.press("q", "escape")
        assert wall.is_running
        assert "q leaves" not in stage.text

    hang(scene, locked=True)


def test_errors_and_what_an_emergency_could_not_deliver_need_a_human(tmp_path: Path) -> None:
    store = BoardStore(tmp_path / "store")
    school_day(store)
    board = Board(store.database)
    board.catch_up()
    assert [(need.state, need.count, need.emergency) for need in needs_of(board)] == [
        (State.UNREACHABLE, 1, True),
        (State.EXHAUSTED, 1, True),
        (State.ERROR, 1, True),
    ]
    store.close()


@pytest.mark.parametrize(("wide", "rows"), [(True, WIDE_ROWS), (False, HALF_ROWS)])
def test_figures_have_the_height_that_is_said(wide: bool, rows: int) -> None:
    lines = big("1907%", wide)
    assert len(lines) == rows
    assert len({len(line) for line in lines}) == 1
