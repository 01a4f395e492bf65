"""Keeps an answer level with what is wanted: asked beside the screen, one at a time, once it has stood still."""

from collections.abc import Callable
from typing import Generic, TypeVar

from store.errors import EngineUnreachableError
from tui.door_like import RunApart

STILL_MS = 300
"""Nobody is asked while somebody types: so long nothing may have changed."""

AGAIN_MS = 2_000
"""After no engine answered."""

K = TypeVar("K")


class LiveAnswer(Generic[K]):
    """`want` whenever something may have changed, `tick` four times a second."""

    def __init__(
        self,
        apart: RunApart,
        real_ms: Callable[[], int],
        ask: Callable[[K], object],
        hear: Callable[[K, object], None],
    ) -> None:
        self._apart = apart
        self._real_ms = real_ms
        self._ask = ask
        self._hear = hear
        self._wanted: K | None = None
        self._asked: K | None = None
        self._ask_at = 0
        self._ticket = 0
        self._under_way = False

    @property
    def busy(self) -> bool:
        """What was heard is not what is wanted, or not yet."""
        return self._wanted is not None and (self._wanted != self._asked or self._under_way)

    def want(self, key: K | None) -> None:
        """From now on this is wanted; None: nothing. What was asked before is not listened to any more."""
        if key != self._wanted:
            self._wanted = key
            self._ticket += 1
            self._ask_at = self._real_ms() + STILL_MS

    def again(self) -> None:
        """Ask anew, though nothing changed."""
        self._asked = None
        self._ticket += 1

    def tick(self) -> None:
        """Ask, if it is time to."""
        key = self._wanted
        if key is None or key == self._asked or self._under_way or self._real_ms() < self._ask_at:
            return
        self._asked, self._under_way, ticket = key, True, self._ticket
        self._apart(lambda: self._ask(key), lambda answer: self._heard(ticket, key, answer))

    def _heard(self, ticket: int, key: K, answer: object) -> None:
        self._under_way = False
        if ticket != self._ticket:
            self._asked = None
            return
        if isinstance(answer, EngineUnreachableError):
            self._asked, self._ask_at = None, self._real_ms() + AGAIN_MS
        self._hear(key, answer)
