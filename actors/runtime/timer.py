"""One timer for all actors: letters that become due at an instant, or after a while."""

import heapq
from itertools import count
from typing import Any, Protocol

from actors.runtime.clock import Clock


class Addressee(Protocol):
    """Whoever can be told something: an actor's ref."""

    def tell(self, message: Any) -> None:  # noqa: ANN401
        """Send a message."""


class Timer:
    """Instants follow the wall clock and time-outs the monotonic one, so setting the wall clock breaks no time-out."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._instants: list[tuple[int, int, Due]] = []
        self._timeouts: list[tuple[int, int, Due]] = []
        self._order = count()

    def at(self, instant: int, to: Addressee, letter: Any) -> "Due":  # noqa: ANN401
        """Tell `to` the letter when the wall clock reaches an instant, ms UTC."""
        return self._push(self._instants, instant, Due(to, letter))

    def after(self, delay_ms: int, to: Addressee, letter: Any) -> "Due":  # noqa: ANN401
        """Tell `to` the letter after a while."""
        return self._push(self._timeouts, self._clock.monotonic() + delay_ms, Due(to, letter))

    def fire(self) -> None:
        """Send everything that is due, in the order it became due."""
        self._fire(self._instants, self._clock.now())
        self._fire(self._timeouts, self._clock.monotonic())

    def next_in(self) -> int | None:
        """Milliseconds until something is due; None when nothing waits."""
        self._drop_canceled()
        waits = []
        if self._instants:
            waits.append(self._instants[0][0] - self._clock.now())
        if self._timeouts:
            waits.append(self._timeouts[0][0] - self._clock.monotonic())
        return min(waits, default=None)

    def next_at(self) -> int | None:
        """When the next letter is due on a virtual clock, where both kinds of time are one."""
        wait = self.next_in()
        return None if wait is None else self._clock.now() + max(0, wait)

    def _push(self, heap: list[tuple[int, int, "Due"]], due: int, due_letter: "Due") -> "Due":
        heapq.heappush(heap, (due, next(self._order), due_letter))
        return due_letter

    def _fire(self, heap: list[tuple[int, int, "Due"]], now: int) -> None:
        while heap and heap[0][0] <= now:
            _, _, due_letter = heapq.heappop(heap)
            if due_letter.to is not None:
                due_letter.to.tell(due_letter.letter)

    def _drop_canceled(self) -> None:
        for heap in (self._instants, self._timeouts):
            while heap and heap[0][2].to is None:
                heapq.heappop(heap)


class Due:
    """A letter on its way; `cancel` takes it back."""

    __slots__ = ("letter", "to")

    def __init__(self, to: Addressee, letter: Any) -> None:  # noqa: ANN401
        self.to: Addressee | None = to
        self.letter = letter

    def cancel(self) -> None:
        """Never send it."""
        self.to = None
        self.letter = None
