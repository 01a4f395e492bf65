"""One engine per store: a lock the kernel lets go of when its holder dies, and a lease its holder renews by beating."""

import fcntl
import os
from contextlib import suppress
from pathlib import Path

import msgspec

from store.errors import StoreBusyError, StoreError
from store.lease import LOCK_FILE, Lease, myself, read_lease, write_holder, write_nobody


class EngineLock:
    """Held by the engine that may write the store. Raises StoreBusyError where another one holds it."""

    def __init__(self, store_path: Path) -> None:
        store_path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = store_path / LOCK_FILE
        self._fd = -1
        # The folder is locked as well: whoever takes the file away, thinking it was left behind, lets nobody else in.
        self._folder = _opened(store_path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            _lock_folder(self._folder)
            self._fd = _opened(self._path, os.O_RDWR | os.O_CREAT)
            _lock(self._fd)
        except BlockingIOError:
            self._close()
            raise StoreBusyError(
                f"Another engine ({_who(read_lease(self._path))}) already runs on {store_path}. "
                "Use it through its door, or stop it first."
            ) from None
        except StoreError:
            self._close()
            raise
        self._holder = myself()
        write_holder(self._fd, self._holder)

    def begin_beating(self, incarnation: int) -> None:
        """Promise to beat from now on: who waits for the store may end this process when it no longer does."""
        self._holder = msgspec.structs.replace(self._holder, beats=True, incarnation=incarnation)
        write_holder(self._fd, self._holder)
        self.beat()

    def beat(self) -> None:
        """Renew the lease. Nothing is written, so a full disk does not matter; a beat that cannot be given is none."""
        with suppress(OSError, StoreError):
            if not self._is_there():
                self._put_back()
            os.utime(self._fd)

    def end_beating(self) -> None:
        """Stop in good order, however long that takes."""
        self._holder = msgspec.structs.replace(self._holder, beats=False)
        write_holder(self._fd, self._holder)

    def release(self) -> None:
        """Let another engine have the store."""
        write_nobody(self._fd)
        self._close()

    def _is_there(self) -> bool:
        """Whether the file others look at is the one that is locked."""
        try:
            return os.path.samestat(self._path.stat(), os.fstat(self._fd))
        except FileNotFoundError:
            return False

    def _put_back(self) -> None:
        """Somebody took the file away: the others shall see who holds the store."""
        fd = _opened(self._path, os.O_RDWR | os.O_CREAT)
        try:
            _lock(fd)
        except OSError:
            os.close(fd)
            raise
        os.close(self._fd)
        self._fd = fd
        write_holder(fd, self._holder)

    def _close(self) -> None:
        for fd in (self._fd, self._folder):
            if fd >= 0:
                os.close(fd)


def _opened(path: Path, flags: int) -> int:
    try:
        return os.open(path, flags | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreError(
            f"{path} cannot be opened ({error.strerror}); give it to the user who runs the engine."
        ) from error


def _lock(fd: int) -> None:
    """Raises BlockingIOError where somebody else has it."""
    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _lock_folder(fd: int) -> None:
    """The same; a network drive that locks no folders leaves it to the file."""
    try:
        _lock(fd)
    except OSError as error:
        if isinstance(error, BlockingIOError):
            raise


def _who(lease: Lease | None) -> str:
    if lease is None:
        return "process unknown"
    holder = lease.holder
    return f"process {holder.pid}" if holder.is_here else f"process {holder.pid} on {holder.host}"
