"""Looks at the ladder when something on it is due: on a thread of its own, or stepped by the dispatcher's timer."""

import logging
import threading
from collections.abc import Callable

from actors.runtime.dispatcher import Dispatcher
from actors.runtime.timer import Due, Timer
from engine.running.faults import log_fault

LOOK_SECONDS = 0.5
"""How long it sleeps at most while something waits: the bound on how late it notices that the wall clock was set."""

AGAIN_MS = 1_000
"""After a look that failed, until the next one."""

log = logging.getLogger(__name__)


class Lookout:
    """`look` does what is due and says when to look again, None for not before something is told.

    Live, its thread begins with the first instant it is told: a district without a ladder has none.
    """

    def __init__(self, dispatcher: Dispatcher, look: Callable[[], int | None], *, stepped: bool) -> None:
        self._clock = dispatcher.clock
        self._timer = dispatcher.timer if stepped else None
        self._look = look
        self._next_at: int | None = None
        self._due: Due | None = None
        self._news = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False

    def look_at(self, instant: int) -> None:
        """Look when the engine's clock shows an instant, ms UTC."""
        if self._timer is not None:
            self._step_at(instant, self._timer)
            return
        with self._news:
            self._next_at = instant if self._next_at is None else min(instant, self._next_at)
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._keep_looking, name="ladder", daemon=True)
                self._thread.start()
            self._news.notify()

    def close(self) -> None:
        """Let the look that is under way end, then look no more; again it does nothing."""
        with self._news:
            self._closed = True
            self._news.notify()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    # -- stepped

    def _step_at(self, instant: int, timer: Timer) -> None:
        if self._due is not None and self._next_at is not None and self._next_at <= instant:
            return
        if self._due is not None:
            self._due.cancel()
        self._next_at, self._due = instant, timer.at(instant, self, None)

    def tell(self, _message: None) -> None:
        """It is time: look."""
        self._next_at = self._due = None
        if not self._closed and (next_at := self._look()) is not None:
            self.look_at(next_at)

    # -- live

    def _keep_looking(self) -> None:
        while self._wait():
            try:
                next_at = self._look()
            except Exception as error:
                log_fault(log, "The confirmation ladder, which looks again,", error)
                next_at = self._clock.now() + AGAIN_MS
            if next_at is not None:
                self.look_at(next_at)

    def _wait(self) -> bool:
        """Until it is time to look; False when it is not to look any more."""
        with self._news:
            while not self._closed:
                left_ms = None if self._next_at is None else self._next_at - self._clock.now()
                if left_ms is not None and left_ms <= 0:
                    self._next_at = None
                    return True
                speed: float = getattr(self._clock, "speed", 1.0)
                self._news.wait(None if left_ms is None else min(LOOK_SECONDS, left_ms / 1000 / speed))
        return False
