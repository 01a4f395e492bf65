"""What a store grows to and costs over a week of a district's use, and how soon an engine is back on it."""

import shutil
import tempfile
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path
from time import perf_counter_ns

from engine.home import STORE_FOLDER
from engine.running.process import settle_in
from perf.benchmark import Benchmark, Result
from perf.district import STARTS_AT, in_a_process
from perf.measure import machine, versions
from perf.options import whole
from perf.rig import Rig
from perf.store_week.figures import day_figures, table, total_figures
from perf.store_week.proof import nothing_rang_twice, recorded, tables_equal_the_journal
from perf.store_week.week import DAY_MS, Day, Week, prepare
from store.database import Database


def add_options(parser: ArgumentParser) -> None:
    """How large the district is, and for how long."""
    parser.add_argument("--families", type=whole, default=2_500, help="in the district (%(default)s)")
    parser.add_argument("--days", type=whole, default=7, help="simulated days (%(default)s)")
    parser.add_argument("--lines", type=whole, default=100, help="ordinary lines (%(default)s)")
    parser.add_argument("--absent-percent", type=_percent, default=5, help="of the students, a day (%(default)s)")
    parser.add_argument("--seed", type=int, default=7, help="of district, phones and engine (%(default)s)")
    parser.add_argument(
        "--no-reports", dest="reports", action="store_false",
        help="nobody asks after a job whom it reached, so the tables are brought level only when the engine stops",
    )  # fmt: skip


def measure(options: Namespace) -> Result:
    """Prepare, live the days, back up, restart as after a kill and as after a stop."""
    with tempfile.TemporaryDirectory(prefix="callchain-perf-") as folder:
        return _measure(options, Path(folder))


def _measure(options: Namespace, home: Path) -> Result:
    in_a_process(prepare, home, options.families, options.seed, options.lines)
    settle_in()
    rig = Rig(home, lines=options.lines, seed=options.seed)
    with rig:
        week = Week(rig, options.absent_percent, options.seed, reports=options.reports)
        days = [week.live(day) for day in range(options.days)]
        begun = perf_counter_ns()
        rig.engine.backup(home / "backup")
        backup_ns = perf_counter_ns() - begun
        # Between two transactions the files are what a killed engine would leave.
        shutil.copytree(home / STORE_FOLDER, home / "killed" / STORE_FOLDER)
    stopping = week.take_watch()
    verified = _verified(home, rig, days)
    at = STARTS_AT + options.days * DAY_MS
    killed_ns, stopped_ns = (
        in_a_process(restart, where, options.lines, options.seed, at) for where in (home / "killed", home)
    )
    return {
        "families": options.families,
        "days": [day_figures(day) for day in days],
        "total": total_figures(days, stopping),
        "restart_killed_s": round(killed_ns / 1e9, 3),
        "restart_stopped_s": round(stopped_ns / 1e9, 3),
        "backup_s": round(backup_ns / 1e9, 3),
        "backup_bytes": _size(home / "backup"),
        "verified": verified,
        "lines": options.lines,
        "absent_percent": options.absent_percent,
        "reports": options.reports,
        "seed": options.seed,
        "machine": machine(),
        "versions": versions(),
    }


def restart(home: Path, lines: int, seed: int, at: int) -> int:
    """Start an engine on a store and stop it again. Returns how long starting took, ns. Call it in a fresh process."""
    rig = Rig(home, lines=lines, seed=seed)
    rig.clock.move_to(at)
    begun = perf_counter_ns()
    rig.engine.start()
    took = perf_counter_ns() - begun
    rig.engine.stop()
    return took


def _verified(home: Path, rig: Rig, days: list[Day]) -> bool:
    """Every job ended with all its chains, nothing rang twice, the tables are what the journal says, in the backup too.

    And the bytes that were counted on their way into the journal are those in it.
    """
    ended = all(job.ended and not job.live and not job.errors for day in days for job in day.jobs)
    counted = all(day.watch.put_bytes["journal"] == day.journal_bytes for day in days)
    store, copy = Database(home / STORE_FOLDER, readonly=True), Database(home / "backup", readonly=True)
    try:
        sound = tables_equal_the_journal(store) and nothing_rang_twice(rig._carrier.ledger, store)
        # The store has one block more: that it was stopped.
        copied = recorded(copy, 0).last_seq == recorded(store, 0).last_seq - 1
    finally:
        store.close()
        copy.close()
    return ended and counted and sound and copied


def _percent(text: str) -> int:
    """A share of the students, of whom somebody is absent."""
    share = whole(text)
    if share > 100:
        raise ArgumentTypeError(f"{text} is more than all of them")
    return share


def _size(store: Path) -> int:
    return (store / "data.mdb").stat().st_size


STORE = Benchmark(
    "A week of a district's use: the store's growth, write amplification, checkpoint pauses, restarts.",
    add_options, measure, table,
)  # fmt: skip
