"""How instants, ages, counts and shares are written on screens."""

from datetime import datetime, tzinfo
from itertools import pairwise

_RESULTS = {
    "confirmed": "pressed 0",
    "live_no_confirm": "heard, no key",
    "machine_message_left": "left on machine",
    "machine_no_message": "machine, nothing",
}

_MINUTE_MS = 60_000
_HOUR_MS = 3_600_000

_DOTS = (0x00, 0x80, 0xA0, 0xB0, 0xB8)
"""Braille dots of the right column of a cell, from none to four, filled from below."""

_DOTS_LEFT = (0x00, 0x40, 0x44, 0x46, 0x47)


def time_of_day(at: int, zone: tzinfo) -> str:
    """An instant as `09:02:07` of the district's clock; a dash where there is none."""
    return datetime.fromtimestamp(at / 1000, zone).strftime("%H:%M:%S") if at else "—"


def minute_of_day(at: int, zone: tzinfo) -> str:
    """An instant as `09:02`."""
    return datetime.fromtimestamp(at / 1000, zone).strftime("%H:%M") if at else "—"


def age(ms: int) -> str:
    """A span as `0:07`, `12:40` or `3 h 05`: coarser as it grows, so that old rows stand still."""
    ms = max(0, ms)
    if ms < _HOUR_MS:
        return f"{ms // _MINUTE_MS}:{ms % _MINUTE_MS // 1000:02d}"
    return f"{ms // _HOUR_MS} h {ms % _HOUR_MS // _MINUTE_MS:02d}"


def seconds(ms: int) -> str:
    """A short span as `0.2 s`, a long one as `37 s`."""
    return f"{ms / 1000:.1f} s" if ms < 10_000 else f"{ms // 1000} s"


def counted(count: int, noun: str) -> str:
    """`1 number`, `2 numbers`."""
    return f"{count:,} {noun}{'s' * (count != 1)}"


def result(disposition: str) -> str:
    """How an attempt ended, in at most sixteen cells."""
    return _RESULTS.get(disposition, disposition.replace("_", " "))


def share(part: int, whole: int) -> str:
    """`63%`; never 100 before all is done, never 0 once something is."""
    if whole <= 0 or part <= 0:
        return "0%"
    return f"{100 if part >= whole else min(99, max(1, round(100 * part / whole)))}%"


def bar(part: int, whole: int, width: int) -> tuple[str, str]:
    """The full and the empty half of a bar; something is never drawn as nothing."""
    full = 0 if whole <= 0 or part <= 0 else min(width, max(1, width * part // whole))
    return "█" * full, "░" * (width - full)


def fit(text: str, width: int) -> str:
    """A text in exactly so many cells, cut with `…` where it is longer."""
    if len(text) > width:
        return text[: max(0, width - 1)] + "…"
    return text.ljust(width)


def chart(values: list[int], top: int, width: int, height: int) -> list[str]:
    """The newest values as braille, two to a cell, `height` rows of four dots each, highest row first."""
    newest = ([0] * (width * 2) + values)[-width * 2 :]
    levels = [min(height * 4, -(-value * height * 4 // max(1, top))) for value in newest]
    rows = []
    for row in reversed(range(height)):
        dots = [min(4, max(0, level - row * 4)) for level in levels]
        pairs = list(pairwise(dots))[::2]
        rows.append("".join(chr(0x2800 + _DOTS_LEFT[left] + _DOTS[right]) for left, right in pairs))
    return rows
