"""`python -m perf report`: how long each report of a large job takes, read from a store like the command line does."""

import io
import shutil
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any, TextIO

from engine.home import STORE_FOLDER
from engine.reports.delivery import delivery_report
from engine.reports.dialer import day_activity, dialer_report
from engine.reports.formats.catalog import FORMATS
from engine.reports.recipient import recipient_log
from engine.reports.report import Report
from engine.reports.sent import sent_messages
from engine.reports.source.local_time import Days
from engine.reports.source.records import Records, read_records
from engine.reports.utilization import utilization
from perf.benchmark import Benchmark, Result
from perf.district import STARTS_AT, PreparedDistrict, in_a_process, prepare_district
from perf.measure import anonymous_bytes
from perf.options import whole
from perf.rig import Rig
from store.people import Role

JOB_ID = 1
ZONE = "America/Chicago"
LATER_MS = 12 * 3_600_000
"""The reports are asked for in the evening of that day."""

REPORTS: dict[str, Callable[[Records], Report]] = {
    "sent": lambda records: sent_messages(records, _today(records)),
    "delivery": lambda records: delivery_report(records, JOB_ID),
    "dialer": lambda records: dialer_report(records, day_activity(records, records.today), "Messages"),
    "utilization": lambda records: utilization(records, _today(records), "phone"),
    "recipient": lambda records: recipient_log(records, _somebody(records)),
}


def measure(options: Namespace) -> Result:
    """Seconds of each report in each format, the opening of the store included, and the memory of the largest."""
    home = Path(tempfile.mkdtemp(prefix="callchain-report-"))
    try:
        district = in_a_process(prepare_district, home, options.chains, options.seed)
        attempts = in_a_process(_live, district, options.lines, options.seed, options.until_minute)
        seconds: dict[str, Any] = {}
        for name in REPORTS:
            forms = FORMATS if name == "delivery" else ("json",)
            seconds[name] = {form: in_a_process(_seconds, home, name, form) for form in forms}
        memory = in_a_process(_memory, home)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    slowest = max(max(forms.values()) for forms in seconds.values())
    return {
        "chains": district.chains, "attempts": attempts, "seconds": seconds, "slowest_s": slowest,
        "delivery_memory_bytes": memory,
    }  # fmt: skip


def table(result: Result) -> str:
    """The result as text."""
    lines = [f"{result['chains']:,} chains, {result['attempts']:,} attempts"]
    for name, forms in result["seconds"].items():
        lines.append(f"{name:<12} " + ", ".join(f"{form} {seconds:.2f} s" for form, seconds in forms.items()))
    lines.append(f"a delivery report takes {result['delivery_memory_bytes'] / 1e6:,.1f} MB beside the store")
    return "\n".join(lines)


def _live(district: PreparedDistrict, lines: int, seed: int, minutes: int) -> int:
    """Call everybody; the attempts it took. With `minutes` the engine stops in the middle of it."""
    with Rig(district.home, lines=lines, seed=seed, sync=False) as rig:
        rig.engine.send(district.job_id)
        rig.engine.run(until=STARTS_AT + minutes * 60_000 if minutes else None)
        return rig.engine.job(district.job_id).attempts


def _seconds(home: Path, name: str, form: str) -> float:
    out = io.StringIO()
    begun = perf_counter()
    _write(home, name, form, out)
    return round(perf_counter() - begun, 3)


def _memory(home: Path) -> int:
    """What a process grows by that writes the largest report to a file."""
    with (home / "report.csv").open("w", encoding="utf-8", newline="") as out:
        before = anonymous_bytes()
        _write(home, "delivery", "csv", out)
        return anonymous_bytes() - before


def _write(home: Path, name: str, form: str, out: TextIO) -> None:
    assert (home / STORE_FOLDER).is_dir(), "it was written just now"
    with read_records(home, ZONE, STARTS_AT + LATER_MS) as records:
        FORMATS[form](REPORTS[name](records), out)


def _today(records: Records) -> Days:
    return Days(records.today, records.today)


def _somebody(records: Records) -> str:
    """A student the job is about, in the middle of the roster."""
    people = [person.person_id for person in records.people() if person.roles & Role.STUDENT]
    return people[len(people) // 2]


def _add_options(parser: ArgumentParser) -> None:
    parser.add_argument("--chains", type=whole, default=100_000, help="chains of the job, about")
    parser.add_argument("--lines", type=whole, default=2_000, help="lines it was called on")
    parser.add_argument("--seed", type=int, default=1, help="of the phones")
    parser.add_argument("--until-minute", type=int, default=0, help="stop in the middle, so many minutes on")


REPORT = Benchmark("how long reports of a large job take", _add_options, measure, table)
