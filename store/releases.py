"""What was asked to be sent, on its way up the confirmation ladder."""

from enum import IntEnum

from store.records import Record


class Rung(IntEnum):
    """How far it has come. The numbers are stored: append only."""

    ASKED = 1
    """It waits for a second person."""
    COUNTING = 2
    """Everybody agreed; it goes out when the countdown ends, unless it is recalled."""
    RELEASED = 3
    RECALLED = 4
    EXPIRED = 5
    """Nobody agreed in time, or it could not go out any more when it was due."""

    @property
    def word(self) -> str:
        """How it is written."""
        return self.name.lower()

    @property
    def over(self) -> bool:
        """Nothing happens to it any more."""
        return self >= Rung.RELEASED


class Release(Record, frozen=True):
    """One job's way from being asked for to going out. Instants are ms UTC."""

    job_id: int
    rung: Rung
    expect: int
    """The count that was confirmed."""
    asked_by: str
    asked_at: int
    expires_at: int
    """From here on nobody may agree; once it counts: from here on it goes out no more."""
    release_at: int = 0
    """When the countdown ends, 0 before it began."""
    approved_by: str = ""
    ended_by: str = ""
    """Who recalled it."""
    ended_at: int = 0
    recall_ms: int = 0
    """How long it counts, by the settings it was asked for under."""
    why: str = ""
    """Why it expired, in a sentence."""
