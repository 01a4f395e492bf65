"""A roster bundle on disk, a folder or a zip of CSV files: what is in it, what its manifest says, and safe limits."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePosixPath
from typing import BinaryIO, NamedTuple

from engine.roster.problems import Problems
from engine.roster.row import Columns, Row
from engine.roster.table import Table
from store.errors import RosterError

Progress = Callable[[int, int], None]
"""Told (bytes read, bytes in all) while a bundle is read, uncompressed."""

FILES = (
    "manifest", "orgs", "academicsessions", "classes", "users", "roles", "enrollments",
    "relationships", "contacts", "phones", "households", "preferences",
)  # fmt: skip
"""What is read, in lower case; every other file in a bundle is ignored."""
REQUIRED_FILES = ("orgs", "users")
VERSIONS = ("1.1", "1.2")
BYTES_MAX = 2 << 30
"""Uncompressed size of a bundle: about five times a district of 300,000 families, and a bound for zip bombs."""
ZIP_ENTRIES_MAX = 10_000
"""A bundle has some twenty files; the bound keeps a hostile directory short."""
BLOCK = 1 << 18
"""Bytes per read: progress is told this often."""

_MANIFEST = Columns("manifest", ("propertyName", "value"))


class Entry(NamedTuple):
    """One file of a bundle."""

    open: Callable[[], BinaryIO]
    size: int


class Bundle:
    """The files of one roster. `rows` reads one of them; `counts` says how many rows each gave."""

    def __init__(self, path: Path, entries: dict[str, Entry], problems: Problems, progress: Progress | None) -> None:
        self.path = path
        self.counts: dict[str, int] = {}
        self.fictional = False
        """The manifest carries the stamp `callchain.fictional,true`."""
        self._entries = entries
        self._problems = problems
        self._progress = progress
        self._done = 0
        self._require_files()
        self._require_size()
        self._obey_manifest()

    def has(self, file: str) -> bool:
        """Whether the bundle holds `file` (without `.csv`)."""
        return file.casefold() in self._entries

    def rows(self, columns: Columns) -> Iterator[Row]:
        """The rows of a file, none where the bundle lacks it.

        Raises RosterError for an empty file, a wrong encoding, a missing header or column, and a damaged archive.
        """
        if not self.has(columns.file):
            return
        table = Table(lambda: self._open(columns.file.casefold()), columns, self._problems)
        try:
            yield from table
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise RosterError(
                f"{table.file} in {self.path} is damaged or cut short ({error}): copy it again."
            ) from error
        except OSError as error:
            raise RosterError(f"{table.file} in {self.path} cannot be read: {error.strerror or error}.") from error
        self.counts[table.file] = table.rows_read

    def _open(self, file: str) -> BinaryIO:
        return io.BufferedReader(_Counted(self._entries[file].open(), self._read), BLOCK)

    def _read(self, size: int) -> None:
        self._done += size
        if self._progress:
            total = sum(entry.size for entry in self._entries.values())
            self._progress(min(self._done, total), total)

    def _require_files(self) -> None:
        missing = [f"{file}.csv" for file in REQUIRED_FILES if file not in self._entries]
        if missing:
            raise RosterError(
                f"{self.path} is not a OneRoster bundle: it has no {' and no '.join(missing)}. "
                "Give the folder or zip that holds them."
            )

    def _require_size(self) -> None:
        size = sum(entry.size for entry in self._entries.values())
        if size > BYTES_MAX:
            raise RosterError(f"{self.path} unpacks to {size >> 20} MiB; at most {BYTES_MAX >> 20} MiB are read.")

    def _obey_manifest(self) -> None:
        """Refuse delta files and unknown versions, leave out what is called absent (facts §2.4)."""
        for row in self.rows(_MANIFEST):
            name, value = row["propertyName"].casefold(), row["value"].casefold()
            if name == "oneroster.version" and not value.startswith(VERSIONS):
                raise RosterError(f"{self.path} is OneRoster {row.words('value')}; 1.1 and 1.2 can be read.")
            if name == "callchain.fictional":
                self.fictional = value == "true"
            if name.startswith("file."):
                self._obey_mode(row, name.removeprefix("file."), value)

    def _obey_mode(self, row: Row, file: str, mode: str) -> None:
        if mode == "delta" and file in FILES:
            raise RosterError(
                f"{self.path} holds changes only ({file}.csv is delta): export it as bulk and import again."
            )
        if mode == "bulk" and file in FILES and file not in self._entries:
            raise RosterError(
                f"{self.path} lacks {file}.csv, which its manifest calls bulk: copy the whole bundle again."
            )
        if mode == "absent" and file in REQUIRED_FILES:
            raise RosterError(f"{self.path} calls {file}.csv absent; no roster can be made without it.")
        if mode == "absent" and file in self._entries:
            row.bad("value", f"{file}.csv is called absent but is there; it was not read")
            del self._entries[file]


@contextmanager
def open_bundle(path: Path, problems: Problems, progress: Progress | None = None) -> Iterator[Bundle]:
    """Open the folder or zip at `path`.

    Raises RosterError where there is none, where it is no bundle (naming the missing files), and for a broken zip.
    """
    if path.is_dir():
        yield Bundle(path, _folder_entries(path), problems, progress)
    elif not path.exists():
        raise RosterError(f"{path} does not exist: give the folder or zip of a OneRoster bundle.")
    elif path.suffix.lower() == ".csv":
        raise RosterError(f"{path} is a single file: give the folder or zip that holds the whole bundle.")
    elif path.stat().st_size == 0:
        raise RosterError(f"{path} is empty: export the bundle again.")
    else:
        with _open_zip(path) as archive:
            yield Bundle(path, _zip_entries(path, archive), problems, progress)


def _folder_entries(path: Path) -> dict[str, Entry]:
    try:
        files = sorted(file for file in path.iterdir() if file.suffix.lower() == ".csv" and file.is_file())
    except OSError as error:
        raise RosterError(f"{path} cannot be read: {error.strerror or error}.") from error
    found: dict[str, Entry] = {}
    for file in files:
        if (stem := file.stem.casefold()) in FILES:
            found.setdefault(stem, Entry(partial(_file, file), file.stat().st_size))
    return found


def _file(path: Path) -> BinaryIO:
    return path.open("rb")


def _open_zip(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error):
        raise RosterError(f"{path} is not a whole zip file: it is damaged, cut short, or something else.") from None
    except OSError as error:
        raise RosterError(f"{path} cannot be read: {error.strerror or error}.") from error


def _zip_entries(path: Path, archive: zipfile.ZipFile) -> dict[str, Entry]:
    """The known files at the shallowest depth they occur: some exporters wrap the bundle in a folder."""
    infos = archive.infolist()
    if len(infos) > ZIP_ENTRIES_MAX:
        raise RosterError(f"{path} holds {len(infos)} files; a bundle has at most {ZIP_ENTRIES_MAX}.")
    found: dict[str, Entry] = {}
    for info in sorted(infos, key=lambda info: (info.filename.count("/"), info.filename)):
        name = PurePosixPath(info.filename)
        if name.suffix.lower() != ".csv" or name.stem.casefold() not in FILES or "__MACOSX" in name.parts:
            continue
        if info.flag_bits & 1:
            raise RosterError(f"{path} is encrypted: unpack it and give the folder.")
        found.setdefault(name.stem.casefold(), Entry(partial(_member, path, archive, info), info.file_size))
    return found


def _member(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> BinaryIO:
    try:
        return archive.open(info)  # type: ignore[return-value]  # a ZipExtFile reads like any binary file
    except NotImplementedError as error:
        raise RosterError(f"{path} is compressed in a way that cannot be read ({error}): unpack it.") from None


class _Counted(io.RawIOBase):
    """A binary stream that tells how much of it was read; seeking back takes its bytes back."""

    def __init__(self, stream: BinaryIO, tell: Callable[[int], None]) -> None:
        self._stream = stream
        self._tell = tell

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        block = self._stream.read(len(buffer))
        buffer[: len(block)] = block
        self._tell(len(block))
        return len(block)

    def seek(self, offset: int, whence: int = 0) -> int:
        before = self._stream.tell()
        after = self._stream.seek(offset, whence)
        self._tell(after - before)
        return after

    def tell(self) -> int:
        return self._stream.tell()

    def close(self) -> None:
        self._stream.close()
        super().close()
