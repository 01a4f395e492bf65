"""What every dialog is: a box whose Enter and Esc change nothing, and that says when all is make-believe."""

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from tui.panels.pretense import pretense
from tui.panels.text_lines import TextLines

WIDTH = 74
"""Of a dialog, as the style sheet says."""

FRAME = 4
"""Cells of its border and its padding."""


class Box(ModalScreen[bool]):
    """Subclasses write themselves in `lines`; dismissed with true only by a key of their own."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter", "keep", show=False)]

    def compose(self) -> ComposeResult:
        """A box in the middle."""
        with Vertical(id="dialog"):
            yield TextLines(id="question")

    def on_mount(self) -> None:
        """Write the question."""
        self.paint()

    def paint(self) -> None:
        """Write it as it is now."""
        lines = [*pretense(self.app.sub_title), *self.lines()]
        width = min(WIDTH, self.app.size.width) - FRAME
        wrapped = [part for line in lines for part in (line.wrap(self.app.console, width) if line.plain else [line])]
        self.query_one("#question", TextLines).show(wrapped)

    def lines(self) -> list[Text]:
        """All it says, the keys last."""
        return []

    def action_keep(self) -> None:
        """Change nothing."""
        self.dismiss(False)
