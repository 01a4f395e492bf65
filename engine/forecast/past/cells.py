"""What calls are told apart by: the device, the hour, and what the number did when it was tried before."""

from datetime import datetime
from enum import IntEnum

from engine.setting_checks import time_zone
from store.dispositions import Disposition
from store.records import DeviceKind

HOURS = 24

PHONES_SAY = tuple(code for code in Disposition if code <= Disposition.UNKNOWN)
"""Dispositions that a phone or the network decides; the others are ours, or nobody knows them."""

SPAN_MS = 2_000
SPANS = 64
"""Lengths of calls are counted in spans of 2 s, the last one open; each span keeps its own mean."""

_ENDS, _BEFORES = 32, 4
_QUARTER_MS = 900_000
"""Every zone's offset is a whole number of quarter hours, so the local hour holds at least that long."""


class Before(IntEnum):
    """What a number did when this chain tried it last."""

    NOTHING = 0
    """It was not tried."""
    RANG_OUT = 1
    BUSY = 2
    OTHER = 3
    """It was declined, hung up early, or a machine took no message."""


def before_of(disposition: Disposition) -> Before:
    """What an ended attempt says of the next one."""
    if disposition is Disposition.NO_ANSWER:
        return Before.RANG_OUT
    return Before.BUSY if disposition is Disposition.BUSY else Before.OTHER


def end_key(kind: int, hour: int, before: int, disposition: int) -> int:
    """A key of `Tally.ends`."""
    return ((kind * HOURS + hour) * _BEFORES + before) * _ENDS + disposition


def end_of(key: int) -> tuple[DeviceKind, int, Before, Disposition]:
    """The parts of an `end_key`."""
    key, disposition = divmod(key, _ENDS)
    key, before = divmod(key, _BEFORES)
    kind, hour = divmod(key, HOURS)
    return DeviceKind(kind), hour, Before(before), Disposition(disposition)


def hold_key(kind: int, disposition: int, heard: bool, ms: int) -> int:
    """A key of `Tally.holds`; of a message that was heard to its end, `ms` is what the call took beside it."""
    return ((kind * _ENDS + disposition) * 2 + heard) * SPANS + min(ms // SPAN_MS, SPANS - 1)


def hold_of(key: int) -> tuple[DeviceKind, Disposition, bool]:
    """The parts of a `hold_key` but its span."""
    key, heard = divmod(key // SPANS, 2)
    kind, disposition = divmod(key, _ENDS)
    return DeviceKind(kind), Disposition(disposition), bool(heard)


class LocalHour:
    """Which hour the district's clocks show, read fast. Raises ConfigError for an unknown zone."""

    def __init__(self, zone: str) -> None:
        self._zone = time_zone(zone)
        self._hours: dict[int, int] = {}

    def __call__(self, at: int) -> int:
        """The hour of an instant, ms UTC."""
        quarter = at // _QUARTER_MS
        hour = self._hours.get(quarter)
        if hour is None:
            hour = self._hours[quarter] = datetime.fromtimestamp(at / 1000, self._zone).hour
        return hour
