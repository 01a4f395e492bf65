"""An actor's mailbox: it owns its actor while that lives, and refuses letters once it has stopped."""

from collections.abc import Sequence
from threading import get_ident
from typing import TYPE_CHECKING, Any

import pykka
from pykka import messages as pykka_messages
from pykka._envelope import Envelope

if TYPE_CHECKING:
    from actors.runtime.actor import PooledActor
    from actors.runtime.dispatcher import Dispatcher

TURN_LETTERS_MAX = 256
"""Letters an actor may take in one turn before the others get theirs: about 1 ms of the dearest letters."""

_NONE: list[Any] = []
"""Where no letter waits. Never changed: a mailbox gets a list of its own with its first letter."""


class Mailbox:
    """An actor's inbox, which also says whether the actor has stopped: one object fewer for each chain.

    It has two levels, as the run queue has, and is on each level of the run queue while letters of that level wait.
    """

    __slots__ = ("_dispatcher", "_letters", "_urgent_letters", "actor", "stopped", "urgent")

    def __init__(self, dispatcher: "Dispatcher", actor: "PooledActor", urgent: bool) -> None:
        self._dispatcher = dispatcher
        self._letters = _NONE
        self._urgent_letters = _NONE
        # pykka's ref is weak: the mailbox owns the actor while it lives.
        self.actor: PooledActor | None = actor
        self.urgent = urgent
        """The level of its letters, unless they say otherwise."""
        self.stopped = False

    def put(self, letter: Any) -> None:  # noqa: ANN401
        """Add a letter; from another thread it is handed over. A stopped actor's letters are refused."""
        self.put_at(letter, self.urgent)

    def put_at(self, letter: Any, urgent: bool) -> None:  # noqa: ANN401
        """Add a letter on a level that is not the mailbox's own."""
        dispatcher = self._dispatcher
        if get_ident() != dispatcher.thread_id:
            dispatcher.hand_over(self, letter, urgent)
        elif self.stopped:
            _refuse(letter)
        elif urgent:
            if self._urgent_letters:
                self._urgent_letters.append(letter)
            else:
                self._urgent_letters = [letter]
                dispatcher.urgent.append(self)
        elif self._letters:
            self._letters.append(letter)
        else:
            self._letters = [letter]
            dispatcher.ordinary.append(self)

    def put_all(self, letters: Sequence[Any]) -> None:
        """Add letters of the mailbox's own level, on the loop; those of a stopped actor are dropped."""
        if not letters or self.stopped:
            return
        self.put_at(letters[0], self.urgent)
        (self._urgent_letters if self.urgent else self._letters).extend(letters[1:])

    def on_loop(self) -> bool:
        """Whether the caller is on the thread that would have to give the actor its turn."""
        return get_ident() == self._dispatcher.thread_id

    def get(self) -> Envelope[Any]:
        """What pykka's own loop would block on: never used, since turns are given."""
        raise NotImplementedError("a pooled actor's letters are delivered by its dispatcher")

    def empty(self) -> bool:
        """No letter waits."""
        return not self._letters and not self._urgent_letters

    def is_set(self) -> bool:
        """The face of pykka's `actor_stopped` event."""
        return self.stopped

    def set(self) -> None:
        """Stop: let the actor go, and refuse what still waits and what comes later."""
        self.stopped = True
        self.actor = None
        letters = (*self._urgent_letters, *self._letters)
        self._letters = self._urgent_letters = _NONE
        for letter in letters:
            _refuse(letter)

    def deliver(self, urgent: bool) -> None:
        """One turn on one level: up to TURN_LETTERS_MAX letters; the rest wait for the next."""
        dispatcher, rest = self._dispatcher, _NONE
        letters = self._urgent_letters if urgent else self._letters
        if len(letters) > TURN_LETTERS_MAX:
            letters, rest = letters[:TURN_LETTERS_MAX], letters[TURN_LETTERS_MAX:]
        if urgent:
            self._urgent_letters = rest
        else:
            self._letters = rest
        if rest:
            (dispatcher.urgent if urgent else dispatcher.ordinary).append(self)
        self.read(letters)

    def read(self, letters: Sequence[Any]) -> None:
        """Have the actor handle letters, in one turn."""
        actor = self.actor
        if actor is None:
            return
        handlers = actor.handlers
        for place, letter in enumerate(letters):
            handler = handlers.get(letter.__class__)
            if handler is None:
                actor.take(letter)
            else:
                try:
                    handler(actor, letter)
                except Exception:
                    actor.failed()
            if self.stopped:
                for unread in letters[place + 1 :]:
                    _refuse(unread)
                return
        if actor.ends_turns:
            actor.turn_ended()


class Round:
    """A letter for each of many actors, delivered in one turn of the loop instead of as many as there are actors.

    It is on the run queue of the actors' own level. A letter they are told later comes later too, unless their mailbox
    is on the queue already. They are none that act at the end of their turns.
    """

    __slots__ = ("_letters",)

    def __init__(self, letters: Sequence[tuple[Mailbox, Any]]) -> None:
        self._letters = letters

    def deliver(self, _urgent: bool) -> None:
        """Give each actor its turn; the letter of one that has stopped is refused."""
        for mailbox, letter in self._letters:
            # What `Mailbox.read` does, without its loop and its end of turn: two letters of every dial come this way.
            actor = mailbox.actor
            if actor is None:
                _refuse(letter)
                continue
            handler = actor.handlers.get(letter.__class__)
            if handler is None:
                actor.take(letter)
            else:
                try:
                    handler(actor, letter)
                except Exception:
                    actor.failed()


def _refuse(letter: Any) -> None:  # noqa: ANN401
    """Answer a letter that will never be read; one that nobody asked is dropped."""
    if letter.__class__ is not Envelope or letter.reply_to is None:
        return
    if isinstance(letter.message, pykka_messages._ActorStop):
        letter.reply_to.set(None)
    else:
        dead = pykka.ActorDeadError("the actor stopped before handling the message")
        letter.reply_to.set_exception((pykka.ActorDeadError, dead, None))
