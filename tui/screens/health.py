"""The engine's health: who runs, store, carrier, lines, gate, clocks, alarms, commands; and the doctor on a key."""

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from engine.acts.doctor import ACTS as DOCTOR_ACTS
from engine.acts.doctor import Examine
from engine.acts.health import DETAILS, AskHealth, HealthDetails
from engine.board.reading.history import Happening, History
from engine.doctor.finding import Finding
from store import facts
from store.errors import CallchainError
from tui.live.side_panel import command_line
from tui.look.palette import GREY
from tui.panels.band import WIDE
from tui.panels.help_screen import Keys
from tui.panels.text_lines import rule
from tui.screens.lines.health_lines import (
    alarm_lines,
    beside,
    carrier_lines,
    clock_lines,
    engine_lines,
    finding_lines,
    gate_lines,
    ledger_lines,
    store_lines,
    telling_lines,
)
from tui.screens.lines.log_lines import log_row
from tui.screens.parts.abouts import Abouts
from tui.screens.parts.row_list import RowList
from tui.screens.room import Place, Room

(EXAMINE,) = DOCTOR_ACTS

ASK_MS = 2_000
"""Between two questions about details; real milliseconds."""

COMMANDS_MAX = 6
"""Commands shown, of this screen and of all others."""

READS_MAX = 5
"""Reads back through the journal in one second, in search of the last commands: 20 ms."""


class HealthRoom(Room):
    """What does not fit is scrolled to, line by line."""

    NAME = "Health"
    KEYS = "↑ ↓ scroll  d doctor  D doctor and the network  │  esc back  ? help"
    KEY_HELP: ClassVar[Keys] = (
        ("↑ ↓ PgUp PgDn", "scroll"),
        ("d", "have the doctor examine the district: store, people, settings"),
        ("D", "the same, and ask carrier and mail server: takes some seconds"),
        ("Esc", "close the doctor's findings; then back"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "examine(False)", show=False),
        Binding("D", "examine(True)", show=False),
        Binding("escape", "back", show=False),
    ]

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.list = ScrolledLines("health")
        self.history = History(self.sight.board.database, _is_command)
        self._abouts = Abouts(self.sight.board)
        self._details: HealthDetails | None = None
        self._asking = False
        self._asked_ms = -ASK_MS
        self._findings: list[Finding] | None = None
        self._examined_at = 0
        self._examining = False

    def body(self) -> ComposeResult:
        """Lines that scroll."""
        yield self.list

    def on_mount(self) -> None:
        """The keys scroll."""
        self.list.focus()
        self.history.begin(self.sight.board.seq)
        super().on_mount()

    # -- painting

    def paint_body(self, slow: bool) -> None:
        """Once a second: what is known, and what was asked."""
        if slow:
            self._ask()
            self._read_commands()
            self.list.show(list(enumerate(self._lines(self.app.size.width))))

    def _lines(self, width: int) -> list[Text]:
        if self._findings is not None:
            return finding_lines(self._findings, self._examined_at, self.sight.zone, width)
        parts = self._parts((width - 2) // 2 if width >= WIDE else width)
        if width >= WIDE:
            middle = (len(parts) + 1) // 2
            columns = [[line for part in half for line in (*part, Text())] for half in (parts[:middle], parts[middle:])]
            body = beside(columns[0], columns[1], (width - 2) // 2)
        else:
            body = [line for part in parts for line in part]
        return [*alarm_lines(self.sight.board.alarms, self.sight.zone, width), *body, *self._commands(width)]

    def _parts(self, width: int) -> list[list[Text]]:
        sight, known = self.sight, self._details
        vitals = sight.vitals
        alarms = len(sight.board.alarms)
        parts = [
            engine_lines(vitals, known, alarms, width),
            store_lines(known, sight.board.seq, vitals.behind, width),
            clock_lines(vitals, known, sight.zone, width),
            carrier_lines(vitals, known, width),
            ledger_lines(known, sight.lines, vitals, width),
            gate_lines(known, vitals, sight.zone, width),
            telling_lines(known, width),
        ]
        return [part for part in parts if part]

    def _commands(self, width: int) -> list[Text]:
        """What was asked from here, with its state, and what the journal says was taken, from wherever it came."""
        mine = [command_line(entry, self.sight) for entry in self.place.commands.entries[:COMMANDS_MAX]]
        taken = list(reversed(self.history.rows))[:COMMANDS_MAX]
        rows = [log_row(row, self._abouts.of(row), self.sight.zone, width, False) for row in taken]
        nothing = [] if mine or rows else [Text(" No command was given lately.", GREY)]
        return [rule("Commands given from here", width), *mine] * bool(mine) + [
            rule("Commands taken or refused", width, "all doors"),
            *rows,
            *nothing,
        ]

    # -- what is asked

    def _ask(self) -> None:
        door, now = self.place.door, self.sight.real_ms()
        if door is None or self._asking or now - self._asked_ms < ASK_MS:
            return
        self._asking, self._asked_ms = True, now
        self.place.apart(lambda: door.act(DETAILS, AskHealth()), self._heard)

    def _heard(self, answer: object) -> None:
        self._asking = False
        if isinstance(answer, HealthDetails):
            self._details = answer
        elif self.sight.vitals.old:
            self._details = None  # figures of an engine that is gone would look like those of one that runs

    def _read_commands(self) -> None:
        """Forward what is new; back a little more each second until enough are found."""
        self.history.newer(self.sight.board.seq)
        for _ in range(READS_MAX):
            if len(self.history.rows) >= COMMANDS_MAX or self.history.at_beginning:
                return
            self.history.older()

    # -- the operator's hand

    def action_examine(self, network: bool) -> None:
        """Have the engine examine its district."""
        door = self.place.door
        if door is None or self.sight.vitals.no_commands:
            self.notify("No engine answers; run `callchain doctor`, which needs none.", severity="warning")
        elif not self._examining:
            self._examining = True
            self.notify("The doctor examines the district …")
            self.place.apart(lambda: door.act(EXAMINE, Examine(network=network)), self._examined)

    def _examined(self, answer: object) -> None:
        self._examining = False
        if isinstance(answer, CallchainError):
            self.notify(f"Not examined: {answer}", severity="warning")
            return
        self._findings = list(answer)  # type: ignore[call-overload]
        self._examined_at = self.sight.now()
        self.paint(slow=True)

    def action_back(self) -> None:
        """Close the findings; then leave."""
        if self._findings is None:
            self.app.pop_screen()
        else:
            self._findings = None
            self.paint(slow=True)


class ScrolledLines(RowList[tuple[int, Text]]):
    """Nothing is selected here: the keys scroll."""

    def __init__(self, id: str) -> None:
        super().__init__(id, lambda row, _width, _selected: row[1], lambda row: row[0])

    def action_move(self, by: int) -> None:
        """Some lines on or back."""
        self.scroll_rows(by)

    def action_edge(self, by: int) -> None:
        """To the first or the last line."""
        self.scroll_rows(by * len(self.rows))

    def action_open(self) -> None:
        """There is nothing to open."""


def _is_command(row: Happening) -> bool:
    return isinstance(row.fact, facts.CommandTaken | facts.CommandRefused)
