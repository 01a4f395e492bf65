"""The shape of every report: a title, figures, columns with their kinds, rows as they come, totals and notes."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple


class Kind(Enum):
    """What a column holds, which decides how it is written."""

    TEXT = "text"
    ID = "id"
    """A number that names something: never summed."""
    COUNT = "count"
    DECIMAL = "decimal"
    """A float of two decimals."""
    INSTANT = "instant"
    """ms UTC, 0 for none: shown in the district's own time, left as it is in JSON."""

    @property
    def is_number(self) -> bool:
        """Whether it stands at the right."""
        return self in (Kind.ID, Kind.COUNT, Kind.DECIMAL)

    @property
    def is_summed(self) -> bool:
        """Whether it has a total."""
        return self in (Kind.COUNT, Kind.DECIMAL)


TOTAL = "Total"
"""What stands before totals."""

Cell = str | int | float | None
Row = tuple[Cell, ...]


class Column(NamedTuple):
    """One column. `name` is for programs, `title` for people; what is not `brief` is left out on a terminal."""

    name: str
    title: str
    kind: Kind = Kind.TEXT
    brief: bool = True


class Figure(NamedTuple):
    """One figure of the whole, shown above the rows."""

    name: str
    title: str
    value: Cell
    kind: Kind = Kind.COUNT


@dataclass(frozen=True, slots=True)
class Report:
    """Rows may be read once, while the transaction they come from is open."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: Iterator[Row]
    time_zone: str
    made_at: int
    """ms UTC."""
    figures: tuple[Figure, ...] = ()
    totals: Row | None = None
    """A last row under the others, with None where a column has no total."""
    notes: tuple[str, ...] = ()


def totals_of(columns: Sequence[Column], rows: Iterable[Row]) -> Row:
    """The sums of the columns that have one; decimals add up as they are shown."""
    sums: list[float | int] = [0] * len(columns)
    for row in rows:
        for place, column in enumerate(columns):
            if column.kind.is_summed:
                sums[place] += row[place] or 0  # type: ignore[operator]
    return tuple(
        (round(total, 2) if column.kind is Kind.DECIMAL else total) if column.kind.is_summed else None
        for column, total in zip(columns, sums, strict=True)
    )
