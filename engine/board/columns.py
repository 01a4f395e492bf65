"""The state of all chains on the board in numpy columns, one slot a chain; a job's chains lie side by side."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.board.job_plans import KIND_BITS, STEPS_TOLD, Glance
from engine.board.state import FAULTS, State, state_of
from store.dispositions import Disposition
from store.keys import chain_id, index_of, job_of
from store.rows import ChainRow

Slots = NDArray[np.int64]

SLOT_BITS = 23
"""Bits of a slot in a sort key: 8.4 million chains on one board, eight times the largest district measured."""

_SECOND_BITS = 32
_SECOND_MAX = (1 << _SECOND_BITS) - 1
_SLOT_MAX = (1 << SLOT_BITS) - 1
_RANKS = 8
_START_SLOTS = 1_024

_BY_URGENCY = (
    State.CANCELED,
    State.COVERED,
    State.CONFIRMED,
    State.DELIVERED_UNCONFIRMED,
    State.UNREACHABLE,
    State.PENDING,
    State.EXPIRED,
    State.EXHAUSTED,
    State.WAITING,
    State.AT_CARRIER,
    State.ERROR,
)
"""From what can wait to what needs a human; inside a state the job's rank decides, then the time."""


def _urgency_of(state: State, rank: int) -> int:
    """What an emergency could not deliver comes before all live calls, for somebody has to go there now."""
    place = 2 * _BY_URGENCY.index(state)
    if rank == 0 and state in (State.EXHAUSTED, State.EXPIRED):
        # Between live calls and errors, which have even places.
        place = 2 * _BY_URGENCY.index(State.AT_CARRIER) + 1
    return place * _RANKS + _RANKS - 1 - rank


_URGENCY = np.array([[_urgency_of(state, rank) for rank in range(_RANKS)] for state in State], dtype=np.int64)

FAULT_CODES = np.array(FAULTS, dtype=np.uint8)


def _bytes_of_a_try() -> int:
    row = ChainRow(0)
    row.note(0, 0, Disposition.CONFIRMED, 0, 0, 0)
    return len(row.history)


_TRY_BYTES = _bytes_of_a_try()


