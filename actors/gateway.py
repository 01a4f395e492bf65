"""The seam to a carrier: what every gateway implements, and the values that cross it.

A gateway never blocks its caller: each act takes a `reply` that is called once, later, from any thread, with the answer
or with a `Failure`. Outcomes are values; a gateway raises nothing.
"""

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Protocol, TypeVar, Union

import msgspec

T = TypeVar("T")
Reply = Callable[[Union[T, "Failure"]], None]

CALLS_MAX = 1000
"""Calls, references or rows in one message: the contract's own bound."""


class Value(msgspec.Struct, frozen=True, gc=False):
    """Base of what crosses the seam."""


class Script(Value, frozen=True):
    """What is played, sent once per batch; calls point at it by `script_id`.

    People hear `before`, the recording `audio_id` and `text`, one after the other and each only where it is given;
    machines the same of theirs.
    """

    script_id: str
    text: str
    machine_text: str | None
    """Played to an answering machine after its greeting; None: hang up silently."""
    language: str = "en"
    confirm_key: str = "0"
    ring_s: int = 30
    before: str = ""
    audio_id: str = ""
    """What the carrier calls a recording it has; empty: none is played."""
    machine_before: str = ""
    machine_audio_id: str = ""

    @property
    def people_hear(self) -> str:
        """All of it in words, the recording by its name."""
        return _in_words(self.before, self.audio_id, self.text)

    @property
    def machines_hear(self) -> str | None:
        """The same for machines; None: nothing."""
        if self.machine_text is None:
            return None
        return _in_words(self.machine_before, self.machine_audio_id, self.machine_text)


def _in_words(before: str, audio_id: str, after: str) -> str:
    recording = f"[recording {audio_id}]" if audio_id else ""
    return " ".join(part for part in (before, recording, after) if part)


class Call(Value, frozen=True):
    """One call to hand over. `ref` is the attempt's reference: unique for ever, and the carrier rings it once."""

    ref: str
    number: str
    """E.164."""
    caller_id: str
    script_id: str
    emergency: bool
    window_end_at: int
    """No dial at or after it, ms UTC."""
    text: str | None = None
    """Played instead of the script's text."""
    school_customer_id: str | None = None


class SubmitStatus(Enum):
    """The carrier's word on one submitted call."""

    ACCEPTED = "ACCEPTED"
    DUPLICATE = "DUPLICATE"
    REJECTED = "REJECTED"


class Submitted(Value, frozen=True):
    """The answer to one call of a batch. `reason` is given with REJECTED."""

    ref: str
    status: SubmitStatus
    provider_id: str = ""
    reason: str = ""


class CallEnd(Enum):
    """How the carrier says a call ended; any word it invents is UNKNOWN."""

    ANSWERED = "ANSWERED"
    MACHINE = "MACHINE"
    BUSY = "BUSY"
    NO_ANSWER = "NO_ANSWER"
    REJECTED = "REJECTED"
    INVALID_NUMBER = "INVALID_NUMBER"
    DISCONNECTED = "DISCONNECTED"
    FAX = "FAX"
    NETWORK_FAILURE = "NETWORK_FAILURE"
    CANCELED = "CANCELED"
    EXPIRED = "EXPIRED"
    UNKNOWN = "UNKNOWN"


class CallRow(Value, frozen=True):
    """One row of the call log: a call that has ended."""

    ref: str
    provider_id: str
    number: str
    end: CallEnd
    dialed_at: int
    duration_ms: int
    answered_at: int | None = None
    played_ms: int | None = None
    message_left: bool | None = None
    keys: str = ""
    sip_code: int | None = None


class LogPage(Value, frozen=True):
    """Rows after a cursor, in order. Re-reading the same cursor gives the same rows."""

    rows: Sequence[CallRow]
    next_cursor: str
    more: bool


class CancelOutcome(Enum):
    """What became of a call that was to be withdrawn. A cancel of an UNKNOWN ref is remembered by the carrier."""

    CANCELED = "CANCELED"
    IN_PROGRESS = "IN_PROGRESS"
    FINISHED = "FINISHED"
    UNKNOWN = "UNKNOWN"


class Cancellation(Value, frozen=True):
    """The answer for one withdrawn reference."""

    ref: str
    outcome: CancelOutcome


class LookupState(Enum):
    """Where the carrier has a reference; UNKNOWN may still be in flight."""

    UNKNOWN = "UNKNOWN"
    QUEUED = "QUEUED"
    IN_PROGRESS = "IN_PROGRESS"
    FINISHED = "FINISHED"
    CANCELED = "CANCELED"


class Lookup(Value, frozen=True):
    """The answer for one looked-up reference; `row` is there when FINISHED."""

    ref: str
    state: LookupState
    row: CallRow | None = None


class Center(Value, frozen=True):
    """One call center as the carrier describes it: `state` is UP, DRAINING or DOWN."""

    name: str
    state: str
    lines_total: int
    lines_in_use: int


class LineStatus(Value, frozen=True):
    """The carrier's own count of lines and of waiting calls, at its own time."""

    lines_total: int
    lines_in_use: int
    queued: int
    queued_emergency: int
    server_time_at: int
    emergency_lines_total: int = 0
    emergency_lines_in_use: int = 0
    centers: Sequence[Center] = ()


class FailureKind(Enum):
    """Why the carrier gave no usable answer."""

    UNREACHABLE = "unreachable"
    """No connection, a time-out, a cut answer: the request may or may not have been carried out."""
    BUSY = "busy"
    """The carrier asked to come back later."""
    AUTH = "auth"
    """User name or password refused: nothing was carried out."""
    REFUSED = "refused"
    """A declared, final fault: nothing was carried out."""
    CONTRACT = "contract"
    """An answer outside the contract: the request may have been carried out."""


class Failure(Value, frozen=True):
    """An act that got no usable answer. Repeat the same references, never new ones."""

    kind: FailureKind
    retryable: bool
    detail: str
    """A sentence without numbers, texts or secrets."""
    retry_after_ms: int | None = None

    @property
    def maybe_done(self) -> bool:
        """The carrier may have carried the request out all the same."""
        return self.kind in (FailureKind.UNREACHABLE, FailureKind.CONTRACT, FailureKind.BUSY)


class Gateway(Protocol):
    """A way to place calls. `pushes`: results come by themselves (see `on_rows`), nobody needs to poll."""

    pushes: bool

    def submit(self, calls: Sequence[Call], scripts: Sequence[Script], reply: Reply[Sequence[Submitted]]) -> None:
        """Hand over up to CALLS_MAX calls; a repeated reference answers DUPLICATE and rings nobody."""

    def cancel(self, refs: Sequence[str], reply: Reply[Sequence[Cancellation]]) -> None:
        """Withdraw calls nobody has answered yet."""

    def lookup(self, refs: Sequence[str], reply: Reply[Sequence[Lookup]]) -> None:
        """Ask where calls are."""

    def results(self, cursor: str, reply: Reply[LogPage]) -> None:
        """Read one page of the call log after `cursor` (empty: from the start)."""

    def line_status(self, reply: Reply[LineStatus]) -> None:
        """Ask for the carrier's line counts and its time."""

    def on_rows(self, sink: Callable[[Sequence[CallRow]], None]) -> None:
        """Where a gateway that pushes delivers ended calls."""

    def close(self) -> None:
        """Give up connections and threads; replies still out are answered with a Failure."""
