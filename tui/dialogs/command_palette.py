"""The palette behind `:`: everything that can be done, found by its words; what is dangerous asks first."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from tui.look.palette import BRIGHT, CURSOR, FAINT, GREY, ORANGE, STRONG
from tui.panels.pretense import pretense
from tui.panels.text_lines import TextLines
from tui.panels.written import fit

ROWS = 12
_WORDS = 38
_MEANING = 31


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that can be done: its words, what they mean, and the deed."""

    words: str
    meaning: str
    do: Callable[[], None]
    risky: bool = False
    """It asks before it does anything."""


Offers = Callable[[str], Iterable[Offer]]
"""What is offered for some words: all verbs always, people and jobs where their names are typed."""


class CommandPalette(ModalScreen[Offer | None]):
    """Dismissed with what was chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", show=False),
        Binding("down,ctrl+n", "move(1)", show=False, priority=True),
        Binding("up,ctrl+p", "move(-1)", show=False, priority=True),
        Binding("tab", "complete", show=False, priority=True),
    ]

    def __init__(self, offers: Offers, typed: str = "") -> None:
        super().__init__()
        self._offers = offers
        self._typed = typed
        self._found: list[Offer] = []
        self._place = 0

    def compose(self) -> ComposeResult:
        """A box with a field and what it finds."""
        with Vertical(id="dialog"):
            yield TextLines(id="pretense")
            yield Input(self._typed, id="command", placeholder="a command, a screen, a job, a person", compact=True)
            yield TextLines(id="found")

    def on_mount(self) -> None:
        """Offer everything."""
        self.query_one("#pretense", TextLines).show(pretense(self.app.sub_title))
        self._find(self._typed)
        self.query_one(Input).focus()

    @on(Input.Changed)
    def find(self, changed: Input.Changed) -> None:
        """Offer what fits."""
        self._find(changed.value)

    def _find(self, typed: str) -> None:
        self._found = ranked(typed, list(self._offers(typed)))
        self._place = 0
        self._show()

    def _show(self) -> None:
        first = max(0, self._place - ROWS + 1)
        lines = [_row(offer, first + y == self._place) for y, offer in enumerate(self._found[first : first + ROWS])]
        if not lines:
            lines = [Text("Nothing is called that. Esc leaves.", ORANGE)]
        lines += [Text()] * (ROWS - len(lines))
        more = f"{len(self._found)} found   " if len(self._found) > ROWS else ""
        foot = Text(f"{more}↑ ↓ choose   Tab completes   Enter does it   ▲ asks first", FAINT)
        self.query_one("#found", TextLines).show([*lines, foot])

    def action_move(self, by: int) -> None:
        """Another one."""
        self._place = max(0, min(len(self._found) - 1, self._place + by))
        self._show()

    def action_complete(self) -> None:
        """Its words into the field, so that the rest can be typed."""
        if self._found:
            field = self.query_one(Input)
            field.value = self._found[self._place].words
            field.cursor_position = len(field.value)

    @on(Input.Submitted)
    def choose(self) -> None:
        """Do the one that is chosen."""
        self.dismiss(self._found[self._place] if self._found else None)


def ranked(typed: str, offers: Sequence[Offer]) -> list[Offer]:
    """The offers that have every sought word: first those that begin with them, last those that only mean them."""
    sought = typed.casefold().split()
    text = " ".join(sought)

    def far(offer: Offer) -> int:
        words = offer.words.casefold()
        return 0 if words.startswith(text) else 1 if all(word in words for word in sought) else 2

    fitting = [offer for offer in offers if all(word in f"{offer.words} {offer.meaning}".casefold() for word in sought)]
    return sorted(fitting, key=far)


def _row(offer: Offer, chosen: bool) -> Text:
    line = Text.assemble(
        ("▌" if chosen else " ", STRONG),
        (fit(offer.words, _WORDS), BRIGHT if chosen else ""),
        (" ▲" if offer.risky else "  ", ORANGE),
        (fit(offer.meaning, _MEANING), GREY),
    )
    if chosen:
        line.stylize_before(CURSOR)
    return line
