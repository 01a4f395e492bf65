"""When a schedule fires, as instants, by the local clock of its district; pure.

A firing is a time of day, and its instant is the first at which the local clock has reached it. So a time that a clock
change skips fires at the first instant after the gap, and a time that comes twice fires once, at its first occurrence.
Hourly goes by the same clock, from its first time of day to midnight: once for each hour the clock shows, however often
it shows it. Two times that come due at one instant are one firing. A month without the day of the start date fires on
its last day (C134, C135).
"""

import calendar
from collections.abc import Container, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

from store.documents import Frequency, Schedule

MINUTES_OF_DAY = 24 * 60
HOUR_MINUTES = 60
LAST_DAY = date.max.toordinal() - 2
"""No day after it is asked for: the calendar ends there."""

_ZONE_DAYS = 2
"""No local day begins or ends further than this from where its date stands in UTC."""


def firings(schedule: Schedule, zone: ZoneInfo, after: int) -> Iterator[int]:
    """Every instant at which it fires after an instant, ms UTC, in order. A disabled schedule never fires (C132)."""
    if schedule.disabled:
        return
    newest = after
    for day in _days(schedule, _day_before(after)):
        for minute in _minutes(schedule):
            at = instant(day, minute, zone)
            if at > newest:
                newest = at
                yield at


def firings_until(schedule: Schedule, zone: ZoneInfo, after: int, until: int) -> Iterator[int]:
    """Those with after < instant ≤ until."""
    for at in firings(schedule, zone, after):
        if at > until:
            return
        yield at


def next_firings(
    schedule: Schedule, zone: ZoneInfo, after: int, count: int, canceled: Container[int] = ()
) -> list[int]:
    """The next few after an instant that were not canceled, fewer when it ends before."""
    return list(islice((at for at in firings(schedule, zone, after) if at not in canceled), count))


def instant(day: int, minute: int, zone: ZoneInfo) -> int:
    """The first instant, ms UTC, at which the local clock shows this minute of this day (an ordinal) or later."""
    wall = datetime.combine(date.fromordinal(day), datetime.min.time()) + timedelta(minutes=minute)
    at = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if at.astimezone(zone).replace(tzinfo=None) != wall:
        at = _after_gap(wall.replace(tzinfo=zone, fold=1).astimezone(UTC), at, zone)
    return int(at.timestamp()) * 1000


def _after_gap(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The instant of the clock change between two instants, to the second."""
    offset = after.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after


def _days(schedule: Schedule, first: int) -> Iterator[int]:
    """The local days on which it fires, as ordinals, in order, from about `first` on."""
    last = min(schedule.ends_on or LAST_DAY, LAST_DAY)
    start, day = schedule.starts_on, max(schedule.starts_on, first)
    if schedule.frequency is Frequency.ONCE:
        yield from (start,) if start >= first and start <= last else ()
    elif schedule.frequency is Frequency.MONTHLY:
        yield from (one for one in _month_days(start, day) if one <= last)
    else:
        step = 7 if schedule.frequency is Frequency.WEEKLY else 1
        yield from range(day + (start - day) % step, last + 1, step)


def _month_days(start: int, first: int) -> Iterator[int]:
    """The start's day of every month that has not ended by `first`, or that month's last day."""
    wanted, begins = date.fromordinal(start).day, date.fromordinal(first)
    for month in range(begins.year * 12 + begins.month - 1, date.max.year * 12 + 11):
        year, index = divmod(month, 12)
        day = date(year, index + 1, min(wanted, calendar.monthrange(year, index + 1)[1])).toordinal()
        if day >= first:
            yield day


def _minutes(schedule: Schedule) -> range:
    """The minutes of a day at which it fires: hourly from its first time of day to midnight."""
    ends = MINUTES_OF_DAY if schedule.frequency is Frequency.HOURLY else schedule.minute + 1
    return range(schedule.minute, ends, HOUR_MINUTES)


def _day_before(at: int) -> int:
    """A day, as an ordinal, before which nothing can fire after an instant."""
    return max(1, datetime.fromtimestamp(at // 1000, UTC).date().toordinal() - _ZONE_DAYS)


def collisions(one: Schedule, other: Schedule, zone: ZoneInfo, after: int, within_ms: int, until: int) -> Iterator[int]:
    """Firings of one that come within so many milliseconds of the other's, after an instant and until another."""
    mine = {(at, True) for at in firings_until(one, zone, after, until)}
    others = {(at, False) for at in firings_until(other, zone, after, until)}
    for (at, is_mine), (next_at, next_is_mine) in pairwise(sorted(mine | others)):
        if is_mine != next_is_mine and next_at - at <= within_ms:
            yield at if is_mine else next_at
