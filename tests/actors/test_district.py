"""The district's hours against a walk over every minute, on days when clocks change and on others."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.district import DistrictHours

HOUR = 3_600_000
DAY = 24 * HOUR

ZONES = {
    "America/Chicago": 2026,
    "America/Phoenix": 2026,
    "America/Havana": 2026,
    "America/Sao_Paulo": 2018,
    "America/St_Johns": 2026,
    "Atlantic/Azores": 2026,
    "Europe/Berlin": 2026,
    "Asia/Beirut": 2026,
    "Africa/Cairo": 2026,
    "Asia/Kathmandu": 2026,
    "Australia/Lord_Howe": 2026,
    "Pacific/Auckland": 2026,
    "Pacific/Kiritimati": 2026,
    "America/Nuuk": 2026,
}
"""Zones with a year of theirs: clocks that change at midnight, by half an hour, in the south, or not at all."""

HOURS = [(8 * 60, 20 * 60), (0, 24 * 60), (0, 30), (30, 150), (60, 120), (150, 23 * 60 + 30), (105, 24 * 60)]


def local(zone: str, instant: int) -> datetime:
    return datetime.fromtimestamp(instant / 1000, UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


@lru_cache
def clock_changes(zone: str, year: int) -> tuple[int, ...]:
    """Instants, to the hour, after which the offset is another."""
    start = int(datetime(year, 1, 1, tzinfo=UTC).timestamp() * 1000)
    offsets = [(at, local(zone, at) - datetime.fromtimestamp(at / 1000, UTC).replace(tzinfo=None))
               for at in range(start, start + 366 * DAY, HOUR)]  # fmt: skip
    return tuple(later for (_, before), (later, after) in pairwise(offsets) if before != after)


@lru_cache(maxsize=4096)
def first_instant(zone: str, day: date, minute: int) -> int:
    """When the clocks of the zone first show that minute of that day, or anything later: found by looking."""
    wanted = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)
    as_utc = int(wanted.replace(tzinfo=UTC).timestamp() * 1000)
    for instant in range(as_utc - 15 * HOUR, as_utc + 13 * HOUR, 60_000):
        if local(zone, instant) >= wanted:
            return instant
    raise AssertionError(f"{wanted} never comes in {zone}")


def sampled_instants(zone: str) -> list[int]:
    """Around both clock changes of the year and on two ordinary days."""
    year = ZONES[zone]
    ordinary = [int(datetime(year, month, 15, 17, 7, tzinfo=UTC).timestamp() * 1000) for month in (1, 7)]
    around = [
        at + offset for at in clock_changes(zone, year) for offset in (-26 * HOUR, -1, 0, 59 * 60_000, 5 * HOUR, DAY)
    ]
    return ordinary + around


@pytest.mark.row("C047")
@pytest.mark.parametrize("zone", list(ZONES))
def test_hours_are_what_the_clocks_on_the_wall_say_on_every_kind_of_day(zone: str):
    """District window = District Start Time and District End Time."""
    for now in sampled_instants(zone):
        day = local(zone, now).date()
        for start, end in HOURS:
            hours = DistrictHours(zone, start, end)
            assert hours.interval(now) == (first_instant(zone, day, start), first_instant(zone, day, end)), (
                now,
                start,
                end,
            )
        assert hours.next_day(now) == first_instant(zone, day, 24 * 60)
        tomorrow = local(zone, hours.next_day(now)).date()
        assert hours.next_opening(now) == first_instant(zone, tomorrow, hours.start_minute)


def test_the_zones_sampled_do_change_their_clocks():
    changes = {zone: len(clock_changes(zone, year)) for zone, year in ZONES.items()}
    assert changes["America/Phoenix"] == changes["Asia/Kathmandu"] == changes["Pacific/Kiritimati"] == 0
    assert sum(count == 2 for count in changes.values()) >= 10


@settings(max_examples=200, deadline=None)
@given(
    zone=st.sampled_from(list(ZONES)),
    now=st.integers(1_500_000_000_000, 2_000_000_000_000),
    start=st.integers(0, 24 * 60 - 1),
    length=st.integers(1, 24 * 60),
)
def test_the_day_that_contains_an_instant_ends_after_it_and_holds_its_hours(
    zone: str, now: int, start: int, length: int
):
    hours = DistrictHours(zone, start, min(start + length, 24 * 60))
    opens_at, closes_at = hours.interval(now)
    midnight = DistrictHours(zone, 0, 1).interval(now)[0]
    next_day = hours.next_day(now)
    assert midnight <= now < next_day
    assert midnight <= opens_at <= closes_at <= next_day
    assert 22 * HOUR <= next_day - midnight <= 26 * HOUR
    assert hours.next_opening(now) >= next_day


def test_at_noon_in_chicago_the_hours_are_the_plain_ones():
    noon = int(datetime(2026, 11, 24, 18, 0, tzinfo=UTC).timestamp() * 1000)
    opens_at, closes_at = DistrictHours("America/Chicago", 8 * 60, 20 * 60).interval(noon)
    assert (opens_at - noon, closes_at - noon) == (-4 * HOUR, 8 * HOUR)
