"""When a message may be dialed: its own window, cut to the district's, as two instants (decisions 22-25).

Clock changes never make a window longer than it was written. A time of day that a clock change skips becomes the first
instant after the gap. A time that comes twice opens at its second and closes at its first occurrence; where both ends
of a window lie in the repeated hour, both mean the first, so that the window keeps its length.
"""

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.plan_settings import MINUTE_MS, MINUTES_OF_DAY, PlanSettings
from store.dispositions import Expiry
from store.errors import ConfigError, InvalidInputError, RefusedError
from store.records import Reason, Record

WINDOW_MIN_MS = 30 * MINUTE_MS
"""The least attendance and behavior messages must be given (C048)."""
WINDOW_MIN_REASONS = frozenset({Reason.ATTENDANCE, Reason.BEHAVIOR})


class Window(Record, frozen=True, kw_only=True):
    """A message's dialing window as its author gives it: two times of day, or two instants.

    Times of day are minutes since local midnight and go together, -1 where not given; instants are ms UTC, 0 where not
    given. Without either the window is the district's.
    """

    opens_minute: int = -1
    closes_minute: int = -1
    day: int = 0
    """Which day the times mean, as an ordinal; 0: the local day on which the task starts."""
    opens_at: int = 0
    closes_at: int = 0
    starts_at: int = 0
    """When the scheduler means to start; the later of this and the window's opening counts (decision 25)."""


class Opening(NamedTuple):
    """When a job dials: half-open, ms UTC, and which clock ends it."""

    opens_at: int
    closes_at: int
    """As the district's hours are now: the earlier of the two ends below."""
    ends_by: Expiry
    message_end_at: int
    """Of the message's own window, which no change of the settings moves; without one, the end of the local day."""
    district_end_at: int = 0
    """The district's end on that day; 0 for an emergency, which it does not bind. The gate follows it as it moves."""


def opening(window: Window | None, reason: Reason, settings: PlanSettings, now: int) -> Opening:
    """When a message of this reason dials, given now (decisions 19, 22-25).

    Raises `InvalidInputError` for a window that makes no sense, `RefusedError` for one that leaves no time to dial.
    """
    if reason is Reason.EMERGENCY:
        if window is not None:
            raise InvalidInputError("An emergency is dialed at once and has no window; leave window and start out.")
        cap_at = now + settings.emergency_cap_ms
        return Opening(now, cap_at, Expiry.JOB_CAP, cap_at)
    zone = zone_of(settings)
    starts_at = max(now, window.starts_at if window else 0)
    own = _own_window(window, starts_at, zone)
    day = local_day(max(starts_at, own[0]) if own else starts_at, zone)
    district = district_window(day, settings, zone)
    result = _intersection(own, district, _instant(day, MINUTES_OF_DAY, zone, fold=0))
    if own is None:
        _check_districts(reason, settings)
    else:
        _check_length(own, result, reason, settings)
    return _started(result, starts_at, now, settings, zone)


def district_window(day: int, settings: PlanSettings, zone: ZoneInfo) -> tuple[int, int]:
    """The district's dialing window on a local day (ordinal), half-open, ms UTC (C047)."""
    return _instants(day, settings.district_start, settings.district_end, zone)


