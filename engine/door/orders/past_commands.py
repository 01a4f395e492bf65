"""Finds a command in the journal that no order book remembers: it was given to an engine that has ended."""

import msgspec

from engine.identities import name_of
from engine.orders import CommandState, CommandView
from store.commands import Verb
from store.database import Database
from store.facts import CommandTaken, decode_block
from store.journal import Journal
from store.keys import seq_key
from store.tables import Txn

BLOCKS_BACK_MAX = 20_000
"""How far back it is looked for: an hour of a busy day, read in some 30 ms. Who asks later asks for the job itself."""

DECODED_MAX = 1_000
"""Blocks decoded for one search at most, 10 ms: a small number is found in the bytes of many that do not mean it."""


def past_command(database: Database, command_id: int) -> CommandView | None:
    """The command as its fact tells it, None when the newest blocks have none of this id."""
    # Most blocks are of other things, so their bytes are looked through before one is decoded.
    wanted, decoded = msgspec.msgpack.encode(command_id), 0
    with database.read() as txn:
        newest = Journal(database).last_seq(txn)
        for seq in range(newest, max(0, newest - BLOCKS_BACK_MAX), -1):
            data = database.journal.raw(txn, seq_key(seq))
            if data is None or wanted not in data:
                continue
            found, decoded = _taken_in(database, txn, data, command_id), decoded + 1
            if found is not None or decoded == DECODED_MAX:
                return found
    return None


def _taken_in(database: Database, txn: Txn, data: bytes, command_id: int) -> CommandView | None:
    block = decode_block(data)
    for fact in block.facts:
        if isinstance(fact, CommandTaken) and fact.command_id == command_id:
            return CommandView(
                command_id=command_id, verb=Verb(fact.verb).word, job_id=fact.job_id, state=CommandState.APPLIED,
                author=name_of(database, txn, fact.author_id), at=block.at,
            )  # fmt: skip
    return None
