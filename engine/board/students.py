"""What the students of one job know, kept level as its chains end."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.board.state import State
from engine.board.views import Students

_OPEN = 0
_CONFIRMED = 1
_DELIVERED = 2
_NOTHING = 3

_MEANS = np.full(len(State), _NOTHING, np.uint8)
"""What a chain's state means for its students."""
_MEANS[[State.PENDING, State.WAITING, State.AT_CARRIER]] = _OPEN
_MEANS[State.CONFIRMED] = _CONFIRMED
_MEANS[State.DELIVERED_UNCONFIRMED] = _DELIVERED


class StudentTally:
    """Counts, for every student, the chains about them that are open, confirmed and delivered (decision 21a).

    `chains[i]` and `students[i]` say that a chain is about a student, both as indexes. A covered chain stands there as
    the chain that dials its numbers, so it takes that chain's outcome. A student without any pair is missed.
    """

    def __init__(
        self, chains: Sequence[int], students: Sequence[int], student_count: int, states: NDArray[np.uint8]
    ) -> None:
        chain_of_pair = np.asarray(chains, np.int64)
        order = np.argsort(chain_of_pair, kind="stable")
        self._about = np.asarray(students, np.int32)[order]
        self._starts = np.zeros(len(states) + 1, np.int64)
        np.cumsum(np.bincount(chain_of_pair, minlength=len(states)), out=self._starts[1:])
        self._counts = np.zeros((3, student_count), np.int32)
        self._known: Students | None = None
        means = np.repeat(_MEANS[states], np.diff(self._starts))
        for meaning in (_OPEN, _CONFIRMED, _DELIVERED):
            self._counts[meaning] = np.bincount(self._about[means == meaning], minlength=student_count)

    def change(self, chains: NDArray[np.int64], before: NDArray[np.uint8], after: NDArray[np.uint8]) -> None:
        """Some chains, each named once, went from one state to another."""
        was, now = _MEANS[before], _MEANS[after]
        for chain in np.flatnonzero(was != now):
            about = self._about[self._starts[chains[chain]] : self._starts[chains[chain] + 1]]
            self._known = None
            if was[chain] != _NOTHING:
                np.subtract.at(self._counts[was[chain]], about, 1)
            if now[chain] != _NOTHING:
                np.add.at(self._counts[now[chain]], about, 1)

    @property
    def students(self) -> Students:
        """The students by what they know; counted when first asked after a change."""
        if self._known is None:
            going_on, confirmed, delivered = self._counts > 0
            told = delivered & ~confirmed
            neither = ~(delivered | confirmed)
            self._known = Students(
                covered=int(np.count_nonzero(confirmed)),
                told=int(np.count_nonzero(told)),
                missed=int(np.count_nonzero(neither & ~going_on)),
                open=int(np.count_nonzero(neither & going_on)),
            )
        return self._known
