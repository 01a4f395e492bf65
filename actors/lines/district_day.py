"""The district's day as the gate sees it: its hours, which may be moved while jobs run, and its beginning."""

from actors.lines.floor import Floor
from actors.lines.job_course import JobCourse
from actors.lines.rules import Rules
from actors.messages import DistrictDue
from store import facts


class DistrictDay:
    """Acts on the floor it shares with the line pool; every method is part of one of the pool's turns."""

    def __init__(self, floor: Floor, course: JobCourse, day: int) -> None:
        self._floor = floor
        self._course = course
        self._day = day
        """The local day, an ordinal, as the journal knows it."""

    def due(self) -> None:
        """The district opened, closed, or a new day began."""
        floor, now = self._floor, self._floor.crew.clock.now()
        floor.gate.district = opens_at, closes_at = floor.hours.interval(now)
        if now >= closes_at:
            self._course.close_district()
        self._begin(floor.hours.day_number(now))
        next_at = next((at for at in (opens_at, closes_at) if at > now), floor.hours.next_day(now))
        floor.timer.at(next_at, floor.crew.pool, DistrictDue())

    def follow(self, rules: Rules) -> None:
        """The settings changed: what they say of lines, gaps and hours holds from now on."""
        floor = self._floor
        floor.number_gap_ms = rules.number_gap_ms
        floor.gate.redials_max = rules.redials_max
        floor.pacing.change(rules.calls_per_second)
        floor.ledger.configure(rules.lines, rules.emergency_lines, rules.ahead_max)
        if rules.hours != floor.hours:
            floor.hours = rules.hours
            self._moved()

    def _moved(self) -> None:
        """The gate follows at once, in either direction; calls that carry a later end wait again (decision 26)."""
        floor, now = self._floor, self._floor.crew.clock.now()
        ended_at = floor.gate.district[1]
        floor.record((facts.DistrictMoved(*floor.hours.interval(now), *floor.hours.day(now)),))
        self.due()
        closes_at = floor.gate.district[1]
        if now < closes_at < ended_at:
            self._course.withdraw_beyond(closes_at)

    def _begin(self, day: int) -> None:
        """On a new local day redials are counted anew, and recipients' hours are those of the day."""
        if day > self._day:
            self._day = day
            self._floor.gate.hours.clear()
            self._floor.record((facts.DayBegan(day),))
