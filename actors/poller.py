"""The status poller: reads the carrier's call log by cursor, at most 15 s apart while a job is open (C050)."""

from collections import deque
from collections.abc import Callable
from functools import partial

from actors.gateway import Failure, Gateway
from actors.lines.soundness import CARRIER_ALARMS, alarm_of
from actors.messages import (
    AlarmChanged,
    CallsEnded,
    CarrierCounted,
    LineStatusRead,
    LogRead,
    PageRead,
    PageSettled,
    PollDue,
    PollSooner,
    PollWhileOpen,
    Write,
)
from actors.runtime.actor import PooledActor, PooledRef
from actors.runtime.clock import Clock
from actors.runtime.dispatcher import Dispatcher
from actors.runtime.timer import Due
from store.tables import Txn

POLL_MS = 15_000
"""Between two readings of the call log (C050, decision 35); a setting may shorten it."""

FAILED_POLL_MAX_MS = 120_000
"""The longest wait after readings that failed: it backs off only on errors."""


class StatusPoller(PooledActor):
    """Turns pages of the call log into `CallsEnded`, and moves the stored cursor once their results are on disk."""

    urgent = True
    vital = True

    def __init__(
        self,
        dispatcher: Dispatcher,
        clock: Clock,
        gateway: Gateway,
        cursor: str,
        save_cursor: Callable[[str, Txn], None],
        poll_ms: int = POLL_MS,
        soonest_ms: int = POLL_MS,
    ) -> None:
        super().__init__(dispatcher, "status-poller")
        self._clock = clock
        self._gateway = gateway
        self._cursor = cursor
        self._save_cursor = save_cursor
        self._poll_ms = poll_ms
        self._soonest_ms = soonest_ms
        """Between two readings when many calls are due to end."""
        self._open = False
        self._reading = False
        self._due: Due | None = None
        self._again = False
        """A reading was asked for while one was under way."""
        self._due_at = 0
        """When, monotonic."""
        self._failures = 0
        self.read_at = 0
        """When the call log was last read without a fault, ms UTC; 0: not since the start."""
        self.readings_failed = 0
        """Readings that failed since the start."""
        self._pages: deque[tuple[int, str]] = deque()
        """Pages whose results are not all on disk, with the cursor behind each."""
        self._settled: set[int] = set()
        self._page = 0

    def furnish(self, pool: PooledRef, writer: PooledRef) -> None:
        """Introduce the line pool and the writer, once, before the first letter."""
        self._pool = pool
        self._writer = writer

    def _poll_while_open(self, letter: PollWhileOpen) -> None:
        self._open = letter.open
        if self._open and self._due is None and not self._reading:
            self._wait(self._poll_ms)

    def _poll_sooner(self, letter: PollSooner) -> None:
        """Many calls will have ended by then: the next reading need not wait for its regular time."""
        delay_ms = max(self._soonest_ms, letter.delay_ms)
        sooner = self._clock.monotonic() + delay_ms < self._due_at
        if self._open and self._due is not None and not self._failures and sooner:
            self._wait(delay_ms)

    def _poll_due(self, _letter: PollDue) -> None:
        """Read the next page and ask for the lines; without an open job, rest. During a reading, another follows it."""
        self._stop_waiting()
        self._again = self._reading
        if self._open and not self._reading:
            self._gateway.line_status(lambda answer: self._hear(LineStatusRead(answer)))
            self._read()

    def read_now(self) -> None:
        """Read the log at once, whether a job is open or not: the first act after a restore."""
        self._read()

    def _read(self) -> None:
        self._reading = True
        self._gateway.results(self._cursor, lambda answer: self._hear(PageRead(answer)))

    def _page_read(self, letter: PageRead) -> None:
        self._reading = False
        page = letter.answer
        if isinstance(page, Failure):
            self._failures += 1
            self.readings_failed += 1
            self._again = False
            self._pool.tell(AlarmChanged(alarm_of(page), True))
            self._wait(max(page.retry_after_ms or 0, min(self._poll_ms << self._failures, FAILED_POLL_MAX_MS)))
            return
        self.read_at = self._clock.now()
        if self._failures:
            self._failures = 0
            for alarm in CARRIER_ALARMS:
                self._pool.tell(AlarmChanged(alarm, False))
        if page.next_cursor != self._cursor:
            self._page += 1
            self._pages.append((self._page, page.next_cursor))
            self._cursor = page.next_cursor
            self._pool.tell(CallsEnded(page.rows, self._page))
        if page.more or self._again:
            self._again = False
            self._read()
        else:
            self._pool.tell(LogRead())
            self._wait(self._poll_ms)

    def _page_settled(self, letter: PageSettled) -> None:
        """Move the stored cursor over all leading pages that are settled."""
        self._settled.add(letter.page)
        cursor = None
        while self._pages and self._pages[0][0] in self._settled:
            page, cursor = self._pages.popleft()
            self._settled.discard(page)
        if cursor is not None:
            self._writer.tell(Write(partial(self._save_cursor, cursor), may_wait=True))

    def _line_status_read(self, letter: LineStatusRead) -> None:
        if not isinstance(letter.answer, Failure):
            status = letter.answer
            skew_ms = status.server_time_at - self._clock.now()
            self._pool.tell(CarrierCounted(status.lines_total, status.emergency_lines_total, skew_ms))

    def _wait(self, delay_ms: int) -> None:
        self._stop_waiting()
        self._due_at = self._clock.monotonic() + delay_ms
        self._due = self._dispatcher.timer.after(delay_ms, self.ref, PollDue())

    def _stop_waiting(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _hear(self, news: PageRead | LineStatusRead) -> None:
        """Called by the gateway, from any thread."""
        self.actor_inbox.put(news)


StatusPoller.handlers = {
    PollWhileOpen: StatusPoller._poll_while_open,
    PollDue: StatusPoller._poll_due,
    PollSooner: StatusPoller._poll_sooner,
    PageRead: StatusPoller._page_read,
    PageSettled: StatusPoller._page_settled,
    LineStatusRead: StatusPoller._line_status_read,
}
