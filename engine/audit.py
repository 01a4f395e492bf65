"""The auditor: joins the carrier's ledger with the journal and counts what must never happen (DESIGN, invariant 2)."""

from collections import Counter
from collections.abc import Iterable

import msgspec

from engine.gateways.stand_in.ledger import LedgerEntry
from store import facts
from store.database import Database
from store.dispositions import Disposition
from store.journal import Journal
from store.keys import attempt_id, parse_reference

_RESULTS = (facts.AttemptClosed, facts.AttemptCorrected)


class Audit(msgspec.Struct, frozen=True):
    """All zero, or the engine broke its word."""

    duplicate_rings: int
    """Rings beyond the first of one (chain, round, step), under any reference."""
    rings_after_confirm: int
    """Rings of a chain that began after its confirming result was on disk."""
    unknown_to_journal: int
    """Calls the carrier took whose intent the journal does not have."""


class Record:
    """What the journal knows, as far as the auditor needs it."""

    def __init__(self, blocks: Iterable[facts.Block]) -> None:
        self.tokens: dict[int, int] = {}
        """token → incarnation."""
        self.attempts: dict[int, tuple[int, int, int]] = {}
        """attempt → (chain, round, step)."""
        self.confirmed_at: dict[int, int] = {}
        """chain → when its confirmation was on disk."""
        for block in blocks:
            for fact in block.facts:
                self._note(fact, block.at)

    def _note(self, fact: facts.AnyFact, at: int) -> None:
        if isinstance(fact, facts.StoreOpened):
            self.tokens[fact.token] = fact.incarnation
        elif isinstance(fact, facts.AttemptOpened):
            self.attempts[fact.attempt_id] = (fact.chain_id, fact.round, fact.step)
        elif isinstance(fact, _RESULTS) and fact.disposition is Disposition.CONFIRMED:
            self.confirmed_at.setdefault(fact.chain_id, at)

    def attempt_of(self, ref: str) -> int:
        """The attempt a reference stands for, 0 when no incarnation in the journal handed it out."""
        parsed = parse_reference(ref)
        incarnation = self.tokens.get(parsed[0]) if parsed else None
        return attempt_id(incarnation, parsed[1]) if parsed and incarnation else 0


def audit(ledger: Iterable[LedgerEntry], blocks: Iterable[facts.Block]) -> Audit:
    """Join a carrier's ledger, rung or not, with a district's journal."""
    record = Record(blocks)
    rings: Counter[tuple[int, int, int]] = Counter()
    unknown = late = 0
    for entry in ledger:
        dialed = record.attempts.get(record.attempt_of(entry.ref))
        if dialed is None:
            unknown += 1
        elif entry.ringing_at is not None:
            rings[dialed] += 1
            confirmed_at = record.confirmed_at.get(dialed[0])
            late += confirmed_at is not None and entry.ringing_at > confirmed_at
    duplicates = sum(count - 1 for count in rings.values())
    return Audit(duplicate_rings=duplicates, rings_after_confirm=late, unknown_to_journal=unknown)


def audit_store(ledger: Iterable[LedgerEntry], database: Database) -> Audit:
    """The same, against the journal of a store."""
    journal = Journal(database)
    with database.read() as txn:
        return audit(ledger, journal.since(txn, 0))
