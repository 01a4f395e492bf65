"""The machine, the versions, and what this process has used so far: time, CPU, memory, bytes to disk (Linux)."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from time import perf_counter_ns, process_time_ns, thread_time_ns
from types import TracebackType
from typing import NamedTuple, Self

PROC = Path("/proc")
PACKAGES = ("callchain", "lmdb", "msgspec", "pykka")
"""Whose versions decide the figures, beside Python's."""


def machine() -> dict[str, str | int]:
    """What the figures were measured on."""
    memory_kb = _fields(PROC / "meminfo")["MemTotal"]
    return {
        "cpu": _fields(PROC / "cpuinfo").get("model name", platform.machine()),
        "cores": len(os.sched_getaffinity(0)),
        "memory_mb": int(memory_kb.split()[0]) // 1024,
        "system": f"{platform.system()} {platform.release()}",
    }


def versions() -> dict[str, str]:
    """Python and the packages that decide the figures; "tree" for one that runs uninstalled."""
    return {"python": platform.python_version(), **{name: _version(name) for name in PACKAGES}}


class Reading(NamedTuple):
    """Clocks and counters of this process at one moment."""

    wall_ns: int
    cpu_ns: int
    """User and system, all threads."""
    written_bytes: int
    """Handed to the kernel to write. `write_bytes` beside it counts whole folios, several times as much."""

    @classmethod
    def take(cls) -> "Reading":
        """Now."""
        return cls(perf_counter_ns(), process_time_ns(), int(_fields(PROC / "self/io")["wchar"]))

    def since(self, earlier: "Reading") -> "Reading":
        """What was used between two readings."""
        return Reading(*(now - then for now, then in zip(self, earlier, strict=True)))


def anonymous_bytes() -> int:
    """Resident memory of this process without mapped files: LMDB's pages are the kernel's to keep or to drop."""
    return int(_fields(PROC / "self/status")["RssAnon"].split()[0]) * 1024


def resident_bytes() -> int:
    """Resident memory of this process, the pages it maps of the store included."""
    return int(_fields(PROC / "self/status")["VmRSS"].split()[0]) * 1024


class Meter:
    """Adds up the CPU and the time spent inside `with meter:` on this thread. Not nested."""

    def __init__(self) -> None:
        self.cpu_ns = 0
        self.wall_ns = 0
        self.times = 0

    def __enter__(self) -> Self:
        """Begin."""
        self._wall = perf_counter_ns()
        self._cpu = thread_time_ns()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Add."""
        self.cpu_ns += thread_time_ns() - self._cpu
        self.wall_ns += perf_counter_ns() - self._wall
        self.times += 1

    def clear(self) -> None:
        """Begin anew from zero."""
        self.cpu_ns = self.wall_ns = self.times = 0


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "tree"


def _fields(path: Path) -> dict[str, str]:
    """The first value of each `name: value` line of a file the kernel writes."""
    found: dict[str, str] = {}
    for line in path.read_text().splitlines():
        name, colon, value = line.partition(":")
        if colon:
            found.setdefault(name.strip(), value.strip())
    return found
