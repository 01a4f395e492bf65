"""The journal: the truth, one block per commit, appended and never rewritten."""

from collections.abc import Iterator

from store.database import Database
from store.facts import Block, encode_block
from store.keys import seq_key, seq_of
from store.tables import Txn


class Journal:
    """Append and read blocks. Seqs run 1, 2, 3, … without gaps."""

    def __init__(self, database: Database) -> None:
        self._table = database.journal

    def append(self, txn: Txn, block: Block) -> None:
        """Write the next block; its facts are encoded here, once."""
        self._table.append(txn, seq_key(block.seq), encode_block(block))

    def since(self, txn: Txn, seq: int, blocks_max: int | None = None) -> Iterator[Block]:
        """Blocks after `seq`, oldest first."""
        stop = None if blocks_max is None else seq_key(seq + blocks_max + 1)
        return (block for _, block in self._table.scan(txn, seq_key(seq + 1), stop))

    def last_seq(self, txn: Txn) -> int:
        """The seq of the newest block, 0 when there is none."""
        key = self._table.last_key(txn)
        return 0 if key is None else seq_of(key)

    def newest(self, txn: Txn) -> Block | None:
        """The newest block, None when there is none."""
        key = self._table.last_key(txn)
        return None if key is None else self._table.get(txn, key)

    def recent(self, txn: Txn, seq: int, since_at: int) -> Iterator[Block]:
        """Blocks up to `seq` that are not older than an instant, oldest first."""
        first = seq
        while first > 0 and (block := self._table.get(txn, seq_key(first))) is not None and block.at >= since_at:
            first -= 1
        return self.since(txn, first, seq - first)
