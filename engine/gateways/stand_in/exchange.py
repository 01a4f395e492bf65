"""The carrier's exchange: gives its lines to waiting calls, rings their phones, and ends every call in time."""

import heapq
from collections import deque

from actors.gateway import CallEnd, CallRow, Script
from engine.gateways.stand_in.ledger import ENDED, LIVE, QUEUED, STARTING, HeldCall, Ledger
from engine.gateways.stand_in.phone_network import ANSWERED_ENDS, PhoneNetwork, Pickup

BARE_SCRIPT = Script(script_id="", text="", machine_text=None)
"""By which a call with a text of its own and no known message is played."""

NO_ANSWER_SIP = 480
"""What the network says when the carrier stops ringing."""

SILENT_ENDS = frozenset({CallEnd.NETWORK_FAILURE, CallEnd.INVALID_NUMBER, CallEnd.DISCONNECTED})
"""The network gave up before any phone rang."""


class Exchange:
    """Lines, queues and time. A line is in use from its grant, `start_delay_ms` before the ring, to the call's end.

    At one instant calls end first, then windows close, then free lines are given away, then phones ring.
    """

    def __init__(
        self, network: PhoneNetwork, ledger: Ledger, *, lines: int, emergency_lines: int, start_delay_ms: int
    ) -> None:
        self.now = 0
        self.lines = lines
        self.emergency_lines = emergency_lines
        self.lines_free = lines
        self.emergency_lines_free = emergency_lines
        self.lines_peak = 0
        self.queued = 0
        self.queued_emergency = 0
        self.rows: list[CallRow] = []
        """The call log, in the order calls ended."""
        self._network = network
        self._ledger = ledger
        self._start_delay_ms = start_delay_ms
        # Calls that ended stay in these until they are met; `queued` and `queued_emergency` count the others.
        self._queue: deque[HeldCall] = deque()
        self._emergency_queue: deque[HeldCall] = deque()
        # The start delay is constant, so starting calls stand in order of their first ring without a heap. They stand
        # in two files so that the latest ordinary one is at hand when an emergency takes its line.
        self._starting: deque[HeldCall] = deque()
        self._starting_emergency: deque[HeldCall] = deque()
        self._ends: list[tuple[int, int, HeldCall]] = []
        self._windows: dict[int, _Window] = {}
        self._window_ends: list[int] = []
        self._rings_of: dict[str, int] = {}
        self._rings = 0

    # ------------------------------------------------------------ time

    def advance(self, now: int) -> None:
        """Let happen what is due until `now`, included, each thing at its exact instant; time never runs backward."""
        while (at := self.next_event_at()) is not None and at <= now:
            self.now = at
            self._end_due()
            if self._window_ends and self._window_ends[0] <= at:
                self._close_windows()
            self.settle()
        self.now = max(self.now, now)

    def next_event_at(self) -> int | None:
        """When something happens next unless somebody acts before; None: nothing will."""
        ends = self._ends
        while ends and ends[0][2].state == ENDED:
            heapq.heappop(ends)
        at = ends[0][0] if ends else None
        for starting in (self._starting, self._starting_emergency):
            while starting and starting[0].state != STARTING:
                starting.popleft()
            if starting and (at is None or starting[0].rings_at < at):
                at = starting[0].rings_at
        while self._window_ends and not self._windows[self._window_ends[0]].open:
            del self._windows[heapq.heappop(self._window_ends)]
        if self._window_ends and (at is None or self._window_ends[0] < at):
            at = self._window_ends[0]
        return at

    def settle(self) -> None:
        """Give away what lines are free, and ring what is due now: the last step of every act and instant."""
        if self.queued_emergency or (self.queued and self.lines_free):
            self._give_lines()
        self._ring_due()

    def _end_due(self) -> None:
        ends = self._ends
        while ends and ends[0][0] <= self.now:
            call = heapq.heappop(ends)[2]
            if call.state != ENDED:
                self._play_out(call)

    def _close_windows(self) -> None:
        """At its `windowEnd` drop what waits and hang up what rings; an answered call plays out (decision 23)."""
        while self._window_ends and self._window_ends[0] <= self.now:
            at = heapq.heappop(self._window_ends)
            for call in self._windows.pop(at).calls:
                if call.state != ENDED and (call.answered_at is None or call.answered_at >= at):
                    self.cut(call, CallEnd.EXPIRED)

    # ------------------------------------------------------------ lines

    def enqueue(self, call: HeldCall) -> None:
        """Take a call into the queue; `settle` must follow."""
        window = self._windows.get(call.window_end_at)
        if window is None:
            window = self._windows[call.window_end_at] = _Window()
            heapq.heappush(self._window_ends, call.window_end_at)
        window.open += 1
        window.calls.append(call)
        if call.emergency:
            self._emergency_queue.append(call)
            self.queued_emergency += 1
        else:
            self._queue.append(call)
            self.queued += 1

    def _give_lines(self) -> None:
        """Emergencies first, on their own lines before others; no other call starts to ring while one waits (28)."""
        while self.queued_emergency and (self.emergency_lines_free or self.lines_free or self._take_back()):
            self.queued_emergency -= 1
            self._grant(_next_queued(self._emergency_queue), self._starting_emergency, self.emergency_lines_free > 0)
        while self.lines_free and self.queued:
            self.queued -= 1
            self._grant(_next_queued(self._queue), self._starting, dedicated=False)
        in_use = self.lines + self.emergency_lines - self.lines_free - self.emergency_lines_free
        self.lines_peak = max(self.lines_peak, in_use)

    def _grant(self, call: HeldCall, starting: deque[HeldCall], dedicated: bool) -> None:
        if dedicated:
            self.emergency_lines_free -= 1
        else:
            self.lines_free -= 1
        call.dedicated = dedicated
        call.state = STARTING
        call.rings_at = self.now + self._start_delay_ms
        starting.append(call)

    def _take_back(self) -> bool:
        """Take the line from the ordinary call that got one last and does not ring yet; False: there is none."""
        while self._starting:
            call = self._starting.pop()
            if call.state == STARTING:
                call.state = QUEUED
                call.rings_at = -1
                self.lines_free += 1
                self.queued += 1
                # All that is queued was submitted later: at the head it stands in order of submission again.
                self._queue.appendleft(call)
                return True
        return False

    # ------------------------------------------------------------ a call's life

    def _ring_due(self) -> None:
        for starting in (self._starting_emergency, self._starting):
            while starting and starting[0].rings_at <= self.now:
                call = starting.popleft()
                if call.state == STARTING:
                    self._ring(call)

    def _ring(self, call: HeldCall) -> None:
        index = self._rings_of.get(call.number, 0)
        self._rings_of[call.number] = index + 1
        script = call.script or BARE_SCRIPT
        pickup = self._network.ring(call.number, call.emergency, self.now, index, script, call.text)
        if pickup.ring_ms > script.ring_s * 1000:
            pickup = Pickup(CallEnd.NO_ANSWER, script.ring_s * 1000, sip_code=NO_ANSWER_SIP)
        ends_at = self.now + pickup.ring_ms
        if pickup.end in ANSWERED_ENDS:
            call.answered_at = ends_at
            ends_at += pickup.talk_ms
        call.state = LIVE
        call.rang = pickup.end not in SILENT_ENDS
        call.pickup = pickup
        call.script = call.text = None
        self._rings += 1
        heapq.heappush(self._ends, (ends_at, self._rings, call))
        if call.rang:
            self._ledger.note_ring(call)

    def _play_out(self, call: HeldCall) -> None:
        """End a call the way its phone wanted it."""
        pickup = call.pickup
        assert pickup is not None
        row = CallRow(
            call.ref,
            call.provider_id,
            call.number,
            pickup.end,
            call.rings_at,
            self.now - call.rings_at,
            call.answered_at,
            pickup.played_ms,
            pickup.message_left,
            pickup.keys,
            pickup.sip_code,
        )
        self._end(call, row)

    def cut(self, call: HeldCall, end: CallEnd) -> None:
        """End a call nobody has answered, as CANCELED or EXPIRED; one that never rang is `dialed` when it ends.

        A row without duration says that nothing rang, so what rang was dialed a millisecond ago at the latest.
        """
        dialed_at = min(call.rings_at, self.now - 1) if call.rang else self.now
        call.answered_at = None
        self._end(call, CallRow(call.ref, call.provider_id, call.number, end, dialed_at, self.now - dialed_at))

    def _end(self, call: HeldCall, row: CallRow) -> None:
        if call.state != QUEUED:
            if call.dedicated:
                self.emergency_lines_free += 1
            else:
                self.lines_free += 1
        elif call.emergency:
            self.queued_emergency -= 1
        else:
            self.queued -= 1
        call.state = ENDED
        call.row = row
        call.script = call.text = call.pickup = None
        window = self._windows.get(call.window_end_at)
        if window is not None:
            window.open -= 1
        self.rows.append(row)
        self._ledger.note_end(call)


class _Window:
    """Calls with one `windowEnd`, and how many of them have not ended."""

    __slots__ = ("calls", "open")

    def __init__(self) -> None:
        self.calls: list[HeldCall] = []
        self.open = 0


def _next_queued(queue: deque[HeldCall]) -> HeldCall:
    """The first of a queue that still waits; the caller has counted one."""
    call = queue.popleft()
    while call.state != QUEUED:
        call = queue.popleft()
    return call
