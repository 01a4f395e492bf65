"""Since when a job is paused, and by whom: the journal says, read backwards from the job's last change."""

from engine.identities import name_of
from store import facts
from store.commands import Verb
from store.database import Database
from store.keys import seq_key

BLOCKS_MAX = 2_000
"""Blocks looked through: what happens to a paused job is the end of the calls it had out."""


def paused_since(database: Database, job_id: int, seq: int) -> tuple[int, str]:
    """The instant (ms UTC) of a job's last pause up to a block, and who gave the command; 0 and empty: not found."""
    with database.read() as txn:
        for number in range(seq, max(0, seq - BLOCKS_MAX), -1):
            block = database.journal.get(txn, seq_key(number))
            if block is None:
                break
            if any(type(fact) is facts.JobPaused and fact.job_id == job_id for fact in block.facts):
                return block.at, name_of(database, txn, _author(block, job_id))
    return 0, ""


def _author(block: facts.Block, job_id: int) -> int:
    """Who gave the command of a block, 0 for nobody: a job comes up paused when a backup is put back."""
    for fact in block.facts:
        if isinstance(fact, facts.CommandTaken) and fact.job_id == job_id and fact.verb == Verb.PAUSE:
            return fact.author_id
    return 0
