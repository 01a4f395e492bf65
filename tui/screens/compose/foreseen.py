"""When a prepared job may be over, as the engine's forecast says it; without one, from its line-minutes alone."""

from datetime import tzinfo

from rich.text import Text

from engine.forecast.acts import AskForecast
from engine.forecast.views import Forecast, Instant, Verdict
from engine.orders import Health
from engine.views import Prepared
from tui.look.palette import BRIGHT, GREEN, GREY, HOT, ORANGE
from tui.panels.written import counted, minute_of_day
from tui.screens.compose.checks import least_minutes, lines_of

RUNS = 5
"""On paper, for the second answer: some seconds, while the review is read."""

VERDICTS = {Verdict.ON_TIME: ("● on time", GREEN), Verdict.AT_RISK: ("▲ at risk", ORANGE)}
"""Any other is late or stalled, and hot."""


def forecast_of(job_id: int, *, first: bool) -> AskForecast:
    """What is asked: at once for an answer within two seconds, then with whole runs."""
    return AskForecast(job_id=job_id, seeds=0 if first else RUNS)


def forecast_lines(forecast: Forecast, zone: tzinfo) -> list[Text]:
    """Half, nine in ten and last call, each as likely before as after, and by when in nine of ten cases; its basis."""
    verdict, style = VERDICTS.get(forecast.verdict, (f"▲ {forecast.verdict.shown}", HOT))
    shown = Text.assemble(" ", (verdict, style))
    words = ("half", "9 in 10", "last call")
    instants = (forecast.half_at, forecast.nine_in_ten_at, forecast.last_call_at)
    for word, instant in zip(words, instants, strict=True):
        shown.append(f"  {word} ", GREY).append(_when(instant, zone), BRIGHT)
    basis = forecast.basis
    rests = f"{basis.calls:,} calls of your own" if basis.days else "stated priors"
    told = (
        f" (…): in nine of ten cases. Reaches {forecast.reached:,} of {forecast.chains:,}. From {rests}: "
        f"{basis.answer_rate:.0%} answer, {basis.hold_seconds:.0f} s each, {counted(basis.lines, 'line')}"
        f"{'; refining …' if basis.sampled else ''}"
    )
    return [shown, Text(told, GREY)]


def estimate_lines(prepared: Prepared, health: Health | None) -> list[Text]:
    """Where there is no forecast: how long all its line-minutes take, and what that means."""
    lines = lines_of(health, emergency=prepared.reason == "emergency")
    least, most = prepared.line_minutes, prepared.line_minutes_most
    if not lines:
        return [Text(f" {least:,} to {most:,} line-minutes", GREY)]
    span = f"{least_minutes(health, prepared):,}–{-(-most // lines):,} min on {counted(lines, 'line')}"
    return [Text.assemble(" ", (span, BRIGHT), (": one call each, or all numbers in all rounds", GREY))]


def _when(instant: Instant, zone: tzinfo) -> str:
    """`10:07 (10:12)`: likely, and in nine of ten cases."""
    if not instant.p50:
        return "never"
    late = minute_of_day(instant.p90, zone) if instant.p90 else "never"
    return f"{minute_of_day(instant.p50, zone)} ({late})"
