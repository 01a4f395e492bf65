"""How marks change: set one by one, set by a batch, or taken back; and where they lie in the store."""

import msgspec

from engine.preferences.in_force import void_batches
from store.database import Database
from store.documents import Mark, Point
from store.errors import RefusedError
from store.keys import name_key
from store.tables import Txn


def mark_key(owner: str, point: Point, text: bool) -> bytes:
    """Where a mark lies: `p:mom` and her cell's voice → `p:mom` 00 `02 00`."""
    return name_key(owner, last=bytes((point, text)))


def set_by_hand(mark: Mark, bits: int, on: bool | None, author: str, at: int) -> Mark:
    """A mark with these reasons on or off; None: as the roster says. No batch can take them back any more.

    It takes the mark as it is written: what a batch did to other reasons stays with that batch.
    """
    return msgspec.structs.replace(
        mark,
        on=mark.on & ~bits | (bits if on else 0),
        off=mark.off & ~bits | (bits if on is False else 0),
        by_hand=mark.by_hand & ~bits | (0 if on is None else bits),
        batch_bits=mark.batch_bits & ~bits,
        author=author,
        at=at,
        was_author=author,
        was_at=at,
    )


def set_by_batch(mark: Mark, on: int, off: int, batch: int, author: str, at: int) -> Mark:
    """A mark after a batch, which remembers what stood there; an earlier batch can then no longer be taken back."""
    bits = on | off
    return msgspec.structs.replace(
        mark,
        on=mark.on & ~bits | on,
        off=mark.off & ~bits | off,
        by_hand=mark.by_hand & ~bits,
        author=author,
        at=at,
        batch=batch,
        batch_bits=bits,
        was_on=mark.on & bits,
        was_off=mark.off & bits,
        was_by_hand=mark.by_hand & bits,
        was_author=mark.author,
        was_at=mark.at,
    )


# ---------------------------------------------------------------- in the store


def read_mark(database: Database, txn: Txn, owner: str, point: Point, text: bool) -> Mark:
    """A mark as it is written, for `set_by_hand`; one that says nothing where there is none."""
    return database.marks.get(txn, mark_key(owner, point, text)) or Mark(owner, point, text)


def put_mark(database: Database, txn: Txn, mark: Mark) -> None:
    """Write a mark; one that says nothing, and has nothing to give back, goes."""
    key = mark_key(mark.owner, mark.point, mark.text)
    if mark.on or mark.off or mark.batch_bits:
        database.marks.put(txn, key, mark)
    else:
        database.marks.delete(txn, key)


def begin_batch(database: Database, batch: int, txn: Txn) -> None:
    """A new batch, which does not count before `end_batch`: whatever breaks it off, nothing was changed."""
    _put_void(database, txn, void_batches(database, txn) | {batch})
    # Where this one is broken off, some marks no longer know what stood before the one before.
    database.put_meta(txn, "last_batch", b"")


def end_batch(database: Database, batch: int, txn: Txn) -> None:
    """All of a batch is written: from now on it counts, whole."""
    _put_void(database, txn, void_batches(database, txn) - {batch})
    database.put_meta(txn, "last_batch", str(batch).encode())


def undo_batch(database: Database, txn: Txn) -> None:
    """The last batch counts no more, whole. Raises RefusedError where there is none to take back."""
    batch = last_batch(database, txn)
    _put_void(database, txn, void_batches(database, txn) | {batch})
    database.put_meta(txn, "last_batch", b"")


def last_batch(database: Database, txn: Txn) -> int:
    """The batch that can be taken back. Raises RefusedError where there is none."""
    batch = int(database.get_meta(txn, "last_batch") or b"0")
    if not batch:
        raise RefusedError("There is no batch to take back; only the last one can be, and only once.")
    return batch


def _put_void(database: Database, txn: Txn, batches: frozenset[int]) -> None:
    database.put_meta(txn, "void_batches", msgspec.msgpack.encode(sorted(batches)))
