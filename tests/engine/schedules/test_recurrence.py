"""When schedules fire: against the obvious slow definition, minute by minute over a year, in several zones."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.schedules.recurrence import collisions, firings_until, instant, next_firings
from store.documents import Frequency, Schedule

MINUTE = 60_000
ZONES = (
    "America/Chicago",
    "America/St_Johns",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "America/Phoenix",
    "Africa/Cairo",
)
"""Clock changes at two, at midnight, by half an hour, southern, and none."""

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
LAST = datetime(2027, 1, 1, tzinfo=UTC)


def at(zone: str, text: str, fold: int = 0) -> int:
    """A local time as ms UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp()) * 1000


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def schedule(
    frequency: Frequency, starts_on: str, minute: int, ends_on: str = "", *, disabled: bool = False
) -> Schedule:
    ends = day(ends_on) if ends_on else 0
    return Schedule(1, "Absences", "absence", frequency, day(starts_on), minute, ends, disabled)


@cache
def minutes_of_year(zone: str) -> tuple[tuple[int, datetime], ...]:
    """Every minute of a year, as an instant and as the local clock shows it."""
    local, rows, moment = ZoneInfo(zone), [], FIRST
    while moment < LAST:
        rows.append((int(moment.timestamp()) * 1000, moment.astimezone(local).replace(tzinfo=None)))
        moment += timedelta(minutes=1)
    return tuple(rows)


def due_on(schedule: Schedule, day: date) -> list[datetime]:
    """The local times at which it is due on a day, read off the definition."""
    start = date.fromordinal(schedule.starts_on)
    if day < start or (schedule.ends_on and day.toordinal() > schedule.ends_on) or schedule.disabled:
        return []
    last_of_month = (day + timedelta(days=1)).month != day.month
    match schedule.frequency:
        case Frequency.ONCE:
            fires = day == start
        case Frequency.WEEKLY:
            fires = day.weekday() == start.weekday()
        case Frequency.MONTHLY:
            fires = day.day == start.day or (last_of_month and day.day < start.day)
        case _:
            fires = True
    midnight = datetime.combine(day, datetime.min.time())
    hours = range(24) if schedule.frequency is Frequency.HOURLY else range(1)
    times = [midnight + timedelta(minutes=schedule.minute + 60 * hour) for hour in hours]
    return [time for time in times if fires and time.date() == day]


def slow_firings(schedule: Schedule, zone: str) -> list[int]:
    """Walks the year a minute at a time; whatever the clock has reached for the first time and is due fires now."""
    found: list[int] = []
    days = [FIRST.date() + timedelta(days=n) for n in range(-1, 367)]
    due = sorted(time for one in days for time in due_on(schedule, one))
    farthest = datetime.min
    place = 0
    for instant_, shown in minutes_of_year(zone):
        if shown <= farthest:
            continue
        farthest = shown
        passed = False
        while place < len(due) and due[place] <= shown:
            passed, place = True, place + 1
        if passed:
            found.append(instant_)
    return found[1:] if found and found[0] == minutes_of_year(zone)[0][0] else found


@pytest.mark.parametrize("zone", ZONES)
@settings(deadline=None, max_examples=12)
@given(
    frequency=st.sampled_from(list(Frequency)),
    starts=st.dates(date(2025, 11, 1), date(2026, 12, 31)),
    minute=st.one_of(st.integers(0, 1439), st.sampled_from([0, 30, 60, 90, 120, 150, 179, 180, 1439])),
    lasts=st.one_of(st.none(), st.integers(0, 200)),
)
def test_a_year_of_firings_is_that_of_a_clock_that_is_watched_by_the_minute(
    zone: str, frequency: Frequency, starts: date, minute: int, lasts: int | None
):
    ends = 0 if lasts is None else starts.toordinal() + lasts
    one = Schedule(1, "Absences", "absence", frequency, starts.toordinal(), minute, ends)
    first, last = minutes_of_year(zone)[0][0], minutes_of_year(zone)[-1][0]
    assert list(firings_until(one, ZoneInfo(zone), first, last)) == slow_firings(one, zone)


@given(
    frequency=st.sampled_from(list(Frequency)),
    starts=st.dates(date(2025, 1, 1), date(2027, 1, 1)),
    minute=st.integers(0, 1439),
    after=st.integers(at("UTC", "2025-01-01"), at("UTC", "2027-01-01")),
    zone=st.sampled_from(ZONES),
)
def test_what_fires_after_an_instant_does_not_depend_on_where_one_begins_to_look(
    frequency: Frequency, starts: date, minute: int, after: int, zone: str
):
    one = Schedule(1, "Absences", "absence", frequency, starts.toordinal(), minute)
    local = ZoneInfo(zone)
    until = after + 40 * 86_400_000
    sooner = [found for found in firings_until(one, local, after - 70 * 86_400_000, until) if found > after]
    assert list(firings_until(one, local, after, until)) == sooner
    assert sooner == sorted(set(sooner))


