"""Where a report goes: read in one transaction, written as its rows come, shown only when the transaction is over."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, TextIO, TypeVar

import msgspec

from engine.home import settings_in_force
from engine.reports.formats.catalog import FORMATS, writer_of
from engine.reports.formats.csv_text import BYTE_ORDER_MARK
from engine.reports.report import Report
from engine.reports.source.records import Records, read_records
from store.errors import InvalidInputError
from tui.commands import say
from tui.commands.options import clock_of

IN_MEMORY_MAX = 16 << 20
"""Characters kept in memory before they go to a nameless file on disk: a report of some 100,000 lines."""

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


def give(home: Path, clock: str, output: Output, make: Callable[[Records], Report]) -> None:
    """Make a report and write it to its file, else to standard output."""
    form = output.format

    def write(out: TextIO) -> int:
        if output.excel:
            out.write(BYTE_ORDER_MARK)
        return from_records(home, clock, lambda records: writer_of(form)(make(records), out))

    if output.file is None:
        # Whoever reads standard output may be slow, and a transaction must wait for nobody.
        with SpooledTemporaryFile(IN_MEMORY_MAX, "w+", encoding="utf-8", newline="") as spool:
            write(spool)  # type: ignore[arg-type]
            _copy(spool)
    else:
        with _new_file(output.file) as out:
            rows = write(out)
        say.note(f"{output.file}: {rows:,} rows.")


def _copy(spool: IO[str]) -> None:
    spool.seek(0)
    shutil.copyfileobj(spool, sys.stdout)
    sys.stdout.flush()


@contextmanager
def _new_file(path: Path) -> Iterator[TextIO]:
    """A file that only its owner may read, in place when it is whole and not before.

    Raises InvalidInputError for what is no file, such as a folder or a device: it would be replaced by one.
    """
    if not path.name or (path.exists() and not path.is_file()):
        raise InvalidInputError(f'--out is "{path}", which is no file; name one, like report.csv.')
    part = path.with_name(f".{path.name}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as error:
        raise InvalidInputError(f"{path} cannot be written: {(error.strerror or str(error)).lower()}.") from None
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as out:
            yield out
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
