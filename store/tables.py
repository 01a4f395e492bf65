"""One typed table per kind of record: a record under a key, encoded with msgspec."""

from collections.abc import Iterator
from typing import Generic, TypeVar, cast

import lmdb
import msgspec

from store.errors import StoreError

Txn = lmdb.Transaction
R = TypeVar("R")


class Table(Generic[R]):
    """A named table of one record type. Every act takes the transaction it happens in."""

    def __init__(self, name: str, handle: lmdb._Database, record_type: type[R]) -> None:
        self.name = name
        self._db = handle
        self._decode = msgspec.msgpack.Decoder(record_type).decode
        self._encode = msgspec.msgpack.Encoder().encode

    def get(self, txn: Txn, key: bytes) -> R | None:
        """The record under a key, or None."""
        data = self.raw(txn, key)
        return None if data is None else self._decoded(key, data)

    def raw(self, txn: Txn, key: bytes) -> bytes | None:
        """The encoded record under a key, or None."""
        return cast("bytes | None", txn.get(key, db=self._db))

    def put(self, txn: Txn, key: bytes, record: R) -> None:
        """Write a record in place of whatever was under the key."""
        txn.put(key, self._encode(record), db=self._db)

    def put_raw(self, txn: Txn, key: bytes, data: bytes) -> None:
        """Write a record that is already encoded."""
        txn.put(key, data, db=self._db)

    def append(self, txn: Txn, key: bytes, data: bytes) -> None:
        """Write an encoded record whose key is greater than all there are: the cheapest write."""
        if not txn.put(key, data, db=self._db, append=True, overwrite=False):
            raise StoreError(f"The table {self.name} already goes beyond key {key.hex()}; run `callchain doctor`.")

    def delete(self, txn: Txn, key: bytes) -> bool:
        """Remove a record; False when there was none."""
        return bool(txn.delete(key, db=self._db))

    def scan(self, txn: Txn, start: bytes = b"", stop: bytes | None = None) -> Iterator[tuple[bytes, R]]:
        """Records with start ≤ key < stop, in key order."""
        return ((key, self._decoded(key, data)) for key, data in self.scan_raw(txn, start, stop))

    def scan_raw(self, txn: Txn, start: bytes = b"", stop: bytes | None = None) -> Iterator[tuple[bytes, bytes]]:
        """The same, still encoded."""
        with txn.cursor(db=self._db) as cursor:
            if not (cursor.set_range(start) if start else cursor.first()):
                return
            for key, data in cast("Iterator[tuple[bytes, bytes]]", iter(cursor)):
                if stop is not None and key >= stop:
                    return
                yield key, data

    def last_key(self, txn: Txn) -> bytes | None:
        """The greatest key, or None when the table is empty."""
        with txn.cursor(db=self._db) as cursor:
            return cast("bytes", cursor.key()) if cursor.last() else None

    def count(self, txn: Txn) -> int:
        """How many records there are."""
        return int(txn.stat(self._db)["entries"])

    def _decoded(self, key: bytes, data: bytes) -> R:
        try:
            return self._decode(data)
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            raise StoreError(
                f"The record {key.hex()} in table {self.name} cannot be read ({error}). "
                "It was written by a newer version or is damaged; update, or restore a backup."
            ) from error
