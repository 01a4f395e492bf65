"""A gateway straight to a make-believe carrier in the same process, without SOAP: for drills, forecasts and tests."""

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from actors.gateway import (
    CALLS_MAX,
    Call,
    CallRow,
    Cancellation,
    Failure,
    FailureKind,
    LineStatus,
    LogPage,
    Lookup,
    Reply,
    Script,
    Submitted,
)
from actors.runtime.clock import Clock
from engine.gateways.stand_in.carrier import BrokenRuleError, Carrier

T = TypeVar("T")

Later = Callable[[int, Callable[[], None]], object]
"""Calls back at an instant (ms UTC); callbacks of one instant in the order they were given."""


class InProcessGateway:
    """Implements `Gateway` over `carrier` at the time of `clock`; the carrier acts at once, the reply is a later event.

    With `pushes` the gateway wakes itself whenever the carrier has something to do, and hands ended calls to the sink,
    each row once. Without, rows come only from `results`. Safe for threads.
    """

    def __init__(self, carrier: Carrier, clock: Clock, later: Later, *, pushes: bool = False) -> None:
        self.pushes = pushes
        self._carrier = carrier
        self._clock = clock
        self._later = later
        self._lock = threading.RLock()
        self._sink: Callable[[Sequence[CallRow]], None] | None = None
        self._cursor = ""
        self._wakes_at: int | None = None
        self._out: dict[int, Callable[[], None]] = {}
        self._replies = 0
        self._closed = False

    def submit(self, calls: Sequence[Call], scripts: Sequence[Script], reply: Reply[Sequence[Submitted]]) -> None:
        """Hand over up to CALLS_MAX calls."""
        self._act(lambda now: self._carrier.submit(calls, scripts, now), reply)

    def cancel(self, refs: Sequence[str], reply: Reply[Sequence[Cancellation]]) -> None:
        """Withdraw calls nobody has answered yet."""
        self._act(lambda now: self._carrier.cancel(refs, now), reply)

    def lookup(self, refs: Sequence[str], reply: Reply[Sequence[Lookup]]) -> None:
        """Ask where calls are."""
        self._act(lambda now: self._carrier.lookup(refs, now), reply)

    def results(self, cursor: str, reply: Reply[LogPage]) -> None:
        """Read one page of the call log after `cursor`."""
        self._act(lambda now: self._carrier.log(cursor, CALLS_MAX, now), reply)

    def line_status(self, reply: Reply[LineStatus]) -> None:
        """Ask for the carrier's line counts and its time."""
        self._act(self._carrier.line_status, reply)

    def on_rows(self, sink: Callable[[Sequence[CallRow]], None]) -> None:
        """Deliver ended calls to `sink` from now on, those that ended before included."""
        with self._lock:
            self._sink = sink
            self._wake_later(self._clock.now())

    def close(self) -> None:
        """Stop waking; replies still out are answered with a Failure. The carrier itself lives on."""
        with self._lock:
            self._closed = True
            abandoned = list(self._out.values())
            self._out.clear()
        for fail in abandoned:
            fail()

    # ------------------------------------------------------------ replies

    def _act(self, act: Callable[[int], T], reply: Reply[T]) -> None:
        with self._lock:
            now = self._clock.now()
            answer = _closed() if self._closed else _answer(act, now)
            self._reply_later(now, answer, reply)
            self._wake_later(now)

    def _reply_later(self, now: int, answer: "T | Failure", reply: Reply[T]) -> None:
        self._replies += 1
        number = self._replies
        self._out[number] = lambda: reply(_closed())

        def deliver() -> None:
            with self._lock:
                is_out = self._out.pop(number, None) is not None
            if is_out:
                reply(answer)

        self._later(now, deliver)

    # ------------------------------------------------------------ rows that come by themselves

    def _wake_later(self, now: int) -> None:
        """Keep one wake-up outstanding: at once if rows wait, else at the carrier's next event."""
        if not self.pushes or self._closed:
            return
        rows_wait = self._sink is not None and bool(self._carrier.log(self._cursor, 1, now).rows)
        at = now if rows_wait else self._carrier.next_event_at()
        if at is not None and (self._wakes_at is None or at < self._wakes_at):
            self._wakes_at = at
            self._later(at, lambda: self._wake(at))

    def _wake(self, at: int) -> None:
        with self._lock:
            if self._closed or self._wakes_at != at:
                return  # An earlier wake-up took its place.
            self._wakes_at = None
            now = max(at, self._clock.now())
            self._carrier.advance(now)
            rows = self._take_rows(now)
            sink = self._sink
            self._wake_later(now)
        if rows and sink is not None:
            sink(rows)

    def _take_rows(self, now: int) -> list[CallRow]:
        """All rows not yet delivered; they wait for a sink."""
        rows: list[CallRow] = []
        more = self._sink is not None
        while more:
            page = self._carrier.log(self._cursor, CALLS_MAX, now)
            rows.extend(page.rows)
            self._cursor, more = page.next_cursor, page.more
        return rows


def _answer(act: Callable[[int], T], now: int) -> "T | Failure":
    try:
        return act(now)
    except BrokenRuleError as error:
        return Failure(FailureKind.REFUSED, retryable=False, detail=str(error))


def _closed() -> Failure:
    return Failure(FailureKind.UNREACHABLE, retryable=True, detail="The gateway was closed before it answered.")
