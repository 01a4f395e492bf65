"""A chain's calls drawn over time: a line for each device, when it was called, for how long, and how that ended."""

from datetime import tzinfo

from rich.text import Text

from engine.board.chain_view import AttemptView, ChainView
from store.dispositions import Disposition
from tui.look.palette import FAINT, GREY, SKY
from tui.panels.text_lines import rule
from tui.panels.written import time_of_day

_KNOWN = {disposition.word: disposition for disposition in Disposition}

SPAN_MIN_MS = 60_000
"""Shown at least, so that the first call does not fill the line."""


def timeline(view: ChainView, now: int, zone: tzinfo, width: int) -> list[Text]:
    """Nothing before the first call."""
    if not view.attempts:
        return []
    start = view.attempts[0].opened_at
    end = max(start + SPAN_MIN_MS, *(_end(attempt, now) for attempt in view.attempts))
    cells = width - 14
    lines = [rule("Timeline", width, "▒ rings or talks  ✓ 0 pressed  ◐ heard  ✗ dropped" if width > 100 else "")]
    for index, step in enumerate(view.steps):
        row = [" "] * cells
        for attempt in view.attempts:
            if attempt.step == index:
                first = (attempt.opened_at - start) * (cells - 1) // (end - start)
                last = max(first, (_end(attempt, now) - start) * (cells - 1) // (end - start))
                row[first : last + 1] = "▒" * (last - first) + _letter(attempt)
        lines.append(Text.assemble((f" {step.device:<11}", GREY), ("".join(row)[:cells], SKY)))
    left, right = time_of_day(start, zone), time_of_day(end, zone)
    lines.append(Text(f" {'':<11}{left}{right:>{cells - len(left)}}", FAINT))
    return lines


def _letter(attempt: AttemptView) -> str:
    """A sign for how it ended, at its end."""
    if not attempt.disposition:
        return "»"
    flags = _KNOWN[attempt.disposition].flags
    if attempt.disposition == Disposition.CONFIRMED.word:
        return "✓"
    return "◐" if flags.delivered else "✗" if flags.number_dead else "·" if not attempt.dialed_at else "▒"


def _end(attempt: AttemptView, now: int) -> int:
    if not attempt.disposition:
        return now
    return attempt.dialed_at + attempt.duration_ms if attempt.dialed_at else attempt.opened_at
