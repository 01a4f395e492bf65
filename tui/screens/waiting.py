"""Shown where there is no store to look into yet: what is missing, and that it is looked for again every second."""

import textwrap

from rich.text import Text
from textual.app import ComposeResult
from textual.screen import Screen

from tui.look.palette import ALERT, GREY, HOT, PAPER
from tui.panels.text_lines import TextLines

_KEYS = Text.assemble(
    ("  r", HOT), (" retry now   ", PAPER), ("d", HOT), (" diagnose   ", PAPER), ("q", HOT), (" quit", PAPER)
)


class WaitingScreen(Screen[None]):
    """`show` says what is the matter; nothing here can be taken for a quiet district."""

    def __init__(self, trouble: str) -> None:
        super().__init__()
        self._trouble = trouble

    def compose(self) -> ComposeResult:
        """A few lines, and nothing else."""
        yield TextLines(id="waiting", fills=True)

    def on_mount(self) -> None:
        """Say it."""
        self.show(self._trouble)

    def show(self, trouble: str) -> None:
        """What is the matter now."""
        self._trouble = trouble
        self.query_one(TextLines).show(
            [
                Text(" ■ NOTHING TO SHOW ", ALERT),
                Text(),
                *(Text(f" {line}", PAPER) for line in textwrap.wrap(trouble, max(20, self.app.size.width - 2))),
                Text(),
                Text(" The store is looked for again every second.", GREY),
                _KEYS,
            ]
        )
