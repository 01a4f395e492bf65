"""What a row of the carrier's call log means for a chain (decisions 9, 10, 14)."""

from actors.gateway import CallEnd, CallRow
from store.dispositions import Disposition

HEARD_MS = 10_000
"""Somebody who listened this long has heard what it is about, however long the message."""

_ENDS = {
    CallEnd.BUSY: Disposition.BUSY,
    CallEnd.NO_ANSWER: Disposition.NO_ANSWER,
    CallEnd.REJECTED: Disposition.REJECTED,
    CallEnd.INVALID_NUMBER: Disposition.INVALID_NUMBER,
    CallEnd.DISCONNECTED: Disposition.DISCONNECTED,
    CallEnd.FAX: Disposition.FAX,
    CallEnd.NETWORK_FAILURE: Disposition.NETWORK_FAILURE,
    CallEnd.CANCELED: Disposition.CANCELED,
    CallEnd.EXPIRED: Disposition.EXPIRED,
    CallEnd.UNKNOWN: Disposition.UNKNOWN,
}


def disposition_of(row: CallRow, message_ms: int, confirm_key: str = "0") -> Disposition:
    """How an attempt ended, from its row. `message_ms` is the estimated length of the speech."""
    if row.end is CallEnd.ANSWERED:
        return _answered(row, message_ms, confirm_key)
    if row.end is CallEnd.MACHINE:
        return Disposition.MACHINE_MESSAGE_LEFT if row.message_left else Disposition.MACHINE_NO_MESSAGE
    if row.end is CallEnd.CANCELED and row.duration_ms:
        return Disposition.RING_WITHDRAWN
    return _ENDS[row.end]


def _answered(row: CallRow, message_ms: int, confirm_key: str) -> Disposition:
    """A live answer: the key at any time after answer confirms; without it the message must have been played."""
    if confirm_key in row.keys:
        return Disposition.CONFIRMED
    heard = row.played_ms is None or row.played_ms >= min(HEARD_MS, message_ms // 2)
    return Disposition.LIVE_NO_CONFIRM if heard else Disposition.HANGUP_EARLY
