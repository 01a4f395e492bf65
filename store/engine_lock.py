"""One engine per store: a lock the kernel lets go of when its holder dies, and a lease its holder renews by beating."""

import fcntl
import os
from contextlib import suppress
from pathlib import Path

import msgspec

from store.errors import StoreBusyError
from store.lease import LOCK_FILE, Lease, myself, read_lease, write_holder, write_nobody


class EngineLock:
    """Held by the engine that may write the store. Raises StoreBusyError where another one holds it."""

    def __init__(self, store_path: Path) -> None:
        store_path.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = store_path / LOCK_FILE
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._fd)
            raise StoreBusyError(
                f"Another engine ({_who(read_lease(path))}) already runs on {store_path}. "
                "Use it through its door, or stop it first."
            ) from None
        self._holder = myself()
        write_holder(self._fd, self._holder)

    def begin_beating(self, incarnation: int) -> None:
        """Promise to beat from now on: who waits for the store may end this process when it no longer does."""
        self._holder = msgspec.structs.replace(self._holder, beats=True, incarnation=incarnation)
        write_holder(self._fd, self._holder)
        self.beat()

    def beat(self) -> None:
        """Renew the lease. Nothing is written, so a full disk does not matter; a beat that cannot be given is none."""
        with suppress(OSError):
            os.utime(self._fd)

    def end_beating(self) -> None:
        """Stop in good order, however long that takes."""
        self._holder = msgspec.structs.replace(self._holder, beats=False)
        write_holder(self._fd, self._holder)

    def release(self) -> None:
        """Let another engine have the store."""
        write_nobody(self._fd)
        os.close(self._fd)


def _who(lease: Lease | None) -> str:
    if lease is None:
        return "process unknown"
    holder = lease.holder
    return f"process {holder.pid}" if holder.is_here else f"process {holder.pid} on {holder.host}"
