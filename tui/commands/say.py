"""What the command line prints: sentences for people, JSON for scripts, numbers always masked."""

import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from engine.tame import tame, tame_lines

WIDTH = 120
"""Columns of a table where no terminal says otherwise."""

out = Console(highlight=False, width=None if sys.stdout is not None and sys.stdout.isatty() else WIDTH)
err = Console(stderr=True, highlight=False)


def on_terminal() -> bool:
    """Whether somebody sits there: both what is typed and what is printed belong to a terminal."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


def json(value: object) -> None:
    """One JSON value on standard output."""
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")
    sys.stdout.flush()


def line(text: str) -> None:
    """One line on standard output."""
    out.print(Text(tame_lines(text)), soft_wrap=True)


def now(text: str) -> None:
    """One line on standard output that whoever reads it has at once, also through a pipe."""
    sys.stdout.write(tame_lines(text) + "\n")
    sys.stdout.flush()


def note(text: str) -> None:
    """One line on standard error."""
    err.print(Text(tame_lines(text)), soft_wrap=True)


def table(title: str, columns: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """A table on standard output; columns whose name ends in `#` are numbers; they and those in `!` never fold."""
    line(title)
    shown = Table(box=None, pad_edge=False)
    for column in columns:
        shown.add_column(
            column.rstrip("#!"),
            justify="right" if column.endswith("#") else "left",
            no_wrap=column.endswith(("#", "!")),
            overflow="fold",
        )
    for row in rows:
        shown.add_row(*(Text(tame(str(cell))) for cell in row))
    out.print(shown)


def progress() -> Progress:
    """A progress bar on standard error, for work that takes a while."""
    return Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeRemainingColumn(),
        console=err, transient=True, disable=not err.is_terminal,
    )  # fmt: skip


def masked(number: str) -> str:
    """A phone number of which only the last four digits are shown."""
    return f"•••-•••-{number[-4:]}"


def shortened(text: str, length: int) -> str:
    """A text of at most so many characters; what was cut off leaves a `…`."""
    return text if len(text) <= length else text[: length - 1] + "…"


def clock(at: int, zone: str) -> str:
    """An instant in the district's own time: `2026-11-24 16:05`."""
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")
