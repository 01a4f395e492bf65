"""An actor's mailbox: it owns its actor while that lives, and refuses letters once it has stopped."""

from threading import get_ident
from typing import TYPE_CHECKING, Any

import pykka
from pykka import messages as pykka_messages
from pykka._envelope import Envelope

if TYPE_CHECKING:
    from actors.runtime.dispatcher import Dispatcher, PooledActor

TURN_LETTERS_MAX = 256
"""Letters an actor may take in one turn before the others get theirs: about 1 ms of the dearest letters."""


class Mailbox:
    """An actor's inbox, which also says whether the actor has stopped: one object fewer for each chain."""

    __slots__ = ("_dispatcher", "_letters", "_queued", "actor", "stopped", "urgent")

    def __init__(self, dispatcher: "Dispatcher", actor: "PooledActor", urgent: bool) -> None:
        self._dispatcher = dispatcher
        self._letters: list[Any] = []
        self._queued = False
        # pykka's ref is weak: the mailbox owns the actor while it lives.
        self.actor: PooledActor | None = actor
        self.urgent = urgent
        self.stopped = False

    def put(self, letter: Any, urgent: bool = False) -> None:  # noqa: ANN401
        """Add a letter; from another thread it is handed over. A stopped actor's letters are refused."""
        dispatcher = self._dispatcher
        if get_ident() != dispatcher.thread_id:
            dispatcher.hand_over(self, letter, urgent)
            return
        if self.stopped:
            _refuse(letter)
            return
        self._letters.append(letter)
        if not self._queued:
            self._queued = True
            dispatcher.ready(self, self.urgent or urgent)
        elif urgent and not self.urgent:
            dispatcher.ready(self, urgent=True)

    def on_loop(self) -> bool:
        """Whether the caller is on the thread that would have to give the actor its turn."""
        return get_ident() == self._dispatcher.thread_id

    def get(self) -> Envelope[Any]:
        """What pykka's own loop would block on: never used, since turns are given."""
        raise NotImplementedError("a pooled actor's letters are delivered by its dispatcher")

    def empty(self) -> bool:
        """No letter waits."""
        return not self._letters

    def is_set(self) -> bool:
        """The face of pykka's `actor_stopped` event."""
        return self.stopped

    def set(self) -> None:
        """Stop: let the actor go, and refuse what still waits and what comes later."""
        self.stopped = True
        letters, self._letters = self._letters, []
        for letter in letters:
            _refuse(letter)

    def deliver(self) -> None:
        """One turn: up to TURN_LETTERS_MAX letters; the rest wait for the next."""
        actor, letters = self.actor, self._letters
        if actor is None or not letters:
            self._queued = self._queued and bool(letters)
            return
        if len(letters) > TURN_LETTERS_MAX:
            self._letters = letters[TURN_LETTERS_MAX:]
            del letters[TURN_LETTERS_MAX:]
            self._dispatcher.ready(self, self.urgent)
        else:
            self._letters = []
            self._queued = False
        for place, letter in enumerate(letters):
            actor.take(letter)
            if self.stopped:
                self._close(letters[place + 1 :])
                return
        if actor.ends_turns:
            actor.turn_ended()

    def _close(self, unread: list[Any]) -> None:
        """The actor stopped in its turn: let it go."""
        self.actor = None
        for letter in unread:
            _refuse(letter)


def _refuse(letter: Any) -> None:  # noqa: ANN401
    """Answer a letter that will never be read; one that nobody asked is dropped."""
    if letter.__class__ is not Envelope or letter.reply_to is None:
        return
    if isinstance(letter.message, pykka_messages._ActorStop):
        letter.reply_to.set(None)
    else:
        dead = pykka.ActorDeadError("the actor stopped before handling the message")
        letter.reply_to.set_exception((pykka.ActorDeadError, dead, None))
