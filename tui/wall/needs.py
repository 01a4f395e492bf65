"""What needs a human, counted without names: errors, and what an emergency could not deliver."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.board import Board
from engine.board.columns import Slots
from engine.board.state import FAULTS, State
from store.keys import CHAIN_BITS, job_of


@dataclass(frozen=True, slots=True)
class Need:
    """Chains of one job that ended alike."""

    state: State
    job_id: int
    subject: str
    emergency: bool
    count: int
    since_at: int
    """Of the one that waits longest, ms UTC; 0 where nothing was ever dialed."""


def needs_of(board: Board) -> list[Need]:
    """Those of emergencies first, then whoever waits longest. Works on the board's columns, once for all chains."""
    columns = board.columns
    states, ranks = columns.states, columns.column("rank")
    urgent = (ranks == 0) & np.isin(states, np.array(FAULTS, np.uint8))
    slots = np.flatnonzero(urgent | (states == State.ERROR))
    found = [_need(board, slots[at]) for at in _groups(columns.chain_ids[slots] >> CHAIN_BITS, states[slots])]
    return sorted(found, key=lambda need: (not need.emergency, need.since_at))


def _groups(jobs: Slots, states: NDArray[np.uint8]) -> list[Slots]:
    """The places of each (job, state)."""
    keys = jobs * len(State) + states
    return [np.flatnonzero(keys == key) for key in np.unique(keys)]


def _need(board: Board, slots: Slots) -> Need:
    columns, first = board.columns, int(slots[0])
    job = board.job(job_of(int(columns.chain_ids[first])))
    dialed = columns.since[slots]
    dialed = dialed[dialed > 0]
    return Need(
        state=State(int(columns.states[first])),
        job_id=job.job_id,
        subject=job.subject or job.reason,
        emergency=job.emergency,
        count=len(slots),
        since_at=int(dialed.min()) if len(dialed) else 0,
    )
