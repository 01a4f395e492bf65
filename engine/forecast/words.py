"""A forecast in sentences: what operators read, on the command line and on screens."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from engine.forecast.views import Basis, Cause, Forecast, Instant, Verdict

CAUSES = {
    Cause.NOTHING: "",
    Cause.LINES: "chains wait for lines",
    Cause.CALL_BACKS: "chains wait until numbers are tried again",
    Cause.WINDOW: "the window bounds it",
    Cause.FEW_ANSWERS: "most calls reach nobody",
}

STATED = "stated priors, since this district has no calls yet"


def sentence(forecast: Forecast, zone: str) -> str:
    """When: `Half reached by 10:07 (P90 10:09), nine in ten by 10:19 (10:24), last call by 10:41 (10:50).` or never."""
    day = _local(forecast.made_at, zone).date()

    def by(what: str, instant: Instant, never: str, name: str = "") -> str:
        if not instant.p50:
            return never
        p90 = _clock(instant.p90, zone, day) if instant.p90 else "never"
        return f"{what} by {_clock(instant.p50, zone, day)} ({name}{p90})"

    parts = (
        by("half reached", forecast.half_at, "fewer than half reached", "P90 "),
        by("nine in ten", forecast.nine_in_ten_at, "fewer than nine in ten"),
        by("last call", forecast.last_call_at, "no call at all"),
    )
    told = ", ".join(parts)
    return f"{told[0].upper()}{told[1:]}."


def verdict_words(forecast: Forecast, zone: str) -> str:
    """Whether: `ON TIME for 20:00: 17,710 of 20,024 reached; chains wait for lines.` or what else it comes to."""
    day = _local(forecast.made_at, zone).date()
    cause = CAUSES[forecast.cause]
    because = f"; {cause}" if cause and forecast.verdict is not Verdict.STALLED else ""
    until = _clock(forecast.closes_at, zone, day)
    return f"{forecast.verdict.shown} for {until}: {forecast.reached:,} of {forecast.chains:,} reached{because}."


def basis_words(basis: Basis) -> str:
    """Why: `300 lines; people answer 34% of calls, 27 s a call, from 41,000 calls of 3 days.`, and how it was found."""
    days = f"{basis.days:,} day{'s' if basis.days != 1 else ''}"
    source = f"from {basis.calls:,} calls of {days}" if basis.calls else f"from {STATED}"
    walked = f"{'A part of it walked' if basis.sampled else 'Walked'} {basis.runs} time{'s' if basis.runs != 1 else ''}"
    return (
        f"{basis.lines:,} lines; people answer {basis.answer_rate:.0%} of calls, {basis.hold_seconds:.0f} s a call, "
        f"{source}. {walked} on paper."
    )


def clock_words(instant: Instant, made_at: int, zone: str) -> str:
    """`10:07 (10:09)`: P50, and P90 behind it; `never`."""
    day = _local(made_at, zone).date()
    if not instant.p50:
        return "never"
    return f"{_clock(instant.p50, zone, day)} ({_clock(instant.p90, zone, day) if instant.p90 else 'never'})"


def _clock(at: int, zone: str, day: object) -> str:
    """`10:07`; with its date where that is another day."""
    local = _local(at, zone)
    return f"{local:%H:%M}" if local.date() == day else f"{local:%Y-%m-%d %H:%M}"


def _local(at: int, zone: str) -> datetime:
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(ZoneInfo(zone))
