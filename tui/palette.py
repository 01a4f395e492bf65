"""Colors that color-blind eyes tell apart (Okabe and Ito), and the sign of every state: glyph and word, color last.

Grey is the default; color marks what is not as it should be, or where to look next.
"""

from typing import NamedTuple

from textual.theme import Theme

from engine.board.state import State

INK = "#121212"
PAPER = "#D0D0D0"
BRIGHT = "#F2F2F2"
GREY = "#9E9E9E"
FAINT = "#6C6C6C"
LINE = "#3A3A3A"
CURSOR = "#303030"
SKY = "#56B4E9"
GREEN = "#009E73"
ORANGE = "#E69F00"
VERMILLION = "#D55E00"
PURPLE = "#CC79A7"

ALERT = f"bold {INK} on {VERMILLION}"
"""Vermillion is too dark for letters on ink, so it is a background."""

WARN = f"bold {INK} on {ORANGE}"

NOTICE = f"bold {INK} on {SKY}"

THEME = Theme(
    name="callchain",
    primary=SKY,
    secondary=PURPLE,
    accent=SKY,
    foreground=PAPER,
    background=INK,
    surface=INK,
    panel="#1C1C1C",
    success=GREEN,
    warning=ORANGE,
    error=VERMILLION,
    dark=True,
    variables={"border": LINE, "input-cursor-background": PAPER, "input-selection-background": f"{SKY} 30%"},
)


class Sign(NamedTuple):
    """How something is shown."""

    glyph: str
    word: str
    style: str


STATES: dict[State, Sign] = {
    State.ERROR: Sign("!", "error", ALERT),
    State.EXHAUSTED: Sign("✗", "exhausted", ORANGE),
    State.EXPIRED: Sign("▽", "expired", ORANGE),
    State.AT_CARRIER: Sign("»", "at carrier", SKY),
    State.WAITING: Sign("↻", "waiting", PAPER),
    State.PENDING: Sign("·", "pending", GREY),
    State.UNREACHABLE: Sign("∅", "unreachable", ORANGE),
    State.DELIVERED_UNCONFIRMED: Sign("◐", "unconfirmed", PURPLE),
    State.CONFIRMED: Sign("✓", "confirmed", GREEN),
    State.COVERED: Sign("≡", "covered", GREY),
    State.CANCELED: Sign("–", "canceled", GREY),
}
"""In the order in which they are worth a look."""

JOB_STATES: dict[str, Sign] = {
    "waiting": Sign("·", "waiting", GREY),
    "in_progress": Sign("»", "in progress", SKY),
    "paused": Sign("‖", "paused", ORANGE),
    "sent": Sign("✓", "sent", GREEN),
    "canceled": Sign("–", "canceled", GREY),
    "canceled_in_progress": Sign("–", "cut short", ORANGE),
    "error": Sign("▲", "results due", ORANGE),
}

REACHES = {
    "covered": Sign("✓", "covered", GREEN),
    "told": Sign("◐", "told", PURPLE),
    "missed": Sign("✗", "missed", ORANGE),
    "open": Sign("·", "open", GREY),
}
"""What students' families know."""