class Columns:
    """Columns of the first `size` slots. `slot = base of the job + index of the chain`."""

    def __init__(self) -> None:
        self.size = 0
        self.layout = 0
        """Grows when slots move or are added, so that readers forget slots they hold."""
        self.told = 0
        """Grows when more of the plans is known: names, schools, students, devices, closing instants."""
        self._bases: dict[int, int] = {}
        self._arrays: dict[str, NDArray[np.generic]] = {
            "chain_id": np.zeros(_START_SLOTS, np.int64),
            "key": np.zeros(_START_SLOTS, np.int64),
            "since_at": np.zeros(_START_SLOTS, np.int64),
            "state": np.zeros(_START_SLOTS, np.uint8),
            "rank": np.zeros(_START_SLOTS, np.uint8),
            "tries": np.zeros(_START_SLOTS, np.uint16),
            "step": np.zeros(_START_SLOTS, np.uint8),
            "round": np.zeros(_START_SLOTS, np.uint8),
            "disposition": np.zeros(_START_SLOTS, np.uint8),
            "students": np.zeros(_START_SLOTS, np.uint16),
            "kinds": np.zeros(_START_SLOTS, np.int64),
            "closes_at": np.zeros(_START_SLOTS, np.int64),
        }

    # -- reading

    def column(self, name: str) -> NDArray[np.generic]:
        """A view of one column; valid until the next refresh."""
        return self._arrays[name][: self.size]

    @property
    def chain_ids(self) -> NDArray[np.int64]:
        """The chain in each slot."""
        return self.column("chain_id")  # type: ignore[return-value]

    @property
    def states(self) -> NDArray[np.uint8]:
        """Codes of `State`."""
        return self.column("state")  # type: ignore[return-value]

    @property
    def keys(self) -> NDArray[np.int64]:
        """Urgency, unique to each slot: the greater, the sooner a human should look."""
        return self.column("key")  # type: ignore[return-value]

    @property
    def since(self) -> NDArray[np.int64]:
        """The instant of the open attempt, or of the last ended one; 0 where nothing was dialed."""
        return self.column("since_at")  # type: ignore[return-value]

    @property
    def closes(self) -> NDArray[np.int64]:
        """When each chain's window closes, ms UTC; 0 where its plan was not read yet."""
        return self.column("closes_at")  # type: ignore[return-value]

    def goes_on(self, slot: int) -> bool:
        """Whether anything of the chain in a slot may still be dialed."""
        return bool(self.states[slot] < State.CONFIRMED)

    @property
    def devices(self) -> NDArray[np.int64]:
        """Codes of the kind of device each chain stands at, 0 for none: the one being dialed, or dialed last."""
        steps = np.minimum(self._arrays["step"][: self.size], STEPS_TOLD - 1).astype(np.int64)
        found: NDArray[np.int64] = (self._arrays["kinds"][: self.size] >> (steps * KIND_BITS)) & ((1 << KIND_BITS) - 1)
        return found

    def base(self, job_id: int) -> int | None:
        """The slot of a job's first chain; None when the job is not on the board."""
        return self._bases.get(job_id)

    def slot(self, chain: int) -> int | None:
        """The slot of a chain; None when it is not on the board."""
        base = self._bases.get(job_of(chain))
        if base is None:
            return None
        slot = base + index_of(chain)
        return slot if slot < self.size and self._arrays["chain_id"][slot] == chain else None

    # -- writing

    def add_job(self, job_id: int, rank: int, chains: int, covered: int, unreachable: int) -> None:
        """Make room for a job: its chains are pending, then come covered and unreachable ones."""
        base, count = self.size, chains + covered + unreachable
        self._grow(base + count)
        self._bases[job_id] = base
        self.size = base + count
        self.layout += 1
        new = slice(base, self.size)
        self._arrays["chain_id"][new] = chain_id(job_id, 0) + np.arange(count)
        self._arrays["rank"][new] = min(rank, _RANKS - 1)
        self._arrays["state"][base + chains : base + chains + covered] = State.COVERED
        self._arrays["state"][base + chains + covered : self.size] = State.UNREACHABLE
        self._rekey(np.arange(base, self.size))

    def keep_jobs(self, kept: Sequence[tuple[int, int]]) -> None:
        """Close up the slots to those of some jobs, given with their number of slots."""
        spans = [(job_id, self._bases[job_id], count) for job_id, count in kept]
        picked = np.concatenate([np.arange(base, base + count) for _, base, count in spans] or [np.zeros(0, np.int64)])
        self._bases, start = {}, 0
        for job_id, _, count in spans:
            self._bases[job_id] = start
            start += count
        for name, array in self._arrays.items():
            self._arrays[name] = np.resize(np.zeros(1, array.dtype), max(_START_SLOTS, len(picked)))
            self._arrays[name][: len(picked)] = array[picked]
        self.size = len(picked)
        self.layout += 1
        self._rekey(np.arange(self.size))

    def show(self, slots: Slots, rows: Sequence[ChainRow]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Bring slots level with their rows; returns their states before and after."""
        before = self.states[slots]
        after = np.array([state_of(row) for row in rows], np.uint8)
        self._arrays["state"][slots] = after
        self._arrays["since_at"][slots] = [row.opened_at if row.attempt_id else row.closed_at for row in rows]
        self._arrays["tries"][slots] = [len(row.history) // _TRY_BYTES + bool(row.attempt_id) for row in rows]
        self._arrays["step"][slots] = [row.step for row in rows]
        self._arrays["round"][slots] = [row.round for row in rows]
        self._arrays["disposition"][slots] = [_last(row) for row in rows]
        self._rekey(slots)
        return before, after

    def tell(self, start: int, told: Glance) -> None:
        """What is known of the plans from a slot on."""
        here = slice(start, start + len(told.students))
        self._arrays["students"][here] = told.students
        self._arrays["kinds"][here] = told.kinds
        self._arrays["closes_at"][here] = told.closes_at
        self.told += 1

    def _rekey(self, slots: Slots) -> None:
        """Work out sort keys anew: live chains oldest first, ended ones newest first, ties in the order of slots."""
        states = self.states[slots]
        seconds = self.since[slots] // 1_000
        seconds = np.where(states >= State.CONFIRMED, seconds, _SECOND_MAX - seconds)
        urgency = _URGENCY[states, self._arrays["rank"][slots]]
        self._arrays["key"][slots] = (
            (urgency << (_SECOND_BITS + SLOT_BITS)) | (seconds << SLOT_BITS) | (_SLOT_MAX - slots)
        )

    def _grow(self, size: int) -> None:
        capacity = len(self._arrays["state"])
        if size <= capacity:
            return
        for name, array in self._arrays.items():
            wider = np.zeros(max(size, capacity * 2), array.dtype)
            wider[: self.size] = array[: self.size]
            self._arrays[name] = wider


def _last(row: ChainRow) -> int:
    """The disposition of the last ended attempt, 0 when there is none."""
    if not row.history:
        return 0
    return next(ChainRow(0, history=row.history[-_TRY_BYTES:]).tried()).disposition
