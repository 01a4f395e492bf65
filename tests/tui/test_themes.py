"""Themes: every letter can be read, in every one of them, on every terminal."""

import re
import unicodedata
from dataclasses import fields

import pytest

from engine.board.state import State
from tests.tui.stage import Stage, play, school_day
from tui.look import palette
from tui.look.glyphs import ASCII
from tui.look.palette import JOB_STATES, REACHES, STATES
from tui.look.themes import ANSI, DARK, DARK_INKS, LIGHT, LIGHT_INKS, MONO, Inks, Look, Taste, look_for

CONTRAST_MIN = 4.5
"""WCAG 2.2, level AA, of text."""

LETTERS = ("paper", "bright", "grey", "faint", "sky", "green", "orange", "purple")
GROUNDS = ("ground", "panel", "cursor")
ON = (("on_alert", "alert"), ("on_warn", "warn"), ("on_notice", "notice"), ("on_owed", "owed"), ("ground", "bright"))


def luminance(color: str) -> float:
    """Relative luminance as WCAG defines it."""
    channels = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("inks", [DARK_INKS, LIGHT_INKS])
def test_every_letter_has_contrast_enough_on_every_ground(inks: Inks) -> None:
    pairs = [(ink, ground) for ink in LETTERS for ground in GROUNDS] + list(ON)
    faint = {pair: contrast(getattr(inks, pair[0]), getattr(inks, pair[1])) for pair in pairs}
    assert {pair: round(ratio, 2) for pair, ratio in faint.items() if ratio < CONTRAST_MIN} == {}


@pytest.mark.parametrize("look", [DARK, LIGHT, ANSI, MONO])
def test_every_style_of_the_palette_is_in_every_theme(look: Look) -> None:
    named = {value for value in vars(palette).values() if isinstance(value, str) and value.startswith("cc.")}
    assert named == {name for name in look.styles.styles if name.startswith("cc.")}


def test_without_color_nothing_has_a_color() -> None:
    styles = [style for name, style in MONO.styles.styles.items() if name.startswith("cc.")]
    assert all(style.color is None and style.bgcolor is None for style in styles)


def test_sixteen_colors_are_named_and_never_mixed() -> None:
    colors = [style.color for name, style in ANSI.styles.styles.items() if name.startswith("cc.") and style.color]
    assert all(color.number is None or color.number < 16 for color in colors)


@pytest.mark.parametrize(
    ("taste", "environ", "look"),
    [
        (Taste.AUTO, {"TERM": "xterm-256color"}, DARK),
        (Taste.AUTO, {"TERM": "xterm", "COLORTERM": "truecolor"}, DARK),
        (Taste.AUTO, {"TERM": "linux"}, ANSI),
        (Taste.AUTO, {"TEXTUAL_COLOR_SYSTEM": "standard", "COLORTERM": "truecolor"}, ANSI),
        (Taste.LIGHT, {"TERM": "linux"}, LIGHT),
        (Taste.ANSI, {}, ANSI),
        (Taste.LIGHT, {"NO_COLOR": "1"}, MONO),
    ],
)
def test_the_terminal_decides_unless_the_operator_does(taste: Taste, environ: dict[str, str], look: Look) -> None:
    assert look_for(taste, environ) is look


def test_states_are_told_by_glyph_and_word_in_ascii_too() -> None:
    for signs in (STATES, JOB_STATES, REACHES):
        for sign in signs.values():
            assert sign.glyph.translate(ASCII).isascii()
    assert len({STATES[state].word for state in State}) == len(State)


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
def test_ascii_leaves_no_sign_of_doubtful_width_on_any_screen(size: tuple[int, int]) -> None:
    def before(stage: Stage) -> None:
        school_day(stage.store)
        stage.ascii_only = True
        stage.door.stand_in = True

    async def scene(stage: Stage) -> None:
        await stage.press("down", "space")
        stage.looks_like(f"ascii_{size[0]}x{size[1]}")
        screens = (("5",), ("6",), ("3",), ("2",), ("colon",))
        for keys in (("enter",), ("escape", "question_mark"), ("escape", "X"), ("escape",), *screens):
            await stage.press(*keys)
            rest = re.sub(r"[\x00-\x7f]|\w", "", stage.text)
            assert {sign: unicodedata.name(sign) for sign in rest} == {}

    play(scene, size, before)


def test_a_key_changes_dark_to_light_and_back() -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("T")
        assert stage.app.theme == LIGHT.theme.name
        grounds = {
            segment.style.bgcolor.triplet.hex
            for strip in stage.app.screen._compositor.render_strips()
            for segment in strip
            if segment.style and segment.style.bgcolor and segment.style.bgcolor.triplet
        }
        assert LIGHT_INKS.ground.lower() in grounds
        assert DARK_INKS.ground not in grounds
        await stage.press("T")
        assert stage.app.theme == DARK.theme.name

    play(scene)


def test_inks_are_all_colors() -> None:
    for inks in (DARK_INKS, LIGHT_INKS):
        assert all(re.fullmatch(r"#[0-9A-F]{6}", getattr(inks, field.name)) for field in fields(inks))
