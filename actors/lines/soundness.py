"""Whether time and disk can be trusted; when not, the gate closes for all but emergencies and an alarm is raised."""

from collections.abc import Callable

from actors.gateway import Failure, FailureKind
from actors.lines.floor import Floor
from actors.runtime.clock import Clock
from store.alarms import Alarm

JUMP_MS = 60_000
"""A wall clock this far from where the monotonic one says it should be has been set."""

TRUSTED_AFTER_MS = 300_000
"""A clock that was set is trusted again after standing this long, if the carrier's agrees with it."""

CARRIER_SKEW_MS = 120_000
"""A carrier's clock this far from ours makes `windowEnd` mean something else there than here."""

_ALARMS = {
    FailureKind.UNREACHABLE: Alarm.CARRIER_UNREACHABLE,
    FailureKind.BUSY: Alarm.CARRIER_UNREACHABLE,
    FailureKind.AUTH: Alarm.CARRIER_REFUSES_LOGIN,
    FailureKind.REFUSED: Alarm.CARRIER_OUTSIDE_CONTRACT,
    FailureKind.CONTRACT: Alarm.CARRIER_OUTSIDE_CONTRACT,
}

CARRIER_ALARMS = tuple(dict.fromkeys(_ALARMS.values()))
"""What the next good answer of the carrier clears."""


def alarm_of(failure: Failure) -> Alarm:
    """What to raise when the carrier fails us so."""
    return _ALARMS[failure.kind]


class Soundness:
    """Checked by the line pool every few seconds."""

    def __init__(self, clock: Clock, has_room: Callable[[], bool]) -> None:
        self._clock = clock
        self._has_room = has_room
        self._offset = self._jumped_to = self._offset_now()
        """Of the wall clock from the monotonic one: as it was trusted last, and as it is since a jump."""
        self._jumped_at = clock.monotonic()
        self._skew_ms = 0
        self._skew_read_at = 0
        self.store_fails = False
        """The store takes no writes: nothing that happens now is on disk."""

    def check(self, floor: Floor) -> None:
        """Look at the wall clock and at the disk."""
        room = floor.gate.store_has_room = self._has_room() and not self.store_fails
        floor.alarm(Alarm.STORE_FULL, raised=not room)
        self._judge_clock(floor)

    def store_failing(self, floor: Floor, failing: bool) -> None:
        """The store stopped taking writes, or takes them again."""
        self.store_fails = failing
        self.check(floor)

    def carrier_skew(self, floor: Floor, skew_ms: int) -> None:
        """The carrier said what time it is there."""
        self._skew_ms = skew_ms
        self._skew_read_at = self._clock.monotonic()
        self._judge_clock(floor)

    def _judge_clock(self, floor: Floor) -> None:
        far = abs(self._skew_ms) > CARRIER_SKEW_MS
        jumped = self._has_jumped() and not self._is_trusted_again(far)
        floor.gate.clock_is_sound = not jumped and not far
        floor.alarm(Alarm.CLOCK_JUMPED, raised=jumped)
        floor.alarm(Alarm.CARRIER_CLOCK_FAR, raised=far)

    def _has_jumped(self) -> bool:
        offset = self._offset_now()
        if abs(offset - self._jumped_to) > JUMP_MS:
            self._jumped_to, self._jumped_at = offset, self._clock.monotonic()
        return abs(offset - self._offset) > JUMP_MS

    def _is_trusted_again(self, far: bool) -> bool:
        """A clock that was set right: it has stood for a while, and the carrier, asked since, agrees with it."""
        stood = self._clock.monotonic() - self._jumped_at >= TRUSTED_AFTER_MS
        if stood and not far and self._skew_read_at > self._jumped_at:
            self._offset = self._jumped_to
            return True
        return False

    def _offset_now(self) -> int:
        return self._clock.now() - self._clock.monotonic()
