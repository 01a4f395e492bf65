"""What the workload costs and how near it comes to the ideal, checked against the store."""

import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from math import ceil
from pathlib import Path

from perf.benchmark import Benchmark, Result, two_columns
from perf.district import STARTS_AT, in_a_process
from perf.measure import machine, versions
from perf.options import whole
from perf.workload.jobs import MODES, REAL, VIRTUAL, chain_numbers, prepare_workload, workload_jobs
from perf.workload.record import Recorded, agrees, read_back
from perf.workload.rule import Expected, expected, ideal_ms
from perf.workload.run import Run, run_workload
from store.keys import chain_id


def add_options(parser: ArgumentParser) -> None:
    """How large it is, and what the carrier does."""
    parser.add_argument("--n", type=whole, default=100_000, help="chains (%(default)s)")
    parser.add_argument("--lines", type=whole, default=2_000, help="lines, none of them dedicated (%(default)s)")
    parser.add_argument(
        "--mode", choices=MODES, default=VIRTUAL, help="answers without delay, or after 50 ms (%(default)s)"
    )


def measure(options: Namespace) -> Result:
    """Prepare, run, read back."""
    n, lines, mode = options.n, options.lines, options.mode
    with tempfile.TemporaryDirectory(prefix="callchain-perf-") as folder:
        home = Path(folder)
        in_a_process(prepare_workload, home, n, lines, mode)
        jobs = workload_jobs(n, lines, mode)
        run = run_workload(home, jobs, lines, mode)
        numbers = {chain_id(job_id, index): number for job_id, index, number in chain_numbers(jobs)}
        recorded = read_back(home, numbers.__getitem__)
    arrivals = {chain: job.arrives_ms for job in jobs if job.emergency for chain in job.chains}
    waits = sorted(first - arrivals[chain] for chain, first in run.first_call_ms.items())
    return _figures(options, len(jobs), run, recorded, waits)


def _figures(options: Namespace, jobs: int, run: Run, recorded: Recorded, waits: Sequence[float]) -> Result:
    """perf/README.md says what each figure means."""
    n, lines, mode, due = options.n, options.lines, options.mode, expected(options.n)
    wall_s, cpu_s, dials = run.used.wall_ns / 1e9, run.used.cpu_ns / 1e9, recorded.dials
    makespan_s, ideal_s = _makespan(due, lines, mode, wall_s, recorded)
    in_order = len(waits) == len(due.emergencies) and run.lines_peak <= lines
    return {
        "n": n,
        "lines": lines,
        "mode": mode,
        "dials": dials,
        "confirmed": recorded.confirmed,
        "checksum": recorded.checksum,
        "wall_s": round(wall_s, 3),
        "cpu_s": round(cpu_s, 3),
        "cpu_us_per_dial": round(cpu_s * 1e6 / dials, 2),
        "dials_per_s": round(dials / wall_s),
        "bytes_per_chain": round(run.memory_bytes / n),
        "disk_bytes_per_dial": round(run.used.written_bytes / dials),
        "makespan_s": round(makespan_s, 3),
        "ideal_s": ideal_s,
        "makespan_ratio": round(makespan_s / ideal_s, 4) if ideal_s else None,
        "emergency_wait_ms": {"p50": _rank(waits, 0.5), "p99": _rank(waits, 0.99), "max": _rank(waits, 1)},
        "verified": agrees(recorded, due, n) and in_order,
        "emergencies": len(due.emergencies),
        "jobs": jobs,
        "lines_peak": run.lines_peak,
        "blocks": recorded.blocks,
        "facts_per_block": round(recorded.facts / recorded.blocks, 1),
        "seed": None,
        "machine": machine(),
        "versions": versions(),
    }


def _makespan(due: Expected, lines: int, mode: str, wall_s: float, recorded: Recorded) -> tuple[float, float | None]:
    """Until the last chain's end was on disk, and the ideal; a carrier without delay leaves nothing to compare with."""
    if mode == REAL:
        return (recorded.last_end_at - STARTS_AT) / 1000, ideal_ms(due, lines) / 1000
    return wall_s, None


def _rank(ordered: Sequence[float], share: float) -> float | None:
    """The nearest-rank percentile, None of nothing."""
    return round(ordered[ceil(share * len(ordered)) - 1], 2) if ordered else None


WORKLOAD = Benchmark(
    "The workload other systems are measured by: cost, makespan, waits of emergencies.",
    add_options,
    measure,
    two_columns,
)
