"""The fields of the wizard: a label and what is typed behind it, one line each unless it is a text."""

from collections.abc import Sequence

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.events import Click
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, TextArea

from tui.look.palette import BRIGHT, FAINT, GREY, SKY, STRONG
from tui.panels.text_lines import TextLines

LABEL_WIDTH = 12


class Field(Horizontal):
    """A label before an input, a text or a switch; the label shows where the keys go, not by color alone."""

    def __init__(self, label: str, inner: Widget) -> None:
        super().__init__(id=f"{inner.id}-field", classes="-text" if isinstance(inner, TextArea) else "")
        self._label = label
        self.inner = inner

    def compose(self) -> ComposeResult:
        """Label and field."""
        label = TextLines(id=f"{self.inner.id}-label", fills=True)
        label.add_class("label")
        yield label
        yield self.inner

    def paint(self) -> None:
        """The label, marked where the keys go."""
        focused = self.inner.has_focus
        mark = Text.assemble(("▸ " if focused else "  ", SKY), (self._label, STRONG if focused else GREY))
        self.query_one(TextLines).show([mark])


class Line(Input):
    """One line of text, that says when backspace finds nothing to delete."""

    class Emptied(Message):
        """Backspace in an empty line."""

    def __init__(self, name: str, placeholder: str) -> None:
        super().__init__(id=name, placeholder=placeholder, compact=True, select_on_focus=False)

    def action_delete_left(self) -> None:
        """Delete a letter, if there is one."""
        if not self.value:
            self.post_message(self.Emptied())
        super().action_delete_left()


def line(name: str, label: str, placeholder: str = "") -> Field:
    """One line of text."""
    return Field(label, Line(name, placeholder))


def words(name: str, label: str) -> Field:
    """Several lines of text; Tab leaves it."""
    return Field(label, TextArea(id=name, compact=True, tab_behavior="focus", highlight_cursor_line=False))


class Switch(Widget, can_focus=True):
    """One of some words, turned with ← and →."""

    BINDINGS = [  # noqa: RUF012 - Textual's own way
        Binding("left", "turn(-1)", show=False),
        Binding("right,space", "turn(1)", show=False),
        Binding("enter", "app.focus_next", show=False),
    ]

    class Turned(Message):
        """Another word was chosen."""

        def __init__(self, switch: "Switch") -> None:
            super().__init__()
            self.switch = switch

    def __init__(self, name: str, options: Sequence[tuple[str, str]]) -> None:
        super().__init__(id=name)
        self._options = list(options)
        """Value and word."""
        self._place = 0

    @property
    def value(self) -> str:
        """What is chosen."""
        return self._options[self._place][0]

    def offer(self, options: Sequence[tuple[str, str]], value: str) -> None:
        """Other words to choose from; nobody is told."""
        self._options = list(options)
        self.put(value)

    def put(self, value: str) -> None:
        """Choose without telling anybody."""
        values = [one for one, _ in self._options]
        self._place = values.index(value) if value in values else 0
        self.refresh()

    def action_turn(self, by: int) -> None:
        """Choose the next one, round and round."""
        self._place = (self._place + by) % len(self._options)
        self.refresh()
        self.post_message(self.Turned(self))

    def on_click(self, _click: Click) -> None:
        """A click turns it, too."""
        self.focus()
        self.action_turn(1)

    def render(self) -> Text:
        """All words where there is room, else the chosen one and how many there are."""
        whole = Text(" ")
        for place, (_, word) in enumerate(self._options):
            here = place == self._place
            whole.append("● " if here else "○ ", SKY if here and self.has_focus else FAINT)
            whole.append(f"{word}   ", BRIGHT if here else GREY)
        if whole.cell_len <= self.size.width:
            return whole
        word = self._options[self._place][1]
        return Text.assemble((" ◂ ", SKY if self.has_focus else FAINT), (word, BRIGHT),
                             (f" ▸  {self._place + 1} of {len(self._options)}", GREY))  # fmt: skip


def switch(name: str, label: str, options: Sequence[tuple[str, str]]) -> Field:
    """One of some words."""
    return Field(label, Switch(name, options))
