"""When a job will be done, and whether in time: by the engine's forecast, else by the pace of the last minutes."""

import textwrap
from dataclasses import dataclass
from datetime import tzinfo
from math import sqrt

from rich.text import Text

from engine.board.job_shape import JobShape
from engine.board.views import JobSummary
from engine.forecast.views import Forecast, Instant
from engine.forecast.words import CAUSES, basis_words
from store.forecasts import Prediction
from tui.look.palette import ALERT, BRIGHT, FAINT, GREEN, GREY, HOT, ORANGE, SKY, Sign
from tui.panels.band import WIDE
from tui.panels.written import age, counted, minute_of_day

PACE_MS = 120_000
"""Over how long the pace is taken: a round of the phones of an emergency, and short enough to follow a change."""

STALLED_MS = 180_000
"""Longer than the delay between two rounds of an emergency: if nothing began or ended meanwhile, nothing moves."""

UNLUCKY = 1.28
"""Standard deviations: one in ten is slower than that."""

VERDICTS = {
    "on_time": Sign("✓", "ON TIME", GREEN),
    "at_risk": Sign("▲", "AT RISK", HOT),
    "late": Sign("▲", "LATE", ALERT),
    "stalled": Sign("■", "STALLED", ALERT),
    "paused": Sign("‖", "PAUSED", ORANGE),
    "canceling": Sign("–", "CANCELING", ORANGE),
    "waiting": Sign("·", "WAITING", GREY),
    "too_early": Sign("…", "TOO EARLY TO SAY", SKY),
    "unknown": Sign("?", "NOT KNOWN", ORANGE),
    "done": Sign("✓", "DONE", GREEN),
}


@dataclass(frozen=True, slots=True)
class Outlook:
    """When the last chain will have ended. Instants in ms UTC, 0 where nobody can say."""

    verdict: str
    likely_at: int = 0
    """As likely sooner as later: P50."""
    safe_at: int = 0
    """Later only in one case of ten: P90."""
    basis: str = ""
    """What it rests on, in words."""

    @property
    def sign(self) -> Sign:
        """Glyph, word and style of the verdict."""
        return VERDICTS[self.verdict]


def by_forecast(forecast: Forecast) -> Outlook:
    """As the engine foresees it."""
    cause = CAUSES[forecast.cause]
    basis = f"{cause[0].upper()}{cause[1:]}. {basis_words(forecast.basis)}" if cause else basis_words(forecast.basis)
    return Outlook(forecast.verdict.value, forecast.last_call_at.p50, forecast.last_call_at.p90, basis)


def by_pace(job: JobSummary, shape: JobShape, now: int) -> Outlook:
    """If it goes on as in the last two minutes. Knows nothing of redials: the last chains take longer than it says."""
    if job.ended_at or not job.counts.live:
        return Outlook("done", job.ended_at, job.ended_at)
    if job.canceling:
        return Outlook("canceling", basis=f"{counted(job.counts.at_carrier, 'call')} at the carrier; none is added.")
    if job.state == "paused":
        return Outlook("paused", basis="Nothing is dialed until somebody resumes it.")
    begins_at = max(job.opens_at, job.planned_at)
    if job.state == "waiting":
        return Outlook("waiting", basis="Its window has not opened.")
    moved_at = int(shape.since.max(initial=0)) or begins_at
    if not job.counts.at_carrier and now - moved_at > STALLED_MS:
        return Outlook("stalled", basis=f"No call began or ended for {(now - moved_at) // 60_000} min.")
    span = max(1_000, min(PACE_MS, now - begins_at))
    ended = shape.ended_since(now - span)
    if not ended:
        return Outlook("too_early", basis=f"No chain ended in the last {_span(span)}.")
    slow = max(ended - UNLUCKY * sqrt(ended), ended / 4)
    likely_at, safe_at = (now + int(job.counts.live * span / pace) for pace in (ended, slow))
    verdict = "on_time" if safe_at <= job.closes_at else "at_risk" if likely_at <= job.closes_at else "late"
    return Outlook(verdict, likely_at, safe_at, f"By pace alone: {counted(ended, 'chain')} ended in {_span(span)}.")


def outlook_line(outlook: Outlook, closes_at: int, zone: tzinfo) -> Text:
    """`P50 09:06   P90 09:11   deadline 13:00   ✓ ON TIME`: when the last call will have ended."""
    sign = outlook.sign
    return Text.assemble(
        (" last call  P50 ", GREY), (minute_of_day(outlook.likely_at, zone), BRIGHT),
        ("   P90 ", GREY), (minute_of_day(outlook.safe_at, zone), BRIGHT),
        ("   deadline ", GREY), (minute_of_day(closes_at, zone), BRIGHT), "   ",
        (f" {sign.glyph} {sign.word} ", sign.style),
    )  # fmt: skip


def reach_line(forecast: Forecast, zone: tzinfo) -> Text:
    """`half reached 09:03 (09:05)   nine in ten 09:12 (09:15)`: P50, and P90 in brackets."""
    line = Text()
    for word, instant in (("half reached", forecast.half_at), ("nine in ten", forecast.nine_in_ten_at)):
        line.append(f" {word} ", GREY).append(_both(instant, zone), BRIGHT).append("  ")
    return line.append(f" {forecast.reached:,} of {forecast.chains:,} expected", GREY)


def basis_lines(outlook: Outlook, width: int) -> list[Text]:
    """What the lines above rest on; on a narrow screen in one line."""
    if width < WIDE:
        return [Text(f" {textwrap.shorten(outlook.basis, width - 2, placeholder=' …')}", FAINT)]
    return [Text(f" {line}", FAINT) for line in textwrap.wrap(outlook.basis, width - 2) or [""]]


def check_line(told: Prediction, half_at: int, nine_at: int, zone: tzinfo) -> Text:
    """What was predicted at the beginning beside what came; 0: it has not come yet."""
    line = Text(f" predicted {minute_of_day(told.made_at, zone)}:", GREY)
    for word, (likely_at, _safe_at), came_at in (
        ("half", told.half_at, half_at),
        ("nine in ten", told.nine_in_ten_at, nine_at),
    ):
        line.append(f"  {word} ", GREY).append(minute_of_day(likely_at, zone), BRIGHT)
        line.append(f", came {minute_of_day(came_at, zone)}" if came_at else ", not yet", "" if came_at else FAINT)
        if came_at and likely_at:
            late = came_at - likely_at
            line.append(f" ({'+' if late >= 0 else '−'}{age(abs(late))})", ORANGE if late > 0 else GREEN)
    return line


def _both(instant: Instant, zone: tzinfo) -> str:
    return f"{minute_of_day(instant.p50, zone)} ({minute_of_day(instant.p90, zone)})" if instant.p50 else "never"


def _span(ms: int) -> str:
    return f"{ms // 1_000} s" if ms < PACE_MS else f"{ms // 60_000} min"
