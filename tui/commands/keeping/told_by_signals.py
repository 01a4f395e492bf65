"""What a program that runs in the foreground is told from outside: stop, stop at once, read the settings anew."""

import os
import signal
import threading
from collections.abc import Callable
from queue import SimpleQueue
from types import FrameType

AT_ONCE = 128
"""Exit codes of a program that a signal ended begin here, as shells have it."""


class Told:
    """Signals as events; as process 1 of a container too, where the kernel ends nobody who did not ask for it.

    `say` is given a sentence before the end that comes at once.
    """

    def __init__(self, say: Callable[[str], None], end: Callable[[int], object] = os._exit) -> None:
        self.stop = threading.Event()
        self.reload = threading.Event()
        self.news = threading.Event()
        """One of the two was set."""
        self._say = say
        self._end = end
        self._came: SimpleQueue[int] = SimpleQueue()
        """A handler may come in the middle of anything, a lock held: this queue alone is made for that."""

    def listen(self) -> None:
        """Begin; in the main thread, before the engine starts."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._take)
        threading.Thread(target=self._hear_for_ever, name="signals", daemon=True).start()

    def _take(self, number: int, _frame: FrameType | None) -> None:
        self._came.put(number)

    def _hear_for_ever(self) -> None:
        while True:
            self.hear(self._came.get())

    def hear(self, number: int) -> None:
        """Act on one signal."""
        if number == signal.SIGHUP:
            self.reload.set()
        elif self.stop.is_set():
            self._say("Told to stop once more: ended at once. What was acknowledged is on disk.")
            self._end(AT_ONCE + number)
        else:
            self.stop.set()
        self.news.set()
