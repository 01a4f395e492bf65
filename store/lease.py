"""Who holds a store, since when, and whether he still beats: what the lock's file says, for whoever waits or looks."""

import os
import signal
import socket
import time
from contextlib import suppress
from pathlib import Path

import msgspec

LOCK_FILE = "engine.lock"
"""In the store's folder. The kernel's lock on it decides; what it says is for the others."""

FILE_BYTES = 512
"""The file is this long from its first writing on and is overwritten in place: a full disk takes that as well."""

_START_FIELD = 19
"""Of what follows the name in /proc/PID/stat: when the process started."""


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """The process that holds a lease."""

    pid: int
    host: str
    since: int
    """ms UTC by the machine's own clock, whatever clock the engine lives by."""
    started: int = 0
    """When the process started, in the kernel's ticks: no later process of the same id has the same."""
    beats: bool = False
    """It is past opening its store: from now on it beats every second for as long as it lives and is no hung one."""
    incarnation: int = 0
    """Which opening of the store it is, 0 while it is being opened."""

    @property
    def is_here(self) -> bool:
        """Whether it runs on this machine."""
        return self.host == host()

    @property
    def lives(self) -> bool:
        """Whether it is a process of this machine that has not ended."""
        return self.is_here and self.started != 0 and process_started(self.pid) == self.started


class Lease(msgspec.Struct, frozen=True, kw_only=True):
    """What a lease's file says."""

    holder: Holder
    beat_at: int
    """When it last beat, ms UTC by the machine's own clock."""


def myself(**more: int | bool) -> Holder:
    """The process that runs this, as the holder of a lease it takes now."""
    pid = os.getpid()
    return Holder(pid=pid, host=host(), since=time.time_ns() // 1_000_000, started=process_started(pid), **more)  # type: ignore[arg-type]


def host() -> str:
    """The machine that runs this."""
    return socket.gethostname()


def read_lease(path: Path) -> Lease | None:
    """What a lease's file says; None where nobody ever held it, or it says nothing that is understood.

    The holder may be gone: ask `Holder.lives`.
    """
    try:
        with path.open("rb") as file:
            data, beat_ns = file.read(FILE_BYTES), os.fstat(file.fileno()).st_mtime_ns
        return Lease(holder=msgspec.json.decode(data.rstrip(b"\0 "), type=Holder), beat_at=beat_ns // 1_000_000)
    except (OSError, msgspec.DecodeError):
        return None


def write_holder(fd: int, holder: Holder) -> None:
    """Say who holds it, in place. A disk that takes nothing at all is passed over: the kernel's lock holds anyway."""
    # The words that stay then name somebody else, and nobody ends a process that has not the lock.
    with suppress(OSError):
        os.pwrite(fd, msgspec.json.encode(holder).ljust(FILE_BYTES), 0)


def write_nobody(fd: int) -> None:
    """Say that nobody holds it."""
    with suppress(OSError):
        os.pwrite(fd, b" " * FILE_BYTES, 0)


def process_started(pid: int) -> int:
    """When a process of this machine started, in the kernel's ticks; 0 for one that does not live."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return 0
    fields = stat.rpartition(")")[2].split()
    return 0 if fields[0] in "ZX" else int(fields[_START_FIELD])


def holds_lock(pid: int, path: Path) -> bool:
    """Whether a process of this machine has the kernel's lock on a file, as far as this one may know."""
    try:
        wanted, handles = path.stat(), list(Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return False
    return any(_is_lock(pid, handle, wanted) for handle in handles)


def _is_lock(pid: int, handle: Path, wanted: os.stat_result) -> bool:
    """Whether an open file of a process is that one, locked. It may be closed by now: other threads of it go on."""
    with suppress(OSError):
        if os.path.samestat(handle.stat(), wanted):
            return "FLOCK" in Path(f"/proc/{pid}/fdinfo/{handle.name}").read_text(encoding="utf-8")
    return False


def end_process(holder: Holder, path: Path) -> bool:
    """Kill a holder that hangs; False where it may not be done.

    No other process is ever ended: not one that got its id since, and not one that let go of the lock on `path` and
    lives on.
    """
    try:
        handle = os.pidfd_open(holder.pid)
    except OSError:
        return False
    try:
        # Looked at after it was taken hold of: from here on the handle means this very process.
        if not holder.lives or not holds_lock(holder.pid, path):
            return False
        signal.pidfd_send_signal(handle, signal.SIGKILL)
    except OSError:
        return False
    finally:
        os.close(handle)
    return True
