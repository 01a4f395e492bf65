"""Thousands of pykka actors on one thread (live), or on none (stepped, seeded).

Stock pykka gives every actor a thread. Here an actor is an object with a mailbox; a mailbox that gets its first letter
goes on the run queue, and the dispatcher gives its actor a turn. The run queue has two levels, urgent first: while
anything urgent waits, nothing ordinary has a turn.
"""

import logging
import random
import threading
from collections import deque
from collections.abc import Callable, Sequence
from time import monotonic_ns
from typing import Any

from actors.runtime.clock import Clock, VirtualClock
from actors.runtime.mailbox import TURN_LETTERS_MAX, Mailbox, Round
from actors.runtime.timer import Timer

SHUFFLE_DEPTH = 8
"""Stepped mode picks among this many waiting mailboxes, so that a seed is an interleaving."""

KEEPS_UP_NS = 10_000_000
"""A loop that slept within 10 ms is not overloaded."""

TURNS_BETWEEN_TIMERS = 16
"""Turns given before the timer is looked at again: reading two clocks costs as much as a short turn."""

IDLE_WAIT_S = 0.5
"""How long the live loop sleeps at most: the bound on how late it notices that the wall clock was set."""

log = logging.getLogger(__name__)


class Dispatcher:
    """The run queue, the timer and the loop that gives turns. Everything on it happens on one thread."""

    def __init__(self, clock: Clock, seed: int | None = None) -> None:
        self.clock = clock
        self.timer = Timer(clock)
        self.urgent: deque[Mailbox | Round] = deque()
        self.ordinary: deque[Mailbox | Round] = deque()
        """The run queue. Mailboxes enter themselves."""
        self._shuffle = None if seed is None else random.Random(seed)
        self._foreign: deque[tuple[Mailbox, Any, bool]] = deque()
        self._wake = threading.Condition()
        self._loop_thread: threading.Thread | None = None
        self._running = False
        self._slept_ns = 0
        """When the loop last had nothing to do."""
        self.thread_id = threading.get_ident()
        self.failure: Exception | None = None
        """The error that ended the loop."""
        self.on_failure: Callable[[], None] = lambda: None
        """Called on the loop's thread when an error ends it."""

    # -- live

    def start(self) -> None:
        """Run the loop on a thread of its own until `stop`."""
        self._running = True
        self._loop_thread = threading.Thread(target=self._loop, name="callchain", daemon=True)
        self.thread_id = 0
        self._loop_thread.start()

    def stop(self) -> None:
        """Let the turn that runs end, then end the loop. Letters still waiting are not delivered."""
        with self._wake:
            self._running = False
            self._wake.notify()
        if self._loop_thread is not None:
            self._loop_thread.join()
            self._loop_thread = None
        self.thread_id = threading.get_ident()

    def _loop(self) -> None:
        self.thread_id = threading.get_ident()
        try:
            while self._running:
                self.take_foreign()
                self.timer.fire()
                if not self._turns():
                    self._sleep()
        except Exception as error:
            log.critical("The engine cannot go on; start it again, it will recover from its store.", exc_info=True)
            self.failure = error
            self.on_failure()

    def _turns(self) -> bool:
        """Give turns until another thread has news or the timer wants a look; False when no letter waits."""
        for _ in range(TURNS_BETWEEN_TIMERS):
            if self._foreign or not self._running:
                return True
            if not self.turn():
                return False
        return True

    @property
    def keeps_up(self) -> bool:
        """Whether the live loop had nothing to do a moment ago: then it is better to be quick than to be thrifty."""
        return self._loop_thread is not None and monotonic_ns() - self._slept_ns < KEEPS_UP_NS

    def _sleep(self) -> None:
        wait_ms = self.timer.next_in()
        speed = getattr(self.clock, "speed", 1.0)
        wait_s = IDLE_WAIT_S if wait_ms is None else min(IDLE_WAIT_S, max(0.0005, wait_ms / 1000 / speed))
        with self._wake:
            if not self._foreign and self._running:
                self._wake.wait(wait_s)
        self._slept_ns = monotonic_ns()

    # -- stepped

    def run_until_idle(self, turns_max: int | None = None) -> int:
        """Give turns until no letter waits (or `turns_max` were given); time stands still. Returns the turns given."""
        turns = 0
        while turns_max is None or turns < turns_max:
            self.take_foreign()
            if not self.turn():
                break
            turns += 1
        return turns

    def step_time(self, until: int | None = None) -> bool:
        """Move the virtual clock to the next timer (not beyond `until`) and fire it; False when there is none."""
        clock = self.clock
        assert isinstance(clock, VirtualClock), "only a virtual clock can be stepped"
        due = self.timer.next_at()
        if due is None or (until is not None and due > until):
            if until is not None:
                clock.move_to(until)
            return False
        clock.move_to(due)
        self.timer.fire()
        return True

    # -- both

    def turn(self) -> bool:
        """Give one actor its turn; False when no letter waits."""
        urgent = bool(self.urgent)
        queue = self.urgent if urgent else self.ordinary
        if not queue:
            return False
        if self._shuffle is not None and len(queue) > 1:
            place = self._shuffle.randrange(min(len(queue), SHUFFLE_DEPTH))
            next_one = queue[place]
            del queue[place]
        else:
            next_one = queue.popleft()
        next_one.deliver(urgent)
        return True

    def tell_each(self, letters: Sequence[tuple[Mailbox, Any]], urgent: bool) -> None:
        """Send a letter to each of many actors of one level, who get them in few turns; shuffled, each has its own."""
        if self._shuffle is not None:
            for mailbox, letter in letters:
                mailbox.put(letter)
            return
        queue = self.urgent if urgent else self.ordinary
        for start in range(0, len(letters), TURN_LETTERS_MAX):
            queue.append(Round(letters[start : start + TURN_LETTERS_MAX]))

    def hand_over(self, mailbox: Mailbox, letter: Any, urgent: bool) -> None:  # noqa: ANN401
        """Take a letter from another thread."""
        with self._wake:
            self._foreign.append((mailbox, letter, urgent))
            self._wake.notify()

    def take_foreign(self) -> None:
        """Deliver what other threads handed over."""
        while self._foreign:
            mailbox, letter, urgent = self._foreign.popleft()
            mailbox.put_at(letter, urgent)
