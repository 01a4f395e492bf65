"""A list that is filtered while one types: the keys stay in the line above it, the list only shows what they do."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text
from textual.events import Click, MouseScrollDown, MouseScrollUp
from textual.message import Message

from tui.look.palette import BRIGHT, CURSOR, GREEN, GREY, SKY
from tui.panels.text_lines import TextLines
from tui.panels.written import fit

KIND_WIDTH = 11


@dataclass(frozen=True, slots=True)
class Row:
    """Something to pick."""

    key: tuple[str, str]
    kind: str
    name: str
    note: str = ""
    marked: bool | None = None
    """Whether it is chosen; None: it is picked once, and not marked."""


class Picker(TextLines):
    """`offer` rows, `move` the cursor, and ask for `current`. Another list keeps the cursor on the same row's key."""

    class Picked(Message):
        """A row was clicked."""

        def __init__(self, picker: "Picker", row: Row) -> None:
            super().__init__()
            self.picker = picker
            self.row = row

    def __init__(self, id: str) -> None:
        super().__init__(id=id, fills=True)
        self._rows: list[Row] = []
        self._at = 0
        self._top = 0
        self.nothing = ""
        """What is said where there is no row."""

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        return self._rows[self._at] if self._rows else None

    def offer(self, rows: Sequence[Row], *, keep: bool = True) -> None:
        """Other rows; with `keep` the cursor stays on its row where that is still there."""
        here = self.current.key if keep and self.current else None
        self._rows = list(rows)
        self._at = next((n for n, row in enumerate(self._rows) if row.key == here), 0)
        self.paint()

    def move(self, by: int) -> None:
        """Up or down; the ends hold."""
        self._at = max(0, min(len(self._rows) - 1, self._at + by))
        self.paint()

    def paint(self) -> None:
        """Show the rows around the cursor."""
        height, width = max(1, self.size.height), self.size.width
        self._top = max(0, min(self._top, len(self._rows) - height))
        self._top = max(self._at - height + 1, min(self._top, self._at))
        shown = self._rows[self._top : self._top + height]
        names: dict[str, int] = {}
        for row in shown:
            names[row.kind] = max(names.get(row.kind, 0), len(row.name))
        lines = [self._line(row, n == self._at - self._top, width, names[row.kind]) for n, row in enumerate(shown)]
        self.show(lines or [Text(f"  {self.nothing}", GREY)])

    def _line(self, row: Row, here: bool, width: int, name_width: int) -> Text:
        """Notes of one kind stand in one column, with all the room that the names of the kind leave."""
        box, style = ("    ", GREY) if row.marked is None else ("[✓] ", GREEN) if row.marked else ("[ ] ", GREY)
        room = max(8, width - 2 - len(box) - KIND_WIDTH - 1)
        note = fit(row.note, min(len(row.note), max(room // 2, room - name_width - 2)))
        line = Text.assemble(
            ("▸ " if here else "  ", SKY), (box, style), (fit(row.kind, KIND_WIDTH), GREY),
            (fit(row.name, max(1, room - len(note))), BRIGHT), (note, GREY),
        )  # fmt: skip
        if here:
            line.pad_right(max(0, width - line.cell_len))
            line.stylize_before(CURSOR)
        return line

    def on_resize(self) -> None:
        """Another height shows other rows."""
        self.paint()

    def on_click(self, click: Click) -> None:
        """A click picks."""
        if self._top + click.y < len(self._rows):
            self._at = self._top + click.y
            self.post_message(self.Picked(self, self._rows[self._at]))

    def on_mouse_scroll_down(self, _scroll: MouseScrollDown) -> None:
        """The wheel moves the cursor."""
        self.move(3)

    def on_mouse_scroll_up(self, _scroll: MouseScrollUp) -> None:
        """The wheel moves the cursor."""
        self.move(-3)
