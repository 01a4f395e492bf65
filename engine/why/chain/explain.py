"""One chain explained: its situation, its cause, the sentence for people and the next ring, put together."""

from engine.board.chain_view import masked
from engine.board.state import State, state_of
from engine.tame import tame
from engine.why.cause import Basis, Cause
from engine.why.chain.case import Around, Case
from engine.why.chain.decide import cause_of, live_cause_of
from engine.why.chain.moments import clock
from engine.why.chain.next_ring import next_ring
from engine.why.chain.sentences import sentence_of
from engine.why.chain.situation import Situation, situation_of
from engine.why.view import WhyChain
from store.keys import chain_id, index_of, job_of

QUEUED = frozenset({Cause.WAITING_FOR_LINE, Cause.COMING})
"""Causes under which a chain has a place in the queue for lines."""


def explain(case: Case, around: Around) -> WhyChain:
    """Why a chain rings now, or does not, and when it does next."""
    s = situation_of(case, around)
    cause = cause_of(s)
    behind = live_cause_of(s) if cause is Cause.ENGINE_STOPPED else None
    ring = next_ring(s, cause)
    sentence = sentence_of(s, cause, behind)
    if ring.basis is Basis.CLOSES and cause is not Cause.REDIAL_TOO_LATE:
        sentence += f" Before that the window closes, at {clock(s.closes_at, around.zone, around.now)}."
    plan, step, last = case.plan, s.step, s.last
    return WhyChain(
        chain_id=case.chain_id,
        job_id=job_of(case.chain_id),
        index=index_of(case.chain_id),
        contact_key=plan.contact_key,
        contact_name=tame(plan.contact_name),
        student_ids=plan.student_ids,
        state=chain_state(case).word,
        cause=cause.value,
        sentence=sentence,
        next_ring_at=ring.at,
        next_ring_basis=ring.basis.value,
        device=step.kind.word if step is not None else "",
        number=masked(step.number) if step is not None else "",
        position=s.spot.ahead + 1 if s.spot is not None and s.in_queue and cause in QUEUED else None,
        since=_since(s, cause),
        holder=_holder(s, cause),
        attempts=len(s.tried) + s.is_open,
        last_result=last.disposition.word if last is not None else "",
        last_at=(last.dialed_at or last.opened_at) if last is not None else 0,
    )


def chain_state(case: Case) -> State:
    """Where a chain stands, as the board has it."""
    if index_of(case.chain_id) >= case.job.chains:
        return State.COVERED if case.plan.owner >= 0 else State.UNREACHABLE
    return State(state_of(case.row)) if case.row is not None else State.PENDING


def _since(s: Situation, cause: Cause) -> int:
    """Since when the cause holds, 0 where nobody knows."""
    row = s.case.row
    if cause is Cause.PAUSED:
        return s.around.paused_at
    if row is None:
        return 0
    return row.opened_at if s.is_open else row.closed_at


def _holder(s: Situation, cause: Cause) -> int:
    if cause is Cause.COVERED:
        return chain_id(s.case.job.job_id, s.case.plan.owner)
    return s.spot.holder if s.spot is not None and cause is Cause.NUMBER_IN_USE else 0
