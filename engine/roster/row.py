"""One row of a CSV file: its cells by column name, read as ids, words, lists, truths and days, bad ones reported."""

import re
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.roster.problems import Problems, shown

ID_BYTES_MAX = 255
"""OneRoster's own bound for a sourcedId; it also keeps ids fit for the store's keys."""

_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TRUTHS = {"true": True, "1": True, "yes": True, "y": True, "false": False, "0": False, "no": False, "n": False}


@dataclass(frozen=True)
class Columns:
    """Which columns are read from a file: the `required` ones must stand in its header, all others are ignored."""

    file: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


class Row:
    """One row: `row["sms"]` is the trimmed cell, empty where the file has no such column."""

    __slots__ = ("_cells", "_places", "_problems", "file", "line")

    def __init__(self, file: str, line: int, cells: list[str], places: dict[str, int], problems: Problems) -> None:
        self.file = file
        self.line = line
        self._cells = cells
        self._places = places
        self._problems = problems

    def __getitem__(self, column: str) -> str:
        place = self._places.get(column, -1)
        return self._cells[place].strip() if place >= 0 else ""

    def bad(self, column: str, reason: str) -> None:
        """Report this row."""
        self._problems.add(self.file, self.line, column, reason)

    def first(self, *columns: str) -> tuple[str, str]:
        """The first of several names a column goes by that is filled in, with its cell."""
        return next(((column, cell) for column in columns if (cell := self[column])), (columns[0], ""))

    def identity(self, column: str) -> str:
        """A required id; empty, and reported, where it is blank or unfit."""
        value = self[column]
        if not value:
            self.bad(column, "is blank")
        elif len(value) > ID_BYTES_MAX // 4 and len(value.encode()) > ID_BYTES_MAX:
            self.bad(column, f"is longer than {ID_BYTES_MAX} bytes")
        elif not value.isprintable():
            self.bad(column, "holds control characters")
        else:
            return value
        return ""

    def words(self, column: str) -> str:
        """Free text on one line, without control characters."""
        value = self[column]
        if value.isprintable():
            return value
        return "".join(sign for sign in " ".join(value.split()) if sign.isprintable())

    def items(self, column: str) -> list[str]:
        """A list cell: comma-separated, each item trimmed, blanks left out."""
        value = self[column]
        return [item for part in value.split(",") if (item := part.strip())] if value else []

    def truth(self, column: str, default: bool) -> bool | None:
        """A yes or no; `default` where blank; None, and reported, where it is neither."""
        value = self[column]
        truth = _TRUTHS.get(value.lower()) if value else default
        if truth is None:
            self.bad(column, f"{shown(value)} is neither true nor false")
        return truth

    def span(self, begin: tuple[str, ...], end: tuple[str, ...]) -> tuple[int, int] | None:
        """Two days as ordinals, 0 where blank; None, and reported, where one is no ISO date or they are reversed."""
        begins_on = self._day(*self.first(*begin))
        ends_on = self._day(*self.first(*end))
        if begins_on is None or ends_on is None:
            return None
        if ends_on and ends_on < begins_on:
            self.bad(self.first(*end)[0], "ends before it begins")
            return None
        return begins_on, ends_on

    def day(self, column: str) -> int | None:
        """A day as an ordinal, 0 where blank; None, and reported, where it is no ISO date."""
        return self._day(column, self[column])

    def _day(self, column: str, cell: str) -> int | None:
        if not cell:
            return 0
        try:
            if _ISO_DAY.fullmatch(cell):
                return date.fromisoformat(cell).toordinal()
        except ValueError:
            pass
        self.bad(column, f"{shown(cell)} is not a date like 2026-08-31")
        return None


def is_active(row: Row) -> bool | None:
    """Whether a row is active; False where it is to be deleted; None, and reported, for any other status."""
    status = row["status"].lower()
    if status in ("", "active"):
        return True
    if status == "tobedeleted":
        return False
    row.bad("status", f"{shown(status)} is neither active nor tobedeleted")
    return None


def zone_name(row: Row, column: str) -> str:
    """An IANA time zone; empty where blank, or where there is none of that name (reported)."""
    name = row[column]
    if name:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            row.bad(column, f"{shown(name)} is no time zone like America/Chicago")
            return ""
    return name
