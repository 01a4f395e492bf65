"""`python -m tests.tui.pictures`: draws the pictures in docs/pictures, from the tests' own district."""

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import resvg_py

from engine.board import Board
from tests.tui.compose_scene import morning, pastes, reviews
from tests.tui.stage import Stage, at_once, play, school_day
from tui.wall.wallboard import Wallboard

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"

FONT = "DejaVu Sans Mono"
"""On most machines; the picture itself brings none."""

ZOOM = 2
"""Pixels of the PNG to one of the SVG, so that it is sharp on any screen."""

SCREENS: dict[str, tuple[str, ...]] = {
    "live": ("down", "down"),
    "chain": ("down", "down", "enter"),
    "emergency": ("2",),
    "log": ("3",),
    "report": ("4",),
    "jobs": ("5",),
    "health": ("6",),
}
"""Name of a picture → the keys that lead there."""


def draw(name: str, keys: Sequence[str], size: tuple[int, int] = (120, 40)) -> None:
    """The dashboard after some keys."""

    async def scene(stage: Stage) -> None:
        await stage.press(*keys)
        await stage.passes()
        _write(name, stage.app.export_screenshot(title="callchain watch"))

    play(scene, size)


def draw_review(size: tuple[int, int] = (120, 40)) -> None:
    """An emergency before the one key that sends it."""

    async def scene(stage: Stage) -> None:
        await reviews(stage)
        await pastes(stage, "SEND 4812")
        _write("compose", stage.app.export_screenshot(title="callchain watch"))

    play(scene, size, morning(drill=True))


def draw_wallboard(size: tuple[int, int] = (120, 40)) -> None:
    """The wallboard in the middle of the same morning."""

    async def run(stage: Stage) -> None:
        stage.clock.move_to(stage.store.at)
        board = Board(stage.store.database)
        wall = Wallboard(stage.folder, stage.door, stage.clock, board=board, apart=at_once, tick_seconds=0)
        async with wall.run_test(size=size) as pilot:
            wall.tick()
            await pilot.pause()
            _write("wallboard", wall.export_screenshot(title="callchain watch --wallboard"))

    with TemporaryDirectory() as folder:
        stage = Stage(Path(folder), begun=True)
        school_day(stage.store)
        asyncio.run(run(stage))
        stage.store.close()


def _write(name: str, svg: str) -> None:
    """As an SVG, and as the PNG made of it."""
    svg = _with_fonts_at_hand(svg)
    (PICTURES / f"{name}.svg").write_text(svg, encoding="utf-8")
    (PICTURES / f"{name}.png").write_bytes(bytes(resvg_py.svg_to_bytes(svg_string=svg, zoom=ZOOM)))


def _with_fonts_at_hand(svg: str) -> str:
    """The picture without fonts that would have to be fetched from elsewhere."""
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    return (
        svg.replace("Fira Code", FONT)
        .replace("arial", FONT)
        .replace("<!-- Generated with Rich https://www.textualize.io -->", "")
    )


if __name__ == "__main__":
    PICTURES.mkdir(parents=True, exist_ok=True)
    for picture, pressed in SCREENS.items():
        draw(picture, pressed)
    draw_review()
    draw_wallboard()
