"""A report as plain text for a terminal: figures, aligned columns, totals, notes."""

from collections.abc import Sequence
from itertools import chain
from typing import TextIO

from engine.reports.formats.cells import PLAIN, Texts, Watch, batches, columns_of, shown_columns, shown_figure
from engine.reports.report import TOTAL, Cell, Column, Report
from engine.reports.source.local_time import LocalTime
from engine.tame import tame

CELL_MAX = 32
"""Characters of a cell; the other formats have all of them."""

GAP = "  "


def write_table(report: Report, out: TextIO) -> int:
    """Write a report; the number of its rows.

    The first thousand rows say how wide the columns are; what is wider later on runs over.
    """
    local = LocalTime(report.time_zone)
    out.write(f"{tame(report.title)}\n")
    _write_figures(report, local, out)
    table = _Table(report.columns, local)
    batched = batches(report)
    head = next(batched, None)
    written = 0
    if head is not None:
        first, totals = table.texts(head), _totals(table, report)
        layout = _Layout(table.columns, [[*cells, *last] for cells, last in zip(first, totals, strict=True)])
        out.write(layout.text([(column.title.upper(),) for column in table.columns]))
        for texts in chain([first], map(table.texts, batched)):
            out.write(layout.text(texts))
            written += len(texts[0])
        out.write(layout.text(totals))
    out.write("".join(f"{tame(note)}\n" for note in report.notes))
    return written


_tame = Watch(rf"[^\0{PLAIN}]", tame)
"""Looks closely at what holds more than plain Latin letters."""


def _fitting(texts: Texts) -> Texts:
    texts = _tame(texts)
    if max(map(len, texts)) <= CELL_MAX:
        return texts
    return [text if len(text) <= CELL_MAX else f"{text[: CELL_MAX - 1]}…" for text in texts]


class _Table:
    """The columns a terminal has room for."""

    def __init__(self, columns: Sequence[Column], local: LocalTime) -> None:
        self._places = [place for place, column in enumerate(columns) if column.brief]
        self.columns = [columns[place] for place in self._places]
        self._local = local

    def texts(self, columns: Sequence[Sequence[Cell]]) -> list[Texts]:
        cells = [columns[place] for place in self._places]
        return [_fitting(texts) for texts in shown_columns(self.columns, cells, self._local)]


class _Layout:
    """How wide columns are, and on which side their cells stand."""

    def __init__(self, columns: Sequence[Column], texts: Sequence[Texts]) -> None:
        widths = [max(len(column.title), *map(len, cells)) for column, cells in zip(columns, texts, strict=True)]
        sides = ["" if column.kind.is_number else "-" for column in columns]
        self._form = GAP.join(f"%{side}{width}s" for side, width in zip(sides, widths, strict=True))

    def text(self, columns: Sequence[Texts]) -> str:
        """Columns as lines."""
        return "".join([f"{(self._form % line).rstrip()}\n" for line in zip(*columns, strict=True)])


def _totals(table: _Table, report: Report) -> list[Texts]:
    """A line of totals, as columns; empty ones where there is none."""
    if report.totals is None:
        return [() for _ in table.columns]
    return [(TOTAL,), *table.texts(columns_of([report.totals]))[1:]]


def _write_figures(report: Report, local: LocalTime, out: TextIO) -> None:
    width = max((len(figure.title) for figure in report.figures), default=0)
    for figure in report.figures:
        value = tame(shown_figure(figure, local))
        if value:
            out.write(f"{figure.title:<{width}}  {value}\n")
    if report.figures:
        out.write("\n")
