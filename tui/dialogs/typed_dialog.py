"""Asks for a phrase to be typed before something that cannot be taken back; Enter never does it."""

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType

from tui.dialogs.box import Box
from tui.look.palette import BUTTON, FAINT, GREY, HOT, PAPER, STRONG, WARN

CONFIRM_KEY = "ctrl+y"
CONFIRM_WORD = "Ctrl+Y"
"""A chord that opens nothing and that no phrase holds, so that neither a key held down nor typing on does harm."""


class TypedDialog(Box):
    """Dismissed with true by Ctrl+Y once the phrase stands there, with false by Esc; Enter alone keeps things too.

    `lines` say what will happen and to how many: words, or lines that are styled already. `verb` names the deed on the
    last line, as in `Cancel 2 jobs`.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(CONFIRM_KEY, "confirm", show=False),
        Binding("escape", "leave", show=False),
        Binding("backspace", "erase", show=False),
        Binding("ctrl+u", "erase_all", show=False),
    ]

    def __init__(self, title: str, lines: Sequence[str | Text], phrase: str, verb: str = "Do it") -> None:
        super().__init__()
        self.phrase = phrase
        self.typed = ""
        self._heading = title
        self._said = [Text(line, PAPER) if isinstance(line, str) else line for line in lines]
        self._verb = verb

    @property
    def armed(self) -> bool:
        """The phrase stands there, letter by letter."""
        return self.typed == self.phrase

    def lines(self) -> list[Text]:
        """What will happen, what was typed so far, and the two ways out."""
        typing = Text.assemble(
            ("Type  ", GREY), (self.phrase, HOT), ("  to arm it:  ", GREY), (f" {self.typed}▁ ", STRONG)
        )
        if self.typed and not self.phrase.startswith(self.typed):
            typing.append(" not the same", WARN)
        return [Text(self._heading, HOT), *self._said, Text(), typing, Text(), self._ways_out()]

    def _ways_out(self) -> Text:
        keep = (" Keep it as it is  Esc ", BUTTON)
        if self.armed:
            return Text.assemble(keep, (f"     {self._verb}  ", STRONG), (CONFIRM_WORD, HOT))
        return Text.assemble(keep, (f"     {self._verb}: type the phrase first", FAINT))

    def on_key(self, event: events.Key) -> None:
        """Letters of the phrase; nothing longer than it is kept."""
        if event.character and event.is_printable:
            event.stop()
            self.typed = (self.typed + event.character)[: len(self.phrase) + 1]
            self.paint()

    def action_erase(self) -> None:
        """One letter back."""
        self.typed = self.typed[:-1]
        self.paint()

    def action_erase_all(self) -> None:
        """All of it."""
        self.typed = ""
        self.paint()

    def action_keep(self) -> None:
        """Enter leaves as long as nothing was typed; after that it does nothing at all."""
        if not self.typed:
            self.dismiss(False)

    def action_leave(self) -> None:
        """Leave, whatever was typed."""
        self.dismiss(False)

    def action_confirm(self) -> None:
        """Do it, once the phrase stands there."""
        if self.armed:
            self.dismiss(True)
