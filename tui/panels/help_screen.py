"""Every key of the pane one is in."""

import textwrap
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from tui.look.palette import GREY, ORANGE, SKY, STRONG
from tui.panels.pretense import pretense
from tui.panels.text_lines import TextLines

KEY_WIDTH = 16
"""Cells for the keys; longer ones stand on a line of their own."""

MEANING_WIDTH = 70 - KEY_WIDTH
"""Cells for what a key does; the dialog has 70 inside."""

Keys = tuple[tuple[str, str], ...]
"""A key, or several, and what it does."""

CHAIN_KEYS: Keys = (
    ("[  ]", "previous and next chain of the list"),
    ("Esc", "back to the list"),
    ("P  R  X", "pause, resume, cancel this chain's job: asks first"),
    ("q", "leave; the engine goes on"),
)


class HelpScreen(ModalScreen[None]):
    """Any of the usual keys closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter,q,question_mark", "app.pop_screen", show=False)]

    def __init__(self, pane: str, keys: Keys) -> None:
        super().__init__()
        self._pane = pane
        self._keys = keys

    def compose(self) -> ComposeResult:
        """A box in the middle."""
        with Vertical(id="dialog"):
            yield TextLines(id="help")

    def on_mount(self) -> None:
        """Write the keys."""
        lines = [*pretense(self.app.sub_title), Text(f"Keys of {self._pane}", STRONG), Text()]
        for key, meaning in self._keys:
            first, *more = textwrap.wrap(meaning, MEANING_WIDTH, break_on_hyphens=False)
            if len(key) >= KEY_WIDTH:
                lines.append(Text(key, SKY))
                key = ""
            lines.append(Text.assemble((f"{key:<{KEY_WIDTH}}", SKY), first))
            lines += [Text(" " * KEY_WIDTH + line) for line in more]
        lines += [Text(), Text.assemble(("Esc", ORANGE), (" closes this", GREY))]
        self.query_one(TextLines).show(lines)
