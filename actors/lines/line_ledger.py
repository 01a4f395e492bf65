"""What the carrier holds for us: the handed-over calls, their bounds, and which of them are overdue.

A plain object without I/O or clock. It keeps the first of the two ledgers: handed over ≤ lines + ahead. The second, in
use ≤ lines, is the carrier's.
"""

from typing import TYPE_CHECKING

from actors.gateway import CallRow
from actors.lines.line_queue import Waiting

if TYPE_CHECKING:
    from actors.runtime.mailbox import Mailbox

OVERDUE_AFTER_MS = 60_000
"""Beyond ring time and message length, until an attempt without a result is looked up (decision 35)."""

GIVEN_UP_AFTER_MS = 300_000
"""After the look-up, until its line returns and it ends as `result_overdue` (decision 35)."""


class HandedOver:
    """One call handed over, from the grant of its line until its result is on disk."""

    __slots__ = (
        "attempt_id", "chain", "closed", "deadline", "emergency", "group", "looked_up", "page", "patience_ms", "ref",
        "row", "waiting",
    )  # fmt: skip

    def __init__(
        self,
        attempt_id: int,
        ref: str,
        waiting: Waiting,
        chain: "Mailbox | None",
        emergency: bool,
        patience_ms: int,
    ) -> None:
        self.attempt_id = attempt_id
        self.ref = ref
        self.waiting = waiting
        self.chain = chain
        """None once the chain's actor has died: the line pool settles the attempt itself."""
        self.closed = False
        """The line pool has recorded its result, having no chain to tell."""
        self.emergency = emergency
        self.patience_ms = patience_ms
        self.deadline = 0
        """When it is overdue, monotonic."""
        self.group = 0
        """The patience it was given last: those of one patience become overdue in the order they were given it."""
        self.looked_up = False
        self.page = 0
        """The page of the call log that brought its result."""
        self.row: CallRow | None = None
        """Its result, from when it is known until it is on disk: its line is free already."""


class LineLedger:
    """Counts and bounds of handed-over calls."""

    def __init__(self, lines: int, emergency_lines: int, ahead_max: int = 0) -> None:
        self._configured = lines, emergency_lines, ahead_max
        self._carrier = 0, 0
        """What the carrier counted last, 0 while it has not."""
        self.lines = lines
        self.emergency_lines = emergency_lines
        self.ahead_max = ahead_max
        """Ordinary calls that may wait in the carrier's queue beside those on lines."""
        self.held: dict[int, HandedOver] = {}
        """By attempt, oldest first: all whose result is not on disk."""
        self.by_ref: dict[str, HandedOver] = {}
        self.out = 0
        """Of them, those the carrier has not said the end of."""
        self.emergencies = 0
        """Of those, emergencies."""
        self.peak = 0
        """The most that were ever on lines at once."""
        self.ahead_peak = 0
        """The most that ever waited for one at the carrier."""
        self._awaited: dict[int, dict[int, HandedOver]] = {}
        """patience → attempt → call, those that become overdue first in front."""

    def configure(self, lines: int, emergency_lines: int, ahead_max: int) -> None:
        """The settings say other bounds; what is handed over beyond them is let run out."""
        self._configured = lines, emergency_lines, ahead_max
        self.limit(*self._carrier)

    def limit(self, lines: int, emergency_lines: int) -> None:
        """The carrier counts so many lines: no more are used than both it and the settings say; 0 says nothing."""
        self._carrier = lines, emergency_lines
        self.lines = min(self._configured[0], lines or self._configured[0])
        self.emergency_lines = min(self._configured[1], emergency_lines or self._configured[1])
        # As many ahead for each line as before.
        self.ahead_max = -(-self._configured[2] * self.lines // max(1, self._configured[0]))

    @property
    def ordinaries(self) -> int:
        """Calls out that are no emergencies."""
        return self.out - self.emergencies

    @property
    def ordinaries_ahead(self) -> int:
        """Ordinary calls out for which there is no line yet: they wait in the carrier's queue, behind emergencies."""
        ordinaries, beyond_dedicated = self.out - self.emergencies, self.emergencies - self.emergency_lines
        if beyond_dedicated > 0:
            ordinaries += min(beyond_dedicated, self.lines)
        return ordinaries - self.lines if ordinaries > self.lines else 0

    @property
    def ahead(self) -> int:
        """Calls out for which there is no line yet."""
        beyond_all = self.emergencies - self.lines - self.emergency_lines
        return self.ordinaries_ahead + (beyond_all if beyond_all > 0 else 0)

    def has_ordinary_line(self) -> bool:
        """Whether one more ordinary call may be handed over; dedicated lines are never theirs (C015)."""
        dedicated = self.emergency_lines
        on_dedicated = self.emergencies if self.emergencies < dedicated else dedicated
        return self.out - on_dedicated < self.lines + self.ahead_max

    def has_emergency_line(self) -> bool:
        """Whether one more emergency call may be handed over: every line may be theirs."""
        return self.out < self.lines + self.emergency_lines + self.ahead_max

    def hand_over(self, call: HandedOver, now: int) -> None:
        """Enter a call; its result is awaited from `now` (monotonic) on, the longer when it is a call ahead."""
        self.held[call.attempt_id] = call
        self.by_ref[call.ref] = call
        self.emergencies += call.emergency
        self.out += 1
        ahead = self.ahead if self.ahead_max else 0
        if self.out - ahead > self.peak:
            self.peak = self.out - ahead
        if ahead > self.ahead_peak:
            self.ahead_peak = ahead
        self._await(
            call, now, call.patience_ms * (2 + self.ahead_max // max(1, self.lines)) if ahead else call.patience_ms
        )

    def ended(self, call: HandedOver, row: CallRow) -> None:
        """The carrier says how a call ended: its line is free, though its result is not on disk yet."""
        call.row = row
        self._is_out_no_more(call)

    def take_back(self, attempt_id: int) -> HandedOver | None:
        """Strike a call out; None when it is not held."""
        call = self.held.pop(attempt_id, None)
        if call is not None:
            del self.by_ref[call.ref]
            if call.row is None:
                self._is_out_no_more(call)
        return call

    def _is_out_no_more(self, call: HandedOver) -> None:
        self.out -= 1
        self.emergencies -= call.emergency
        self._awaited.get(call.group, {}).pop(call.attempt_id, None)

    def be_patient(self, call: HandedOver, now: int, patience_ms: int) -> None:
        """Await a call's result until now + patience_ms, whatever was said before."""
        self._awaited.get(call.group, {}).pop(call.attempt_id, None)
        self._await(call, now, patience_ms)

    def _await(self, call: HandedOver, now: int, patience_ms: int) -> None:
        call.group, call.deadline = patience_ms, now + patience_ms
        awaited = self._awaited.get(patience_ms)
        if awaited is None:
            awaited = self._awaited[patience_ms] = {}
        awaited[call.attempt_id] = call

    def overdue(self, now: int) -> list[HandedOver]:
        """Calls whose patience has run out, by deadline; each is named once until `be_patient`."""
        late: list[HandedOver] = []
        for patience, awaited in list(self._awaited.items()):
            while awaited and (first := next(iter(awaited.values()))).deadline <= now:
                del awaited[first.attempt_id]
                late.append(first)
            if not awaited:
                del self._awaited[patience]
        return sorted(late, key=lambda call: (call.deadline, call.attempt_id))
