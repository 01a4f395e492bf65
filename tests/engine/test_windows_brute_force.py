"""Windows against the obvious slow definition: a year of every zone walked minute by minute, by the clock on the wall.

Three answers of the product are held against the walk: the planner's window, the gate's interval, and the gate's word
on each instant. The walk asks for nothing but what the local clock shows at each minute of UTC.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from actors.district import DistrictHours
from actors.gate import Gate, JobGate, Refusal, may_dial, window_end
from engine.messaging.recipient_hours import BARRED, RecipientHours
from engine.messaging.windows import Opening, Window, district_window, opening, zone_of
from engine.plan_settings import PlanSettings
from store.dispositions import Expiry
from store.errors import InvalidInputError, RefusedError
from store.records import Reason

MINUTE = 60_000
DAY = 24 * 60
"""Minutes."""

ZONES = {
    "America/Chicago": 2026,
    "America/New_York": 2026,
    "America/Los_Angeles": 2026,
    "America/Phoenix": 2026,
    "America/St_Johns": 2010,
    "America/Asuncion": 2023,
    "Australia/Lord_Howe": 2026,
    "Pacific/Apia": 2011,
}
"""Zones and a year of theirs: clocks changed at two at night, at a minute past midnight (so that a day comes back), at
midnight itself, by half an hour, never, and by leaving out a whole day (30 December 2011)."""

HOURS = (
    (8 * 60, 20 * 60),
    (0, DAY),
    (7 * 60 + 59, 20 * 60 + 1),
    (30, 150),
    (61, 119),
    (75, 105),
    (130, 170),
    (23 * 60 + 30, DAY),
    (0, 30),
)
"""From minute to minute of a day: those districts have, and those that a clock change tears or repeats."""


class Wall:
    """What the local clock shows at every minute of a year and a few days around it."""

    def __init__(self, zone: str, year: int) -> None:
        self.zone = zone
        self.first = int(datetime(year - 1, 12, 28, tzinfo=UTC).timestamp()) // 60
        """The first minute, counted from 1970 in UTC."""
        local, epoch, count = ZoneInfo(zone), datetime(1970, 1, 1).toordinal(), 373 * DAY
        shown = (datetime.fromtimestamp((self.first + n) * 60, local) for n in range(count))
        minutes = ((at.toordinal() - epoch) * DAY + at.hour * 60 + at.minute for at in shown)
        self.shows = np.fromiter(minutes, np.int64, count)
        """The clock at each minute, as minutes since 1970 on the wall."""
        self._highest = np.maximum.accumulate(self.shows)
        self._lowest_later = np.minimum.accumulate(self.shows[::-1])[::-1]

    def instant(self, index: int) -> int:
        """A minute of the walk as ms UTC."""
        return (self.first + index) * MINUTE

    def index(self, instant: int) -> int:
        """Which minute of the walk holds an instant."""
        return instant // MINUTE - self.first

    def day(self, index: int) -> int:
        """The local day, counted from 1970."""
        return int(self.shows[index]) // DAY

    def first_shows(self, day: int, minute: int) -> int:
        """The first minute at which the clock shows so much of a day, or anything later."""
        return int(np.searchsorted(self._highest, day * DAY + minute, side="left"))

    def shows_from_then_on(self, day: int, minute: int) -> int:
        """The first minute from which on the clock never shows less again."""
        return int(np.searchsorted(self._lowest_later, day * DAY + minute, side="left"))

    def changes(self) -> list[int]:
        """The minutes at which the clock jumps."""
        return [int(n) + 1 for n in np.flatnonzero(np.diff(self.shows) != 1)]

    def gate_window(self, day: int, opens: int, closes: int) -> tuple[int, int]:
        """When the district's hours hold: from the first minute that shows their begin to the first with their end."""
        return self.first_shows(day, opens), self.first_shows(day, closes)

    def plan_window(self, day: int, opens: int, closes: int) -> tuple[int, int]:
        """The same, never longer than it was written: of a begin that comes twice the second, of an end the first."""
        begins, ends = self.shows_from_then_on(day, opens), self.first_shows(day, closes)
        return (begins if begins < ends else self.first_shows(day, opens)), ends


@lru_cache
def wall(zone: str) -> Wall:
    return Wall(zone, ZONES[zone])


def sampled(walk: Wall, step: int, around: int = 0) -> Iterator[int]:
    """Minutes of the whole year in even steps, and of 30 hours around each clock change in small ones."""
    yield from range(3 * DAY, len(walk.shows) - 6 * DAY, step)
    for change in walk.changes() if around else ():
        yield from range(max(3 * DAY, change - 30 * 60), min(len(walk.shows) - 6 * DAY, change + 30 * 60), around)


