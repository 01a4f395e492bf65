"""The log: what happened, newest first, as it happens; and back to the first block there is."""

from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from engine.board.reading.history import ROWS_MAX, Happening, History
from engine.reports.groups.apart import WriteLog, written
from tui.live.live_list import LiveList
from tui.look.palette import GREY
from tui.panels.band import WIDE
from tui.panels.help_screen import Keys
from tui.panels.text_lines import TextLines, rule
from tui.panels.written import time_of_day
from tui.screens.lines.log_filter import LogFilter
from tui.screens.lines.log_lines import heads, is_error, log_row
from tui.screens.lines.moment import read_moment
from tui.screens.parts.abouts import Abouts
from tui.screens.parts.exporting import export, file_for
from tui.screens.parts.row_list import RowList
from tui.screens.room import Place, Room

READS_MAX = 25
"""Reads in search of something before the search is given up: 100,000 facts, an eighth of a second."""

READS_PER_TICK = 3
"""Reads in one tick, and after each letter of a filter: 15 ms; the next tick goes on."""

FAR_BEHIND_BLOCKS = 2_000
"""So far behind the log does not catch up but begins anew at the newest block."""


class LogList(RowList[Happening]):
    """`End` goes to the newest row and stays there."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("end", "screen.tail", show=False)]


class LogRoom(Room):
    """Tails until the operator selects a row."""

    NAME = "Log"
    OFFERS = Room.OFFERS[1:]  # `n` looks for the next error here
    KEYS = "⏎ open chain  / filter  n N error  t jump to time…  e export CSV  End tail  │  esc back  ? help"
    KEYS_NARROW = "⏎ open / filter n N error t time… e export End tail │ esc back ? help"
    KEY_HELP: ClassVar[Keys] = (
        ("↑ ↓ j k  PgUp PgDn  g G", "move; what is selected stands still"),
        ("End", "to the newest, and follow it"),
        ("Enter", "look into the row's chain"),
        ("/", "filter: the words of the live list, and two more"),
        ("", "result:busy,no_answer   kind:result,end,job,command,alarm,engine"),
        ("n  N", "next older, next newer row that needs a look"),
        ("t", "jump to a time of day: 9:05"),
        ("e", "export the rows read so far as CSV, numbers masked"),
        ("Esc", "clear the filter, let go of the row, then back"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "ask_filter", show=False),
        Binding("t", "ask_time", show=False),
        Binding("n", "find_error(1)", show=False),
        Binding("N", "find_error(-1)", show=False),
        Binding("e", "export", show=False),
        Binding("end", "tail", show=False),
        Binding("escape", "back", show=False),
    ]

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.filter = LogFilter()
        self.tailing = True
        self.history = History(self.sight.board.database, self._passes)
        self.list = LogList("log", self._draw, lambda row: row.row_id)
        self._asks = "filter"
        self._abouts = Abouts(self.sight.board)

    def body(self) -> ComposeResult:
        """Title and heads, the rows, what is typed."""
        yield TextLines(id="heads")
        yield self.list
        yield Input(id="filter")

    def on_mount(self) -> None:
        """Begin at the newest."""
        self.list.focus()
        self._restart()
        super().on_mount()

    # -- painting

    def paint_body(self, slow: bool) -> None:
        """Read what is new, and what the screen has room for; a few milliseconds at most."""
        board = self.sight.board
        if slow:
            self.filter.renew(board, self.sight.now())
            self._abouts.clear()  # a chain's name is known later than its first row, a job leaves the board
        room = max(1, self.list.size.height)
        if self.tailing or len(self.history.rows) < ROWS_MAX or self.list.top < room:
            if self.tailing and board.seq - self.history.last_seq > FAR_BEHIND_BLOCKS:
                self.history.begin(board.seq)
            self.history.newer(board.seq)
        if self.list.below < room:
            self._fill(len(self.history.rows) + room)
        self._show()

    def _show(self) -> None:
        self.list.show(list(reversed(self.history.rows)), keep_sight=not self.tailing)
        width = self.app.size.width
        self.part("heads").show([self._title(width), heads(width) if self.history.rows else self._nothing()])

    def _title(self, width: int) -> Text:
        parts = ["Log", *["newest first"] * (width >= WIDE), "tailing ▸" if self.tailing else self._stopped()]
        if self.filter.trouble:
            parts.append(f"▲ {self.filter.trouble}")
        rows = self.history.rows
        notes = [f"{len(rows):,} rows, back to {time_of_day(rows[0].at, self.sight.zone)}"] if rows else []
        notes += [f"{len(rows):,} rows", ""]
        if self.filter.text:
            notes = [f"filter: {self.filter.text} · {note}" for note in notes[:-1]] + [self.filter.text, ""]
        title = " · ".join(parts)
        return rule(title, width, next(note for note in notes if len(title) + len(note) + 12 <= width or not note))

    def _nothing(self) -> Text:
        if not self.history.at_beginning:
            return Text(" Looking back …", GREY)
        return Text(
            " No row passes the filter; Esc clears it." if self.filter.text else " Nothing has happened yet.", GREY
        )

    def _stopped(self) -> str:
        return f"‖ STANDS STILL, End goes on{f' · +{self.list.top:,} newer' if self.list.top else ''}"

    def _draw(self, row: Happening, width: int, selected: bool) -> Text:
        return log_row(row, self._abouts.of(row), self.sight.zone, width, selected)

    # -- where it stands

    def _passes(self, row: Happening) -> bool:
        return self.filter.passes(row)

    def _restart(self) -> None:
        """Everything is read anew, from the newest block back."""
        board = self.sight.board
        self.filter.renew(board, self.sight.now())
        self.tailing = True
        self.history.begin(board.seq)
        self._fill(self.app.size.height)
        self.list.selected, self.list.top = None, 0

    def _fill(self, rows: int) -> None:
        """Read back until there are so many rows, or it has taken long enough for now."""
        for _ in range(READS_PER_TICK):
            if len(self.history.rows) >= rows or self.history.at_beginning:
                return
            self.history.older()

    @on(RowList.Changed)
    def stand_still(self) -> None:
        """A row was selected, or the list was scrolled: it follows no longer."""
        if self.list.selected is not None or self.list.top:
            self.tailing = False
        self._show()

    @on(RowList.Opened)
    def open_chain(self, opened: RowList.Opened) -> None:
        """Look into the chain of a row."""
        row = opened.row
        assert isinstance(row, Happening)
        if row.chain and self.sight.board.columns.slot(row.chain) is not None:
            self.post_message(LiveList.Opened(row.chain))
        else:
            self.notify("No chain to look into." if not row.chain else "Its job is no longer on the board.")

    def action_tail(self) -> None:
        """To the newest row, and stay there."""
        self.tailing = True
        self.list.selected, self.list.top = None, 0
        self.paint_body(slow=False)

    # -- what is asked for

    def action_ask_filter(self) -> None:
        """Type a filter."""
        self._ask("filter", self.filter.text, "words of a name   result:busy   kind:end,alarm   job:3   -state:pending")

    def action_ask_time(self) -> None:
        """Type a time of day."""
        self._ask("time", "", "a time of day, like 9:05 or 14:02:30")

    def _ask(self, what: str, value: str, hint: str) -> None:
        self._asks = what
        field = self.query_one(Input)
        field.placeholder = hint
        field.value = value
        field.add_class("-open")
        field.focus()

    @on(Input.Changed)
    def apply_filter(self, changed: Input.Changed) -> None:
        """Filter while it is typed."""
        if self._asks == "filter" and changed.value != self.filter.text:
            self.filter = LogFilter(changed.value)
            self._restart()
            self._show()

    @on(Input.Submitted)
    def answered(self, submitted: Input.Submitted) -> None:
        """Keep the filter, or go to the time."""
        self._close_field()
        if self._asks == "time":
            self.go_to(submitted.value)

    def _close_field(self) -> None:
        self.query_one(Input).remove_class("-open")
        self.list.focus()

    def go_to(self, text: str) -> None:
        """Select the first row at or after a time of day."""
        at = read_moment(text, self.sight.now(), self.sight.zone)
        if at is None:
            self.notify(f'"{text}" is no time of day; write it like 9:05.', severity="warning")
            return
        board, history = self.sight.board, self.history
        self.tailing = False
        history.begin(history.seq_before(at, board.seq))
        for _ in range(READS_MAX):
            if history.rows or history.last_seq >= board.seq:
                break
            history.newer(board.seq)
        found = history.rows[0] if history.rows else None
        history.older()
        rows = list(reversed(history.rows))
        self.list.show(rows)
        if found is None:
            self.notify(f"Nothing happened after {text}; this is what came before.")
            self.action_tail()
            return
        self.list.select(found.row_id)

    def action_find_error(self, by: int) -> None:
        """Select the next row that needs a look; 1: an older one."""
        for _ in range(READS_MAX):
            rows = self.list.rows
            start = next((i for i, row in enumerate(rows) if row.row_id == self.list.selected), -1 if by > 0 else 0)
            places = range(start + 1, len(rows)) if by > 0 else range(start - 1, -1, -1)
            found = next((rows[place] for place in places if is_error(rows[place])), None)
            if found is not None:
                self.list.select(found.row_id)
                return
            if by < 0 or self.history.at_beginning:
                break
            self.history.older()
            self.list.show(list(reversed(self.history.rows)), keep_sight=True)
        self.notify(f"No {'older' if by > 0 else 'newer'} row needs a look.")

    def action_export(self) -> None:
        """Write the rows read so far to a file, beside the screen."""
        board, zone, now = self.sight.board, str(self.sight.zone), self.sight.now()
        rows = tuple(row.row_id for row in self.history.rows)
        file = file_for("log", now, self.sight.zone)
        export(self, file, lambda: written(board, zone, now, WriteLog(rows=rows, file=str(file))))

    def action_back(self) -> None:
        """Close what is typed, clear the filter, let go of the row; then leave."""
        field = self.query_one(Input)
        if field.has_class("-open") or self.filter.text:
            was_filter = self._asks == "filter" or not field.has_class("-open")
            self._close_field()
            if was_filter and self.filter.text:
                self._asks, field.value, self.filter = "filter", "", LogFilter()
                self._restart()
                self._show()
        elif self.list.selected is not None:
            self.action_tail()
        else:
            self.app.pop_screen()
