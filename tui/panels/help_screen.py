"""Every key of the pane one is in."""

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from tui.palette import GREY, ORANGE, SKY, STRONG
from tui.panels.text_lines import TextLines

Keys = tuple[tuple[str, str], ...]
"""A key, or several, and what it does."""

LIVE_KEYS: Keys = (
    ("↑ ↓ j k  PgUp PgDn  g G", "move; the order is held for 3 s"),
    ("Enter", "look into a chain"),
    ("/", "filter: words of a name, and fields; all must hold"),
    ("", "state:waiting,error   job:3   job:bus   -state:pending"),
    ("F", "faults only: error, exhausted, expired, unreachable"),
    ("s", "sort: urgency, newest call, most tries, job and chain"),
    ("f", "follow the selected chain"),
    ("p", "freeze the order, and let it go"),
    ("P  R  X", "pause, resume, cancel the selected chain's job: asks first"),
    ("q", "leave; the engine goes on"),
)

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
        lines = [Text(f"Keys of {self._pane}", STRONG), Text()]
        for key, meaning in self._keys:
            if len(key) > 10:
                lines += [Text(key, SKY), Text.assemble(" " * 11, (meaning, ""))]
            else:
                lines.append(Text.assemble((f"{key:<11}", SKY), (meaning, "")))
        lines += [Text(), Text.assemble(("Esc", ORANGE), (" closes this", GREY))]
        self.query_one(TextLines).show(lines)
