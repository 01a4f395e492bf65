"""A report as one JSON value, its rows written as they come; instants stay ms UTC."""

from itertools import islice
from typing import TextIO

import msgspec

from engine.reports.report import Report

ROWS_AT_ONCE = 1_000


def write_json(report: Report, out: TextIO) -> int:
    """Write a report; the number of its rows."""
    names = [column.name for column in report.columns]
    head = {
        "report": report.name,
        "title": report.title,
        "made_at": report.made_at,
        "time_zone": report.time_zone,
        "summary": {figure.name: figure.value for figure in report.figures},
    }
    out.write(f'{_text(head)[:-1]},"rows":[')
    written = 0
    while rows := [dict(zip(names, row, strict=True)) for row in islice(report.rows, ROWS_AT_ONCE)]:
        out.write(("," if written else "") + _text(rows)[1:-1])
        written += len(rows)
    totals = None if report.totals is None else dict(zip(names, report.totals, strict=True))
    out.write("]," + _text({"totals": totals, "notes": report.notes})[1:] + "\n")
    return written


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()
