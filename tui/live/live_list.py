"""The list of chains: paints only lines that changed, and knows the selected chain by its id, never by its place."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import tzinfo
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from engine.board import Board
from engine.board.chain_view import ChainView
from engine.board.state import State
from store.errors import NotFoundError
from tui.live.chain_order import Sort
from tui.live.marks import Marks
from tui.live.shown_order import ShownOrder
from tui.look.palette import FAINT, GREY, MARK
from tui.panels.chain_text import row
from tui.panels.moves import MOVES
from tui.panels.text_lines import strip_of
from tui.panels.written import fit

MARKED = "◼"
"""Before a row that is marked."""

VIEWS_MAX = 400
"""Chains whose plan is kept decoded: ten screens."""


class LiveList(Widget, can_focus=True):
    """`tick` brings it level with the board. Times are real milliseconds that never jump."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *MOVES,
        Binding("space", "mark", show=False),
        Binding("ctrl+space,ctrl+@,V", "mark_range", show=False),
        Binding("u", "unmark", show=False),
        Binding("f", "follow", show=False),
        Binding("p", "freeze", show=False),
        Binding("s", "sort", show=False),
        Binding("F", "faults", show=False),
    ]

    class Opened(Message):
        """The operator wants to see a chain."""

        def __init__(self, chain: int) -> None:
            super().__init__()
            self.chain = chain

    class Changed(Message):
        """Selection, order or what is shown changed by the operator's hand."""

    def __init__(self, board: Board, zone: tzinfo, now: Callable[[], int], real_ms: Callable[[], int]) -> None:
        super().__init__(id="chains")
        self.shown = ShownOrder(board, now)
        self.marks = Marks()
        self.selected = 0
        """The selected chain's id, 0 until the operator selects one."""
        self.top = 0
        """Place of the first visible line."""
        self.following = False
        self._board = board
        self._zone = zone
        self._now = now
        self._real_ms = real_ms
        self.why_empty: Callable[[], list[str]] = list
        """What to say where no chain is shown."""
        self._drawn: list[Text] = []
        self._views: OrderedDict[int, tuple[tuple[int, ...], ChainView]] = OrderedDict()
        self._rows: dict[int, tuple[tuple[object, ...], Text]] = {}
        """The lines drawn last, each with what it was made of."""

    # -- level with the board

    def tick(self) -> None:
        """Sort if it is time and nobody holds the order; repaint the lines that changed."""
        if self.shown.tick(self._real_ms(), self.top, self.size.height):
            if self.following:
                self._show_selected()
            self.top = max(0, min(self.top, self.shown.total - self.size.height))
        self._paint()

    def resort(self) -> None:
        """The filter or the sort changed: begin at the top."""
        self.top = 0
        self.shown.release()
        self.tick()
        if self.shown.place(self.selected) is None:
            self.deselect()
        self.post_message(self.Changed())

    def deselect(self) -> None:
        """No chain is selected, so no key does anything to one."""
        self.selected = 0
        self.following = False
        self._paint()
        self.post_message(self.Changed())

    def neighbor(self, chain: int, by: int) -> int:
        """The chain some places away in the order shown, or the one at that end; 0 when nothing is shown."""
        place = self.shown.place(chain)
        return self.shown.at(self.top if place is None else max(0, place + by))

    # -- painting

    def _visible(self) -> list[int]:
        return self.shown.slice(self.top, self.size.height)

    def _paint(self) -> None:
        width, now = self.size.width, self._now()
        visible = self._visible()
        self._rows = {chain: self._row(chain, now, width) for chain in visible}
        lines = [self._rows[chain][1] for chain in visible]
        lines = lines or [Text(f" {fit(line, width - 1).rstrip()}", GREY) for line in self.why_empty()]
        lines = lines[: self.size.height]
        lines += [Text()] * (self.size.height - len(lines))
        old, self._drawn = self._drawn, lines
        changed = [y for y, line in enumerate(lines) if y >= len(old) or (line is not old[y] and line != old[y])]
        if changed:
            self.refresh(*(Region(0, y, width, 1) for y in changed))

    def _row(self, chain: int, now: int, width: int) -> tuple[tuple[object, ...], Text]:
        """A chain's line, drawn anew only if something it is made of has changed."""
        stamp = self._board.stamp(chain)
        ticking = now // 1_000 if stamp[:1] == (State.AT_CARRIER,) else 0
        made_of = (stamp, ticking, width, chain == self.selected, chain in self.marks)
        kept = self._rows.get(chain)
        return kept if kept is not None and kept[0] == made_of else (made_of, self._line(chain, now, width))

    def _line(self, chain: int, now: int, width: int) -> Text:
        try:
            line = row(self.view(chain), now, self._zone, width - 1, chain == self.selected)
        except NotFoundError:
            line = Text(" gone", FAINT)
        return Text.assemble((MARKED if chain in self.marks else " ", MARK), line)

    def view(self, chain: int) -> ChainView:
        """A chain in full, kept while nothing about it changes. Raises NotFoundError when it left the board."""
        stamp = self._board.stamp(chain)
        kept = self._views.get(chain)
        if kept is not None and kept[0] == stamp:
            return kept[1]
        view = self._board.chain(chain)
        self._views[chain] = (stamp, view)
        self._views.move_to_end(chain)
        if len(self._views) > VIEWS_MAX:
            self._views.popitem(last=False)
        return view

    def render_line(self, y: int) -> Strip:
        """One line, for the compositor."""
        if y >= len(self._drawn):
            return Strip.blank(self.size.width, self.rich_style)
        return strip_of(self.app, self._drawn[y], self.size.width, self.rich_style)

    # -- the operator's hand

    def select(self, chain: int) -> None:
        """Put the cursor on a chain, hold the order, and bring it into sight."""
        self.selected = chain
        self.shown.hold(self._real_ms())
        self._show_selected()
        self._paint()
        self.post_message(self.Changed())

    def _show_selected(self) -> None:
        place = self.shown.place(self.selected)
        if place is not None:
            height = max(1, self.size.height)
            self.top = max(min(self.top, place), place - height + 1)

    def action_move(self, by: int) -> None:
        """One line up or down."""
        self._go(self.neighbor(self.selected, by))

    def action_page(self, by: int) -> None:
        """One screen up or down."""
        self._go(self.neighbor(self.selected, by * max(1, self.size.height - 1)))

    def action_edge(self, by: int) -> None:
        """To the first or the last chain."""
        self._go(self.shown.at(self.shown.total if by > 0 else 0))

    def _go(self, chain: int) -> None:
        if chain:
            self.select(chain)

    def action_open(self) -> None:
        """Look into the selected chain; where there is none, select the topmost first."""
        if self.selected:
            self.post_message(self.Opened(self.selected))
        else:
            self.action_move(0)

    def action_mark(self) -> None:
        """Mark the selected chain, or no longer, and go one down."""
        if not self.selected:
            self.action_move(0)
            return
        self.marks.turn(self.selected)
        self.action_move(1)

    def action_mark_range(self) -> None:
        """Mark all from the last mark to the cursor, as they stand now."""
        if self.selected:
            self.marks.add(self.shown.span(self.marks.anchor or self.selected, self.selected), self.selected)
            self.shown.hold(self._real_ms())
            self._paint()
            self.post_message(self.Changed())

    def action_unmark(self) -> None:
        """Mark none."""
        self.marks.clear()
        self._paint()
        self.post_message(self.Changed())

    def action_follow(self) -> None:
        """Keep the selected chain in sight wherever it goes, or no longer."""
        self.following = not self.following and self.selected > 0
        if self.following:
            self._show_selected()
        self._paint()
        self.post_message(self.Changed())

    def action_freeze(self) -> None:
        """Hold the order until asked again."""
        self.shown.frozen = not self.shown.frozen
        if not self.shown.frozen:
            self.shown.release()
        self.post_message(self.Changed())

    def action_sort(self) -> None:
        """Sort by the next thing."""
        self.sort_by(self.shown.order.sort.next)

    def sort_by(self, sort: Sort) -> None:
        """Put something else first."""
        self.shown.order.sort = sort
        self.resort()

    def action_faults(self) -> None:
        """Only chains nobody heard, or all again."""
        self.shown.order.faults_only = not self.shown.order.faults_only
        self.resort()

    def on_click(self, event: events.Click) -> None:
        """Select the chain under the mouse; a second click opens it."""
        visible = self._visible()
        if event.y >= len(visible):
            return
        chain = visible[event.y]
        again = chain == self.selected and event.chain > 1
        self.select(chain)
        if again:
            self.action_open()

    def on_mouse_scroll_down(self) -> None:
        """Three lines on, as anywhere."""
        self._scroll(3)

    def on_mouse_scroll_up(self) -> None:
        """Three lines back."""
        self._scroll(-3)

    def _scroll(self, by: int) -> None:
        self.top = max(0, min(self.top + by, self.shown.total - self.size.height))
        self.shown.hold(self._real_ms())
        self._paint()

    def on_resize(self) -> None:
        """Lines have another width now."""
        self._drawn = []
        self.tick()

    # -- what it is doing

    @property
    def title(self) -> str:
        """What is shown, in which order, and whether it stands still or follows."""
        marked = [f"{MARKED} {len(self.marks):,} marked"] * bool(self.marks)
        return " · ".join(self.shown.title(self._real_ms()) + marked + ["▸ following"] * self.following)

    @property
    def in_sight(self) -> bool:
        """The selected chain is on the screen."""
        return self.selected in self._visible()
