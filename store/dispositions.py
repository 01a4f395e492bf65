"""How an attempt, a chain and a job can end, and what each ending means for the walk (decisions 8–13, facts §2.3)."""

from enum import IntEnum
from typing import NamedTuple


class Disposition(IntEnum):
    """How one attempt ended. The numbers are stored: append only."""

    CONFIRMED = 1
    LIVE_NO_CONFIRM = 2
    MACHINE_MESSAGE_LEFT = 3
    MACHINE_NO_MESSAGE = 4
    HANGUP_EARLY = 5
    FAX = 6
    BUSY = 7
    NO_ANSWER = 8
    REJECTED = 9
    INVALID_NUMBER = 10
    DISCONNECTED = 11
    NETWORK_FAILURE = 12
    UNKNOWN = 13
    CANCELED = 14
    """Withdrawn at the carrier before anybody answered."""
    EXPIRED = 15
    """Dropped by the carrier at `windowEnd`."""
    WITHDRAWN = 16
    """Refused by the gate before the carrier heard of it."""
    RESULT_OVERDUE = 17
    BLOCKED = 18
    """The number may not be called; nothing was dialed."""
    RING_WITHDRAWN = 19
    """Withdrawn by us while it rang: its turn is spent, so that no phone rings twice for one step of a round."""
    RETRY_BUDGET = 20
    """The number was redialed often enough today; nothing was dialed (decision 21b)."""
    RECIPIENT_HOURS = 21
    """The recipient's own hours were over; nothing was dialed (decision 22)."""

    @property
    def word(self) -> str:
        """How it is written in reports and on screens."""
        return self.name.lower()

    @property
    def flags(self) -> "Flags":
        """What it means for the walk."""
        return _FLAGS[self]


class Flags(NamedTuple):
    """What a disposition means for the chain."""

    human: bool = False
    """A person took the call."""
    delivered: bool = False
    """The message was heard or left; the number is not redialed in later rounds."""
    retryable: bool = False
    """The number is tried again in the next round."""
    number_dead: bool = False
    """The number is dropped from the chain."""
    spends_attempt: bool = True
    """Counts as this step's turn in this round; otherwise the same step is dialed again."""


FLAGS: dict[Disposition, Flags] = {
    Disposition.CONFIRMED: Flags(human=True, delivered=True),
    Disposition.LIVE_NO_CONFIRM: Flags(human=True, delivered=True),
    Disposition.MACHINE_MESSAGE_LEFT: Flags(delivered=True),
    Disposition.MACHINE_NO_MESSAGE: Flags(retryable=True),
    Disposition.HANGUP_EARLY: Flags(human=True, retryable=True),
    Disposition.FAX: Flags(number_dead=True),
    Disposition.BUSY: Flags(retryable=True),
    Disposition.NO_ANSWER: Flags(retryable=True),
    Disposition.REJECTED: Flags(retryable=True),
    Disposition.INVALID_NUMBER: Flags(number_dead=True),
    Disposition.DISCONNECTED: Flags(number_dead=True),
    Disposition.NETWORK_FAILURE: Flags(retryable=True, spends_attempt=False),
    Disposition.UNKNOWN: Flags(retryable=True),
    Disposition.CANCELED: Flags(retryable=True, spends_attempt=False),
    Disposition.EXPIRED: Flags(retryable=True, spends_attempt=False),
    Disposition.WITHDRAWN: Flags(retryable=True, spends_attempt=False),
    Disposition.RESULT_OVERDUE: Flags(),
    Disposition.BLOCKED: Flags(number_dead=True),
    Disposition.RING_WITHDRAWN: Flags(retryable=True),
    Disposition.RETRY_BUDGET: Flags(),
    Disposition.RECIPIENT_HOURS: Flags(),
}


_FLAGS = tuple(
    FLAGS.get(Disposition(code), Flags()) if code in set(Disposition) else Flags() for code in range(max(FLAGS) + 1)
)
"""By number: an enumeration's member is slow to look up by hash, and this is asked several times a dial."""


class Outcome(IntEnum):
    """How a chain ended. The numbers are stored: append only."""

    CONFIRMED = 1
    DELIVERED_UNCONFIRMED = 2
    EXHAUSTED = 3
    EXPIRED = 4
    CANCELED = 5
    ERROR = 6
    UNREACHABLE = 7
    COVERED = 8

    @property
    def word(self) -> str:
        """How it is written in reports and on screens."""
        return self.name.lower()


class Expiry(IntEnum):
    """Which clock ended an expired chain (decision 23)."""

    NONE = 0
    MESSAGE_WINDOW = 1
    DISTRICT_END = 2
    RECIPIENT_HOURS = 3
    JOB_CAP = 4

    @property
    def word(self) -> str:
        """How it is written in reports and on screens."""
        return self.name.lower()


class JobState(IntEnum):
    """Where a job stands, in the words of the Sent Message Log. The numbers are stored: append only."""

    WAITING = 1
    IN_PROGRESS = 2
    PAUSED = 3
    SENT = 4
    CANCELED = 5
    CANCELED_IN_PROGRESS = 6
    ERROR = 7
    """All chains ended but results are overdue; becomes SENT when the last late result is in (decision 35)."""

    @property
    def word(self) -> str:
        """How it is written in reports and on screens."""
        return self.name.lower()

    @property
    def ended(self) -> bool:
        """Nothing of this job will be dialed any more."""
        return self >= JobState.SENT


class Reach(IntEnum):
    """What a student's family knows, from worst to best (decision 21a)."""

    MISSED = 0
    TOLD = 1
    COVERED = 2

    @property
    def word(self) -> str:
        """How it is written in reports and on screens."""
        return self.name.lower()


def reach_of(outcome: Outcome) -> Reach:
    """What a chain's outcome means for the students it is about (decision 21a)."""
    if outcome is Outcome.CONFIRMED:
        return Reach.COVERED
    if outcome is Outcome.DELIVERED_UNCONFIRMED:
        return Reach.TOLD
    return Reach.MISSED
