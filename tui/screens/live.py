"""The home screen: jobs, the live list of chains, the selected one, and the side panel where there is room."""

from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widgets import Input

from store.errors import NotFoundError
from tui.live_list import LiveList
from tui.palette import GREY
from tui.panels.band import WIDE
from tui.panels.chain_filter import parse
from tui.panels.chain_text import about, heads
from tui.panels.command_log import CommandLog
from tui.panels.help_screen import LIVE_KEYS, HelpScreen
from tui.panels.jobs_panel import jobs_lines
from tui.panels.side_panel import WIDTH as SIDE_WIDTH
from tui.panels.side_panel import command_line, side_lines
from tui.panels.sight import Sight
from tui.panels.text_lines import TextLines, rule
from tui.panels.top import Top, is_small, small_lines

KEYS = "⏎ open  / filter  F faults  s sort  f follow  p freeze  │  P pause…  R resume…  X cancel…  │  ? help  q quit"
KEYS_NARROW = "⏎ open / filter F faults s sort f follow p freeze │ P R X job… ? help q quit"

COMMAND_SHOWN_MS = 10_000
"""How long a narrow screen shows the last command in place of the keys."""


class LiveScreen(Screen[None]):
    """`paint` at every tick."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", show=False),
        Binding("escape", "clear_filter", show=False),
        Binding("question_mark", "help", show=False),
    ]

    def __init__(self, sight: Sight, commands: CommandLog) -> None:
        super().__init__()
        self.chains = LiveList(sight.board, sight.zone, sight.now, sight.real_ms)
        self._sight = sight
        self._commands = commands

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield TextLines(id="small", fills=True)
        yield Top(self._sight)
        yield TextLines(id="jobs")
        with Horizontal(id="body"):
            with Vertical(id="left"):
                yield TextLines(id="heads")
                yield self.chains
            yield TextLines(id="side", fills=True)
        yield TextLines(id="about")
        yield Input(id="filter", placeholder="words of a name   state:waiting,error   job:3   -state:pending")
        yield TextLines(id="keys")

    def on_mount(self) -> None:
        """The keys go to the list."""
        self.chains.focus()
        self.paint(slow=True)

    def on_resize(self) -> None:
        """Another size: everything is laid out anew."""
        self.call_after_refresh(self.paint, slow=True)

    # -- painting

    def paint(self, slow: bool) -> None:
        """Show how things stand; `slow` also what changes once a second."""
        width, height = self.app.size
        small = is_small(width, height)
        self.set_class(small, "-small")
        self.set_class(width < WIDE, "-narrow")
        self.set_class(self._sight.vitals.old, "-old")
        if small:
            self._part("small").show(small_lines(self._sight, width, height))
            return
        self.query_one(Top).paint()
        if slow:
            self._part("jobs").show(jobs_lines(self._sight.jobs, self._sight.zone, width))
            self._part("side").show(self._side())
        self.chains.tick()
        self.paint_list()

    @on(LiveList.Changed)
    def paint_list(self) -> None:
        """The list's title, and the lines about the selected chain."""
        wide = self.app.size.width >= WIDE
        width = self.app.size.width - (SIDE_WIDTH + 1 if wide else 0)
        asked = self.query_one(Input).value.strip()
        self._part("heads").show([rule(self.chains.title, width, f"filter: {asked}" if asked else ""), heads(width)])
        self._part("about").show(self._about(self.app.size.width))
        self._part("keys").show([self._keys(wide)])

    def _part(self, name: str) -> TextLines:
        return self.query_one(f"#{name}", TextLines)

    def _side(self) -> list[Text]:
        sight = self._sight
        return side_lines(sight.totals, sight.lines, sight.pulse, self._commands.entries, sight.zone)

    def _about(self, width: int) -> list[Text]:
        """The selected chain in two lines, or how to select one."""
        try:
            lines = about(self.chains.view(self.chains.selected), self._sight.zone)
        except NotFoundError:
            return [rule("Nothing selected", width), Text(f" {self._hint()}", GREY), Text()]
        for line in lines:
            line.truncate(width, overflow="ellipsis")
        return [rule("Selected", width, "" if self.chains.in_sight else "out of sight · f follows"), *lines]

    def _hint(self) -> str:
        if self.chains.shown.total:
            return "↓ or a click selects a chain; Enter looks into it."
        return "No chain passes the filter; Esc clears it." if self._sight.totals.jobs else "No chains yet."

    def _keys(self, wide: bool) -> Text:
        """The keys; on a narrow screen the last command stands there for a while."""
        newest = self._commands.entries[:1]
        if newest and not wide and self._sight.is_recent(newest[0].at, COMMAND_SHOWN_MS):
            return command_line(newest[0], self._sight.zone)
        return Text(f" {KEYS if wide else KEYS_NARROW}", GREY)

    # -- the operator's hand

    def action_filter(self) -> None:
        """Open the filter."""
        field = self.query_one(Input)
        field.add_class("-open")
        field.focus()

    def action_clear_filter(self) -> None:
        """Show every chain again; where none is hidden, let go of the selected one."""
        field = self.query_one(Input)
        if not field.value and not field.has_class("-open"):
            self.chains.deselect()
        field.value = ""
        self.close_filter()

    @on(Input.Changed)
    def apply_filter(self, changed: Input.Changed) -> None:
        """Filter while it is typed."""
        self.chains.shown.order.filter = parse(changed.value)
        self.chains.resort()

    @on(Input.Submitted)
    def close_filter(self) -> None:
        """Keep the filter and go back to the list."""
        self.query_one(Input).remove_class("-open")
        self.chains.focus()

    def action_help(self) -> None:
        """The keys of this screen."""
        self.app.push_screen(HelpScreen("the live list", LIVE_KEYS))

    def walk(self, chain: int, by: int) -> int:
        """The neighbor of a chain in the list, 0 when there is none; the cursor goes along."""
        found = self.chains.neighbor(chain, by)
        if found:
            self.chains.select(found)
        return found
