"""The four kinds of events: which reason they are told for, to whom, and what is said unless a text is given."""

from enum import StrEnum
from typing import NamedTuple

from store.errors import InvalidInputError
from store.records import AudienceKind, Reason


class EventKind(StrEnum):
    """Also the name of its file's format, and of `callchain notify KIND`."""

    ATTENDANCE = "attendance"
    BEHAVIOR = "behavior"
    RESOLUTIONS = "resolutions"
    BALANCES = "balances"

    @property
    def traits(self) -> "Traits":
        """What holds for all messages of this kind."""
        return _TRAITS[self]


class Traits(NamedTuple):
    """What holds for all messages of a kind."""

    reason: Reason
    audience: AudienceKind
    subject: str
    text: str
    """Said unless a text or a template is given."""
    days_back: int
    """Without an effective date, events of today and of so many days before it are told."""


BEHAVIOR_DAYS = 7
"""An incident is often written down days later; each is told once, however long it stays in the file."""

_TRAITS = {
    EventKind.ATTENDANCE: Traits(
        Reason.ATTENDANCE,
        AudienceKind.CONTACTS,
        "Attendance",
        "This is an attendance notice. {students} was marked {status} at {school} on {date}.",
        0,
    ),
    EventKind.BEHAVIOR: Traits(
        Reason.BEHAVIOR,
        AudienceKind.CONTACTS,
        "Behavior",
        "{students} was involved in an incident at {school} on {date}: {event}. Please contact the school.",
        BEHAVIOR_DAYS,
    ),
    EventKind.RESOLUTIONS: Traits(
        Reason.STAFF,
        AudienceKind.STAFF,
        "Behavior referral",
        "A resolution was added to your behavior referral {event}: {resolution}.",
        BEHAVIOR_DAYS,
    ),
    EventKind.BALANCES: Traits(
        Reason.FOOD_SERVICE,
        AudienceKind.CONTACTS,
        "Food service",
        "The {account} account of {students} has a balance of {balance}.",
        0,
    ),
}


def kind_of(word: str) -> EventKind:
    """The kind of a word. Raises InvalidInputError."""
    try:
        return EventKind(word)
    except ValueError:
        raise InvalidInputError(f'There are no events called "{word}"; known are {", ".join(EventKind)}.') from None
