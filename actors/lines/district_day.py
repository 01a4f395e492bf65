"""The district's day as the gate sees it: its hours, which may be moved while jobs run, and its beginning."""

from actors.lines.floor import Floor
from actors.lines.job_course import JobCourse
from actors.lines.rules import Rules
from actors.lines.soundness import JUMP_MS
from actors.messages import DistrictDue
from actors.runtime.timer import Due
from store import facts


class DistrictDay:
    """Acts on the floor it shares with the line pool; every method is part of one of the pool's turns."""

    def __init__(self, floor: Floor, course: JobCourse, day: int) -> None:
        self._floor = floor
        self._course = course
        self._day = day
        """The local day, an ordinal, as the journal knows it."""
        self._span = 0, 0
        """From when until when what the gate was told of the district holds."""
        self._next: Due | None = None
        """The letter that comes at the end of it; there is one at a time, however often the hours are moved."""

    def due(self) -> None:
        """The district opened, closed, or a new day began."""
        day = self._look()
        if self._is_new(day):
            # A moved zone clears nothing: recipients' hours are instants of their own.
            self._floor.gate.hours.clear()
            self._begin(day)

    def catch_up(self) -> None:
        """Whoever comes before the letter that is due at the same instant, or after the clock was set back."""
        since, until = self._span
        if not since - JUMP_MS <= self._floor.crew.clock.now() < until:
            self.due()

    def _look(self) -> int:
        """Tell the gate of the district's hours as they are now, and look again when they change; the local day."""
        floor, now = self._floor, self._floor.crew.clock.now()
        floor.gate.district = opens_at, closes_at = floor.hours.interval(now)
        if now >= closes_at:
            self._course.close_district()
        next_at = next((at for at in (opens_at, closes_at) if at > now), floor.hours.next_day(now))
        if self._next is not None:
            self._next.cancel()
        self._span, self._next = (now, next_at), floor.timer.at(next_at, floor.crew.pool, DistrictDue())
        return floor.hours.day_number(now)

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
        day = self._look()
        if self._is_new(day):
            self._begin(day)
        opens_at, closes_at = floor.gate.district
        if now < opens_at:
            # It is not open any more: what waits at the carrier must not ring before it is again.
            self._course.withdraw_beyond(now)
        elif now < closes_at < ended_at:
            self._course.withdraw_beyond(closes_at)

    def _is_new(self, day: int) -> bool:
        """A later day than the journal's, or one so much earlier that its clock was wrong and is right again."""
        return day > self._day or day < self._day - 1

    def _begin(self, day: int) -> None:
        """On a new local day redials are counted anew (decision 21b)."""
        self._day = day
        self._floor.record((facts.DayBegan(day),))
