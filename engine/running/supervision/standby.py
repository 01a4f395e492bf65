"""Waits for the store of another engine and goes on in its place: at once when it ends, soon when it hangs (C179)."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from engine.home import STORE_FOLDER
from engine.service import Engine
from store.errors import ConfigError, StoreBusyError
from store.lease import LOCK_FILE, Holder, Lease, end_process, read_lease

LOOK_SECONDS = 0.2
"""Between two looks: how late it is noticed that the holder is gone."""

TRY_SECONDS = 1.0
"""Between two tries to start while the holder lives: it may have let go of the store and live on."""

OPENING_SECONDS_MAX = 600.0
"""A process that does not beat yet (it opens a store, imports a roster) is left alone for so long."""


class Patience:
    """Judges a holder by its beats, as this process sees them: the wall clock may be set, and machines may sleep."""

    def __init__(self, lease_seconds: float) -> None:
        self._lease_seconds = lease_seconds
        self._seen: Lease | None = None
        self._seen_at = 0.0

    def lost_with(self, lease: Lease | None, now: float) -> bool:
        """Whether the holder has shown no sign of life for its whole lease; `now`: monotonic seconds."""
        if lease is None or lease != self._seen:
            self._seen, self._seen_at = lease, now
            return False
        seconds_max = self._lease_seconds if lease.holder.beats else max(self._lease_seconds, OPENING_SECONDS_MAX)
        return now - self._seen_at >= seconds_max


@dataclass
class Standby:
    """An engine in waiting. `say` is given sentences about what happens."""

    home: Path
    make: Callable[[], Engine]
    """Makes the engine anew for each try, so that it starts with the settings of then."""
    lease_seconds: float
    say: Callable[[str], None]
    _complaint: str = ""

    def start(self, stop: threading.Event) -> Engine | None:
        """The started engine, as soon as nobody else holds the store; None when told to stop before."""
        lease = self._lease()
        if (engine := self._tried()) is not None:
            return engine
        self.say(f"Standing by: {_who(lease)} runs on {self.home}; this one takes over when it ends or hangs.")
        patience, tried_at = Patience(self.lease_seconds), monotonic()
        while not stop.wait(LOOK_SECONDS):
            lease, now = self._lease(), monotonic()
            gone = lease is None or not lease.holder.lives
            if gone or now - tried_at >= TRY_SECONDS:
                tried_at = now
                if (engine := self._tried_again()) is not None:
                    return engine
            if lease is not None and patience.lost_with(lease, now):
                self._end(lease.holder)
                patience = Patience(self.lease_seconds)
        return None

    def _tried(self) -> Engine | None:
        """The started engine, None while somebody else holds the store."""
        try:
            return self.make().start()
        except StoreBusyError:
            return None

    def _tried_again(self) -> Engine | None:
        """The same; settings that cannot be used end no standby: they may be put right before its turn comes."""
        try:
            return self._tried()
        except ConfigError as error:
            if str(error) != self._complaint:
                self._complaint = str(error)
                self.say(f"Standing by, but this one could not start now: {error}")
            return None

    def _lease(self) -> Lease | None:
        return read_lease(self.home / STORE_FOLDER / LOCK_FILE)

    def _end(self, holder: Holder) -> None:
        """End an engine that hangs. It holds the kernel's lock until it is dead, so two can never write."""
        seconds = self.lease_seconds
        if end_process(holder, self.home / STORE_FOLDER / LOCK_FILE):
            self.say(f"The engine (process {holder.pid}) gave no sign of life for {seconds:g} s and was ended.")
        elif not holder.is_here:
            self.say(f"The engine on {holder.host} gives no sign of life; end process {holder.pid} there.")
        else:
            self.say(f"Process {holder.pid} gives no sign of life and cannot be ended from here; end it by hand.")


def _who(lease: Lease | None) -> str:
    return "another engine" if lease is None else f"an engine (process {lease.holder.pid} on {lease.holder.host})"
