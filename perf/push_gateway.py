"""A gateway of the harness's own: calls are taken over at once, and their results are pushed as later events."""

from collections.abc import Callable, Sequence

from actors.gateway import (
    Call,
    CallRow,
    Cancellation,
    CancelOutcome,
    LineStatus,
    LogPage,
    Lookup,
    LookupState,
    Reply,
    Script,
    SubmitStatus,
    Submitted,
)
from actors.runtime.dispatcher import Dispatcher
from perf.rig import ACTS

Rows = Sequence[CallRow]
Ring = Callable[[Sequence[Call]], Rows]
"""How calls that were handed over just now end; those it leaves out never do."""


class PushGateway:
    """Implements `Gateway`. Results come in the turn of the loop after their submission, never inside it."""

    pushes = True

    def __init__(self, dispatcher: Dispatcher, ring: Ring) -> None:
        self._dispatcher = dispatcher
        self._ring = ring
        self._sink: Callable[[Rows], None] = lambda _rows: None

    def submit(self, calls: Sequence[Call], _scripts: Sequence[Script], reply: Reply[Sequence[Submitted]]) -> None:
        """Take calls over; nothing is checked and nothing is kept."""
        accepted = [Submitted(call.ref, SubmitStatus.ACCEPTED) for call in calls]
        self._later(lambda: reply(accepted))
        self._end_later(self._ring(calls))

    def _end_later(self, rows: Rows) -> None:
        """Have results pushed; here at once, as the next event."""
        if rows:
            self._later(lambda: self._sink(rows))

    def _later(self, act: Callable[[], None]) -> None:
        self._dispatcher.timer.at(self._dispatcher.clock.now(), ACTS, act)

    def cancel(self, refs: Sequence[str], reply: Reply[Sequence[Cancellation]]) -> None:
        """Every call is beyond recall."""
        self._later(lambda: reply([Cancellation(ref, CancelOutcome.IN_PROGRESS) for ref in refs]))

    def lookup(self, refs: Sequence[str], reply: Reply[Sequence[Lookup]]) -> None:
        """Every call that has not ended goes on."""
        self._later(lambda: reply([Lookup(ref, LookupState.QUEUED) for ref in refs]))

    def results(self, cursor: str, reply: Reply[LogPage]) -> None:
        """There is no call log beside what is pushed."""
        self._later(lambda: reply(LogPage((), cursor, more=False)))

    def line_status(self, reply: Reply[LineStatus]) -> None:
        """The carrier's time is ours."""
        self._later(lambda: reply(LineStatus(0, 0, 0, 0, self._dispatcher.clock.now())))

    def on_rows(self, sink: Callable[[Rows], None]) -> None:
        """Push to `sink` from now on."""
        self._sink = sink

    def close(self) -> None:
        """Nothing is held."""
