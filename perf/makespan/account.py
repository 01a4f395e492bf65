"""The account of a day: the carrier's ledger joined with the engine's journal, and where the lines' time went."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from engine.audit import Audit, Record, audit_store
from engine.gateways.stand_in.ledger import ENDED, Ledger
from engine.home import read_store
from store.facts import Block, ChainClosed
from store.journal import Journal


class CallSpan(NamedTuple):
    """One call at the carrier, instants in ms UTC."""

    submitted_at: int
    granted_at: int
    """Its line was free; it rang `start_delay_ms` later."""
    rang_at: int
    ended_at: int
    number: str
    chain_id: int


class Lost(NamedTuple):
    """Time of all lines, divided by the lines: what stands between the line-time and the makespan, ms."""

    starting: float
    """Taken, but not ringing yet."""
    waiting: float
    """Free for want of a call, before the last instant at which all lines were taken."""
    tail: float
    """Free after it, the last reading of the call log included."""


class Account(NamedTuple):
    """The sums of a day."""

    calls: int
    line_ms: int
    """Ringing and talking, all calls."""
    longest_chain_ms: int
    """The most line-time of one chain: its calls come one after the other."""
    makespan_ms: int
    """Until the last chain's end was committed."""
    in_use_peak: int
    ringing_peak: int
    ahead_peak: int
    """The most calls that ever waited in the carrier's queue."""
    lost: Lost
    chains_closed: int
    ended: bool
    """Every call the carrier took has ended."""
    apart: bool
    """Never two calls, queued or live, for one number, and never two for one chain."""
    audit: Audit

    def bound_ms(self, lines: int) -> float:
        """No order of these calls takes less: all lines busy all the time, or one chain's calls in a row."""
        return max(self.line_ms / lines, self.longest_chain_ms)


def settle_account(home: Path, ledger: Ledger, begins_at: int, lines: int, start_delay_ms: int) -> Account:
    """Join the journal of a store that is closed with the ledger of the carrier its engine dialed through."""
    database = read_store(home)
    with database.read() as txn:
        record = _Ends(Journal(database).since(txn, 0))
    found = audit_store(ledger.entries(), database)
    database.close()
    spans = _spans(ledger, record, start_delay_ms)
    of_chain: defaultdict[int, int] = defaultdict(int)
    for span in spans:
        of_chain[span.chain_id] += span.ended_at - span.rang_at
    line_ms, makespan_ms = sum(of_chain.values()), record.last_end_at - begins_at
    in_use = _steps((span.granted_at, span.ended_at) for span in spans)
    return Account(
        calls=len(spans),
        line_ms=line_ms,
        longest_chain_ms=max(of_chain.values(), default=0),
        makespan_ms=makespan_ms,
        in_use_peak=_peak(in_use),
        ringing_peak=_peak(_steps((span.rang_at, span.ended_at) for span in spans)),
        ahead_peak=_peak(_steps((span.submitted_at, span.granted_at) for span in spans)),
        lost=_lost(in_use, lines, begins_at, makespan_ms, len(spans) * start_delay_ms),
        chains_closed=record.chains_closed,
        ended=all(call.state == ENDED for call in ledger.calls.values()),
        apart=_apart(spans, "number") and _apart(spans, "chain_id"),
        audit=found,
    )


class _Ends(Record):
    """What the journal knows of attempts, and how many chains ended until when."""

    def __init__(self, blocks: Iterable[Block]) -> None:
        self.chains_closed = self.last_end_at = 0
        super().__init__(map(self._noted, blocks))

    def _noted(self, block: Block) -> Block:
        closed = sum(isinstance(fact, ChainClosed) for fact in block.facts)
        if closed:
            self.chains_closed += closed
            self.last_end_at = block.at
        return block


def _spans(ledger: Ledger, record: Record, start_delay_ms: int) -> list[CallSpan]:
    """Every call that has ended. None was withdrawn, so each had a line."""
    spans = []
    for call in ledger.calls.values():
        if (row := call.row) is not None:
            chain_id = record.attempts[record.attempt_of(call.ref)][0]
            ended_at = row.dialed_at + row.duration_ms
            granted_at = row.dialed_at - start_delay_ms
            spans.append(CallSpan(call.submitted_at, granted_at, row.dialed_at, ended_at, call.number, chain_id))
    return spans


def _steps(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """How many half-open spans hold from each instant on at which that changes."""
    changes: defaultdict[int, int] = defaultdict(int)
    for begins_at, ends_at in spans:
        changes[begins_at] += 1
        changes[ends_at] -= 1
    holding, steps = 0, []
    for at, change in sorted(changes.items()):
        holding += change
        steps.append((at, holding))
    return steps


def _peak(steps: list[tuple[int, int]]) -> int:
    return max(map(itemgetter(1), steps), default=0)


def _lost(in_use: list[tuple[int, int]], lines: int, begins_at: int, makespan_ms: int, starting_ms: int) -> Lost:
    """Cut the idle time in two where all lines were taken for the last time."""
    ends_at = begins_at + makespan_ms
    steps = [(begins_at, 0), *in_use, (ends_at, 0)]
    waiting = tail = 0
    for (at, taken), (until, _) in pairwise(steps):
        if taken >= lines:
            waiting, tail = waiting + tail, 0
        tail += (lines - taken) * (until - at)
    return Lost(starting_ms / lines, waiting / lines, tail / lines)


def _apart(spans: list[CallSpan], of: str) -> bool:
    """Whether no two calls for one number, or chain, were at the carrier at once."""
    free_from: dict[object, int] = {}
    for span in sorted(spans):
        owner = getattr(span, of)
        if span.submitted_at < free_from.get(owner, 0):
            return False
        free_from[owner] = span.ended_at
    return True
