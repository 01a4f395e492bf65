"""One chain in full: its plan, what was tried, and what comes next and when."""

from enum import StrEnum

import msgspec

from actors.walk import Cursor, advance, begin, replay
from engine.board.state import State
from engine.board.views import View
from engine.tame import tame, tame_lines
from engine.why.chain.case import Case
from store.dispositions import Disposition, Expiry, JobState
from store.keys import chain_id, index_of, job_of
from store.records import Message, Plan, Step
from store.rows import ChainRow, JobRow, Tried


class Next(StrEnum):
    """What a chain waits for."""

    OPENING = "opening"
    """The job's window to open."""
    RESUMING = "resuming"
    """Somebody to resume the job."""
    LINE = "line"
    """Its turn for a line."""
    REDIAL = "redial"
    """The delay between two rounds."""
    RESULT = "result"
    """The carrier's word on the open attempt; `step` is dialed if nobody answers."""
    CLOSING = "closing"
    """The window closes before its redial is due."""
    END = "end"
    """Nothing: it has ended, or this attempt is its last."""


class StepView(View, frozen=True):
    """One number of the plan."""

    device: str
    number: str
    """Masked but for its last four digits."""
    tries: int
    last: str
    """How the last attempt on it ended, empty before the first."""


class AttemptView(View, frozen=True):
    """One attempt; `disposition` is empty while it is open."""

    step: int
    round: int
    opened_at: int
    dialed_at: int
    duration_ms: int
    disposition: str


class ChainView(View, frozen=True):
    """Everything a person may see of a chain."""

    chain_id: int
    job_id: int
    index: int
    subject: str
    state: State
    expiry: str
    """Which clock ended it, empty for none."""
    contact_key: str
    contact_name: str
    text: str
    """What its calls say."""
    student_ids: tuple[str, ...]
    opens_at: int
    closes_at: int
    rounds_max: int
    steps: tuple[StepView, ...]
    attempts: tuple[AttemptView, ...]
    next: Next
    next_step: int
    """The step that comes next, -1 for none."""
    next_at: int
    """The instant it is due, 0 where nobody knows."""
    owner: int
    """The chain that dials its numbers, 0 for none."""
    moved: int
    """Numbers of this contact that other chains dial."""
    case: Case
    """What all of it was read off, for whoever explains it at once: its rows go on living."""


def masked(number: str) -> str:
    """A phone number as it may be shown: `•••-•••-0142`."""
    return f"•••-•••-{number[-4:]}"


def view_of(
    job: JobRow, message: Message | None, chain: int, state: State, plan: Plan, row: ChainRow | None
) -> ChainView:
    """Put a chain's plan and its row together; `row` is None for a chain that never began."""
    tried = list(row.tried()) if row else []
    kind, step, at = _next(job, state, plan, row, tried)
    return ChainView(
        chain_id=chain,
        job_id=job_of(chain),
        index=index_of(chain),
        subject=tame(message.subject) if message else "",
        text=tame_lines(plan.text or (message.text if message else "")),
        state=state,
        expiry=Expiry(row.expiry).word if row and row.expiry else "",
        contact_key=plan.contact_key,
        contact_name=tame(plan.contact_name),
        student_ids=plan.student_ids,
        opens_at=plan.opens_at,
        closes_at=min(plan.closes_at, job.dials_until),
        rounds_max=plan.policy.rounds_max,
        steps=tuple(_step(index, step_, tried, row) for index, step_ in enumerate(plan.steps)),
        attempts=_attempts(tried, row),
        next=kind,
        next_step=step,
        next_at=at,
        owner=chain_id(job_of(chain), plan.owner) if plan.owner >= 0 else 0,
        moved=len(plan.moved),
        case=Case(chain, job, plan, row),
    )


def _step(index: int, step: Step, tried: list[Tried], row: ChainRow | None) -> StepView:
    mine = [entry for entry in tried if entry.step == index]
    now_open = row is not None and bool(row.attempt_id) and row.step == index
    last = mine[-1].disposition.word if mine else ""
    return StepView(step.kind.word, masked(step.number), len(mine) + now_open, last)


def _attempts(tried: list[Tried], row: ChainRow | None) -> tuple[AttemptView, ...]:
    ended = [
        AttemptView(
            entry.step, entry.round, entry.opened_at, entry.dialed_at, entry.duration_ms, entry.disposition.word
        )
        for entry in tried
    ]
    if row is not None and row.attempt_id:
        ended.append(AttemptView(row.step, row.round, row.opened_at, 0, 0, ""))
    return tuple(ended)


def _next(job: JobRow, state: State, plan: Plan, row: ChainRow | None, tried: list[Tried]) -> tuple[Next, int, int]:
    """What the chain waits for, the step that follows (-1: none) and when (0: nobody knows)."""
    if state.ended:
        return Next.END, -1, 0
    move = replay(plan, tried) if tried else None
    step = move.cursor.step if move else 0
    if state is State.AT_CARRIER and row is not None:
        return Next.RESULT, _after_no_answer(plan, row, move.cursor if move else None), 0
    if job.state is JobState.PAUSED:
        return Next.RESUMING, step, 0
    if job.state is JobState.WAITING:
        return Next.OPENING, step, job.opens_at
    if move and move.wait_ms and row is not None:
        due_at, closes_at = row.closed_at + move.wait_ms, min(plan.closes_at, job.dials_until)
        return (Next.CLOSING, -1, closes_at) if due_at >= closes_at else (Next.REDIAL, step, due_at)
    return Next.LINE, step, 0


def _after_no_answer(plan: Plan, row: ChainRow, cursor: Cursor | None) -> int:
    """The step to be dialed if the open attempt is not answered, -1 when it is the last."""
    here = msgspec.structs.replace(cursor or begin(plan), step=row.step, round=row.round)
    move = advance(plan, here, Disposition.NO_ANSWER)
    return -1 if move.outcome is not None else move.cursor.step
