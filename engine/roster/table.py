"""One CSV file of a bundle as rows that know their physical line; a broken row is reported and the next one read."""

import codecs
import csv
import io
import re
from collections import deque
from collections.abc import Callable, Iterator
from typing import BinaryIO, TextIO

from engine.roster.problems import Problems
from engine.roster.row import Columns, Row
from store.errors import RosterError

LINE_CHARS_MAX = 1 << 20
"""A longer line is no CSV; the bound keeps a file without line ends from filling the memory."""
ROW_LINES_MAX = 20
"""Physical lines one row may span through quoted line ends; beyond that a quote was never closed."""


class Table:
    """The rows of one file. Iterating reads it once, in one pass; `has` answers as soon as the first row is out."""

    def __init__(self, open_binary: Callable[[], BinaryIO], columns: Columns, problems: Problems) -> None:
        self.file = f"{columns.file}.csv"
        self.rows_read = 0
        self._open = open_binary
        self._columns = columns
        self._problems = problems
        self._pushed_back: deque[str] = deque()
        self._line = 0

    def __iter__(self) -> Iterator[Row]:
        try:
            with (
                self._open() as binary,
                io.TextIOWrapper(binary, _encoding(binary, self.file), newline="") as text,
            ):
                yield from self._rows(text)
        except UnicodeDecodeError as error:
            raise self._wrong_encoding(error) from None

    def _rows(self, text: TextIO) -> Iterator[Row]:
        header = self._header(text)
        places = _places(self.file, header, self._columns)
        width = len(header)
        while line := self._next_line(text):
            starts_on = self._line
            cells = self._cells(line, text, width)
            if cells is None or not any(cells):
                continue
            self.rows_read += 1
            if len(cells) < width or any(cells[width:]):
                self._problems.add(self.file, starts_on, "", f"has {len(cells)} fields, the header has {width}")
                continue
            yield Row(self.file, starts_on, cells, places, self._problems)

    def _header(self, text: TextIO) -> list[str]:
        while line := self._next_line(text):
            if line.strip():
                return [name.strip() for name in next(csv.reader((line,)))]
        raise RosterError(f"{self.file} is empty: it needs at least a header. Export it again.")

    def _next_line(self, text: TextIO) -> str:
        line = self._pushed_back.popleft() if self._pushed_back else text.readline(LINE_CHARS_MAX)
        self._line += 1
        if len(line) == LINE_CHARS_MAX and not line.endswith(("\n", "\r")):
            raise RosterError(
                f"{self.file} line {self._line} is longer than {LINE_CHARS_MAX} characters: not a CSV file."
            )
        return line

    def _cells(self, line: str, text: TextIO, width: int) -> list[str] | None:
        """The cells of the row that begins with `line`; None, and reported, where its quotes do not close."""
        try:
            return next(csv.reader((line,), strict=True), None)
        except csv.Error:
            return self._cells_over_lines(line, text, width)

    def _cells_over_lines(self, line: str, text: TextIO, width: int) -> list[str] | None:
        """Join following lines until the quotes close on a whole row; else give them back and drop only `line`."""
        starts_on, taken = self._line, [line]
        while len(taken) < ROW_LINES_MAX and (following := self._next_line(text)):
            taken.append(following)
            try:
                cells = next(csv.reader(("".join(taken),), strict=True))
            except csv.Error:
                continue
            if len(cells) == width:
                return cells
            break
        self._pushed_back.extendleft(reversed(taken[1:]))
        self._line = starts_on
        self.rows_read += 1
        self._problems.add(self.file, starts_on, "", "a quote is opened and not closed, or stands in a wrong place")
        return None

    def _wrong_encoding(self, error: UnicodeDecodeError) -> RosterError:
        with self._open() as binary:
            offset = _bad_byte(binary, error.encoding)
        encoding = "UTF-16" if error.encoding.startswith("utf-16") else "UTF-8"
        return RosterError(
            f"{self.file} is not {encoding} at byte {offset}: save it as UTF-8 (or UTF-16 with a byte order mark) and "
            "give it again."
        )


def _encoding(binary: BinaryIO, file: str) -> str:
    """UTF-8 unless a byte order mark says UTF-16; leaves the stream at its beginning."""
    head = binary.read(4)
    binary.seek(0)
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise RosterError(f"{file} is UTF-32: save it as UTF-8 and give it again.")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\0" in head:
        raise RosterError(
            f"{file} is not UTF-8 at byte {head.index(0)}: it looks like UTF-16 without a byte order mark."
        )
    return "utf-8-sig"


def _bad_byte(binary: BinaryIO, encoding: str) -> int:
    """The offset of the first byte that does not decode."""
    decoder = codecs.getincrementaldecoder(encoding)()
    done = 0
    while True:
        block = binary.read(1 << 16)
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            return done - pending + error.start
        if not block:
            return done
        done += len(block)


def _places(file: str, header: list[str], columns: Columns) -> dict[str, int]:
    """Where each wanted column stands; header case does not matter."""
    names = [name.casefold() for name in header]
    wanted = (*columns.required, *columns.optional)
    places = {name: names.index(name.casefold()) for name in wanted if name.casefold() in names}
    missing = [name for name in columns.required if name not in places]
    if not missing:
        twice = next((name for name in places if names.count(name.casefold()) > 1), None)
        if twice:
            raise RosterError(f"{file} has two columns named {twice}: remove one.")
        return places
    if not places:
        hint = "; it is not separated by commas" if len(header) == 1 and re.search(r"[;\t|]", header[0]) else ""
        raise RosterError(f"{file} has no header: its first line names none of {', '.join(columns.required)}{hint}.")
    plural = "s" if len(missing) > 1 else ""
    raise RosterError(f"{file} lacks the column{plural} {', '.join(missing)}: export it again with a full header.")
