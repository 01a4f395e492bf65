"""What follows from a chain and the world around it before any cause is named: its next number, when, and the gate."""

from dataclasses import dataclass, replace

import msgspec

from actors.gate import Gate, JobGate, Refusal, may_dial
from actors.lines.line_queue import Place, Waiting
from actors.lines.whereabouts import Spot
from actors.walk import Cursor, begin, replay
from engine.why.chain.case import Around, Case
from store.dispositions import JobState
from store.keys import index_of
from store.records import Step
from store.rows import Tried


@dataclass(frozen=True, slots=True)
class Situation:
    """One chain at one moment."""

    case: Case
    around: Around
    tried: tuple[Tried, ...]
    cursor: Cursor | None
    """Where it stands on its plan; None for one that is never dialed, or is at its end."""
    redial_at: int
    """When the delay after its last call is over, 0 for none."""
    spot: Spot | None
    refusal: Refusal | None
    """What the gate says to its next number now."""

    @property
    def now(self) -> int:
        """The moment, ms UTC."""
        return self.around.now

    @property
    def is_open(self) -> bool:
        """It has a call out."""
        return self.case.row is not None and bool(self.case.row.attempt_id)

    @property
    def dialed(self) -> bool:
        """Its job dials it."""
        return index_of(self.case.chain_id) < self.case.job.chains

    @property
    def step(self) -> Step | None:
        """The number that is dialed next; with a call out, the one that is being dialed."""
        return self.case.plan.steps[self.cursor.step] if self.cursor is not None else None

    @property
    def last(self) -> Tried | None:
        """Its last ended attempt."""
        return self.tried[-1] if self.tried else None

    @property
    def closes_at(self) -> int:
        """The instant no dial of it may reach."""
        return min(self.case.plan.closes_at, self.case.job.dials_until)

    @property
    def place(self) -> Place | None:
        """Where the line pool saw it."""
        return self.spot.place if self.spot is not None else None

    @property
    def in_queue(self) -> bool:
        """The line pool knows its place: it does not where a chain is about to move, or far back in a long queue."""
        return self.spot is not None and self.spot.place is not Place.GONE

    @property
    def waits_for_redial(self) -> bool:
        """The delay after its last call is not over."""
        return self.redial_at > self.now

    @property
    def emergency(self) -> bool:
        """Emergencies skip most of what stands in others' way."""
        return self.case.job.emergency


def situation_of(case: Case, around: Around) -> Situation:
    """Work out where a chain stands."""
    row, plan = case.row, case.plan
    tried = tuple(row.tried()) if row is not None else ()
    cursor, redial_at = _next(case, tried)
    spot = around.spot(case.chain_id)
    refusal = spot.refusal if spot is not None else None
    if spot is None and cursor is not None:
        number = plan.steps[cursor.step].number_id
        gate = _gate_of(case, around)
        refusal = may_dial(gate, case.job.job_id, number, around.now, row.attempt_id if row else 0, cursor.round > 0)
    return Situation(case, around, tried, cursor, redial_at, spot, refusal)


def next_of(case: Case) -> Waiting | None:
    """A chain as the line pool knows those that want a line; None for one that wants none."""
    cursor = cursor_of(case)
    if cursor is None:
        return None
    return Waiting(case.chain_id, case.plan.steps[cursor.step].number_id, case.job.job_id, cursor.round > 0)


def cursor_of(case: Case) -> Cursor | None:
    """Where a chain stands on its plan; None for one that is never dialed, or has ended."""
    if index_of(case.chain_id) >= case.job.chains:
        return None
    return _next(case, tuple(case.row.tried()) if case.row is not None else ())[0]


def _next(case: Case, tried: tuple[Tried, ...]) -> tuple[Cursor | None, int]:
    """Where it stands, and when the delay after its last call is over."""
    row, plan = case.row, case.plan
    if not plan.steps or (row is not None and row.outcome):
        return None, 0
    if row is None:
        return begin(plan), 0
    move = replay(plan, list(tried))
    if row.attempt_id:
        # A late result may have changed what would have been dialed; the open attempt stays what it is.
        return msgspec.structs.replace(move.cursor, step=row.step, round=row.round), 0
    if move.outcome is not None:
        return None, 0
    return move.cursor, row.closed_at + move.wait_ms if move.wait_ms else 0


def _gate_of(case: Case, around: Around) -> Gate:
    """The gate, as far as it is known, with the chain's job and its recipients' own hours in it."""
    job, gate = case.job, around.gate
    known = JobGate(job.emergency, job.opens_at, job.dials_until, job.state is JobState.PAUSED, job.canceled)
    hours = {step.number_id: (step.opens_at, step.closes_at) for step in case.plan.steps if step.closes_at}
    return replace(gate, jobs={job.job_id: known}, hours=hours)
