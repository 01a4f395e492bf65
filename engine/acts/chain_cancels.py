"""Single chains canceled: these contacts are not called any more by this job; the job and its other chains go on."""

import msgspec

from actors.messages import StopChains
from engine.acts.act import Act
from engine.acts.desk import Desk
from engine.orders import Id
from store.access import Role
from store.checkpoint import ended_chain
from store.commands import Verb
from store.errors import InvalidInputError, NotFoundError
from store.keys import index_of, job_of

CHAINS_MAX = 20_000
"""In one request: more than anybody marks one by one; whoever means a whole job cancels the job."""


class CancelChains(msgspec.Struct, kw_only=True, frozen=True):
    """The chains to cancel, by id."""

    chain_ids: tuple[Id, ...]


class ChainsCanceled(msgspec.Struct, kw_only=True, frozen=True):
    """What became of them."""

    canceled: int
    """They end now; a call that rings plays out."""
    ended_before: int
    """They had ended already, or their job had."""


def _cancel(desk: Desk, asked: CancelChains, author: str) -> ChainsCanceled:
    if not 0 < len(asked.chain_ids) <= CHAINS_MAX:
        raise InvalidInputError(f"Name 1 to {CHAINS_MAX:,} chains; to end a whole job, cancel the job.")
    chains = sorted(set(asked.chain_ids))
    going_on = [chain for chain in chains if _goes_on(desk, chain)]
    if going_on:
        desk.change(Verb.CANCEL, author)
        desk.engine.station.tell_pool(StopChains(tuple(going_on)))
    return ChainsCanceled(canceled=len(going_on), ended_before=len(chains) - len(going_on))


def _goes_on(desk: Desk, chain: int) -> bool:
    """Whether anything of a chain may still be dialed. Raises NotFoundError where there is no such chain."""
    fold = desk.fold()
    job = fold.jobs.get(job_of(chain))
    if job is None or index_of(chain) >= job.chains + job.covered + job.unreachable:
        raise NotFoundError(f"There is no chain {index_of(chain)} of a job {job_of(chain)} that is dialed.")
    row = fold.chains.get(chain) or ended_chain(desk.database, chain)
    return not job.state.ended and index_of(chain) < job.chains and not (row and row.outcome)


def _needs(desk: Desk, asked: CancelChains) -> Role:
    """Whoever stops an emergency must be allowed to send one."""
    jobs = {job_of(chain): desk.fold().jobs.get(job_of(chain)) for chain in asked.chain_ids}
    # Said here: by the time it is carried out an emergency of that number may have gone out.
    for job_id, job in jobs.items():
        if job is None:
            raise NotFoundError(f"There is no job {job_id} that is dialed.")
    return Role.EMERGENCY_SENDER if any(job is not None and job.emergency for job in jobs.values()) else Role.SENDER


CANCEL = Act("chains.cancel", CancelChains, ChainsCanceled, _cancel, live=True, role=Role.SENDER, needs=_needs)

ACTS = (CANCEL,)
