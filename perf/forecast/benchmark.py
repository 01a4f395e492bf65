"""How far a forecast is off after one day of history, what-if included, and how long one waits for it."""

import tempfile
from argparse import ArgumentParser, Namespace
from pathlib import Path

from engine.forecast.course import Course
from engine.forecast.views import Forecast
from perf.benchmark import Benchmark, Result, two_columns
from perf.district import in_a_process
from perf.forecast.days import SECOND_AT, two_days
from perf.measure import machine, versions
from perf.options import whole


def add_options(parser: ArgumentParser) -> None:
    """How large the district is."""
    parser.add_argument("--chains", type=whole, default=20_000, help="about how many chains (%(default)s)")
    parser.add_argument("--lines", type=whole, default=200, help="ordinary lines (%(default)s)")
    parser.add_argument("--more-lines", type=whole, default=10, help="of the what-if (%(default)s)")
    parser.add_argument("--runs", type=whole, default=6, help="whole runs of each forecast (%(default)s)")
    parser.add_argument("--seed", type=int, default=7, help="of district, phones and engine (%(default)s)")


def measure(options: Namespace) -> Result:
    """Two days of a town."""
    with tempfile.TemporaryDirectory(prefix="callchain-perf-") as folder:
        second = in_a_process(
            two_days, Path(folder), options.chains, options.lines, options.more_lines, options.runs, options.seed
        )
    foreseen, foreseen_if = second.foreseen, second.foreseen_if
    errors = errors_of(foreseen.best, second.happened)
    errors_if = errors_of(foreseen_if.best, second.happened_if)
    saved_ms = second.happened.last_call_at - second.happened_if.last_call_at
    saved_foreseen_ms = foreseen.best.last_call_at.p50 - foreseen_if.best.last_call_at.p50
    return {
        "chains": second.chains,
        "lines": options.lines,
        "error_percent": errors,
        "error_percent_max": max(errors.values()),
        "what_if_lines": options.lines + options.more_lines,
        "what_if_error_percent": errors_if,
        "what_if_error_percent_max": max(errors_if.values()),
        "saved_min": round(saved_ms / 60_000, 1),
        "saved_foreseen_min": round(saved_foreseen_ms / 60_000, 1),
        "first_answer_error_percent": errors_of(foreseen.first, second.happened),
        "priors_error_percent": errors_of(second.priors, second.happened_first),
        "reached": second.happened.reached,
        "reached_foreseen": foreseen.best.reached,
        "p90_held": _held(foreseen.best, second.happened),
        "first_answer_s": round(foreseen.first_s, 2),
        "refined_s": round(foreseen.best_s, 2),
        "runs": foreseen.best.basis.runs,
        "minutes": round((second.happened.last_call_at - SECOND_AT) / 60_000, 1),
        "history_calls": foreseen.best.basis.calls,
        "history_days": foreseen.best.basis.days,
        "answer_rate": foreseen.best.basis.answer_rate,
        "verified": second.happened.reached > 0 and foreseen.best.basis.days == 1,
        "seed": options.seed,
        "machine": machine(),
        "versions": versions(),
    }


def errors_of(forecast: Forecast, happened: Course) -> dict[str, float]:
    """How far P50 was off, % of the time from the first call to the last; 100 where only one of the two came."""
    duration_ms = happened.last_call_at - forecast.starts_at
    pairs = {
        "half": (forecast.half_at.p50, happened.half_at),
        "nine_in_ten": (forecast.nine_in_ten_at.p50, happened.nine_in_ten_at),
        "last_call": (forecast.last_call_at.p50, happened.last_call_at),
    }
    return {
        name: round(100 * abs(foreseen - came) / duration_ms, 2) if foreseen and came else 100.0 * (foreseen != came)
        for name, (foreseen, came) in pairs.items()
    }


def _held(forecast: Forecast, happened: Course) -> dict[str, bool]:
    """Whether it was over by P90."""
    pairs = {
        "half": (happened.half_at, forecast.half_at.p90),
        "nine_in_ten": (happened.nine_in_ten_at, forecast.nine_in_ten_at.p90),
        "last_call": (happened.last_call_at, forecast.last_call_at.p90),
    }
    return {name: 0 < came <= p90 for name, (came, p90) in pairs.items()}


FORECAST = Benchmark(
    "A second message foreseen after one day of history, and really sent: how far the forecast is off.",
    add_options,
    measure,
    two_columns,
)
"""`python -m perf forecast`."""
