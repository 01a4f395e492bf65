"""Stores in a folder of their own, for as long as a `with` lasts."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from store.checkpoint import Checkpoint, load
from store.database import Database
from store.facts import Block
from store.journal import Journal


@contextmanager
def fresh_store() -> Iterator[Database]:
    """An empty store that nobody waits for the disk of."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(Path(folder) / "store", sync=False)
        try:
            yield database
        finally:
            database.close()


def commit(database: Database, checkpoint: Checkpoint, block: Block) -> None:
    """What the writer does with a block."""
    with database.write() as txn:
        Journal(database).append(txn, block)
        checkpoint.write_some(txn)
    checkpoint.committed()
    checkpoint.fold.apply(block)


def flush(database: Database, checkpoint: Checkpoint) -> None:
    """Bring the tables level with the fold."""
    with database.write() as txn:
        checkpoint.flush(txn)
    checkpoint.committed()


def restarted(database: Database, lag_rows_max: int = 20_000) -> Checkpoint:
    """What the next process finds."""
    checkpoint = Checkpoint(database, lag_rows_max)
    with database.read() as txn:
        load(database, checkpoint, txn)
    return checkpoint
