"""callchain beside what a Python team would pick instead: the same chains, the same lines, one call."""

import sqlite3
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

from perf.benchmark import Benchmark, Result
from perf.district import in_a_process
from perf.measure import machine, versions
from perf.options import whole
from perf.peers.peer import PEERS, Peer
from perf.peers.work import Work
from perf.workload.benchmark import measure as measure_workload
from perf.workload.jobs import VIRTUAL
from perf.workload.rule import expected

CALLCHAIN = "callchain"
CALLCHAIN_DURABILITY = (
    "LMDB, synced at every commit: attempt opened before the call, attempt closed before the chain's next step"
)
LIBRARIES = ("celery", "dramatiq", "redis")
"""Whose versions stand beside the figures where they are installed."""

COLUMNS = ("system", "n", "dials", "cpu_us_per_dial", "ratio", "dials_per_s", "bytes_per_chain", "records_per_dial")


def add_options(parser: ArgumentParser) -> None:
    """How large it is, and who takes part."""
    parser.add_argument("--n", type=whole, default=20_000, help="chains (%(default)s)")
    parser.add_argument("--lines", type=whole, default=2_000, help="lines, none of them dedicated (%(default)s)")
    parser.add_argument(
        "--slow-n", type=whole, default=2_000, help="chains at most of Celery, Dramatiq and threads (%(default)s)"
    )
    names = [peer.name for peer in PEERS]
    parser.add_argument(
        "--only", nargs="+", choices=names, default=names, metavar="NAME",
        help=f"run these beside callchain, not all of {', '.join(names)}",
    )  # fmt: skip


def measure(options: Namespace) -> Result:
    """Run callchain, then the others, one after the other, each in processes of its own."""
    own = _callchain_row(options.n, options.lines)
    rows = [own]
    for peer in PEERS:
        if peer.name in options.only:
            n = min(options.n, options.slow_n) if peer.slow else options.n
            rows.append(_row(peer, n, options.lines, own["cpu_us_per_dial"]))
    return {
        "n": options.n,
        "lines": options.lines,
        "mode": VIRTUAL,
        "slow_n": options.slow_n,
        "rows": rows,
        "verified": all(row["verified"] for row in rows if "skipped" not in row),
        "seed": None,
        "machine": machine(),
        "versions": versions() | {"sqlite": sqlite3.sqlite_version} | _library_versions(),
    }


def _callchain_row(n: int, lines: int) -> Result:
    """The row of `python -m perf workload`, from this run."""
    figures = in_a_process(measure_workload, Namespace(n=n, lines=lines, mode=VIRTUAL))
    same = ("n", "dials", "confirmed", "checksum", "verified", "wall_s", "cpu_us_per_dial", "dials_per_s")
    return {
        "system": CALLCHAIN,
        **{name: figures[name] for name in (*same, "bytes_per_chain")},
        "records_per_dial": round(figures["blocks"] * figures["facts_per_block"] / figures["dials"], 2),
        "durability": CALLCHAIN_DURABILITY,
        "layout": "1 process, an actor for each chain",
        "ratio": 1.0,
    }


def _row(peer: Peer, n: int, lines: int, callchain_us: float) -> Result:
    """Run a peer, or say why not."""
    if peer.missing is not None:
        return {"system": peer.name, "skipped": peer.missing}
    return figures_of(peer, n, in_a_process(peer.run, n, lines), callchain_us)


def figures_of(peer: Peer, n: int, work: Work, callchain_us: float) -> Result:
    """perf/README.md says what each figure means."""
    due, cpu_us = expected(n), work.cpu_ns / 1000 / work.dials
    found = (work.dials, work.confirmed, work.checksum)
    return {
        "system": peer.name,
        "n": n,
        "dials": work.dials,
        "confirmed": work.confirmed,
        "checksum": work.checksum,
        "verified": work.sound and found == (due.dials, due.confirmed, due.checksum),
        "wall_s": round(work.wall_ns / 1e9, 3),
        "cpu_us_per_dial": round(cpu_us, 2),
        "dials_per_s": round(work.dials * 1e9 / work.wall_ns),
        "bytes_per_chain": round(work.memory_bytes / n),
        "records_per_dial": round(work.records / work.dials, 2),
        "durability": peer.durability,
        "layout": work.layout,
        "ratio": round(cpu_us / callchain_us, 2),
    }


def _library_versions() -> dict[str, str]:
    found = {}
    for library in LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            continue
    return found


def table(result: Result) -> str:
    """A line for each system that ran, then who was skipped and what is on disk when."""
    ran = [row for row in result["rows"] if "skipped" not in row]
    lines = [COLUMNS, *(tuple(_shown(row[name]) for name in COLUMNS) for row in ran)]
    notes = [f"{row['system']}: {row.get('skipped') or _note(row)}" for row in result["rows"]]
    return "\n".join([*_aligned(lines), "", *notes, "", f"verified: {result['verified']}"])


def _note(row: Result) -> str:
    wrong = "" if row["verified"] else "NOT VERIFIED. "
    return f"{wrong}{row['layout']}. {row['durability']}."


def _shown(value: object) -> str:
    return f"{value:,}" if isinstance(value, int | float) else str(value)


def _aligned(lines: Sequence[Sequence[str]]) -> list[str]:
    """The first column to the left, figures to the right."""
    first, *others = (max(map(len, column)) for column in zip(*lines, strict=True))
    return [
        "  ".join([line[0].ljust(first), *(cell.rjust(width) for cell, width in zip(line[1:], others, strict=True))])
        for line in lines
    ]


PEERS_BENCHMARK = Benchmark(
    "The workload in what a Python team would pick instead, side by side.", add_options, measure, table
)
