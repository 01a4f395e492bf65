"""The names of all styles, and the sign of every state: glyph and word, color last. `themes.py` says how they look.

Grey is the default; color marks what is not as it should be, or where to look next. Styles are used by these names
and never put together from colors, so that every theme can give each its own look.
"""

from typing import NamedTuple

from engine.board.state import State

PAPER = "cc.paper"
BRIGHT = "cc.bright"
GREY = "cc.grey"
FAINT = "cc.faint"
SKY = "cc.sky"
GREEN = "cc.green"
ORANGE = "cc.orange"
PURPLE = "cc.purple"
CURSOR = "cc.cursor"
"""Background of the selected row."""
STRONG = "cc.strong"
"""Bold and bright: names of things."""
TITLE = "cc.title"
"""Bold and grey: titles of panels."""
HOT = "cc.hot"
"""Bold and orange: what deserves a second look."""
MARK = "cc.mark"
"""The sign of a row that is marked."""
BUTTON = "cc.button"
"""What a key does by default."""
ALERT = "cc.alert"
"""Critical, act now: a background."""
ALERT_TURNED = "cc.alert.turned"
"""The other half of what calls for attention until somebody has seen it."""
WARN = "cc.warn"
"""At risk: a background."""
NOTICE = "cc.notice"
"""Not the usual, and not wrong: a background."""
LIVE = "cc.live"
"""The word LIVE of the top band."""
OWED = "cc.owed"
"""Waiting for a human: a background."""


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