def settings(zone: str, hours: tuple[int, int], **more: int) -> PlanSettings:
    return PlanSettings(time_zone=zone, number_key=b"key", district_start=hours[0], district_end=hours[1], **more)  # type: ignore[arg-type]


# ---------------------------------------------------------------- the clocks


def test_the_walk_meets_every_kind_of_clock_change():
    jumps = {
        zone: {int(wall(zone).shows[n] - wall(zone).shows[n - 1] - 1) for n in wall(zone).changes()} for zone in ZONES
    }
    assert jumps["America/Chicago"] == {60, -60}
    assert jumps["America/Phoenix"] == set()
    assert jumps["Australia/Lord_Howe"] == {30, -30}
    assert DAY in jumps["Pacific/Apia"]
    newfoundland = wall("America/St_Johns")
    back = next(n for n in newfoundland.changes() if newfoundland.shows[n] < newfoundland.shows[n - 1])
    assert newfoundland.day(back) < newfoundland.day(back - 1), "a day comes back"


# ---------------------------------------------------------------- windows of every day


@pytest.mark.row("C047")
@pytest.mark.parametrize("zone", list(ZONES))
def test_every_days_window_is_what_a_walk_along_the_clock_on_the_wall_finds(zone: str):
    """C047: District window = District Start Time and District End Time."""
    walk, time_zone = wall(zone), zone_of(settings(zone, HOURS[0]))
    torn = {walk.day(change) + more for change in walk.changes() for more in (-1, 0, 1)}
    epoch = datetime(1970, 1, 1).toordinal()
    for noon in sampled(walk, DAY):
        day = walk.day(noon)
        for hours in HOURS if day in torn else HOURS[:2]:
            gate = tuple(map(walk.index, DistrictHours(zone, *hours).interval(walk.instant(noon))))
            assert gate == walk.gate_window(day, *hours), (day, hours)
            plan = tuple(map(walk.index, district_window(epoch + day, settings(zone, hours), time_zone)))
            assert plan == walk.plan_window(day, *hours), (day, hours)
            assert gate[0] <= plan[0], "the planner never opens before the gate"
            assert plan[1] <= gate[1], "and never closes after it"


# ---------------------------------------------------------------- what a message gets


class Asked(NamedTuple):
    """A message's window, None for none, the district's hours, and why it is sent."""

    own: tuple[int, int] | None
    district: tuple[int, int]
    reason: Reason = Reason.GENERAL


MESSAGES = (
    Asked(None, (8 * 60, 20 * 60)),
    Asked((9 * 60, 11 * 60), (8 * 60, 20 * 60)),
    Asked((17 * 60, 21 * 60), (8 * 60, 19 * 60 + 1)),
    Asked((0, DAY), (8 * 60, 20 * 60)),
    Asked((0, DAY), (0, DAY)),
    Asked((45, 165), (30, 150)),
    Asked((9 * 60, 9 * 60 + 30), (8 * 60, 20 * 60), Reason.ATTENDANCE),
    Asked((7 * 60, 8 * 60 + 29), (8 * 60, 20 * 60), Reason.BEHAVIOR),
    Asked((100, 130), (60, 180), Reason.BEHAVIOR),
)


def slowly(walk: Wall, asked: Asked, now: int) -> tuple[int, int] | None:
    """The minutes that lie in the message's window and in the district's, from now on; None where nothing is left."""
    own = walk.plan_window(walk.day(now), *asked.own) if asked.own else None
    if own is not None and own[0] >= own[1]:
        return None
    district = walk.plan_window(walk.day(max(now, own[0]) if own else now), *asked.district)
    minutes = np.arange(now - 2 * DAY, now + 3 * DAY)
    within = (minutes >= district[0]) & (minutes < district[1])
    if own is not None:
        within &= (minutes >= own[0]) & (minutes < own[1])
        least = 30 if asked.reason in (Reason.ATTENDANCE, Reason.BEHAVIOR) else 1
        if own[1] - own[0] < least or within.sum() < least:
            return None
    left = minutes[within & (minutes >= now)]
    if not len(left):
        return None
    assert len(left) == left[-1] - left[0] + 1, "one window without a hole"
    return int(left[0]), int(left[-1]) + 1


