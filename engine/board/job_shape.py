"""A job's chains side by side: when each was reached, how many end a second, how far each school has come."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.board.schools import SchoolCodes, SchoolCounts
from engine.board.state import State

Instants = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class JobShape:
    """Views of the board's columns, valid until its next refresh. All of it is a pass or two of numpy."""

    states: NDArray[np.uint8]
    """Of every chain, those that never start included."""
    since: Instants
    """When each chain's open attempt began, or its last one ended, ms UTC."""
    codes: SchoolCodes

    def by_school(self) -> list[SchoolCounts]:
        """Chains of each school by state."""
        return self.codes.counts(self.states)

    def reached_at(self) -> Instants:
        """When each chain that somebody heard was over, in no order."""
        heard = (self.states == State.CONFIRMED) | (self.states == State.DELIVERED_UNCONFIRMED)
        reached: Instants = self.since[heard]
        return reached

    def ended_since(self, at: int) -> int:
        """Chains that ended after an instant, by their last attempt."""
        return int(np.count_nonzero((self.states >= State.CONFIRMED) & (self.since > at)))

    def share_reached_at(self, chains: int, percent: int) -> int:
        """When so many of a hundred of `chains` had been reached, 0 while they have not."""
        instants, place = self.reached_at(), -(-chains * percent // 100) - 1
        return int(np.partition(instants, place)[place]) if 0 <= place < len(instants) else 0


def grown(instants: Instants, begins_at: int, ends_at: int, steps: int) -> list[int]:
    """How many of some instants lie before the end of each of so many equal steps of a span."""
    edges = np.linspace(begins_at, max(ends_at, begins_at + steps), steps + 1)[1:]
    return [int(count) for count in np.searchsorted(np.sort(instants), edges, side="right")]
