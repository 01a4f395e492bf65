"""The trail: which commands were taken and which refused, newest first, with the names of those who gave them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec

from engine.acts.act import Act
from engine.acts.desk import Desk
from engine.elsewhere import answer_here, ask_elsewhere
from engine.home import STORE_FOLDER
from engine.identities import name_of
from store import facts
from store.access import Role
from store.commands import Verb
from store.database import Database
from store.journal import Journal
from store.tables import Txn

BLOCKS_PAGE = 1_000
"""Blocks read at a time, from the journal's newest end back."""

BLOCKS_MAX = 200_000
"""At most so many are looked through, some seconds in a process of its own."""

SECONDS_MAX = 60
"""For the helper process."""

Count = Annotated[int, msgspec.Meta(ge=1, le=10_000)]


class ListAudit(msgspec.Struct, frozen=True, kw_only=True):
    """How much of the trail is shown."""

    count: Count = 50
    """The newest so many."""
    refused_only: bool = False
    before: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)] = 0
    """Go on below this block; 0: from the newest on."""


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One command that was taken or refused."""

    seq: int
    """Its block in the journal."""
    at: int
    """ms UTC."""
    author: str
    """Empty: nobody named, or never seen at the door."""
    verb: str
    """Empty: reading, or something that is no command."""
    job_id: int
    """0: of no job."""
    refused: bool
    role: str = ""
    """Of a refused one: the role they had; empty for none."""
    needed: str = ""
    """The role it takes."""
    times: int = 1
    """How often within a second."""
    command_id: int = 0


class _Question(msgspec.Struct, frozen=True, array_like=True):
    store: str
    asked: ListAudit


def _list(desk: Desk, asked: ListAudit, _author: str) -> list[AuditEntry]:
    if not desk.running:
        return trail(desk.database, asked)
    question = _Question(str(desk.home / STORE_FOLDER), asked)
    return ask_elsewhere("engine.acts.audit", question, list[AuditEntry], SECONDS_MAX)


def trail(database: Database, asked: ListAudit) -> list[AuditEntry]:
    """The newest entries of a store, newest first."""
    found: list[AuditEntry] = []
    with database.read() as txn:
        last = Journal(database).last_seq(txn)
    top = min(last, asked.before - 1) if asked.before else last
    lowest = max(0, top - BLOCKS_MAX)
    while top > lowest and len(found) < asked.count:
        first = max(lowest, top - BLOCKS_PAGE)
        # A transaction each page: a held one makes the file grow.
        with database.read() as txn:
            found += list(_page(database, txn, first, top - first, asked.refused_only))[::-1]
        top = first
    return found[: asked.count]


def _page(database: Database, txn: Txn, after: int, blocks: int, refused_only: bool) -> Iterator[AuditEntry]:
    for block in Journal(database).since(txn, after, blocks):
        for fact in block.facts:
            if isinstance(fact, facts.CommandRefused):
                yield _refused(database, txn, block, fact)
            elif isinstance(fact, facts.CommandTaken) and not refused_only:
                yield AuditEntry(
                    seq=block.seq, at=block.at, author=name_of(database, txn, fact.author_id),
                    verb=Verb(fact.verb).word, job_id=fact.job_id, refused=False, command_id=fact.command_id,
                )  # fmt: skip


def _refused(database: Database, txn: Txn, block: facts.Block, fact: facts.CommandRefused) -> AuditEntry:
    return AuditEntry(
        seq=block.seq, at=block.at, author=name_of(database, txn, fact.author),
        verb=Verb(fact.verb).word if fact.verb else "", job_id=fact.job_id, refused=True,
        role=Role(fact.role).word if fact.role else "", needed=Role(fact.needed).word if fact.needed else "",
        times=fact.times,
    )  # fmt: skip


def _answer(question: _Question) -> list[AuditEntry]:
    return trail(Database(Path(question.store), readonly=True), question.asked)


LIST: Act[ListAudit, list[AuditEntry]] = Act(
    "audit.list", ListAudit, list[AuditEntry], _list, role=Role.ADMINISTRATOR, studies=True
)

ACTS = (LIST,)


if __name__ == "__main__":
    answer_here(_Question, _answer)
