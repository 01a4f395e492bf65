"""What a store holds, read back: the journal of a day, and whether the tables are what the journal says."""

from typing import NamedTuple

from engine.audit import audit_store
from engine.gateways.stand_in.ledger import Ledger
from store.database import Database
from store.facts import AttemptOpened
from store.fold import Fold
from store.journal import Journal
from store.keys import seq_key


class Recorded(NamedTuple):
    """The journal after some block."""

    last_seq: int
    facts: int
    dials: int
    bytes: int
    """Keys and blocks."""


def recorded(database: Database, seq: int) -> Recorded:
    """What the journal holds after block `seq`."""
    last, facts, dials = seq, 0, 0
    with database.read() as txn:
        for block in Journal(database).since(txn, seq):
            last, facts = block.seq, facts + len(block.facts)
            dials += sum(isinstance(fact, AttemptOpened) for fact in block.facts)
        size = sum(len(key) + len(data) for key, data in database.journal.scan_raw(txn, seq_key(seq + 1)))
    return Recorded(last, facts, dials, size)


def tables_equal_the_journal(database: Database) -> bool:
    """Whether the tables of a store that was closed in good order say what a fold of its whole journal says."""
    whole = Fold()
    with database.read() as txn:
        for block in Journal(database).since(txn, 0):
            whole.apply(block)
        jobs = {row.job_id: row for _, row in database.job_rows.scan(txn)}
        chains = {row.chain_id: row for table in (database.open_chains, database.ended_chains)
                  for _, row in table.scan(txn)}  # fmt: skip
        rest = database.rest.get(txn, b"rest")
    said = rest is not None and (rest.generation, rest.tokens, rest.overdue, rest.alarms)
    due = (whole.rest.generation, whole.rest.tokens, whole.rest.overdue, whole.rest.alarms)
    return jobs == whole.jobs and chains == whole.chains and said == due


def nothing_rang_twice(ledger: Ledger, database: Database) -> bool:
    """Whether the carrier's ledger, joined with the journal, shows nothing that must not be."""
    audit = audit_store(ledger.entries(), database)
    return audit.duplicate_rings == audit.rings_after_confirm == audit.unknown_to_journal == 0
