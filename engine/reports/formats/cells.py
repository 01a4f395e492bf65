"""Cells as text, a thousand rows at a time and column by column: most columns need no second look at single cells."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from engine.reports.report import Cell, Column, Figure, Kind, Report, Row
from engine.reports.source.local_time import LocalTime

BATCH_ROWS = 1_000
"""Rows brought into form at once: enough that the work per column, not per cell, is what counts."""

PLAIN = " -~¡-¬®-\u02ff•–…"
"""Latin letters and signs, as the inside of a pattern's brackets: all printable. No text of them is looked at twice."""

Texts = Sequence[str]

_SEPARATOR = "\0"
"""Stands between cells that are looked at together. Where a cell holds one, all are looked at alone."""


def columns_of(rows: Sequence[Row]) -> list[tuple[Cell, ...]]:
    """Rows turned into columns; at least one row."""
    return list(zip(*rows, strict=True))


def batches(report: Report) -> Iterator[list[tuple[Cell, ...]]]:
    """The report's rows as columns, BATCH_ROWS at a time."""
    while rows := list(islice(report.rows, BATCH_ROWS)):
        yield columns_of(rows)


def shown(kind: Kind, cells: Sequence[Cell], local: LocalTime) -> Texts:
    """How cells of a kind are shown to people; instants in local time, nothing for None."""
    if kind is Kind.INSTANT:
        return [local.text(int(cell or 0)) for cell in cells]
    if kind is Kind.COUNT:
        return ["" if cell is None else f"{cell:,}" for cell in cells]
    if kind is Kind.DECIMAL:
        return ["" if cell is None else f"{cell:,.2f}" for cell in cells]
    return ["" if cell is None else str(cell) for cell in cells]


def shown_columns(columns: Sequence[Column], cells: Sequence[Sequence[Cell]], local: LocalTime) -> list[Texts]:
    """Whole columns, shown."""
    return [shown(column.kind, part, local) for column, part in zip(columns, cells, strict=True)]


def shown_figure(figure: Figure, local: LocalTime) -> str:
    """The value of a figure, shown."""
    return shown(figure.kind, [figure.value], local)[0]


class Watch:
    """Changes the texts of a column that a pattern finds something in, and leaves all others as they are."""

    def __init__(self, suspect: str, change: Callable[[str], str]) -> None:
        self._find = re.compile(suspect).search
        self._change = change

    def __call__(self, texts: Texts) -> Texts:
        """The texts, changed where they have to be. The pattern sees them all in a row, each behind a NUL."""
        joined = _SEPARATOR + _SEPARATOR.join(texts)
        if joined.count(_SEPARATOR) == len(texts) and self._find(joined) is None:
            return texts
        return [self._change(text) for text in texts]
