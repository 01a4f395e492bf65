"""Whether time and disk can be trusted; when not, the gate closes for all but emergencies and an alarm is raised."""

from collections.abc import Callable

from actors.gateway import Failure, FailureKind
from actors.lines.floor import Floor
from actors.runtime.clock import Clock
from store.alarms import Alarm

JUMP_MS = 60_000
"""A wall clock this far from where the monotonic one says it should be has been set."""

CARRIER_SKEW_MS = 120_000
"""A carrier's clock this far from ours makes `windowEnd` mean something else there than here."""

_ALARMS = {
    FailureKind.UNREACHABLE: Alarm.CARRIER_UNREACHABLE,
    FailureKind.BUSY: Alarm.CARRIER_UNREACHABLE,
    FailureKind.AUTH: Alarm.CARRIER_REFUSES_LOGIN,
    FailureKind.REFUSED: Alarm.CARRIER_OUTSIDE_CONTRACT,
    FailureKind.CONTRACT: Alarm.CARRIER_OUTSIDE_CONTRACT,
}


def alarm_of(failure: Failure) -> Alarm:
    """What to raise when the carrier fails us so."""
    return _ALARMS[failure.kind]


class Soundness:
    """Checked by the line pool every few seconds."""

    def __init__(self, clock: Clock, has_room: Callable[[], bool]) -> None:
        self._clock = clock
        self._has_room = has_room
        self._offset = clock.now() - clock.monotonic()
        self._skew_ms = 0
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
        self._judge_clock(floor)

    def _judge_clock(self, floor: Floor) -> None:
        jumped = abs(self._clock.now() - self._clock.monotonic() - self._offset) > JUMP_MS
        far = abs(self._skew_ms) > CARRIER_SKEW_MS
        floor.gate.clock_is_sound = not jumped and not far
        floor.alarm(Alarm.CLOCK_JUMPED, raised=jumped)
        floor.alarm(Alarm.CARRIER_CLOCK_FAR, raised=far)
