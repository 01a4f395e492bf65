"""What of the log is shown: the words of the chain filter, and `result:` and `kind:` beside them."""

import numpy as np
from numpy.typing import NDArray

from engine.board import Board
from engine.board.reading.history import Happening
from store.dispositions import Disposition
from tui.live.chain_filter import ChainFilter
from tui.panels.written import result
from tui.screens.lines.log_lines import job_id_of, kind_of

KINDS = ("result", "end", "job", "command", "alarm", "engine")


class LogFilter:
    """`passes` says whether a row is shown. What is said of chains is asked of the board: `renew` it now and then."""

    def __init__(self, text: str = "") -> None:
        self.text = text
        self.trouble = ""
        self._results: list[tuple[frozenset[int], bool]] = []
        self._kinds: list[tuple[frozenset[str], bool]] = []
        self._board: Board | None = None
        self._layout = -1
        self._now = 0
        self._mask: NDArray[np.bool_] | None = None
        rest = [part for part in text.split() if not self._takes(part)]
        self._chains = ChainFilter(" ".join(rest))
        self._of_chains = bool(rest)
        self._only_jobs = all(part.removeprefix("-").startswith("job:") for part in rest)
        self.trouble = self.trouble or self._chains.trouble

    def renew(self, board: Board, now: int) -> None:
        """Look at the chains as they are now: a pass or two of numpy, so once a second is often enough."""
        self._board, self._layout, self._now = board, board.columns.layout, now
        self._mask = self._chains.mask(board, now) if self._of_chains else None

    def passes(self, happening: Happening) -> bool:
        """Whether a row is shown. What no chain did passes only where nothing is said of chains but their job."""
        for kinds, unwanted in self._kinds:
            if (kind_of(happening) in kinds) == unwanted:
                return False
        for results, unwanted in self._results:
            if (int(getattr(happening.fact, "disposition", 0)) in results) == unwanted:
                return False
        return self._mask is None or self._passes_chain(happening, self._mask)

    def _passes_chain(self, happening: Happening, mask: NDArray[np.bool_]) -> bool:
        board = self._board
        if board is None:
            return True
        if self._layout != board.columns.layout:
            self.renew(board, self._now)
            mask = self._mask if self._mask is not None else mask
        if happening.chain:
            slot = board.columns.slot(happening.chain)
        else:
            slot = board.columns.base(job_id_of(happening)) if self._only_jobs else None
        return slot is not None and slot < len(mask) and bool(mask[slot])

    def _takes(self, part: str) -> bool:
        """Keep a word that is ours alone."""
        unwanted = part.startswith("-") and len(part) > 1
        field, colon, value = part.removeprefix("-").partition(":")
        if not colon or field not in ("result", "kind"):
            return False
        starts = tuple(filter(None, value.lower().replace("-", "_").split(",")))
        if field == "kind":
            kinds = frozenset(kind for kind in KINDS if kind.startswith(starts))
            self._note(bool(kinds), field, value)
            self._kinds += [(kinds, unwanted)] * bool(kinds)
            return True
        results = frozenset(
            int(one) for one in Disposition if one.word.startswith(starts) or result(one.word).startswith(starts)
        )
        self._note(bool(results), field, value)
        self._results += [(results, unwanted)] * bool(results)
        return True

    def _note(self, found: bool, field: str, value: str) -> None:
        if not found and value:
            self.trouble = f"no {field} {value}"
