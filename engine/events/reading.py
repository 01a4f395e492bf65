"""Reads events files: every bad row reported with file, line, column and reason, every good one read all the same.

The columns, in any order, others ignored; dates like 2026-11-24:

- attendance: studentSourcedId, date, status (absent, tardy, early_release); schoolSourcedId, periods, excuse (excused,
  unexcused, unknown)
- behavior: eventId, studentSourcedId, date, eventType; schoolSourcedId, role, status
- resolutions: eventId, staffSourcedId, resolution, date; studentSourcedId, eventType
- balances: studentSourcedId, balance, date; account
"""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import BinaryIO, NamedTuple

from engine.events.event import Event
from engine.events.kinds import EventKind
from engine.roster.problems import Problem, Problems, shown
from engine.roster.row import Columns, Row
from engine.roster.table import Table
from store.errors import InvalidInputError

BYTES_MAX = 64 << 20
"""Of one file: more than a million events, a school year of a large district."""
PERIODS_MAX = 24
"""Of one day."""
ATTENDANCE_STATUSES = ("absent", "tardy", "early_release")
EXCUSES = ("excused", "unexcused", "unknown")
ACCOUNT = "meal"
"""What an account is called that has no name."""

_COLUMNS = {
    EventKind.ATTENDANCE: (
        ("studentSourcedId", "date", "status"), ("schoolSourcedId", "excuse", "periods"),
    ),
    EventKind.BEHAVIOR: (
        ("eventId", "studentSourcedId", "date", "eventType"), ("schoolSourcedId", "role", "status"),
    ),
    EventKind.RESOLUTIONS: (
        ("eventId", "staffSourcedId", "resolution", "date"), ("studentSourcedId", "eventType"),
    ),
    EventKind.BALANCES: (("studentSourcedId", "balance", "date"), ("account",)),
}  # fmt: skip
_BALANCE = re.compile(r"(-?)\$?(-?)(\d{1,9})(?:\.(\d{1,2}))?", re.ASCII)


class EventFile(NamedTuple):
    """What a file holds."""

    events: tuple[Event, ...]
    problems: tuple[Problem, ...]
    rows: int
    """Rows read, bad ones included."""


def read_events(kind: EventKind, path: Path) -> EventFile:
    """Read a file of events.

    Raises InvalidInputError where it cannot be read as a whole: missing, too large, empty, in a wrong encoding, without
    its columns. A bad row never raises.
    """
    _require_file(path)
    problems = Problems()
    required, optional = _COLUMNS[kind]
    table = Table(partial(_open, path), Columns(path.stem, required, optional), problems)
    read = _READERS[kind]
    try:
        events = tuple(event for row in table if (event := read(row)) is not None)
    except OSError as error:
        raise InvalidInputError(f"{path} cannot be read: {error.strerror or error}.") from error
    return EventFile(events, problems.all(), table.rows_read)


def _require_file(path: Path) -> None:
    try:
        size = path.stat().st_size if path.is_file() else -1
    except OSError as error:
        raise InvalidInputError(f"{path} cannot be read: {error.strerror or error}.") from error
    if size < 0:
        raise InvalidInputError(f"There is no file {path}; give a CSV file of events.")
    if size > BYTES_MAX:
        raise InvalidInputError(f"{path} has {size >> 20} MiB; at most {BYTES_MAX >> 20} MiB are read. Split it.")


def _open(path: Path) -> BinaryIO:
    return path.open("rb")


def _attendance(row: Row) -> Event | None:
    student_id, day = row.identity("studentSourcedId"), _day(row)
    status, excuse = _word(row, "status", ATTENDANCE_STATUSES), _word(row, "excuse", EXCUSES, "unknown")
    periods = _periods(row)
    if not student_id or not day or not status or not excuse or periods < 0:
        return None
    return Event(
        person_id=student_id, day=day, line=row.line, school_id=row["schoolSourcedId"], status=status, excuse=excuse,
        periods=periods,
    )  # fmt: skip


def _behavior(row: Row) -> Event | None:
    event_id, student_id, day = row.identity("eventId"), row.identity("studentSourcedId"), _day(row)
    event_type = _text(row, "eventType")
    if not event_id or not student_id or not day or not event_type:
        return None
    return Event(
        person_id=student_id, day=day, line=row.line, school_id=row["schoolSourcedId"], event_id=event_id,
        event_type=event_type, role=row.words("role"), status=_plain(row["status"]),
    )  # fmt: skip


def _resolution(row: Row) -> Event | None:
    event_id, staff_id, day = row.identity("eventId"), row.identity("staffSourcedId"), _day(row)
    resolution = _text(row, "resolution")
    if not event_id or not staff_id or not day or not resolution:
        return None
    return Event(
        person_id=staff_id, day=day, line=row.line, event_id=event_id, event_type=row.words("eventType"),
        student_id=row["studentSourcedId"], resolution=resolution,
    )  # fmt: skip


def _balance(row: Row) -> Event | None:
    student_id, day, cents = row.identity("studentSourcedId"), _day(row), _cents(row)
    if not student_id or not day or cents is None:
        return None
    return Event(
        person_id=student_id, day=day, line=row.line, account=row.words("account") or ACCOUNT, balance_cents=cents
    )


_READERS: dict[EventKind, Callable[[Row], Event | None]] = {
    EventKind.ATTENDANCE: _attendance,
    EventKind.BEHAVIOR: _behavior,
    EventKind.RESOLUTIONS: _resolution,
    EventKind.BALANCES: _balance,
}


def _day(row: Row) -> int:
    """The day of an event; 0, and reported, where it is blank or no date."""
    day = row.day("date")
    if day == 0:
        row.bad("date", "is blank")
    return day or 0


def _word(row: Row, column: str, known: tuple[str, ...], default: str = "") -> str:
    """One of a few words; empty, and reported, where it is none of them."""
    word = _plain(row[column]) or default
    if word in known:
        return word
    row.bad(column, f"{shown(row[column])} is none of {', '.join(known)}" if row[column] else "is blank")
    return ""


def _plain(text: str) -> str:
    """`Early Release` → `early_release`."""
    return text.lower().replace(" ", "_").replace("-", "_")


def _text(row: Row, column: str) -> str:
    """Words that will be spoken; empty, and reported, where there are none."""
    text = row.words(column)
    if not text:
        row.bad(column, "is blank")
    return text


def _periods(row: Row) -> int:
    """Periods missed, 0 where blank; -1, and reported, where that is no number of periods."""
    text = row["periods"]
    if not text:
        return 0
    if text.isascii() and text.isdigit() and int(text[:4]) <= PERIODS_MAX:
        return int(text)
    row.bad("periods", f"{shown(text)} is not a number from 0 to {PERIODS_MAX}")
    return -1


def _cents(row: Row) -> int | None:
    """A balance like -12.50 or $3 in cents; None, and reported, where it is none."""
    text = row["balance"]
    found = _BALANCE.fullmatch(text)
    if found is None or (found[1] and found[2]):
        row.bad("balance", f"{shown(text)} is no amount like -12.50" if text else "is blank")
        return None
    cents = int(found[3]) * 100 + int((found[4] or "").ljust(2, "0"))
    return -cents if found[1] or found[2] else cents
