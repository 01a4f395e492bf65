"""A pykka actor without a thread, and the ref by which others know it."""

import logging
import sys
from collections.abc import Callable
from typing import Any, ClassVar

import pykka
from pykka import messages as pykka_messages
from pykka._envelope import Envelope

from actors.runtime.dispatcher import Dispatcher
from actors.runtime.mailbox import Mailbox

_PYKKA_LETTERS = frozenset(
    {
        pykka_messages._ActorStop,
        pykka_messages.ProxyCall,
        pykka_messages.ProxyGetAttr,
        pykka_messages.ProxySetAttr,
    }
)

log = logging.getLogger(__name__)


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
