"""A make-believe carrier: Shoutpoint's side of the contract, without SOAP, over an exchange that rings phones.

Its rules are those at the top of `shoutpoint.wsdl`. It has no clock, thread or I/O: each act is told the time and
first lets everything happen that was due until then.
"""

import re
from collections.abc import Sequence

from actors.gateway import (
    CALLS_MAX,
    Call,
    CallEnd,
    Cancellation,
    CancelOutcome,
    Center,
    LineStatus,
    LogPage,
    Lookup,
    LookupState,
    Script,
    SubmitStatus,
    Submitted,
)
from engine.gateways.stand_in.exchange import Exchange
from engine.gateways.stand_in.ledger import ENDED, LIVE, HeldCall, Ledger
from engine.gateways.stand_in.phone_network import PhoneNetwork
from store.errors import GatewayError, NotFoundError

NANP = re.compile(r"\+1[2-9][0-8][0-9][2-9](?!11)[0-9]{6}")
"""E.164 within the North American plan: no area code with 9 in the middle, no N11 exchange (facts 2.5)."""

CHECK_FACTOR = 0x9E3779B1
CHECK_MASK = 0xFFFFFFFF
"""A cursor is a position and a 32-bit check word, so that one the carrier never gave is told from one it did."""


class BrokenRuleError(GatewayError):
    """A request breaks the contract and nothing of it was carried out. `code` is the fault's code."""

    code = "BAD_REQUEST"


class RefusedCallError(BrokenRuleError):
    """A reference was used again with another phone."""

    code = "REF_REUSED"


class UnknownCursorError(BrokenRuleError):
    """The call log was asked for rows after a cursor this carrier never gave."""

    code = "BAD_CURSOR"


class TooManyError(BrokenRuleError):
    """More than CALLS_MAX calls or references in one message."""

    code = "TOO_MANY"


