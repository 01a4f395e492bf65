"""The figures of the days and of the week; perf/README.md says what each one means."""

from collections.abc import Sequence
from typing import Any

from perf.benchmark import Result
from perf.store_week.watch import Pages, Watch
from perf.store_week.week import Day


def day_figures(day: Day) -> Result:
    """Of one day."""
    return {
        "jobs": len(day.jobs),
        "dials": day.dials,
        "facts": day.facts,
        "journal_bytes": day.journal_bytes,
        **_watched(day.watch),
        **_file([day]),
        "roster_changed_bytes": day.roster_changed_bytes,
    }


def total_figures(days: Sequence[Day], stopping: Watch) -> Result:
    """Of all days, and of stopping in good order after the last."""
    watch = Watch()
    for one in (*(day.watch for day in days), stopping):
        watch.add(one)
    kinds = {
        kind: {
            "commits": watch.commits[kind],
            "logical_bytes": watch.logical_bytes[kind],
            "written_bytes": watch.written_bytes[kind],
            "write_amplification": _ratio(watch.written_bytes[kind], watch.logical_bytes[kind]),
        }
        for kind in sorted(watch.commits)
    }
    return {
        "jobs": sum(len(day.jobs) for day in days),
        "dials": sum(day.dials for day in days),
        "facts": sum(day.facts for day in days),
        "journal_bytes": sum(day.journal_bytes for day in days),
        **_watched(watch),
        **_file(days),
        "roster_changed_bytes": sum(day.roster_changed_bytes for day in days),
        "by_kind": kinds,
        "put_bytes": dict(sorted(watch.put_bytes.items())),
        "removed": dict(sorted(watch.removed.items())),
        "held_bytes": _held(days[-1].after),
    }


def _held(pages: Pages) -> dict[str, int]:
    return {name: count * pages.page_bytes for name, count in sorted(pages.by_table.items())}


def _watched(watch: Watch) -> Result:
    logical, written = watch.logical_bytes.total(), watch.written_bytes.total()
    return {
        "logical_bytes": logical,
        "written_bytes": written,
        "write_amplification": _ratio(written, logical),
        "commits": watch.commits.total(),
        "commit_ms": _spread(watch.commit_ns),
        "checkpoint_rows": watch.rows,
        "checkpoint_ms": _spread(watch.checkpoint_ns),
        "flush_ms": _spread(watch.flush_ns),
    }


def _file(days: Sequence[Day]) -> Result:
    first, last = days[0].before, days[-1].after
    grown = last.in_file - first.in_file
    return {
        "file_bytes": last.in_file * last.page_bytes,
        "grown_bytes": grown * last.page_bytes,
        "pages_reused": sum(day.watch.written_pages for day in days) - grown,
        "pages_free": last.free,
    }


def _spread(spans_ns: Sequence[int]) -> dict[str, float | None]:
    """The middle, the hundredth longest and the longest, ms; nothing where there are none."""
    if not spans_ns:
        return {"p50": None, "p99": None, "max": None}
    inorder = sorted(spans_ns)
    last = len(inorder) - 1
    return {
        name: round(inorder[round(last * share)] / 1e6, 3) for name, share in (("p50", 0.5), ("p99", 0.99), ("max", 1))
    }


def _ratio(written: int, logical: int) -> float | None:
    return round(written / logical, 2) if logical else None


_COLUMNS = (
    ("dials", "dials"), ("facts", "facts"), ("journal kB", "journal_bytes"), ("logical kB", "logical_bytes"),
    ("written kB", "written_bytes"), ("amplified", "write_amplification"), ("file kB", "file_bytes"),
    ("reused pages", "pages_reused"), ("commits", "commits"), ("p50/p99/max ms", "commit_ms"),
    ("checkpoint ms", "checkpoint_ms"), ("flush ms", "flush_ms"),
)  # fmt: skip


def table(result: Result) -> str:
    """A line for each day and the week, then what was written by kind of transaction, then the rest."""
    lines = [("day", *(head for head, _ in _COLUMNS))]
    lines += [(str(number), *_cells(day)) for number, day in enumerate(result["days"], 1)]
    lines.append(("all", *_cells(result["total"])))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    shown = ["  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
    kinds = [
        f"{kind}: {of['commits']:,} commits, {of['logical_bytes'] // 1000:,} kB in, "
        f"{of['written_bytes'] // 1000:,} kB written ({of['write_amplification']})"
        for kind, of in result["total"]["by_kind"].items()
    ]
    names = ("restart_killed_s", "restart_stopped_s", "backup_s", "backup_bytes", "verified")
    return "\n".join((*shown, *kinds, ", ".join(f"{name} {result[name]}" for name in names)))


def _cells(figures: Result) -> list[str]:
    return [_cell(name, figures[name]) for _, name in _COLUMNS]


def _cell(name: str, value: Any) -> str:  # noqa: ANN401
    if isinstance(value, dict):
        return "-" if value["max"] is None else "/".join(f"{ms:.2f}" for ms in value.values())
    if name.endswith("_bytes"):
        return f"{value // 1000:,}"
    return f"{value:,}" if isinstance(value, int) else str(value)
