"""The district's dialing hours as the gate sees them: two integers for the day that contains an instant.

Planning computes windows by its own code; a mistake in one of them is caught by the other.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class DistrictHours:
    """District Start Time and District End Time, minutes after local midnight, in an IANA zone (C047)."""

    zone: str
    start_minute: int
    end_minute: int

    def interval(self, now: int) -> tuple[int, int]:
        """[opens_at, closes_at) of the local day that contains `now`, ms UTC."""
        local = self._local(now)
        return self._instant(local, self.start_minute), self._instant(local, self.end_minute)

    def day(self, now: int) -> tuple[int, int]:
        """The local day that contains `now`, half-open, ms UTC."""
        return self._instant(self._local(now), 0), self.next_day(now)

    def day_number(self, now: int) -> int:
        """The local day that contains `now`, an ordinal."""
        return self._local(now).toordinal()

    def next_day(self, now: int) -> int:
        """The first instant of the next local day."""
        return self._instant(self._local(now), 24 * 60)

    def next_opening(self, now: int) -> int:
        """When the district opens next, after today's interval has begun."""
        return self.interval(self.next_day(now))[0]

    def _local(self, now: int) -> datetime:
        return datetime.fromtimestamp(now / 1000, UTC).astimezone(ZoneInfo(self.zone))

    def _instant(self, local: datetime, minute: int) -> int:
        """The first instant of the day at which its clocks show `minute` or more.

        Found by walking the offsets the day knows, without asking for the offset of a local time: a time that a clock
        change skips is the instant of the change, and of one that comes twice it is the first.
        """
        midnight = datetime(local.year, local.month, local.day) + timedelta(minutes=minute)
        wanted = int((midnight - datetime(1970, 1, 1)).total_seconds() * 1000)
        zone = ZoneInfo(self.zone)
        offsets = sorted({_offset_ms(zone, wanted + hours * _HOUR_MS) for hours in range(-26, 27)}, reverse=True)
        candidates = [wanted - offset for offset in offsets]
        for candidate in candidates:
            if candidate + _offset_ms(zone, candidate) == wanted:
                return candidate
        return _first_instant_after(zone, wanted, candidates[0], candidates[-1])


def _offset_ms(zone: ZoneInfo, instant: int) -> int:
    offset = datetime.fromtimestamp(instant / 1000, UTC).astimezone(zone).utcoffset()
    assert offset is not None
    return int(offset.total_seconds() * 1000)


def _first_instant_after(zone: ZoneInfo, wanted: int, low: int, high: int) -> int:
    """The instant of the clock change that skips the wanted local time, by halving."""
    while high - low > 1:
        middle = (low + high) // 2
        if middle + _offset_ms(zone, middle) >= wanted:
            high = middle
        else:
            low = middle
    return high
