"""What a peer did and used: the same figures for every program, whatever it is made of."""

from typing import NamedTuple

from perf.workload.rule import is_emergency


class Work(NamedTuple):
    """A run from the start of the first chain until the last one's end was durable."""

    dials: int
    confirmed: int
    checksum: int
    """These three are read back from the disk or the server after the end."""
    sound: bool
    """Each call that was opened was closed, once, and none was closed that had not been opened."""
    records: int
    """Records of calls that became durable."""
    wall_ns: int
    cpu_ns: int
    """User and system, of all processes that had a part in it."""
    memory_bytes: int
    """Growth of their anonymous memory, at its highest."""
    layout: str
    """How many tasks, threads or processes did it."""


def arrival_order(n: int) -> list[int]:
    """Chains 0 … n-1, all of which arrive at once: emergencies first."""
    return sorted(range(n), key=lambda chain: not is_emergency(chain))
