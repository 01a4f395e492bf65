"""One engine per store: a lock on a file, held as long as the engine lives and let go by the kernel when it dies."""

import fcntl
import os
from pathlib import Path

from store.errors import StoreBusyError


class EngineLock:
    """Held by the engine that may write the store."""

    def __init__(self, store_path: Path) -> None:
        store_path.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = store_path / "engine.lock"
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(self._fd, 32).decode(errors="replace").strip() or "unknown"
            os.close(self._fd)
            raise StoreBusyError(
                f"Another engine (process {holder}) already runs on {store_path}. "
                "Use it through its door, or stop it first."
            ) from None
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, str(os.getpid()).encode(), 0)

    def release(self) -> None:
        """Let another engine have the store."""
        os.close(self._fd)
