"""A list of rows that are known by what they are, never by their place; it paints only lines that changed."""

from collections.abc import Callable, Hashable, Sequence
from typing import ClassVar, Generic, TypeVar

from rich.text import Text
from textual import events
from textual.binding import BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui.panels.moves import MOVES
from tui.panels.text_lines import strip_of

R = TypeVar("R")


class RowList(Widget, Generic[R], can_focus=True):
    """Give it rows with `show`. What is selected stays selected while it is among them, wherever it goes."""

    DEFAULT_CSS = "RowList { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        *MOVES,
    ]

    class Opened(Message):
        """The operator wants to look into a row."""

        def __init__(self, row: object) -> None:
            super().__init__()
            self.row = row

    class Changed(Message):
        """Another row is selected, or other rows are in sight."""

    def __init__(self, id: str, draw: Callable[[R, int, bool], Text], name_of: Callable[[R], Hashable]) -> None:
        """`draw` makes the line of a row from it, the width, and whether it is selected; `name_of` says what it is."""
        super().__init__(id=id)
        self.rows: Sequence[R] = ()
        self.selected: Hashable = None
        """The name of the selected row, None until the operator selects one."""
        self.top = 0
        """Place of the first visible row."""
        self._draw = draw
        self._name_of = name_of
        self._drawn: list[Text] = []

    # -- rows

    def show(self, rows: Sequence[R], keep_sight: bool = False) -> None:
        """Show these rows. `keep_sight`: those that were in sight stay where they are, whatever came before them."""
        first = self._name_of(self.rows[self.top]) if keep_sight and self.top < len(self.rows) else None
        self.rows = rows
        place = self._place_of(first)
        # What is looked at stays on its line, even where that leaves lines below empty.
        self.top = max(0, min(self.top, len(rows) - max(1, self.size.height))) if place is None else place
        if self.selected is not None and self.selected_row is None:
            self.selected = None
        self.paint()

    @property
    def selected_row(self) -> R | None:
        """The selected row, None when there is none."""
        place = self._place_of(self.selected)
        return None if place is None else self.rows[place]

    @property
    def below(self) -> int:
        """Rows below those in sight."""
        return max(0, len(self.rows) - self.top - self.size.height)

    def _place_of(self, name: Hashable) -> int | None:
        if name is None:
            return None
        return next((place for place, row in enumerate(self.rows) if self._name_of(row) == name), None)

    # -- painting

    def paint(self) -> None:
        """Repaint the lines that are others now."""
        width, height = self.size
        visible = self.rows[self.top : self.top + height]
        lines = [self._draw(row, width, self._name_of(row) == self.selected) for row in visible]
        lines += [Text()] * (height - len(lines))
        old, self._drawn = self._drawn, lines
        changed = [y for y, line in enumerate(lines) if y >= len(old) or line != old[y]]
        if changed:
            self.refresh(*(Region(0, y, width, 1) for y in changed))

    def render_line(self, y: int) -> Strip:
        """One line, for the compositor."""
        if y >= len(self._drawn):
            return Strip.blank(self.size.width, self.rich_style)
        return strip_of(self.app, self._drawn[y], self.size.width, self.rich_style)

    def on_resize(self) -> None:
        """Lines have another width now."""
        self._drawn = []
        self.show(self.rows)

    # -- the operator's hand

    def select(self, name: Hashable) -> None:
        """Put the cursor on a row and bring it into sight."""
        place = self._place_of(name)
        if place is None:
            return
        self.selected = name
        self.top = max(min(self.top, place), place - max(1, self.size.height) + 1)
        self.paint()
        self.post_message(self.Changed())

    def deselect(self) -> None:
        """No row is selected, so no key does anything to one."""
        self.selected = None
        self.paint()
        self.post_message(self.Changed())

    def action_move(self, by: int) -> None:
        """Some rows up or down; the topmost in sight where none was selected."""
        place = self._place_of(self.selected)
        self._go(self.top if place is None else place + by)

    def action_page(self, by: int) -> None:
        """One screen up or down."""
        self.action_move(by * max(1, self.size.height - 1))

    def action_edge(self, by: int) -> None:
        """To the first or the last row."""
        self._go(0 if by < 0 else len(self.rows) - 1)

    def _go(self, place: int) -> None:
        if self.rows:
            self.select(self._name_of(self.rows[max(0, min(len(self.rows) - 1, place))]))

    def action_open(self) -> None:
        """Look into the selected row; where there is none, select the topmost first."""
        row = self.selected_row
        if row is None:
            self.action_move(0)
        else:
            self.post_message(self.Opened(row))

    def on_click(self, event: events.Click) -> None:
        """Select the row under the mouse; a second click opens it."""
        place = self.top + event.y
        if place >= len(self.rows):
            return
        again = self._name_of(self.rows[place]) == self.selected and event.chain > 1
        self._go(place)
        if again:
            self.action_open()

    def on_mouse_scroll_down(self) -> None:
        """Three lines on, as anywhere."""
        self.scroll_rows(3)

    def on_mouse_scroll_up(self) -> None:
        """Three lines back."""
        self.scroll_rows(-3)

    def scroll_rows(self, by: int) -> None:
        """Look at other rows, whatever is selected."""
        self.top = max(0, min(self.top + by, len(self.rows) - max(1, self.size.height)))
        self.paint()
        self.post_message(self.Changed())
