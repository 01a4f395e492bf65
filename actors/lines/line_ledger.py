"""What the carrier holds for us: the handed-over calls, their bounds, and which of them are overdue.

A plain object without I/O or clock. It keeps the first of the two ledgers: handed over ≤ lines + ahead. The second, in
use ≤ lines, is the carrier's.
"""

import heapq
from typing import TYPE_CHECKING

from actors.gateway import CallRow
from actors.lines.line_queue import Waiting

if TYPE_CHECKING:
    from actors.runtime.dispatcher import PooledRef

OVERDUE_AFTER_MS = 60_000
"""Beyond ring time and message length, until an attempt without a result is looked up (decision 35)."""

GIVEN_UP_AFTER_MS = 300_000
"""After the look-up, until its line returns and it ends as `result_overdue` (decision 35)."""


class HandedOver:
    """One call the carrier holds for us, queued or live."""

    __slots__ = (
        "attempt_id", "chain", "closed", "deadline", "emergency", "looked_up", "page", "patience_ms", "row", "waiting",
    )  # fmt: skip

    def __init__(
        self, attempt_id: int, waiting: Waiting, chain: "PooledRef | None", emergency: bool, patience_ms: int
    ) -> None:
        self.attempt_id = attempt_id
        self.waiting = waiting
        self.chain = chain
        """None once the chain's actor has died: the line pool settles the attempt itself."""
        self.closed = False
        """The line pool has recorded its result, having no chain to tell."""
        self.emergency = emergency
        self.patience_ms = patience_ms
        self.deadline = 0
        """When it is overdue, monotonic."""
        self.looked_up = False
        self.page = 0
        """The page of the call log that brought its result."""
        self.row: CallRow | None = None
        """Its result, from when it is known until it is on disk."""


class LineLedger:
    """Counts and bounds of handed-over calls."""

    def __init__(self, lines: int, emergency_lines: int, ahead_max: int = 0) -> None:
        self._configured = lines, emergency_lines
        self.lines = lines
        self.emergency_lines = emergency_lines
        self.ahead_max = ahead_max
        self.held: dict[int, HandedOver] = {}
        self.emergencies = 0
        self.peak = 0
        self._deadlines: list[tuple[int, int]] = []

    def limit(self, lines: int, emergency_lines: int) -> None:
        """The carrier counts so many lines: no more are used than both it and the settings say; 0 says nothing."""
        self.lines = min(self._configured[0], lines or self._configured[0])
        self.emergency_lines = min(self._configured[1], emergency_lines or self._configured[1])

    @property
    def ordinaries(self) -> int:
        """Handed-over calls that are no emergencies."""
        return len(self.held) - self.emergencies

    def has_ordinary_line(self) -> bool:
        """Whether one more ordinary call may be handed over; dedicated lines are never theirs (C015)."""
        on_ordinary_lines = self.ordinaries + max(0, self.emergencies - self.emergency_lines)
        return on_ordinary_lines < self.lines + self.ahead_max

    def has_emergency_line(self) -> bool:
        """Whether one more emergency call may be handed over: every line may be theirs."""
        return len(self.held) < self.lines + self.emergency_lines + self.ahead_max

    def hand_over(self, call: HandedOver, now: int) -> None:
        """Enter a call; its result is awaited from `now` (monotonic) on."""
        self.held[call.attempt_id] = call
        self.emergencies += call.emergency
        self.peak = max(self.peak, len(self.held))
        self.be_patient(call, now, call.patience_ms)

    def take_back(self, attempt_id: int) -> HandedOver | None:
        """Strike a call out; None when it is not held."""
        call = self.held.pop(attempt_id, None)
        if call is not None:
            self.emergencies -= call.emergency
        return call

    def be_patient(self, call: HandedOver, now: int, patience_ms: int) -> None:
        """Await a call's result until now + patience_ms, whatever was said before."""
        call.deadline = now + patience_ms
        heapq.heappush(self._deadlines, (call.deadline, call.attempt_id))

    def overdue(self, now: int) -> list[HandedOver]:
        """Calls whose patience has run out; each is named once until `be_patient`."""
        late = []
        while self._deadlines and self._deadlines[0][0] <= now:
            deadline, attempt_id = heapq.heappop(self._deadlines)
            call = self.held.get(attempt_id)
            if call is not None and call.deadline == deadline:
                call.deadline = 0
                late.append(call)
        return late
