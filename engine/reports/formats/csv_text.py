"""A report as CSV: a head line, the rows, the totals. No cell can act as a formula; numbers stay numbers."""

from collections.abc import Sequence
from typing import TextIO

from engine.reports.formats.cells import Watch, batches, shown
from engine.reports.report import TOTAL, Cell, Kind, Report
from engine.reports.source.local_time import LocalTime

BYTE_ORDER_MARK = "\ufeff"
"""Written first, it lets Excel know that the file is UTF-8."""

LINE_END = "\r\n"

_ACTS = frozenset("=+-@\t\r\n＝＋－＠")
"""What a spreadsheet may take for the beginning of a formula, wide forms included."""


def write_csv(report: Report, out: TextIO) -> int:
    """Write a report; the number of its rows. `out` must leave line ends alone."""
    local = LocalTime(report.time_zone)
    kinds = [column.kind for column in report.columns]
    # Texts are quoted throughout: a spreadsheet that splits at semicolons must not find a new cell within one.
    form = ",".join("%s" if kind.is_number else '"%s"' for kind in kinds) + LINE_END
    out.write(",".join(f'"{column.name}"' for column in report.columns) + LINE_END)
    written = 0
    for columns in batches(report):
        texts = [_written(kind, column, local) for kind, column in zip(kinds, columns, strict=True)]
        out.write("".join([form % line for line in zip(*texts, strict=True)]))
        written += len(columns[0])
    if report.totals is not None:
        totals = [_written(kind, (cell,), local)[0] for kind, cell in zip(kinds, report.totals, strict=True)]
        out.write(form % (totals[0] or TOTAL, *totals[1:]))
    return written


def harmless(text: str) -> str:
    """The text, opened by an apostrophe where a spreadsheet would take it for a formula, blanks before it or not."""
    first = next((char for char in text if char.isprintable() and not char.isspace()), "")
    return "'" + text if text[:1] in _ACTS or first in _ACTS else text


def _quotable(text: str) -> str:
    return text.replace('"', '""')


_harmless = Watch(r"\0[^\0A-Za-z0-9•(]", harmless)
"""What opens with a plain letter or figure needs no second look."""
_quoted = Watch('"', _quotable)


def _written(kind: Kind, column: Sequence[Cell], local: LocalTime) -> Sequence[Cell]:
    if kind.is_number:
        return ["" if cell is None else cell for cell in column]
    return _quoted(_harmless(shown(kind, column, local)))
