"""The beat of a living engine: its own loop renews the lease every second, so that one that hangs stops beating.

Whoever read the store and was killed is forgotten at each beat: no page they saw could be used again.
"""

from actors.runtime.dispatcher import Dispatcher
from actors.runtime.timer import Due
from store.database import Database
from store.engine_lock import EngineLock

BEAT_MS = 1_000
"""Of the machine's own time. Ten beats may fail within the shortest lease that is any use."""


class Heart:
    """Beats from `start` to `stop`. The timer calls it on the loop's thread."""

    def __init__(self, dispatcher: Dispatcher, lock: EngineLock, database: Database) -> None:
        self._timer = dispatcher.timer
        # A hurried clock makes the engine's seconds shorter than the machine's.
        self._every_ms = int(BEAT_MS * getattr(dispatcher.clock, "speed", 1.0))
        self._lock = lock
        self._database = database
        self._due: Due | None = None

    def start(self, incarnation: int) -> None:
        """Promise to beat; before the loop runs."""
        self._lock.begin_beating(incarnation)
        self._due = self._timer.after(self._every_ms, self, None)

    def tell(self, _message: None) -> None:
        """It is time: beat."""
        self._lock.beat()
        self._database.forget_dead_readers()
        self._due = self._timer.after(self._every_ms, self, None)

    def stop(self) -> None:
        """No more beats: the engine stops in good order, and takes the time it needs."""
        if self._due is not None:
            self._due.cancel()
            self._lock.end_beating()
