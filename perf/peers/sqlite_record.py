"""Calls in SQLite: a row when one is opened, a row when it is closed; rows that come together share a synced commit."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from time import time_ns
from typing import NamedTuple

from perf.measure import anonymous_bytes
from perf.workload.rule import CHECKSUM_MODULUS, DEVICE_SLOTS

Row = tuple[int, int, bool | None, int]
"""Chain, device, confirmed or None while the call is open, and ms UTC."""

TABLE = "CREATE TABLE attempts (chain INTEGER, device INTEGER, confirmed INTEGER, at INTEGER)"
APPEND = "INSERT INTO attempts VALUES (?, ?, ?, ?)"
SUMS = f"""SELECT count(*), total(confirmed), total((chain * {DEVICE_SLOTS} + device) * 2 + confirmed)
FROM attempts WHERE confirmed IS NOT NULL"""  # noqa: S608 - the one thing put in is a constant.
UNPAIRED = """SELECT chain FROM attempts GROUP BY chain, device
HAVING count(*) != 2 OR count(confirmed) != 1 OR min(CASE WHEN confirmed IS NULL THEN rowid END) >
min(CASE WHEN confirmed IS NOT NULL THEN rowid END) LIMIT 1"""

SAMPLES = 100
"""How often a run looks at its memory: 30 µs each, nothing beside the calls between two of them."""


class Recorded(NamedTuple):
    """The sums of the table."""

    dials: int
    confirmed: int
    checksum: int
    sound: bool
    records: int


class SqliteRecord:
    """The table, in write-ahead mode; a commit returns when it has been synced. For one thread."""

    def __init__(self, path: Path, rows_due: int) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = FULL")
        self._database.execute(TABLE)
        self._sample_every = max(1, rows_due // SAMPLES)
        self._until_sample = 0
        self.memory_peak = 0
        """The most anonymous memory of this process seen at a commit."""

    def commit(self, rows: Sequence[Row]) -> None:
        """Append rows and wait for the disk."""
        run = self._database.execute
        run("BEGIN")
        self._database.executemany(APPEND, rows)
        run("COMMIT")
        self._until_sample -= len(rows)
        if self._until_sample <= 0:
            self._until_sample = self._sample_every
            self.memory_peak = max(self.memory_peak, anonymous_bytes())

    def close(self) -> None:
        """Close the file."""
        self._database.close()


def now_ms() -> int:
    """What a row's instant is."""
    return time_ns() // 1_000_000


def read_back(path: Path) -> Recorded:
    """What a file says happened."""
    database = sqlite3.connect(path)
    dials, confirmed, checksum = (int(value) for value in database.execute(SUMS).fetchone())
    (records,) = database.execute("SELECT count(*) FROM attempts").fetchone()
    sound = database.execute(UNPAIRED).fetchone() is None
    database.close()
    return Recorded(dials, confirmed, checksum % CHECKSUM_MODULUS, sound, records)
