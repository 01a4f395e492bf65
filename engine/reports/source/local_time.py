"""The district's own time, read fast: days of instants, instants of days, and ranges of days."""

from contextlib import suppress
from datetime import UTC, date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from engine.setting_checks import time_zone
from store.errors import InvalidInputError

MINUTE_MS = 60_000
QUARTER_MS = 15 * MINUTE_MS
"""Zones stand off UTC by whole quarters of an hour, so a local day begins at the beginning of one."""

YEARS = range(1970, 3000)
"""Years a day may lie in: what is before or after is a slip of the finger."""

MEMO_MAX = 10_000
"""Minutes remembered: a week of them."""


class LocalTime:
    """Instants (ms UTC) as a zone's days and clock times. Raises ConfigError for an unknown zone."""

    def __init__(self, zone: str) -> None:
        self.name = zone
        self._zone: ZoneInfo = time_zone(zone)
        self._minutes: dict[int, str] = {}
        self._days: dict[int, int] = {}

    def text(self, at: int) -> str:
        """`2026-11-24 16:05:09`; empty for 0, which is no instant."""
        if not at:
            return ""
        minute, rest = divmod(at, MINUTE_MS)
        known = self._minutes.get(minute)
        if known is None:
            if len(self._minutes) >= MEMO_MAX:
                self._minutes.clear()
            known = self._minutes[minute] = self._local(minute * MINUTE_MS).strftime("%Y-%m-%d %H:%M:")
        return f"{known}{rest // 1000:02d}"

    def day(self, at: int) -> int:
        """The local day an instant falls on, an ordinal."""
        quarter = at // QUARTER_MS
        known = self._days.get(quarter)
        if known is None:
            known = self._days[quarter] = self._local(at).toordinal()
        return known

    def begins_at(self, day: int) -> int:
        """The first instant of a local day, ms UTC."""
        start = datetime.combine(date.fromordinal(day), datetime.min.time(), self._zone)
        return int(start.timestamp()) * 1000

    def _local(self, at: int) -> datetime:
        return datetime.fromtimestamp(at / 1000, UTC).astimezone(self._zone)


class Days(NamedTuple):
    """Local days from `first` to `last`, both included, as ordinals."""

    first: int
    last: int

    def has(self, day: int) -> bool:
        """Whether a day is one of them."""
        return self.first <= day <= self.last

    @property
    def words(self) -> str:
        """`on 2026-03-02` or `between 2026-03-02 and 2026-03-06`."""
        if self.first == self.last:
            return f"on {day_text(self.first)}"
        return f"between {day_text(self.first)} and {day_text(self.last)}"


def day_text(day: int) -> str:
    """An ordinal as `2026-03-02`."""
    return date.fromordinal(day).isoformat()


def read_day(text: str, today: int) -> int:
    """A day as people write it: `2026-03-02`, `03/02/2026`, `today`, `yesterday`. Raises InvalidInputError."""
    words = {"today": today, "yesterday": today - 1}
    if text in words:
        return words[text]
    for form in ("%Y-%m-%d", "%m/%d/%Y"):
        with suppress(ValueError):
            day = datetime.strptime(text, form)
            if day.year in YEARS:
                return day.toordinal()
    raise InvalidInputError(f'"{text}" is no day; write it like 2026-11-24, 11/24/2026, today or yesterday.')


def past_days(first: int, last: int, today: int) -> Days:
    """A range to report on. Raises InvalidInputError when it ends before it begins, or has not begun yet."""
    if last < first:
        raise InvalidInputError(
            f"The range ends on {day_text(last)}, before it begins on {day_text(first)}; give the earlier day first."
        )
    if first > today:
        raise InvalidInputError(
            f"{day_text(first)} is yet to come; a report tells of what has happened, up to today, {day_text(today)}."
        )
    return Days(first, last)
