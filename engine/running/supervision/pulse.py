"""Whether the engine's loop still beats, as its lease shows it: asked by probes and by whoever feeds a watchdog."""

import time
from collections.abc import Callable
from pathlib import Path

from engine.home import STORE_FOLDER
from store.lease import LOCK_FILE, Lease, read_lease


class Pulse:
    """Judged by this process' own monotonic clock: the wall clock may be set. Any thread may ask."""

    def __init__(self, home: Path, now: Callable[[], float] = time.monotonic) -> None:
        self._path = home / STORE_FOLDER / LOCK_FILE
        self._now = now
        self._seen: Lease | None = None
        self._seen_at = now()

    def silent_seconds(self) -> float:
        """For how long, as far as was looked, there was no beat."""
        lease, now = read_lease(self._path), self._now()
        if lease is not None and lease != self._seen:
            self._seen, self._seen_at = lease, now
        return now - self._seen_at
