"""What a process and all that descend from it have used so far: CPU and memory, as the kernel counts them (Linux)."""

import os
from typing import NamedTuple

from perf.measure import PROC

TICK_NS = 1_000_000_000 // os.sysconf("SC_CLK_TCK")
"""The kernel counts CPU in these, 10 ms as a rule."""
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")

PARENT, USER, SYSTEM, ENDED_USER, ENDED_SYSTEM = 1, 11, 12, 13, 14
"""Places in /proc/PID/stat behind the name; the last two are of children that have ended and were waited for."""


class Usage(NamedTuple):
    """Sums over a tree of processes."""

    cpu_ns: int
    anonymous_bytes: int

    @classmethod
    def take(cls, root: int) -> "Usage":
        """Now. What the children of the root have used that have already ended is in it."""
        stats = _stats()
        tree = [root]
        for parent in tree:
            tree.extend(pid for pid, fields in stats.items() if int(fields[PARENT]) == parent)
        ticks = sum(
            int(stats[pid][place]) for pid in tree for place in (USER, SYSTEM, ENDED_USER, ENDED_SYSTEM) if pid in stats
        )
        return cls(ticks * TICK_NS, sum(map(_anonymous_bytes, tree)))


def _stats() -> dict[int, list[str]]:
    """The fields of every process behind its name, which may hold anything."""
    found: dict[int, list[str]] = {}
    for entry in PROC.iterdir():
        if entry.name.isdecimal():
            try:
                found[int(entry.name)] = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # It has ended meanwhile.
    return found


def _anonymous_bytes(pid: int) -> int:
    """Resident pages less those of files and shared memory."""
    try:
        _size, resident, shared, *_ = (PROC / str(pid) / "statm").read_text().split()
    except OSError:
        return 0
    return (int(resident) - int(shared)) * PAGE_BYTES
