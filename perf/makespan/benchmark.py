"""How near a day of calls comes to the bound no order of them could beat, with calls ahead and without."""

import tempfile
from argparse import ArgumentParser, Namespace
from pathlib import Path

from perf.benchmark import Benchmark, Result, two_columns
from perf.district import in_a_process
from perf.makespan.account import Lost
from perf.makespan.day import POLL_MS, START_DELAY_MS, Day, run_day
from perf.measure import machine, versions
from perf.options import whole

CHAINS_PER_LINE = 500
"""Makes about 900 calls a line: seven and a half hours on the phone, and nine and a half with idle lines."""

ENDINGS = ("confirmed", "delivered_unconfirmed", "exhausted")
"""How chains end that were walked to their end; all others fell short of it."""


def add_options(parser: ArgumentParser) -> None:
    """How large the day is."""
    parser.add_argument("--lines", type=whole, default=200, help="lines, none of them dedicated (%(default)s)")
    parser.add_argument(
        "--chains", type=whole, help=f"chains; a day must hold them all (default: {CHAINS_PER_LINE} a line)"
    )
    parser.add_argument("--rounds", type=whole, default=1, help="times each number may be called (%(default)s)")
    parser.add_argument("--seed", type=int, default=7, help="of phones and engine (%(default)s)")


def measure(options: Namespace) -> Result:
    """The same day twice: no call ahead, then as many as there are lines."""
    lines = options.lines
    chains = options.chains or lines * CHAINS_PER_LINE
    with tempfile.TemporaryDirectory(prefix="callchain-perf-") as folder:
        plain, ahead = (
            in_a_process(
                run_day, Path(folder) / f"ahead-{ahead_max}", lines, chains, options.rounds, ahead_max, options.seed
            )
            for ahead_max in (0, lines)
        )
    return _figures(options, chains, plain, ahead)


def _figures(options: Namespace, chains: int, plain: Day, ahead: Day) -> Result:
    """perf/README.md says what each figure means."""
    lines = options.lines
    account, bound_ms = ahead.account, ahead.account.bound_ms(lines)
    same_calls = (plain.account.calls, plain.account.line_ms) == (account.calls, account.line_ms)
    return {
        "lines": lines,
        "chains": chains,
        "rounds": options.rounds,
        "ahead_max": lines,
        "utilization": round(bound_ms / account.makespan_ms, 4),
        "utilization_plain": round(bound_ms / plain.account.makespan_ms, 4),
        "makespan_s": account.makespan_ms / 1000,
        "makespan_plain_s": plain.account.makespan_ms / 1000,
        "bound_s": round(bound_ms / 1000, 3),
        "longest_chain_s": account.longest_chain_ms / 1000,
        "polls": len(ahead.readings.polled_at),
        "polls_plain": len(plain.readings.polled_at),
        "ahead_peak": account.ahead_peak,
        "handed_over_peak": ahead.handed_over_peak,
        "in_use_peak": account.in_use_peak,
        "calls": account.calls,
        "mean_call_s": round(account.line_ms / account.calls / 1000, 2),
        "lost_s": _lost(account.lost),
        "lost_plain_s": _lost(plain.account.lost),
        "lookups": ahead.readings.lookups,
        "verified": same_calls and _holds(plain, lines, chains, 0) and _holds(ahead, lines, chains, lines),
        "poll_seconds": POLL_MS / 1000,
        "start_delay_ms": START_DELAY_MS,
        "outcomes": {word: getattr(ahead.job, word) for word in ENDINGS},
        "wall_s": round(plain.wall_s + ahead.wall_s, 1),
        "seed": options.seed,
        "machine": machine(),
        "versions": versions(),
    }


def _holds(day: Day, lines: int, chains: int, ahead_max: int) -> bool:
    """Whether the run did what its figures stand for: everything was called, no bound was broken, nobody rang twice."""
    account, job = day.account, day.job
    walked = sum(getattr(job, word) for word in ENDINGS)
    return all((
        job.ended and account.ended,
        chains == account.chains_closed == walked,
        day.rings == account.calls == job.attempts,
        not any((account.audit.duplicate_rings, account.audit.rings_after_confirm, account.audit.unknown_to_journal)),
        account.apart,
        account.ringing_peak <= account.in_use_peak == day.carrier_peak <= lines,
        account.ahead_peak <= ahead_max,
        day.handed_over_peak <= lines + ahead_max,
        day.readings.on_time,
    ))  # fmt: skip


def _lost(lost: Lost) -> dict[str, float]:
    return {name: round(ms / 1000, 1) for name, ms in zip(lost._fields, lost, strict=True)}


MAKESPAN = Benchmark(
    "A day of calls on a virtual clock: how near its end comes to the bound, with calls ahead and without.",
    add_options,
    measure,
    two_columns,
)
"""`python -m perf makespan`."""
