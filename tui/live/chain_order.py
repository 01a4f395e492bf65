"""Which chains the list shows and in which order, worked out over numpy columns and never chain by chain."""

from collections.abc import Callable
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from engine.board import Board
from engine.board.columns import FAULT_CODES, SLOT_BITS
from tui.live.chain_filter import ChainFilter

_SLOT_MAX = (1 << SLOT_BITS) - 1


class Sort(StrEnum):
    """What comes first."""

    URGENCY = "urgency"
    NEWEST = "newest call"
    TRIES = "most tries"
    CHAIN = "job and chain"

    @property
    def next(self) -> "Sort":
        """The one after it, around."""
        kinds = list(Sort)
        return kinds[(kinds.index(self) + 1) % len(kinds)]


class ChainOrder:
    """Answers for the board as it is now; filter and sort may be set at any time."""

    def __init__(self, board: Board, now: Callable[[], int] | None = None) -> None:
        self._board = board
        self._now = now or (lambda: board.at)
        self.filter = ChainFilter()
        self.faults_only = False
        self.sort = Sort.URGENCY

    @property
    def size(self) -> int:
        """Chains on the board."""
        return self._board.columns.size

    def first(self, count: int) -> tuple[NDArray[np.int64], int]:
        """The ids of the first `count` chains in order, and how many pass the filter in all."""
        slots = self._passing()
        keys = self._keys(slots)
        total = len(keys)
        if count < total // 8:
            near = np.argpartition(keys, total - count)[total - count :]
            picked = near[np.argsort(-keys[near])]
        else:
            picked = np.argsort(-keys)[:count]
        chains = self._board.columns.chain_ids
        return chains[picked if slots is None else slots[picked]], total

    def rank(self, chain: int) -> int | None:
        """How many chains come before one, None when it does not pass."""
        slot = self._board.columns.slot(chain)
        slots = self._passing()
        if slot is None or (slots is not None and not np.isin(slot, slots)):
            return None
        keys = self._keys(slots)
        own = self._keys(np.array([slot]))[0]
        return int(np.count_nonzero(keys > own))

    def _passing(self) -> NDArray[np.int64] | None:
        """Slots that pass the filter, None for all."""
        mask = self.filter.mask(self._board, self._now())
        if self.faults_only:
            faults = np.isin(self._board.columns.states, FAULT_CODES)
            mask = faults if mask is None else mask & faults
        return None if mask is None else np.flatnonzero(mask)

    def _keys(self, slots: NDArray[np.int64] | None) -> NDArray[np.int64]:
        """Sort keys of some slots, each different; the greatest comes first."""
        columns = self._board.columns
        if self.sort is Sort.URGENCY:
            return columns.keys if slots is None else columns.keys[slots]
        places = np.arange(columns.size) if slots is None else slots
        turned = _SLOT_MAX - places
        if self.sort is Sort.CHAIN:
            return -columns.chain_ids[places]
        if self.sort is Sort.NEWEST:
            return ((columns.since[places] // 1000) << SLOT_BITS) | turned
        tries = columns.column("tries")[places].astype(np.int64)
        return (tries << SLOT_BITS) | turned
