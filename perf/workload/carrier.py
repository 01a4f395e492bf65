"""The workload's carrier: it answers by the rule, without delay or after exactly 50 ms on the wall clock."""

import threading
from collections import deque
from collections.abc import Sequence
from time import perf_counter_ns, sleep

from actors.gateway import Call, CallEnd, CallRow
from actors.runtime.clock import Clock
from actors.runtime.dispatcher import Dispatcher
from perf.measure import anonymous_bytes
from perf.prepared import owner_of
from perf.push_gateway import PushGateway, Rows
from perf.workload.rule import CALL_MS, confirms

SUBMISSIONS_A_SAMPLE = 50
"""Reading the memory takes 30 µs, a submission holds up to 200 calls: it costs less than 0.01 µs a dial."""


class Phones:
    """How calls end, by the rule, and what the process weighed meanwhile."""

    def __init__(self, clock: Clock, duration_ms: int) -> None:
        self._clock = clock
        self._duration_ms = duration_ms
        self._submissions = 0
        self.anonymous_peak = 0
        """The most anonymous memory of this process seen at a submission."""
        self.first_ns: dict[int, int] = {}
        """Number of an emergency chain → when its first call was handed over."""

    def ring(self, calls: Sequence[Call]) -> Rows:
        """The rows of calls that are dialed now."""
        if self._submissions % SUBMISSIONS_A_SAMPLE == 0:
            self.anonymous_peak = max(self.anonymous_peak, anonymous_bytes())
        self._submissions += 1
        now, at_ns = self._clock.now(), perf_counter_ns()
        return [self._row(call, now, at_ns) for call in calls]

    def _row(self, call: Call, now: int, at_ns: int) -> CallRow:
        chain, device = owner_of(call.number)
        if call.emergency:
            self.first_ns.setdefault(chain, at_ns)
        confirmed = confirms(chain, device)
        end, keys = (CallEnd.ANSWERED, "0") if confirmed else (CallEnd.NO_ANSWER, "")
        return CallRow(call.ref, "", call.number, end, now, self._duration_ms, keys=keys)


class DelayedGateway(PushGateway):
    """Pushes results from a thread of its own, never earlier than CALL_MS after the submission."""

    def __init__(self, dispatcher: Dispatcher, phones: Phones) -> None:
        super().__init__(dispatcher, phones.ring)
        self._due: deque[tuple[int, Rows]] = deque()
        self._came = threading.Semaphore(0)
        self._open = True
        self._thread = threading.Thread(target=self._push, name="carrier", daemon=True)
        self._thread.start()

    def _end_later(self, rows: Rows) -> None:
        self._due.append((perf_counter_ns() + CALL_MS * 1_000_000, rows))
        self._came.release()

    def _push(self) -> None:
        """One batch after the other: all take equally long, so they end in the order they came."""
        while True:
            self._came.acquire()
            if not self._open:
                return
            due, rows = self._due.popleft()
            while (left := due - perf_counter_ns()) > 0:
                sleep(left / 1e9)
            self._sink(rows)

    def close(self) -> None:
        """End the thread."""
        self._open = False
        self._came.release()
        self._thread.join()
