"""Where a report goes: read in one transaction, written as its rows come, shown only when the transaction is over."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TextIO, TypeVar

import msgspec

from engine.home import settings_in_force
from engine.reports.formats.catalog import FORMATS, writer_of
from engine.reports.formats.new_file import new_file
from engine.reports.helper import order_of, report_here
from engine.reports.source.records import Records, read_records
from store.errors import EngineUnreachableError, InvalidInputError
from tui.commands import say
from tui.commands.options import clock_of
from tui.door import door_of
from tui.door_ways import is_elsewhere

T = TypeVar("T")


class Output(msgspec.Struct, frozen=True):
    """How a report is asked for; `form` empty: what the file's name says, else a table."""

    form: str = ""
    file: Path | None = None
    excel: bool = False

    @property
    def format(self) -> str:
        """The name of the format. Raises InvalidInputError for one there is not."""
        named = self.file.suffix[1:].lower() if self.file is not None else ""
        form = self.form or ("csv" if self.excel else named if named in FORMATS else "table")
        writer_of(form)
        if self.excel and form != "csv":
            raise InvalidInputError(f"--excel is for CSV; leave it out of a {form}.")
        return form


def from_records(home: Path, clock: str, read: Callable[[Records], T]) -> T:
    """What is read of a district's records, in one transaction."""
    with read_records(home, settings_in_force(home).district.time_zone, clock_of(clock).now()) as records:
        return read(records)


def give(home: Path, clock: str, output: Output, name: str, asked: object) -> None:
    """Have a report made, by the engine where one runs, and write it to its file, else to standard output."""
    form = output.format
    if output.file is None:
        # Whoever reads standard output may be slow, and nothing must wait for them.
        with TemporaryFile("w+", encoding="utf-8", newline="") as spool:
            _make(home, clock, output, name, asked, form, spool)
            _copy(spool)
    else:
        with new_file(output.file) as out:
            rows = _make(home, clock, output, name, asked, form, out)
        say.note(f"{output.file}: {rows:,} rows.")


def _make(home: Path, clock: str, output: Output, name: str, asked: object, form: str, out: TextIO) -> int:
    try:
        return door_of(home).report(name, asked, form, output.excel, out.buffer)
    except EngineUnreachableError:
        if is_elsewhere():
            raise
    order = order_of(
        home, settings_in_force(home).district.time_zone, clock_of(clock).now(), name, asked, form, output.excel
    )
    return report_here(order, out)


def _copy(spool: IO[str]) -> None:
    spool.seek(0)
    shutil.copyfileobj(spool, sys.stdout)
    sys.stdout.flush()
