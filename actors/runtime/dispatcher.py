"""Thousands of pykka actors on one thread (live), or on none (stepped, seeded).

Stock pykka gives every actor a thread. Here an actor is an object with a mailbox; a mailbox that gets its first letter
goes on the run queue, and the dispatcher gives its actor a turn. The run queue has two levels, urgent first: while
anything urgent waits, nothing ordinary has a turn.
"""

import logging
import random
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from time import monotonic_ns
from typing import Any, ClassVar

import pykka
from pykka import messages as pykka_messages
from pykka._envelope import Envelope

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

_PYKKA_LETTERS = frozenset(
    {
        pykka_messages._ActorStop,
        pykka_messages.ProxyCall,
        pykka_messages.ProxyGetAttr,
        pykka_messages.ProxySetAttr,
    }
)

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


class PooledActor(pykka.Actor):
    """A pykka actor without a thread. It is not in pykka's registry, whose `unregister` grows with its length."""

    urgent = False
    """Whether its letters go before those of ordinary actors."""

    vital = False
    """Whether the engine cannot go on without it: its error ends the loop, and a new start recovers from the store."""

    ends_turns = False
    """Whether `turn_ended` is called: for actors that gather in a turn and act once at its end."""

    handlers: ClassVar[dict[type, Callable[[Any, Any], None]]] = {}
    """What it does with each kind of letter that is told it; any other letter goes to `on_receive`."""

    actor_inbox: Mailbox

    __slots__ = ("_dispatcher", "_ref", "actor_inbox", "actor_stopped", "actor_urn")

    def __init__(self, dispatcher: Dispatcher, urn: str = "") -> None:
        self._dispatcher = dispatcher
        self._ref: PooledRef | None = None
        self.actor_urn = urn or type(self).__name__
        mailbox = Mailbox(dispatcher, self, self.urgent)
        self.actor_inbox = mailbox
        self.actor_stopped = mailbox  # type: ignore[assignment]

    @property
    def ref(self) -> "PooledRef":
        """Its ref, made when somebody first asks for it: a million chains do without."""
        if self._ref is None:
            self._ref = PooledRef(self)
        return self._ref

    @property
    def _actor_ref(self) -> "PooledRef":  # type: ignore[override]
        """What pykka calls it."""
        return self.ref

    @classmethod
    def start(cls, *args: Any, **kwargs: Any) -> "PooledRef":  # noqa: ANN401
        """Start the actor; `on_start` runs at once, on the caller's thread."""
        actor = cls(*args, **kwargs)
        actor._start_actor_loop()
        return actor.ref

    def take(self, letter: Any) -> None:  # noqa: ANN401
        """Handle one letter that has no handler. An error stops this actor and tells nobody but `on_failure`."""
        try:
            if letter.__class__ is not Envelope:
                self.on_receive(letter)
            elif letter.reply_to is None:
                self._handle_receive(letter.message)
            else:
                _answer(letter, self)
        except Exception:
            self.failed()

    def on_receive(self, message: Any) -> Any:  # noqa: ANN401
        """Handle one letter that was asked and not told."""
        return self.handlers[type(message)](self, message)

    def failed(self) -> None:
        """Stop for the error that is being handled; of a vital actor it ends the loop."""
        if self.vital:
            raise
        failure = sys.exc_info()
        self._handle_failure(*failure)
        try:
            self.on_failure(*failure)
        except Exception:
            log.exception("%s failed again while reporting its failure", self)

    def turn_ended(self) -> None:
        """Act on what a turn's letters brought, once."""

    def _stop(self) -> None:
        """Stop at once. Unlike pykka's own, it asks no registry and formats no log line."""
        self.actor_inbox.set()
        try:
            self.on_stop()
        except Exception:
            self._handle_failure(*sys.exc_info())

    @staticmethod
    def _create_actor_inbox() -> Any:  # noqa: ANN401
        raise NotImplementedError("a pooled actor makes its own mailbox")

    @staticmethod
    def _create_future() -> pykka.Future[Any]:
        return pykka.ThreadingFuture()

    def _start_actor_loop(self) -> None:
        self._actor_loop_setup()


class PooledRef(pykka.ActorRef[Any]):
    """A ref whose `tell` puts the bare message, without an envelope nobody reads."""

    actor_inbox: Mailbox

    def tell(self, message: Any) -> None:  # noqa: ANN401
        """Send a message. Raises pykka.ActorDeadError when the actor has stopped."""
        if self.actor_inbox.stopped:
            raise pykka.ActorDeadError(f"{self} not found")
        self.actor_inbox.put(Envelope(message) if message.__class__ in _PYKKA_LETTERS else message)

    def tell_if_alive(self, message: Any) -> None:  # noqa: ANN401
        """Send a message to an actor that may have ended meanwhile."""
        if not self.actor_inbox.stopped:
            self.actor_inbox.put(message)

    def tell_urgently(self, message: Any) -> None:  # noqa: ANN401
        """Send a message that is handled before all ordinary ones, whoever they are for."""
        self.actor_inbox.put_at(message, urgent=True)

    def tell_patiently(self, message: Any) -> None:  # noqa: ANN401
        """Send a message that lets everything urgent go first, and waits its turn among the ordinary ones."""
        self.actor_inbox.put_at(message, urgent=False)

    def ask(self, message: Any, *, block: bool = True, timeout: float | None = None) -> Any:  # noqa: ANN401
        """Send a message and get the reply, or a future of it. Raises RuntimeError where waiting would never end."""
        if block and self.actor_inbox.on_loop():
            raise RuntimeError(f"{self} cannot answer while its own thread waits; ask with block=False.")
        return super().ask(message, block=block, timeout=timeout)


def _answer(envelope: Envelope[Any], actor: PooledActor) -> None:
    """Handle an asked letter: errors go to who asked."""
    future = envelope.reply_to
    assert future is not None
    try:
        future.set(actor._handle_receive(envelope.message))
    except Exception:
        future.set_exception()
