"""The end of a service within a bound: what takes longer is left where it is and named."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

STOPPED_LATE = 75
"""Exit code of a service that was ended because it did not stop in time (EX_TEMPFAIL)."""


class Farewell:
    """Ends the process when the bound is reached. Nothing acknowledged is lost: that was on disk before."""

    def __init__(self, seconds: float, say: Callable[[str], None], end: Callable[[int], object] = os._exit) -> None:
        self._seconds = seconds
        self._say = say
        self._end = end
        self._open: list[str] = []
        self._timer: threading.Timer | None = None

    def begin(self, *names: str) -> None:
        """From now on the bound counts; these are to be closed, in this order."""
        self._open = list(names)
        self._timer = threading.Timer(self._seconds, self.break_off)
        self._timer.daemon = True
        self._timer.start()

    @contextmanager
    def closing(self, name: str) -> Iterator[None]:
        """Something is being closed while the block lasts."""
        yield
        if name in self._open:
            self._open.remove(name)

    def done(self) -> None:
        """Everything is closed."""
        if self._timer is not None:
            self._timer.cancel()

    def break_off(self) -> None:
        """The bound is reached."""
        self._say(
            f"Not stopped within {self._seconds:g} s, so ended: {', '.join(self._open) or 'nothing'} was still open. "
            "What was acknowledged is on disk; the next start goes on from there."
        )
        self._end(STOPPED_LATE)