@pytest.mark.row("C046", "C048")
@pytest.mark.parametrize("zone", list(ZONES))
def test_a_message_gets_the_minutes_that_lie_in_both_windows_and_no_other(zone: str):
    """C046: Per-message window, must fall inside the district window. C048: Attendance and behavior messages: minimum
    window 30 minutes.
    """
    walk = wall(zone)
    for now in sampled(walk, 31 * 60 + 7, around=41):
        for asked in MESSAGES:
            found = answered(walk, asked, now)
            expected = slowly(walk, asked, now)
            assert (found and (walk.index(found.opens_at), walk.index(found.closes_at))) == expected, (now, asked)
            if found is not None:
                assert found.closes_at == min(found.message_end_at, found.district_end_at)
                assert (found.ends_by is Expiry.MESSAGE_WINDOW) == (
                    asked.own is not None and found.message_end_at <= found.district_end_at
                )


def answered(walk: Wall, asked: Asked, now: int) -> Opening | None:
    """What the planner answers, None where it refuses."""
    window = Window(opens_minute=asked.own[0], closes_minute=asked.own[1]) if asked.own else None
    try:
        return opening(window, asked.reason, settings(walk.zone, asked.district), walk.instant(now))
    except (InvalidInputError, RefusedError):
        return None


# ---------------------------------------------------------------- what the gate lets through


@pytest.mark.row("C039", "C046", "C049")
@pytest.mark.parametrize("zone", list(ZONES))
def test_the_gate_lets_a_call_through_in_no_minute_but_those(zone: str):
    """C039: No delivery window and not bound by the district dialing window. C046: Per-message window, must fall inside
    the district window. C049: Anything undelivered at window end, or cut by District End Time, is not sent (expires; no
    carry-over).
    """
    walk, routine, wrong, emergency = wall(zone), 1, 2, 3
    for asked in MESSAGES[:4]:
        hours = DistrictHours(zone, *asked.district)
        for now in sampled(walk, 13 * 60 + 1, around=53):
            at = walk.instant(now)
            planned = answered(walk, asked, walk.first_shows(walk.day(now), 0))
            if planned is None:
                continue
            gate = Gate(district=hours.interval(at))
            gate.jobs[routine] = JobGate(False, planned.opens_at, planned.message_end_at)
            gate.jobs[wrong] = JobGate(False, 0, 1 << 60)
            gate.jobs[emergency] = JobGate(True, at, at + 1)
            district = walk.gate_window(walk.day(now), *asked.district)
            in_hours = district[0] <= now < district[1]
            in_message = walk.index(planned.opens_at) <= now < walk.index(planned.message_end_at)
            assert (may_dial(gate, routine, 9, at) is None) == (in_hours and in_message), (now, asked)
            assert (may_dial(gate, wrong, 9, at) is None) == in_hours, "a plan that says 00:00-24:00 of every day"
            assert may_dial(gate, emergency, 9, at) is None
            assert may_dial(gate, emergency, 9, at + 1) is Refusal.WINDOW_CLOSED
            if in_hours and in_message:
                assert at < window_end(gate, routine) <= min(walk.instant(district[1]), planned.message_end_at)


@pytest.mark.parametrize("zone", list(ZONES))
def test_what_the_gate_lets_through_by_day_is_what_the_wall_shows_at_that_minute(zone: str):
    """No definition of its own for clock changes: at nine in the evening nobody is called, in whatever night."""
    walk, hours = wall(zone), DistrictHours(zone, 8 * 60, 20 * 60)
    for now in sampled(walk, 193, around=17):
        opens_at, closes_at = hours.interval(walk.instant(now))
        assert (opens_at <= walk.instant(now) < closes_at) == (8 * 60 <= walk.shows[now] % DAY < 20 * 60), now


# ---------------------------------------------------------------- recipients' own hours


@pytest.mark.parametrize("home", ["America/Chicago", "America/New_York"])
@pytest.mark.parametrize("away", ["America/Los_Angeles", "America/Phoenix", "America/Chicago"])
def test_a_recipient_is_called_in_no_minute_in_which_their_own_wall_shows_night(home: str, away: str):
    """Decision 22: recipient hours, 9:00 to 20:30 on the recipient's wall, inside whatever the message has."""
    here, there, asked = wall(home), wall(away), Asked(None, (7 * 60, 22 * 60))
    kept = settings(home, asked.district, recipient_start=9 * 60, recipient_end=20 * 60 + 30)
    for now in sampled(here, 19 * 60 + 3, around=127):
        found = answered(here, asked, now)
        if found is None:
            continue
        hours = RecipientHours.of(kept, Reason.GENERAL, found)
        assert hours is not None
        opens_at, closes_at = hours.bounds(away, "")
        minutes = range(here.index(found.opens_at), here.index(found.closes_at))
        awake = [n for n in minutes if 9 * 60 <= there.shows[there.index(here.instant(n))] % DAY < 20 * 60 + 30]
        called = [n for n in minutes if opens_at <= here.instant(n) < closes_at]
        assert called == awake, (now, (opens_at, closes_at) == BARRED)
