"""Says where a scheduler is at work: the green light beside each schedule (C102, C178)."""

import os
import time
from contextlib import suppress
from pathlib import Path

import msgspec

from engine.home import STORE_FOLDER
from store.lease import Lease, myself, read_lease, write_holder, write_nobody

BEAT_FILE = "scheduler.beat"
"""In the store's folder: who schedules, and by its time of change when he last looked at his schedules."""

SILENT_SECONDS_MAX = 120.0
"""A scheduler that has not looked for so long hangs. It looks every second, but not while it prepares a firing: that
takes half a minute for a hundred thousand contacts. That its process is gone is known at once."""


class SchedulerView(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a scheduler is at work, and where. Instants in ms UTC by the machine's own clock, 0 where unknown."""

    active: bool
    host: str = ""
    pid: int = 0
    since: int = 0
    looked_at: int = 0
    note: str = ""
    """In words: what an administrator must know or do."""


class Presence:
    """Kept up by the scheduler that is at work."""

    def __init__(self, home: Path) -> None:
        self._path = home / STORE_FOLDER / BEAT_FILE
        self._fd = -1

    def show(self, incarnation: int) -> None:
        """Say that this process schedules from now on. Where the disk has no room for that, it is at work unseen."""
        try:
            self._fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError:
            return
        write_holder(self._fd, myself(beats=True, incarnation=incarnation))

    def beat(self) -> None:
        """It has looked at its schedules just now."""
        with suppress(OSError):
            os.utime(self._fd)

    def hide(self) -> None:
        """It schedules no more."""
        if self._fd >= 0:
            write_nobody(self._fd)
            os.close(self._fd)
            self._fd = -1


def scheduler_at_work(home: Path) -> SchedulerView:
    """Whether somebody schedules for a district, read from outside."""
    lease = read_lease(home / STORE_FOLDER / BEAT_FILE)
    if lease is None:
        return SchedulerView(active=False, note=f"No scheduler runs; start one with `callchain serve --home {home}`.")
    holder = lease.holder
    note = _complaint(lease)
    return SchedulerView(
        active=not note, host=holder.host, pid=holder.pid, since=holder.since, looked_at=lease.beat_at, note=note
    )


def _complaint(lease: Lease) -> str:
    holder, silent_ms = lease.holder, time.time_ns() // 1_000_000 - lease.beat_at
    if holder.is_here and not holder.lives:
        return f"The scheduler (process {holder.pid}) is gone; start `callchain serve` again."
    if silent_ms > SILENT_SECONDS_MAX * 1000:
        return f"The scheduler (process {holder.pid} on {holder.host}) has been silent for {silent_ms // 1000} s."
    return ""
