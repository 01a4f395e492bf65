"""What went into a store and what the store made of it, added up; and how its file stands."""

from array import array
from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from store.database import Database
from store.tables import Table

META = "meta"
"""Small named values: the cursor of the call log, the low-water mark."""


class Watch:
    """What has happened since it was made."""

    def __init__(self) -> None:
        self.put_bytes = Counter[str]()
        """Keys and values put, by table."""
        self.removed = Counter[str]()
        """Records removed, by table."""
        self.logical_bytes = Counter[str]()
        """Keys and values put, by the kind of their transaction."""
        self.written_bytes = Counter[str]()
        """Handed to the kernel, by the kind of the transaction."""
        self.commits = Counter[str]()
        """Transactions by kind."""
        self.written_pages = 0
        self.rows = 0
        """Rows the checkpoint wrote."""
        self.commit_ns = array("q")
        """Waiting for each commit."""
        self.checkpoint_ns = array("q")
        """Putting rows of the checkpoint into a commit beside its facts, for each commit that got any."""
        self.flush_ns = array("q")
        """Bringing the tables level, its commit included, each time there were rows to write."""

    def add(self, other: "Watch") -> None:
        """Add what another watch saw."""
        for name in ("put_bytes", "removed", "logical_bytes", "written_bytes", "commits"):
            getattr(self, name).update(getattr(other, name))
        for name in ("commit_ns", "checkpoint_ns", "flush_ns"):
            getattr(self, name).extend(getattr(other, name))
        self.written_pages += other.written_pages
        self.rows += other.rows


class Pages(NamedTuple):
    """The data file in pages. Those that hold nothing are free, or list those that are."""

    page_bytes: int
    in_file: int
    by_table: dict[str, int]
    """Each table's, and those of their directory and the small named values beside them, as `META`."""

    @property
    def free(self) -> int:
        """Pages no table holds."""
        return self.in_file - sum(self.by_table.values())


def pages(database: Database) -> Pages:
    """How the file stands between two transactions."""
    directory = database._env.stat()
    with database.read() as txn:
        held = {table.name: _held(txn.stat(table._db)) for table in tables(database)}
        held[META] = _held(directory) + _held(txn.stat(database._meta))
    return Pages(directory["psize"], database.size() // directory["psize"], held)


def _held(tree: Mapping[str, Any]) -> int:
    return int(tree["branch_pages"] + tree["leaf_pages"] + tree["overflow_pages"])


def tables(database: Database) -> list[Table[object]]:
    """All its tables; small named values lie beside them."""
    return [table for table in vars(database).values() if isinstance(table, Table)]
