"""A job's chains as they are read at the door: a page of them, and one in full with its cause and next ring."""

from collections.abc import Iterator

import msgspec

from engine.acts.desk import Desk
from engine.board.chain_view import AttemptView, StepView, view_of
from engine.board.state import State
from engine.tame import tame
from engine.views import View
from engine.why.chain.case import Case
from engine.why.chain.explain import chain_state, explain
from engine.why.source import Source
from engine.why.view import WhyChain
from store.errors import InvalidInputError
from store.keys import chain_id, pair_key
from store.records import Plan
from store.rows import ChainRow, JobRow
from store.tables import Txn

PAGE_MAX = 500
"""Chains of one page."""

LOOKED_AT_MAX = 20_000
"""Chains looked at for one page where a state is asked for: a tenth of a second; the next page goes on behind them."""

_decode_plan = msgspec.msgpack.Decoder(Plan).decode


class ChainLine(View, frozen=True):
    """One chain of a page. Names, keys and students are empty for who may not see them."""

    chain_id: int
    index: int
    state: str
    """pending, waiting, at_carrier, confirmed, delivered_unconfirmed, exhausted, expired, …"""
    contact_key: str = ""
    contact_name: str = ""
    student_ids: tuple[str, ...] = ()
    school_id: str = ""
    attempts: int = 0
    """Calls that were made, an open one included."""
    last_result: str = ""
    last_at: int = 0
    """ms UTC of the open or last attempt, 0 for none."""


class ChainPage(View, frozen=True):
    """Chains in the order of their plans: those to dial, then covered ones, then unreachable ones."""

    job_id: int
    chains: tuple[ChainLine, ...]
    next: int | None = None
    """Where the next page begins, None after the last chain. A page may be empty and not be the last."""


class ChainInFull(View, frozen=True):
    """Everything of one chain."""

    line: ChainLine
    why: WhyChain
    opens_at: int
    closes_at: int
    """The instant no dial of it may reach."""
    rounds_max: int
    steps: tuple[StepView, ...]
    """Its numbers, masked."""
    attempts: tuple[AttemptView, ...]
    """Oldest first; an open one has no disposition yet."""
    text: str
    """What its calls say."""
    moved: int
    """Numbers of this contact that other chains dial."""
    owner: int
    """The chain that dials its numbers, 0 for none."""


def chain_page(
    desk: Desk, job_id: int, *, first: int = 0, count: int = 100, state: str = "", names: bool = False
) -> ChainPage:
    """Chains of a released job from an index on, of one state where it is asked for.

    `names`: whom they are about is shown; for senders and above. Raises NotFoundError for a job there is not,
    InvalidInputError for a state or a count there is not.
    """
    if not 1 <= count <= PAGE_MAX or first < 0:
        raise InvalidInputError(f"A page has 1 to {PAGE_MAX} chains, from an index of 0 or more.")
    wanted = _state(state)
    source = Source(desk)
    job, most = source.released(job_id), LOOKED_AT_MAX if wanted is not None else count
    # A chain that ends meanwhile leaves the fold for the table: the fold is asked first.
    living = source.living(job, first, most)
    found: list[ChainLine] = []
    looked, going_on = 0, False
    with desk.database.read() as txn:
        for case in _cases(source, txn, job, first, living):
            if len(found) == count or looked == most:
                going_on = True
                break
            looked += 1
            if wanted is None or chain_state(case) is wanted:
                found.append(_line(case, names))
    return ChainPage(job_id=job_id, chains=tuple(found), next=first + looked if going_on else None)


def chain_in_full(desk: Desk, job_id: int, index: int, *, names: bool = False) -> ChainInFull:
    """One chain of a released job, with its cause and its next ring. Raises NotFoundError."""
    source = Source(desk)
    job = source.released(job_id)
    case = source.case(job, index)
    around = source.of_job(source.around([case]), job)
    why = explain(case, around)
    with desk.database.read() as txn:
        said = source.job(txn, job_id)
    view = view_of(job, said.message if said else None, case.chain_id, chain_state(case), case.plan, case.row)
    return ChainInFull(
        line=_line(case, names),
        why=why if names else msgspec.structs.replace(why, contact_key="", contact_name="", student_ids=()),
        opens_at=max(view.opens_at, job.opens_at),
        closes_at=view.closes_at,
        rounds_max=view.rounds_max,
        steps=view.steps if names else tuple(msgspec.structs.replace(step, number="") for step in view.steps),
        attempts=view.attempts,
        text=view.text if names or not case.plan.text else "",
        moved=view.moved,
        owner=view.owner,
    )


def _state(word: str) -> State | None:
    if not word:
        return None
    try:
        return State[word.upper()]
    except KeyError:
        words = ", ".join(state.word for state in State)
        raise InvalidInputError(f"There is no state {word!r} of a chain; ask for one of {words}.") from None


def _cases(source: Source, txn: Txn, job: JobRow, first: int, living: dict[int, ChainRow]) -> Iterator[Case]:
    plans = source.desk.database.plans.scan_raw(txn, pair_key(job.job_id, first), pair_key(job.job_id + 1, 0))
    for index, (_, data) in enumerate(plans, first):
        chain = chain_id(job.job_id, index)
        row = (living.get(chain) or source.ended(txn, chain)) if index < job.chains else None
        yield Case(chain, job, _decode_plan(data), row)


def _line(case: Case, names: bool) -> ChainLine:
    plan, row = case.plan, case.row
    tried = list(row.tried()) if row is not None else []
    is_open = row is not None and bool(row.attempt_id)
    last = tried[-1] if tried else None
    last_at = row.opened_at if row is not None and is_open else (last.dialed_at or last.opened_at) if last else 0
    return ChainLine(
        chain_id=case.chain_id,
        index=case.chain_id - chain_id(case.job.job_id, 0),
        state=chain_state(case).word,
        contact_key=plan.contact_key if names else "",
        contact_name=tame(plan.contact_name) if names else "",
        student_ids=plan.student_ids if names else (),
        school_id=plan.school_id,
        attempts=len(tried) + is_open,
        last_result=last.disposition.word if last else "",
        last_at=last_at,
    )
