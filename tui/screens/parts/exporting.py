"""Writes something to a file beside the screen, and says where it lies."""

from collections.abc import Callable
from datetime import datetime, tzinfo
from pathlib import Path

from store.errors import CallchainError
from tui.screens.room import Room


def file_for(what: str, now: int, zone: tzinfo, form: str = "csv") -> Path:
    """A file in the current folder, named after what it holds and when: `callchain-log-20261009-090125.csv`."""
    moment = datetime.fromtimestamp(now / 1000, zone).strftime("%Y%m%d-%H%M%S")
    return Path.cwd() / f"callchain-{what}-{moment}.{form}"


def export(room: Room, file: Path, write: Callable[[], int]) -> None:
    """Write apart; the operator is told where it lies, or why it does not."""

    def told(answer: object) -> None:
        if isinstance(answer, CallchainError):
            room.notify(f"Not exported: {answer}", severity="warning")
        else:
            room.notify(f"{answer:,} rows are in {file}, readable by you only.", timeout=15)

    room.notify(f"Writing {file.name} …")
    room.place.apart(write, told)
