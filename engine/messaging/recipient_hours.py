"""A recipient's own hours: from when to when one of their numbers may ring, in their own time zone (decision 22).

Off unless the district sets `recipient_hours`, and never for emergencies. The zone is the one the roster states; else,
by a further setting, that of the number's area code; else the district's. An area code with several zones counts in all
of them at once, the strictest way; one that says nothing of a place, such as a toll-free number's, in the district's.
"""

from collections.abc import Iterable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
import phonenumbers

from engine.messaging.windows import Opening, district_window, local_day, zone_of
from engine.plan_settings import PlanSettings
from store.records import Reason

DIGITS = 10
"""Of a North American number, after its country code."""

AREA_ZONES_MAX = 4
"""Zones one area code may lie in; toll-free numbers and their like are said to lie in all 42 of the country."""

BARRED = (0, 1)
"""Bounds that hold no instant of today: the step ends `expired_recipient_hours` and rings nobody."""

Bounds = tuple[int, int]
"""From and until when, ms UTC, half-open."""


class RecipientHours:
    """The hours of one message's recipients, on the day it is dialed."""

    def __init__(self, settings: PlanSettings, when: Opening) -> None:
        self._when = when
        self._by_area_code = settings.recipient_zone_by_area_code
        self._district = zone_of(settings)
        self._hours = msgspec.structs.replace(
            settings, district_start=settings.recipient_start, district_end=settings.recipient_end
        )
        self._known: dict[tuple[str, ...], Bounds] = {}

    @classmethod
    def of(cls, settings: PlanSettings, reason: Reason, when: Opening) -> "RecipientHours | None":
        """The hours to keep, None where there are none to keep."""
        if settings.recipient_end <= 0 or reason is Reason.EMERGENCY:
            return None
        return cls(settings, when)

    def bounds(self, time_zone: str, number: str) -> Bounds:
        """When a number of somebody with this stated zone ("" for none) may ring; `BARRED` where not at all."""
        names = (time_zone,) if time_zone else self._area_zones(number) if self._by_area_code else ()
        found = self._known.get(names)
        if found is None:
            found = self._known[names] = self._common(names)
        return found

    def _common(self, names: Iterable[str]) -> Bounds:
        """Where the hours of all zones hold; the district's own zone where none is known."""
        zones = [zone for name in names if (zone := _zone(name)) is not None] or [self._district]
        hours = [self._of_zone(zone) for zone in zones]
        opens_at, closes_at = max(one[0] for one in hours), min(one[1] for one in hours)
        return (opens_at, closes_at) if self._shared(opens_at, closes_at) > 0 else BARRED

    def _of_zone(self, zone: ZoneInfo) -> Bounds:
        """The hours on the zone's day that shares most with the message's window: far zones have two days in it."""
        first, last = local_day(self._when.opens_at, zone), local_day(self._when.closes_at - 1, zone)
        days = [district_window(day, self._hours, zone) for day in range(first, last + 1)]
        return max(days, key=lambda day: self._shared(*day))

    def _shared(self, opens_at: int, closes_at: int) -> int:
        """Milliseconds of the message's window between two instants; negative where it lies outside of them."""
        return min(closes_at, self._when.closes_at) - max(opens_at, self._when.opens_at)

    def _area_zones(self, number: str) -> tuple[str, ...]:
        """The zones of an area code; none where it says nothing of a place."""
        # Loading the tables takes a tenth of a second, which only those who set this pay.
        from phonenumbers import timezone

        national = phonenumbers.PhoneNumber(country_code=1, national_number=int(number[-DIGITS:]))
        zones = tuple(timezone.time_zones_for_geographical_number(national))
        return zones if len(zones) <= AREA_ZONES_MAX else ()


def _zone(name: str) -> ZoneInfo | None:
    """The zone of that name, None where there is none: then the district's counts."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
