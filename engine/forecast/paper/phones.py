"""Phones that behave as the district's own did: each ring is drawn from what its device, hour and reason are like."""

from bisect import bisect
from hashlib import blake2b
from itertools import accumulate
from typing import NamedTuple, Protocol

from actors.gateway import CallEnd, Script
from engine.forecast.past.cells import Before, LocalHour, before_of
from engine.forecast.past.history import Cell, Hold
from engine.gateways.stand_in.phone_network import Pickup
from store.dispositions import Disposition
from store.records import DeviceKind, Reason

RING_MS = 8_000
"""Of a call that is taken, about; what is known of one is its whole length, and only that keeps a line."""

_UNIT = 1 << 64
_NOT_HEARD = -1
"""Of the message, ms: less than any that counts as heard."""

_ANSWERED = {
    Disposition.CONFIRMED: CallEnd.ANSWERED,
    Disposition.LIVE_NO_CONFIRM: CallEnd.ANSWERED,
    Disposition.HANGUP_EARLY: CallEnd.ANSWERED,
    Disposition.MACHINE_MESSAGE_LEFT: CallEnd.MACHINE,
    Disposition.MACHINE_NO_MESSAGE: CallEnd.MACHINE,
    Disposition.FAX: CallEnd.FAX,
}


class Draws(Protocol):
    """What phones are drawn from; see `engine.forecast.past.history.Drawn`."""

    def ends(self, cell: Cell) -> list[float]:
        """Shares by disposition code."""

    def holds(self, kind: DeviceKind, disposition: Disposition) -> list[Hold]:
        """Lengths of calls."""


class Spoken(NamedTuple):
    """What calls play, as far as phones care."""

    reason: Reason
    message_ms: int
    leaves_message: bool


class _Lengths(NamedTuple):
    bounds: list[float]
    holds: list[Hold]


class DrawnPhones:
    """Implements `PhoneNetwork`. What a number does at its n-th ring follows from the seed, whenever that is."""

    def __init__(self, draws: Draws, zone: str, seed: int) -> None:
        self._draws = draws
        self._hour = LocalHour(zone)
        self._key = seed.to_bytes(8)
        self.kinds: dict[str, DeviceKind] = {}
        """number → its device; others are taken for mobile phones."""
        self.spoken: dict[str, Spoken] = {}
        """script id → what it says."""
        self.since: dict[str, int] = {}
        """number → for how long it has been ringing or talking already, ms, of calls that are out as the run begins."""
        self._before: dict[str, Before] = {}
        self._ends: dict[Cell, list[float]] = {}
        self._lengths: dict[tuple[DeviceKind, Disposition], _Lengths] = {}

    def ring(self, number: str, emergency: bool, at: int, call_index: int, script: Script, text: str | None) -> Pickup:  # noqa: ARG002
        """See PhoneNetwork."""
        drawn = blake2b(b"%b/%d" % (number.encode(), call_index), digest_size=16, key=self._key).digest()
        luck, length = int.from_bytes(drawn[:8]) / _UNIT, int.from_bytes(drawn[8:]) / _UNIT
        spoken, kind = self.spoken[script.script_id], self.kinds.get(number, DeviceKind.CELL)
        before = self._before.pop(number, Before.NOTHING)
        bounds = self._bounds((kind, self._hour(at), spoken.reason, before))
        disposition = Disposition(min(bisect(bounds, luck), Disposition.UNKNOWN))
        if disposition is Disposition.MACHINE_MESSAGE_LEFT and not spoken.leaves_message:
            disposition = Disposition.MACHINE_NO_MESSAGE
        if disposition.flags.retryable:
            self._before[number] = before_of(disposition)
        ms = self._length(kind, disposition, length, spoken.message_ms)
        if self.since:
            ms = max(1, ms - self.since.pop(number, 0))
        return _pickup(disposition, ms, script)

    def _bounds(self, cell: Cell) -> list[float]:
        bounds = self._ends.get(cell)
        if bounds is None:
            bounds = self._ends[cell] = list(accumulate(self._draws.ends(cell)))
        return bounds

    def _length(self, kind: DeviceKind, disposition: Disposition, length: float, message_ms: int) -> int:
        lengths = self._lengths.get((kind, disposition))
        if lengths is None:
            holds = self._draws.holds(kind, disposition)
            lengths = self._lengths[kind, disposition] = _Lengths(list(accumulate(hold[0] for hold in holds)), holds)
        place = bisect(lengths.bounds, length * lengths.bounds[-1])
        _, heard, ms = lengths.holds[min(place, len(lengths.holds) - 1)]
        return ms + message_ms if heard else ms


def _pickup(disposition: Disposition, ms: int, script: Script) -> Pickup:
    """What a phone does so that the call ends as drawn and keeps its line as long."""
    end = _ANSWERED.get(disposition)
    if end is None:
        return Pickup(CallEnd[disposition.name], min(ms, script.ring_s * 1000))
    ring_ms = min(RING_MS, script.ring_s * 1000, ms)
    talk_ms = ms - ring_ms
    if end is CallEnd.MACHINE:
        return Pickup(end, ring_ms, talk_ms, message_left=disposition is Disposition.MACHINE_MESSAGE_LEFT)
    played_ms = _NOT_HEARD if disposition is Disposition.HANGUP_EARLY else None
    keys = script.confirm_key if disposition is Disposition.CONFIRMED else ""
    return Pickup(end, ring_ms, talk_ms, played_ms, keys)