class Carrier:
    """The carrier: `lines` take every call, `emergency_lines` emergency calls only (decisions 28, 29).

    Instants are ms UTC. The same network and the same acts give the same log. Not safe for threads.
    """

    def __init__(
        self,
        network: PhoneNetwork,
        *,
        lines: int,
        emergency_lines: int,
        start_delay_ms: int = 200,
        centers: tuple[str, ...] = ("CA", "NY"),
        ledger: Ledger | None = None,
    ) -> None:
        self.ledger = Ledger() if ledger is None else ledger
        self.center_states = dict.fromkeys(centers, "UP")
        self._exchange = Exchange(
            network, self.ledger, lines=lines, emergency_lines=emergency_lines, start_delay_ms=start_delay_ms
        )
        self._canceled_unseen: set[str] = set()

    @property
    def lines_peak(self) -> int:
        """The most lines of both kinds ever in use at once."""
        return self._exchange.lines_peak

    # ------------------------------------------------------------ time

    def advance(self, now: int) -> None:
        """Let happen what is due until `now`, included; time never runs backward."""
        self._exchange.advance(now)
        self._write_ledger()

    def next_event_at(self) -> int | None:
        """When something happens next unless somebody acts before; None: nothing will."""
        return self._exchange.next_event_at()

    def _write_ledger(self) -> None:
        self.ledger.now = self._exchange.now
        self.ledger.flush()

    # ------------------------------------------------------------ calls

    def submit(
        self, calls: Sequence[Call], scripts: Sequence[Script], now: int, center: str | None = None
    ) -> list[Submitted]:
        """Take over up to CALLS_MAX calls, answered in their order; `center` is the one they came through.

        Raises RefusedCallError when a reference comes with another phone than before, and TooManyError; nothing is
        taken over then (decision 36).
        """
        _check_size(calls)
        self.advance(now)
        self._check_refs(calls)
        known = {script.script_id: script for script in scripts}
        through = center or next(iter(self.center_states), "")
        answers = [self._take(call, known.get(call.script_id), through) for call in calls]
        self._exchange.settle()
        return answers

    def _check_refs(self, calls: Sequence[Call]) -> None:
        held, batch = self.ledger.calls, dict[str, str]()
        for call in calls:
            before = held.get(call.ref)
            number = batch.setdefault(call.ref, call.number) if before is None else before.number
            if number != call.number:
                raise RefusedCallError(
                    f"Call {call.ref}: this reference was used with another phone. A reference is unique for ever; "
                    "submit the call under a new one."
                )

    def _take(self, call: Call, script: Script | None, center: str) -> Submitted:
        calls = self.ledger.calls
        before = calls.get(call.ref)
        if before is not None:
            return Submitted(call.ref, SubmitStatus.DUPLICATE, before.provider_id)
        reason = self._why_not(call, script)
        if reason:
            return Submitted(call.ref, SubmitStatus.REJECTED, "", reason)
        held = HeldCall(
            call.ref,
            call.number,
            call.emergency,
            call.window_end_at,
            self._exchange.now,
            f"SP{len(calls) + 1:09d}",
            center,
            script,
            call.text,
        )
        calls[call.ref] = held
        self._exchange.enqueue(held)
        return Submitted(call.ref, SubmitStatus.ACCEPTED, held.provider_id)

    def _why_not(self, call: Call, script: Script | None) -> str:
        if call.ref in self._canceled_unseen:
            return "CANCELED"
        if NANP.fullmatch(call.number) is None:
            return "INVALID_NUMBER"
        if call.window_end_at <= self._exchange.now:
            return "EXPIRED"
        if script is None and not call.text:
            return "NO_MESSAGE"
        return ""

    def cancel(self, refs: Sequence[str], now: int) -> list[Cancellation]:
        """Withdraw calls nobody has answered; an unknown reference is remembered and will be rejected.

        Raises TooManyError.
        """
        _check_size(refs)
        self.advance(now)
        answers = [Cancellation(ref, self._withdraw(ref)) for ref in refs]
        self._exchange.settle()
        self._write_ledger()
        return answers

    def _withdraw(self, ref: str) -> CancelOutcome:
        call = self.ledger.calls.get(ref)
        if call is None:
            self._canceled_unseen.add(ref)
            return CancelOutcome.UNKNOWN
        if call.state == ENDED:
            return CancelOutcome.CANCELED if _was_canceled(call) else CancelOutcome.FINISHED
        if call.answered_by(self._exchange.now):
            return CancelOutcome.IN_PROGRESS
        self._exchange.cut(call, CallEnd.CANCELED)
        return CancelOutcome.CANCELED

    # ------------------------------------------------------------ questions

    def lookup(self, refs: Sequence[str], now: int) -> list[Lookup]:
        """Where calls are: QUEUED until the phone rings; CANCELED, also of a remembered cancel, without a row.

        Raises TooManyError.
        """
        _check_size(refs)
        self.advance(now)
        return [self._find(ref) for ref in refs]

    def _find(self, ref: str) -> Lookup:
        call = self.ledger.calls.get(ref)
        if call is None:
            return Lookup(ref, LookupState.CANCELED if ref in self._canceled_unseen else LookupState.UNKNOWN)
        if call.state != ENDED:
            return Lookup(ref, LookupState.IN_PROGRESS if call.state == LIVE else LookupState.QUEUED)
        if _was_canceled(call):
            return Lookup(ref, LookupState.CANCELED)
        return Lookup(ref, LookupState.FINISHED, call.row)

    def log(self, cursor: str, rows_max: int, now: int) -> LogPage:
        """Rows after `cursor` (empty: from the start) in the order calls ended, at most CALLS_MAX of them.

        The same cursor gives the same rows, newer ones behind them. Raises UnknownCursorError.
        """
        self.advance(now)
        rows = self._exchange.rows
        begin = _position(cursor, len(rows))
        end = min(begin + max(0, min(rows_max, CALLS_MAX)), len(rows))
        return LogPage(rows[begin:end], _cursor(end), end < len(rows))

    def line_status(self, now: int) -> LineStatus:
        """Lines and waiting calls; ordinary and emergency figures stand apart, none is part of another."""
        self.advance(now)
        exchange = self._exchange
        return LineStatus(
            lines_total=exchange.lines,
            lines_in_use=exchange.lines - exchange.lines_free,
            queued=exchange.queued,
            queued_emergency=exchange.queued_emergency,
            server_time_at=exchange.now,
            emergency_lines_total=exchange.emergency_lines,
            emergency_lines_in_use=exchange.emergency_lines - exchange.emergency_lines_free,
            centers=self._centers(),
        )

    # ------------------------------------------------------------ call centers

    def center_down(self, name: str) -> None:
        """Show a call center as DOWN; all lines work on through the others. Raises NotFoundError."""
        self._set_center(name, "DOWN")

    def center_up(self, name: str) -> None:
        """Show a call center as UP again. Raises NotFoundError."""
        self._set_center(name, "UP")

    def _set_center(self, name: str, state: str) -> None:
        if name not in self.center_states:
            raise NotFoundError(f"There is no call center {name!r}; there are {', '.join(self.center_states)}.")
        self.center_states[name] = state

    def _centers(self) -> tuple[Center, ...]:
        """All lines of both kinds, shared out evenly among the centers that are UP."""
        exchange = self._exchange
        total = exchange.lines + exchange.emergency_lines
        in_use = total - exchange.lines_free - exchange.emergency_lines_free
        up = [name for name, state in self.center_states.items() if state == "UP"]
        shares = {name: (_share(total, i, len(up)), _share(in_use, i, len(up))) for i, name in enumerate(up)}
        return tuple(Center(name, state, *shares.get(name, (0, 0))) for name, state in self.center_states.items())


def _check_size(items: Sequence[object]) -> None:
    if len(items) > CALLS_MAX:
        raise TooManyError(f"A message held {len(items)} calls or references; send at most {CALLS_MAX} at once.")


def _was_canceled(call: HeldCall) -> bool:
    return call.row is not None and call.row.end is CallEnd.CANCELED


def _share(amount: int, index: int, parts: int) -> int:
    return amount // parts + (index < amount % parts)


def _cursor(position: int) -> str:
    return f"{position:x}-{(position + 1) * CHECK_FACTOR & CHECK_MASK:08x}"


def _position(cursor: str, rows: int) -> int:
    if not cursor:
        return 0
    head = cursor.partition("-")[0]
    # Twelve digits bound what is parsed; the comparison refuses every other spelling of the same position.
    position = int(head, 16) if re.fullmatch("[0-9a-f]{1,12}", head) else -1
    if not 0 <= position <= rows or cursor != _cursor(position):
        raise UnknownCursorError("The call log has no such cursor; read it again from the start (empty cursor).")
    return position
