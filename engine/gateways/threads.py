"""A few threads that take the most urgent work first, with one kept free for what must not wait."""

import heapq
import itertools
import logging
import threading
from collections.abc import Callable
from enum import IntEnum

Work = Callable[[], None]

JOIN_S = 5.0
"""How long closing waits for a thread; its connection is cut already, so only a name look-up can hold it."""

log = logging.getLogger(__name__)


class Urgency(IntEnum):
    """Who goes first: lower is sooner."""

    EMERGENCY = 0
    CANCEL = 1
    RESULTS = 2
    LOOKUP = 3
    STATUS = 4
    SUBMIT = 5


class UrgentFirst:
    """Threads over one queue, by urgency and then in order of arrival.

    With two threads or more, one takes nothing less urgent than a cancel: an emergency finds it free even while big
    batches or a silent carrier hold the others.
    """

    def __init__(self, threads: int, name: str) -> None:
        self._queue: list[tuple[Urgency, int, Work]] = []
        self._arrivals = itertools.count()
        self._change = threading.Condition()
        self._closed = False
        self._threads = [
            threading.Thread(
                target=self._run,
                args=[Urgency.CANCEL if index == 0 and threads > 1 else max(Urgency)],
                name=f"{name}-{index}",
                daemon=True,
            )
            for index in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def put(self, urgency: Urgency, work: Work) -> None:
        """Have `work` done once, soon, by another thread; also after `close`."""
        with self._change:
            if not self._closed:
                heapq.heappush(self._queue, (urgency, next(self._arrivals), work))
                self._change.notify_all()
                return
        threading.Thread(target=_do, args=[work], daemon=True).start()

    def close(self) -> None:
        """Let the threads do what is queued and end; returns when they have, unless called by one of them."""
        with self._change:
            self._closed = True
            self._change.notify_all()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(JOIN_S)

    def _run(self, least: Urgency) -> None:
        while (work := self._take(least)) is not None:
            _do(work)

    def _take(self, least: Urgency) -> Work | None:
        """The most urgent work, at least as urgent as `least`; None: closed and nothing left."""
        with self._change:
            while not (self._queue and self._queue[0][0] <= least):
                if self._closed:
                    return None
                self._change.wait()
            return heapq.heappop(self._queue)[2]


def _do(work: Work) -> None:
    try:
        work()
    except Exception as error:
        # The reply of the caller failed, not ours; its text may hold a number, so only its kind is logged.
        log.error("A reply to the carrier's answer failed: %s", type(error).__name__)  # noqa: TRY400
