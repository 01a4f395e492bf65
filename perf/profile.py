"""Where a dial's time goes: the walk of `dispatch` under cProfile, by function."""

import cProfile
import gc
import pstats
import tempfile
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from perf.benchmark import Benchmark, Result
from perf.dispatch import add_options as add_walk_options
from perf.district import in_a_process, prepare_district
from perf.options import whole
from perf.rig import Rig

TREE = Path(__file__).parent.parent
ROWS = 30


def add_options(parser: ArgumentParser) -> None:
    """The walk's, and how long the table is."""
    add_walk_options(parser)
    parser.set_defaults(chains=50_000)
    parser.add_argument("--rows", type=whole, default=ROWS, help="functions shown (%(default)s)")
    parser.add_argument("--dump", type=Path, help="also write the whole profile to this file, for pstats")


def measure(options: Namespace) -> Result:
    """Walk a district and count every call. cProfile makes small functions look dearer than they are.

    Garbage collection is off, for it would be charged to whoever happens to allocate, and so is waiting for the disk:
    the profiler's clock is the wall's. `dispatch` has figures for both.
    """
    with tempfile.TemporaryDirectory(prefix="callchain-perf-") as folder:
        district = in_a_process(prepare_district, options.home or Path(folder), options.chains, options.seed)
        profile = cProfile.Profile()
        with _rig(district.home, options) as rig:
            gc.collect()
            gc.disable()
            profile.enable()
            rig.engine.send(district.job_id)
            job = rig.engine.wait(district.job_id)
            profile.disable()
            gc.enable()
    if options.dump:
        profile.dump_stats(options.dump)
    rows = _rows(profile, job.attempts)
    total = sum(row["own_us"] for row in rows)
    return {"chains": job.chains, "dials": job.attempts, "us_per_dial": round(total, 2), "rows": rows[: options.rows]}


def _rig(home: Path, options: Namespace) -> Rig:
    return Rig(home, lines=options.lines, seed=options.seed, poll_seconds=options.poll_seconds, sync=False)


def table(result: Result) -> str:
    """The dearest functions, by the time in their own lines."""
    head = (
        f"{result['dials']:,} dials, {result['chains']:,} chains, {result['us_per_dial']} µs a dial under the profiler",
        f"{'own µs':>8} {'share':>6} {'with callees':>12} {'calls':>7}  per dial",
    )
    rows = (
        f"{row['own_us']:8.2f} {row['own_us'] / result['us_per_dial']:6.1%} {row['all_us']:12.2f} "
        f"{row['calls']:7.2f}  {row['function']}"
        for row in result["rows"]
    )
    return "\n".join((*head, *rows))


def _rows(profile: cProfile.Profile, dials: int) -> list[dict[str, Any]]:
    """Every function, dearest first; times in µs and calls, per dial."""
    stats: dict[tuple[str, int, str], tuple[int, int, float, float, Any]]
    stats = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    found = [
        {
            "function": _place(place),
            "own_us": round(own * 1e6 / dials, 3),
            "all_us": round(whole * 1e6 / dials, 3),
            "calls": round(calls / dials, 3),
        }
        for place, (_, calls, own, whole, _) in stats.items()
    ]
    return sorted(found, key=lambda row: -float(row["own_us"]))


def _place(place: tuple[str, int, str]) -> str:
    """`actors/chain.py:191 _dial`, or the name of a builtin."""
    path, line, name = place
    if path == "~":
        return name
    where = Path(path)
    shown = where.relative_to(TREE) if where.is_relative_to(TREE) else Path(*where.parts[-2:])
    return f"{shown}:{line} {name}"


PROFILE = Benchmark("Where a dial's time goes, by function, under cProfile.", add_options, measure, table)
