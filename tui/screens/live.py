"""The home screen: jobs, the live list of chains, the selected one, and the side panel where there is room."""

from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input

from store.errors import NotFoundError
from tui.live.chain_filter import ChainFilter
from tui.live.chain_order import Sort
from tui.live.filter_field import FilterField
from tui.live.filter_words import FIELD_HELP
from tui.live.live_list import LiveList
from tui.live.saved_views import View
from tui.live.side_panel import WIDTH as SIDE_WIDTH
from tui.live.side_panel import command_line, side_lines
from tui.look.palette import GREY
from tui.panels.band import WIDE
from tui.panels.chain_text import about, chain_word, heads
from tui.panels.help_screen import Keys
from tui.panels.jobs_panel import jobs_lines
from tui.panels.text_lines import TextLines, rule
from tui.panels.written import fit
from tui.screens.room import Place, Room

COMMAND_SHOWN_MS = 10_000
"""How long a narrow screen shows the last command in place of the keys."""


RULE_CELLS = 9
"""Around title and note of a rule."""


class LiveScreen(Room):
    """`paint` at every tick."""

    NAME = "Live"
    KEYS = "⏎ open  w why  / filter  F faults  s sort  f follow  p freeze  │  space mark  x cancel…  │  ? help  q quit"
    KEYS_NARROW = "1-6 ⏎ open w why / filter F faults p freeze space mark x cancel… : ? help"
    KEY_HELP: ClassVar[Keys] = (
        ("↑ ↓ j k  g G", "move, also PgUp and PgDn; the order is held for 3 s"),
        ("Enter  w", "look into a chain; why it has not been called"),
        ("/", "filter; in it: ↑ ↓ older ones, Tab completes, Esc ends"),
        *FIELD_HELP,
        ("F  s", "faults only; sort: urgency, newest, tries, job"),
        ("f  p", "follow the selected chain; freeze the order"),
        ("z  c", "zoom the list; copy the chain's id"),
        ("space  V  u", "mark; mark from the last mark to here; mark none"),
        ("x", "cancel the marked chains, or the selected: asks first"),
        ("P  R  X", "pause, resume, cancel its whole job: asks first"),
        ("a  T  +  _", "alarms were seen; theme; paint more often, less often"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", show=False),
        Binding("escape", "clear_filter", show=False),
        Binding("z", "zoom", show=False),
        Binding("c", "copy", show=False),
    ]

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        sight = place.sight
        self.chains = LiveList(sight.board, sight.zone, sight.now, sight.real_ms)
        self.chains.why_empty = self._why_empty
        self.field = FilterField(sight.board)
        self._doubt = ""

    def body(self) -> ComposeResult:
        """From top to bottom."""
        yield TextLines(id="jobs")
        with Horizontal(id="body"):
            with Vertical(id="left"):
                yield TextLines(id="heads")
                yield self.chains
            yield TextLines(id="side", fills=True)
        yield TextLines(id="about")
        yield self.field

    def on_mount(self) -> None:
        """The keys go to the list."""
        self.chains.focus()
        super().on_mount()

    # -- painting

    def paint_body(self, slow: bool) -> None:
        """Show how things stand; `slow` also what changes once a second."""
        if slow:
            self._doubt = self.chains.shown.order.filter.doubt(self.sight.board)
            self.part("jobs").show(jobs_lines(self.sight.jobs, self.sight.zone, self.app.size.width))
            self.part("side").show(self._side())
        self.chains.tick()
        self._paint_list()

    @on(LiveList.Changed)
    def show_change(self) -> None:
        """The operator's hand changed something about the list."""
        self._paint_list()

    def _paint_list(self) -> None:
        """The list's title, and the lines about the selected chain."""
        width = self.app.size.width
        inner = width - (SIDE_WIDTH + 1 if width >= WIDE and not self.has_class("-zoom") else 0)
        asked = self.field.value.strip()
        note = f"filter: {asked}" if asked else "no filter"
        title = rule(fit(self._title(), max(0, inner - len(note) - RULE_CELLS)).rstrip(), inner, note)
        title.truncate(inner, overflow="ellipsis")
        self.part("heads").show([title, Text(" ") + heads(inner - 1)])
        self.part("about").show(self._about(width))
        self.paint_keys(width)

    def _title(self) -> str:
        return self.chains.title + (f" · ▲ {self._doubt}" if self._doubt and self.chains.shown.total else "")

    def _side(self) -> list[Text]:
        sight = self.sight
        return side_lines(sight.totals, sight.lines, sight.pulse, self.place.commands.entries, sight)

    def _about(self, width: int) -> list[Text]:
        """The selected chain in two lines, or how to select one."""
        try:
            lines = about(self.chains.view(self.chains.selected), self.sight.zone)
        except NotFoundError:
            return [rule("Nothing selected", width), Text(f" {self._hint()}", GREY), Text()]
        for line in lines:
            line.truncate(width, overflow="ellipsis")
        return [rule("Selected", width, "" if self.chains.in_sight else "out of sight · f follows"), *lines]

    def _hint(self) -> str:
        if self.chains.shown.total:
            return "↓ or a click selects a chain; Enter looks into it."
        return "No chain passes the filter; Esc clears it." if self.sight.totals.jobs else "No chains yet."

    def _why_empty(self) -> list[str]:
        """What stands in place of rows."""
        order = self.chains.shown.order
        if order.size and (order.filter or order.faults_only):
            asked = " and ".join([order.filter.text] * bool(order.filter.text) + ["faults only"] * order.faults_only)
            why = self._doubt or order.filter.trouble
            return [
                f"No chain passes {asked}.",
                *([f"There is {why}?"] if why else []),
                "Esc clears the filter, F shows all again.",
            ]
        if order.size:
            return []
        health = self.sight.health
        lines = f"Lines 0/{health.lines + health.emergency_lines} idle. " if health else ""
        return [f"{lines}Nothing is to be called.".strip()]

    def key_line(self, width: int) -> Text:
        """The keys; on a narrow screen the last command stands there for a while."""
        newest = self.place.commands.entries[:1]
        if newest and width < WIDE and self.sight.is_recent(newest[0].at, COMMAND_SHOWN_MS):
            return command_line(newest[0], self.sight)
        return super().key_line(width)

    # -- the operator's hand

    def action_filter(self) -> None:
        """Open the filter."""
        self.field.add_class("-open")
        self.field.focus()

    def action_clear_filter(self) -> None:
        """Show every chain again; where none is hidden, let go of the selected one, then of the marks."""
        if not self.field.value and not self.field.has_class("-open"):
            if self.chains.selected:
                self.chains.deselect()
            else:
                self.chains.action_unmark()
        self.field.value = ""
        self.close_filter()

    @on(Input.Changed)
    def apply_filter(self, changed: Input.Changed) -> None:
        """Filter while it is typed."""
        order = self.chains.shown.order
        order.filter = ChainFilter(changed.value)
        self._doubt = order.filter.doubt(self.sight.board)
        self.chains.resort()

    @on(Input.Submitted)
    def close_filter(self) -> None:
        """Keep the filter and go back to the list."""
        self.field.remember()
        self.field.remove_class("-open")
        self.chains.focus()

    def action_zoom(self) -> None:
        """The list alone, or everything again."""
        self.toggle_class("-zoom")
        self.call_after_refresh(self.paint, slow=True)

    def action_copy(self) -> None:
        """The selected chain's id onto the clipboard, through the terminal (OSC 52)."""
        if self.chains.selected:
            self.app.copy_to_clipboard(chain_word(self.chains.selected))
            self.notify(f"{chain_word(self.chains.selected)} is on the clipboard.")

    # -- views

    @property
    def view(self) -> View:
        """What is shown, to be kept under a name."""
        order = self.chains.shown.order
        return View(filter=self.field.value.strip(), sort=order.sort.value, faults_only=order.faults_only)

    def show_view(self, view: View) -> None:
        """Show what was kept."""
        order = self.chains.shown.order
        order.sort = Sort(view.sort) if view.sort in list(Sort) else Sort.URGENCY
        order.faults_only = view.faults_only
        self.field.value = view.filter
        self.chains.resort()

    def walk(self, chain: int, by: int) -> int:
        """The neighbor of a chain in the list, 0 when there is none; the cursor goes along."""
        found = self.chains.neighbor(chain, by)
        if found:
            self.chains.select(found)
        return found