def zone_of(settings: PlanSettings) -> ZoneInfo:
    """The district's time zone; `ConfigError` if there is none of that name."""
    try:
        return ZoneInfo(settings.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigError(
            f"The setting time_zone names no time zone: {settings.time_zone!r}; write it like America/New_York."
        ) from error


def local_day(at: int, zone: ZoneInfo) -> int:
    """The local day, as an ordinal, on which an instant falls."""
    return datetime.fromtimestamp(at / 1000, zone).date().toordinal()


def _own_window(window: Window | None, starts_at: int, zone: ZoneInfo) -> tuple[int, int] | None:
    """What the author asked for, as instants; None when nothing was said."""
    if window is None or (window.opens_minute < 0 and window.closes_minute < 0 and not window.closes_at):
        if window is not None and window.opens_at:
            raise InvalidInputError("A dialing window needs an end as well as a beginning.")
        return None
    if window.closes_at:
        if window.opens_minute >= 0 or window.closes_minute >= 0:
            raise InvalidInputError("Give a dialing window as times of day or as instants, not as both.")
        own = (window.opens_at, window.closes_at)
    else:
        if not (0 <= window.opens_minute < MINUTES_OF_DAY and 0 < window.closes_minute <= MINUTES_OF_DAY):
            raise InvalidInputError("A dialing window needs two times of day, between 00:00 and 24:00.")
        day = window.day or local_day(starts_at, zone)
        own = _instants(day, window.opens_minute, window.closes_minute, zone)
    if own[0] >= own[1]:
        raise InvalidInputError("The dialing window must begin before it ends, on one day.")
    return own


def _intersection(own: tuple[int, int] | None, district: tuple[int, int], midnight: int) -> Opening:
    """Both windows at once; the earlier end names the clock that ends the job (decision 23)."""
    if own is None:
        return Opening(*district, Expiry.DISTRICT_END, midnight, district[1])
    ends_by = Expiry.MESSAGE_WINDOW if own[1] <= district[1] else Expiry.DISTRICT_END
    return Opening(max(own[0], district[0]), min(own[1], district[1]), ends_by, own[1], district[1])


def _check_length(own: tuple[int, int], result: Opening, reason: Reason, settings: PlanSettings) -> None:
    """Refuse a window outside the district's, and a short one for attendance and behavior (decision 24)."""
    allowed = _hours(settings)
    if result.closes_at <= result.opens_at:
        raise RefusedError(f"The message's dialing window lies outside the district's, {allowed}; choose another.")
    if reason not in WINDOW_MIN_REASONS:
        return
    if own[1] - own[0] < WINDOW_MIN_MS:
        raise RefusedError(f"A dialing window for {reason.word} messages needs at least 30 minutes; make it longer.")
    if result.closes_at - result.opens_at < WINDOW_MIN_MS:
        raise RefusedError(
            f"Less than 30 minutes of this {reason.word} message's dialing window lie inside the district's, {allowed}."
        )


def _check_districts(reason: Reason, settings: PlanSettings) -> None:
    """The same of the district's hours, where they are all the window there is (C048)."""
    if reason in WINDOW_MIN_REASONS and (settings.district_end - settings.district_start) * MINUTE_MS < WINDOW_MIN_MS:
        raise RefusedError(
            f"A dialing window for {reason.word} messages needs at least 30 minutes; the district's own, "
            f"{_hours(settings)}, is shorter. Move district.start_time or district.end_time."
        )


def _started(result: Opening, starts_at: int, now: int, settings: PlanSettings, zone: ZoneInfo) -> Opening:
    """The window from its effective start on; refused when that comes too late."""
    if starts_at < result.closes_at:
        return result._replace(opens_at=max(result.opens_at, starts_at))
    ended = datetime.fromtimestamp(result.closes_at / 1000, zone)
    following = datetime.fromtimestamp(next_opening(max(now, starts_at), settings, zone) / 1000, zone)
    raise RefusedError(
        f"The dialing window ends at {ended:%Y-%m-%d %H:%M}, before anything could start; "
        f"the next one opens on {following:%Y-%m-%d} at {following:%H:%M} ({settings.time_zone})."
    )


def next_opening(at: int, settings: PlanSettings, zone: ZoneInfo) -> int:
    """When the district's window next opens at or after an instant, ms UTC."""
    day = local_day(at, zone)
    while True:
        opens_at, closes_at = district_window(day, settings, zone)
        if opens_at >= at and closes_at > opens_at:
            return opens_at
        day += 1


def _instants(day: int, opens_minute: int, closes_minute: int, zone: ZoneInfo) -> tuple[int, int]:
    """Two times of day as instants, clock changes read as this file's docstring says."""
    opens_at = _instant(day, opens_minute, zone, fold=1)
    closes_at = _instant(day, closes_minute, zone, fold=0)
    if closes_at <= opens_at and opens_minute < closes_minute:
        opens_at = _instant(day, opens_minute, zone, fold=0)
    return opens_at, closes_at


def _instant(day: int, minute: int, zone: ZoneInfo, *, fold: int) -> int:
    """One time of day as an instant, ms UTC; `fold` says which of two occurrences is meant."""
    wall = datetime.combine(date.fromordinal(day), datetime.min.time()) + timedelta(minutes=minute)
    for _ in range(2 * MINUTES_OF_DAY):  # no zone has ever skipped more than a day
        at = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
        if at.astimezone(zone).replace(tzinfo=None) == wall:
            break
        wall += timedelta(minutes=1)
    return int(at.timestamp()) * 1000


def _hours(settings: PlanSettings) -> str:
    """The district's: `08:00-20:00`."""
    return f"{_clock(settings.district_start)}-{_clock(settings.district_end)}"


def _clock(minute: int) -> str:
    """A time of day as it is written: `08:00`."""
    return f"{minute // 60:02d}:{minute % 60:02d}"
