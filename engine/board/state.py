"""What a chain can show on the board."""

from enum import IntEnum

from store.dispositions import Outcome
from store.rows import ChainRow


class State(IntEnum):
    """Where a chain stands. From `CONFIRMED` on it is over; the last two never started."""

    PENDING = 0
    """Not begun."""
    WAITING = 1
    """Begun; waits for a line or for its redial."""
    AT_CARRIER = 2
    """An attempt is open. The carrier does not say whether it rings or talks."""
    CONFIRMED = 3
    DELIVERED_UNCONFIRMED = 4
    EXHAUSTED = 5
    EXPIRED = 6
    CANCELED = 7
    ERROR = 8
    UNREACHABLE = 9
    COVERED = 10

    @property
    def word(self) -> str:
        """How it is written in reports and filters."""
        return self.name.lower()

    @property
    def ended(self) -> bool:
        """Nothing of this chain will be dialed any more."""
        return self >= State.CONFIRMED

    @property
    def fault(self) -> bool:
        """Nobody heard the message, though somebody should have."""
        return self in FAULTS


FAULTS = (State.ERROR, State.EXHAUSTED, State.EXPIRED, State.UNREACHABLE)

_FIRST_ENDED = State.CONFIRMED - Outcome.CONFIRMED


def state_of(row: ChainRow) -> int:
    """The state code of a chain that has begun or ended."""
    if row.outcome:
        return row.outcome + _FIRST_ENDED
    return State.AT_CARRIER if row.attempt_id else State.WAITING