@pytest.mark.row("C134", "C135")
def test_a_schedule_fires_at_its_start_and_then_as_often_as_it_says():
    """C134: Start date and time.

    C135: Recurring frequency: monthly, daily, weekly, hourly.
    """
    zone = "America/Chicago"

    def next_three(frequency: Frequency) -> list[str]:
        found = next_firings(schedule(frequency, "2026-11-30", 510), ZoneInfo(zone), at(zone, "2026-11-01"), 3)
        return [datetime.fromtimestamp(one / 1000, ZoneInfo(zone)).strftime("%m-%d %H:%M") for one in found]

    assert next_three(Frequency.ONCE) == ["11-30 08:30"]
    assert next_three(Frequency.HOURLY) == ["11-30 08:30", "11-30 09:30", "11-30 10:30"]
    assert next_three(Frequency.DAILY) == ["11-30 08:30", "12-01 08:30", "12-02 08:30"]
    assert next_three(Frequency.WEEKLY) == ["11-30 08:30", "12-07 08:30", "12-14 08:30"]
    assert next_three(Frequency.MONTHLY) == ["11-30 08:30", "12-30 08:30", "01-30 08:30"]


@pytest.mark.row("C132")
def test_a_disabled_schedule_never_fires():
    """C132: Disabled checkbox stops the schedule."""
    assert next_firings(schedule(Frequency.DAILY, "2026-11-30", 510, disabled=True), ZoneInfo("UTC"), 0, 1) == []


def test_a_month_without_the_day_fires_on_its_last_day():
    found = next_firings(schedule(Frequency.MONTHLY, "2027-10-31", 510), ZoneInfo("UTC"), at("UTC", "2027-11-01"), 4)
    assert [datetime.fromtimestamp(one / 1000, UTC).strftime("%m-%d") for one in found] == [
        "11-30", "12-31", "01-31", "02-29",
    ]  # fmt: skip


def test_the_last_day_fires_and_the_day_after_does_not():
    one = schedule(Frequency.DAILY, "2026-11-30", 510, ends_on="2026-12-01")
    assert len(next_firings(one, ZoneInfo("UTC"), 0, 5)) == 2


def test_a_time_that_is_skipped_fires_at_the_first_instant_after():
    zone = "America/Chicago"  # 2026-03-08, 02:00 becomes 03:00
    assert instant(day("2026-03-08"), 150, ZoneInfo(zone)) == at(zone, "2026-03-08 03:00")


def test_a_time_that_comes_twice_fires_once_and_at_its_first_occurrence():
    zone = "America/Chicago"  # 2026-11-01, 02:00 becomes 01:00
    one = schedule(Frequency.DAILY, "2026-11-01", 90, ends_on="2026-11-01")
    assert next_firings(one, ZoneInfo(zone), 0, 5) == [at(zone, "2026-11-01 01:30", fold=0)]


def test_hourly_goes_by_the_local_clock():
    zone = "America/Chicago"
    autumn = schedule(Frequency.HOURLY, "2026-11-01", 0, ends_on="2026-11-01")
    spring = schedule(Frequency.HOURLY, "2026-03-08", 0, ends_on="2026-03-08")
    assert len(next_firings(autumn, ZoneInfo(zone), 0, 30)) == 24  # the day has 25 hours
    assert len(next_firings(spring, ZoneInfo(zone), 0, 30)) == 23


def test_a_day_that_a_zone_skips_fires_when_the_next_one_begins():
    zone = "Pacific/Apia"  # there was no 30 December 2011
    assert instant(day("2011-12-30"), 510, ZoneInfo(zone)) == at(zone, "2011-12-31 00:00")


@pytest.mark.row("C103")
def test_schedules_that_fire_within_minutes_of_each_other_are_found():
    """C103: Admin checks scheduled times for conflict with other tasks."""
    daily, weekly = schedule(Frequency.DAILY, "2026-11-30", 510), schedule(Frequency.WEEKLY, "2026-12-02", 513)
    later, until = schedule(Frequency.WEEKLY, "2026-12-02", 530), at("UTC", "2026-12-10")
    close = list(collisions(weekly, daily, ZoneInfo("UTC"), 0, 5 * MINUTE, until))
    assert close == [at("UTC", "2026-12-02 08:33"), at("UTC", "2026-12-09 08:33")]
    assert not list(collisions(later, daily, ZoneInfo("UTC"), 0, 5 * MINUTE, until))
