"""Where a filter is typed: it completes words, and remembers what was asked before."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.suggester import Suggester
from textual.widgets import Input

from engine.board import Board
from tui.live.completion import completed

HISTORY_MAX = 50
"""Filters remembered."""


class FilterField(Input):
    """Up and down walk the filters asked before; Tab or right takes the completion that is shown."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "recall(1)", show=False),
        Binding("down", "recall(-1)", show=False),
        Binding("tab", "cursor_right", show=False),
    ]

    def __init__(self, board: Board) -> None:
        super().__init__(
            id="filter",
            placeholder='words   state:waiting,error   job:"gas*"   try>=3   due<10m   -state:pending   a | b',
            suggester=_Completer(board),
            select_on_focus=False,
        )
        self.asked: list[str] = []
        """Filters asked before, the newest first."""
        self._place = -1
        self._typing = ""

    def remember(self) -> None:
        """Keep what is asked now."""
        asked = self.value.strip()
        self._place = -1
        if asked:
            self.asked = [asked, *(one for one in self.asked if one != asked)][:HISTORY_MAX]

    def action_recall(self, by: int) -> None:
        """An older filter, or a newer one; at the end what was being typed."""
        if self._place < 0:
            self._typing = self.value
        self._place = max(-1, min(len(self.asked) - 1, self._place + by))
        self.value = self.asked[self._place] if self._place >= 0 else self._typing
        self.cursor_position = len(self.value)


class _Completer(Suggester):
    """Completes the last word."""

    def __init__(self, board: Board) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._board = board

    async def get_suggestion(self, value: str) -> str | None:
        """The text with its last word completed."""
        return completed(value, self._board) or None
