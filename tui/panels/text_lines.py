"""A widget of some lines of text that repaints only the lines that changed."""

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.app import App
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui.look.palette import FAINT, TITLE


def strip_of(app: App[object], text: Text, width: int, base: Style) -> Strip:
    """One line of text as the compositor wants it, exactly `width` cells."""
    # A text without spans is rendered without its own style, so that is applied here.
    own = base + app.console.get_style(text.style)
    return Strip(Segment.apply_style(text.render(app.console, end=""), own)).adjust_cell_length(width, base)


def rule(title: str, width: int, note: str = "") -> Text:
    """`── title ──────── note ──`."""
    note = f" {note} ──" if note else ""
    line = Text.assemble(("── ", FAINT), (title, TITLE), " ")
    line.append("─" * max(0, width - line.cell_len - len(note)) + note, FAINT)
    return line


class TextLines(Widget):
    """Set with `show`. Its height follows the number of lines, unless it `fills` what the style sheet gives it."""

    def __init__(self, id: str, fills: bool = False) -> None:
        super().__init__(id=id)
        self._fills = fills
        self._lines: list[Text] = []

    def show(self, lines: Sequence[Text]) -> None:
        """Show these lines instead."""
        before, self._lines = self._lines, list(lines)
        if len(before) != len(lines):
            if not self._fills:
                self.styles.height = len(lines)
            self.refresh(layout=True)
            return
        changed = [Region(0, y, self.size.width, 1) for y, line in enumerate(lines) if line != before[y]]
        if changed:
            self.refresh(*changed)

    def render_line(self, y: int) -> Strip:
        """One line, for the compositor."""
        if y >= len(self._lines):
            return Strip.blank(self.size.width, self.rich_style)
        return strip_of(self.app, self._lines[y], self.size.width, self.rich_style)
