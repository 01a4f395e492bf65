"""Who will not be called and why, listed for the author before anything is sent (decision 55)."""

from enum import StrEnum

from store.records import Record


class GapReason(StrEnum):
    """The word shown for a gap."""

    NO_PHONE = "no_phone"
    NO_PREFERENCE = "no_preference"
    BAD_FORMAT = "bad_format"
    EXTENSION = "extension"
    """Numbers behind a switchboard are kept but not dialed (decision 51)."""
    PRIVATE = "private"
    NO_CONTACT = "no_contact"
    """A student without any messenger contact (C085)."""
    NO_STAFF_TYPE = "no_staff_type"
    DUPLICATE = "duplicate"
    """Every number is dialed by another chain of the job (decisions 17, 20)."""
    NOT_ENROLLED = "not_enrolled"
    UNKNOWN_PERSON = "unknown_person"
    GONE = "gone"
    """A contact of the job that is followed who is no contact of its students any more."""
    ALREADY_TOLD = "already_told"
    """Told of the same day of absence, or of the same event, by an earlier job (decision 30)."""
    IN_HAND = "in_hand"
    """A job that still runs tells of the same."""
    RECIPIENT_HOURS = "recipient_hours"
    """The recipient's own hours leave no time on that day (decision 22)."""
    BLOCKED = "blocked"
    """Nobody may call the number (decision 21d)."""
    BAD_ROW = "bad_row"
    """A row of an events file that cannot be read."""


class Gap(Record, frozen=True):
    """One chain, student or device that will not be dialed."""

    contact_key: str
    contact_name: str
    reason: GapReason
    device: str = ""
    """Which device is left out where others of the contact are dialed; empty: the whole chain or person."""
    student_ids: tuple[str, ...] = ()
