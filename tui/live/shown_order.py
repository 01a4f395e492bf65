"""The order of chains as the operator sees it: sorted anew once a second, unless it is held still."""

from collections.abc import Callable

import numpy as np

from engine.board import Board
from tui.live.chain_order import ChainOrder

HELD_MS = 3_000
"""How long the order stands still after the cursor moved, so that Enter opens what was looked at."""

SORT_MS = 1_000
"""Between two sortings; values change four times a second, places once."""

AHEAD = 100
"""Chains sorted beyond those asked for, so that a page down finds them in order."""


class ShownOrder:
    """Chain ids by place. Only as many are sorted as were asked for. Times are real milliseconds that never jump."""

    def __init__(self, board: Board, now: Callable[[], int] | None = None) -> None:
        self.order = ChainOrder(board, now)
        self.total = 0
        """Chains that pass the filter."""
        self.frozen = False
        """Held until the operator lets go."""
        self.asking = False
        """Held while a dialog is open."""
        self.entering = 0
        """Chains that would come in above the last visible line, were the order not held."""
        self._ids: list[int] = []
        self._place: dict[int, int] = {}
        self._held_until = 0
        self._sorted_at = -SORT_MS
        self._wanted = True

    def held(self, now: int) -> bool:
        """The order stands still: frozen, or the cursor moved just now."""
        return self.frozen or self.asking or now < self._held_until

    def hold(self, now: int) -> None:
        """Stand still for a while."""
        self._held_until = now + HELD_MS

    def release(self) -> None:
        """Stand still no longer, and be sorted at the next chance."""
        self._held_until = 0
        self._wanted = True

    def tick(self, now: int, top: int, height: int) -> bool:
        """Sort if it is time and nobody holds the order; true when places may have changed."""
        if not self._wanted and now - self._sorted_at < SORT_MS:
            return False
        self._sorted_at = now
        if self.held(now) and not self._wanted:
            wanted, self.total = self.order.first(top + height)
            self.entering = len(set(wanted.tolist()) - set(self._ids[: top + height]))
            return False
        self._wanted = False
        self.entering = 0
        ids, self.total = self.order.first(top + height + AHEAD)
        self._set(ids.tolist())
        return True

    def slice(self, top: int, height: int) -> list[int]:
        """The chains on some places."""
        self._reach(top + height)
        return self._ids[top : top + height]

    def place(self, chain: int) -> int | None:
        """Where a chain stands, None when it does not pass the filter."""
        place = self._place.get(chain)
        if place is None and (rank := self.order.rank(chain)) is not None:
            self._reach(rank + 1)
            place = self._place.get(chain)
        return place

    def at(self, place: int) -> int:
        """The chain on a place, or on the nearest there is; 0 when there is none."""
        self._reach(place + 1)
        return self._ids[max(0, min(len(self._ids) - 1, place))] if self._ids else 0

    def span(self, first: int, last: int) -> list[int]:
        """The chains from the place of one to the place of another, as they stand now; none where one is not shown."""
        places = self.place(first), self.place(last)
        low, high = min(place if place is not None else -1 for place in places), max(p or 0 for p in places)
        return self._ids[low : high + 1] if low >= 0 else []

    def title(self, now: int) -> list[str]:
        """What is shown in which order, and whether it stands still, in a few words each."""
        parts = [f"Chains by {self.order.sort}"]
        if self.order.faults_only:
            parts.append("FAULTS ONLY")
        if self.order.filter.trouble:
            parts.append(f"▲ {self.order.filter.trouble}")
        parts.append(f"{self.total:,} of {self.order.size:,}" if self.total != self.order.size else f"{self.total:,}")
        if self.held(now):
            parts.append("‖ FROZEN" if self.frozen else "‖ HELD")
            parts += [f"+{self.entering} new above"] * bool(self.entering)
        return parts

    def _reach(self, count: int) -> None:
        """Have at least so many in order; those already in place keep it."""
        if count <= len(self._ids) or len(self._ids) >= self.total:
            return
        longer, self.total = self.order.first(count + AHEAD)
        new = longer[~np.isin(longer, np.array(self._ids, np.int64))]
        self._set([*self._ids, *new.tolist()])

    def _set(self, ids: list[int]) -> None:
        self._ids = ids
        self._place = {chain: place for place, chain in enumerate(ids)}
