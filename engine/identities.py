"""The names of those who gave commands: facts know them by a hash, the store keeps what it stands for."""

from engine.release import author_id
from store.access import Identity
from store.database import Database
from store.keys import seq_key
from store.tables import Txn
from store.vault import TxnWrite


def remembering(database: Database, name: str, now: int) -> TxnWrite:
    """The write that keeps a name, seen now (ms UTC), under the hash that facts have of it."""

    def write(txn: Txn) -> None:
        if name:
            database.identities.put(txn, seq_key(author_id(name)), Identity(name, now))

    return write


def name_of(database: Database, txn: Txn, author: int) -> str:
    """Whose hash it is, empty where nobody is named or the name was never kept."""
    found = database.identities.get(txn, seq_key(author)) if author else None
    return found.name if found is not None else ""
