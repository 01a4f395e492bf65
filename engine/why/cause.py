"""The one reason why a chain rings now, or does not, in a word; and what the instant of its next ring is read off."""

from enum import StrEnum


class Cause(StrEnum):
    """Every chain has exactly one. The words are read by programs: append only."""

    # -- never dialed
    COVERED = "covered"
    """Another chain of the job dials its numbers."""
    UNREACHABLE = "unreachable"
    NOT_IN_AUDIENCE = "not_in_audience"
    LEFT_OUT = "left_out"
    """In the audience by the roster of today, and not in the message all the same."""
    CONTACT_STOPPED = "contact_stopped"
    """They may not be told of a student any more."""

    # -- not sent
    PREPARED = "prepared"
    WAITS_FOR_SECOND = "waits_for_second"
    """The ladder wants somebody else to agree."""
    COUNTING_DOWN = "counting_down"
    RECALLED = "recalled"
    NEVER_SENT = "never_sent"
    """Its window was over before anybody sent it."""
    MESSENGER_OFF = "messenger_off"
    VOICE_OFF = "voice_off"

    # -- live: nothing can ring
    ENGINE_STOPPED = "engine_stopped"
    CARRIER_SILENT = "carrier_silent"
    """No call center answers, or it refuses the login."""
    RESTORED = "restored"
    """A backup was put back, and the carrier's log is not read to its end yet."""
    STORE_FULL = "store_full"
    CLOCK_UNSOUND = "clock_unsound"

    # -- live: its job
    CANCELING = "canceling"
    CLOSING = "closing"
    PAUSED = "paused"
    WINDOW_NOT_OPEN = "window_not_open"
    """The message's own."""
    DISTRICT_NOT_OPEN = "district_not_open"
    DISTRICT_CLOSED = "district_closed"

    # -- live: its call
    AT_CARRIER = "at_carrier"
    RESULT_DUE = "result_due"
    """The call has ended by any estimate; the call log is read soon."""
    RESULT_OVERDUE = "result_overdue"
    PLAYS_OUT = "plays_out"
    """Its job was canceled, and its call is out."""

    # -- live: itself
    BETWEEN_ROUNDS = "between_rounds"
    WITHDRAWN = "withdrawn"
    """Its last call was taken back before anybody answered."""
    NETWORK_FAILED = "network_failed"
    REDIAL_TOO_LATE = "redial_too_late"
    """The window closes before its redial is due."""

    # -- live: its next number
    NUMBER_BLOCKED = "number_blocked"
    REDIALS_SPENT = "redials_spent"
    """The number was redialed often enough today."""
    RECIPIENT_NOT_OPEN = "recipient_not_open"
    RECIPIENT_CLOSED = "recipient_closed"
    NUMBER_IN_USE = "number_in_use"
    NUMBER_COOLING = "number_cooling"

    # -- live: its turn
    COMING = "coming"
    """Its job is bringing its chains to life."""
    WAITING_FOR_LINE = "waiting_for_line"
    LINE_GRANTED = "line_granted"

    # -- ended
    CONFIRMED = "confirmed"
    DELIVERED = "delivered"
    """Heard or left as a message; nobody pressed the key."""
    EXHAUSTED = "exhausted"
    NUMBERS_DEAD = "numbers_dead"
    """Every number was dropped: out of service, a fax, invalid."""
    EXPIRED_WINDOW = "expired_window"
    EXPIRED_DISTRICT = "expired_district"
    EXPIRED_RECIPIENT = "expired_recipient"
    EXPIRED_CAP = "expired_cap"
    """An emergency's longest time."""
    CANCELED = "canceled"
    CHAIN_CANCELED = "chain_canceled"
    """It alone, while its job went on."""
    FAILED = "failed"


class Basis(StrEnum):
    """What the instant of the next ring is read off, or why nobody can tell it."""

    LINE = "line"
    """A line is free: now."""
    QUEUE = "queue"
    """Its place in the queue and the pace of the lines."""
    DUE = "due"
    """The delay between two rounds."""
    WINDOW = "window"
    """The window's opening."""
    DISTRICT = "district"
    """The district's next opening."""
    RECIPIENT = "recipient"
    """The recipient's own hours."""
    NUMBER_GAP = "number_gap"
    """Until its number has rested."""
    COUNTDOWN = "countdown"
    """The release of its message."""

    RESULT = "result"
    """Unknown: the call that is out decides."""
    NUMBER = "number"
    """Unknown: another call to its number must end."""
    RESUME = "resume"
    """Unknown: somebody must resume the job."""
    SEND = "send"
    """Unknown: somebody must send the message."""
    REPAIR = "repair"
    """Unknown: what stands in the way must be mended."""
    CLOSES = "closes"
    """Never: the window closes first."""
    NEVER = "never"
    """Never: nothing of it is dialed any more."""
    UNKNOWN = "unknown"
    """Nobody can tell."""
