"""The jobs: all that are open or ended lately, and what is still to come; several can be steered together."""

from collections.abc import Hashable
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from engine.acts import firings, schedules
from engine.schedules.views import ScheduleList
from engine.views import ReleaseView
from store.commands import Verb
from store.errors import CallchainError
from store.releases import Rung
from tui.dialogs.typed_dialog import TypedDialog
from tui.look.palette import GREY
from tui.panels.help_screen import Keys
from tui.panels.notices import standing
from tui.panels.text_lines import TextLines, rule
from tui.screens.lines.forecast_lines import by_pace
from tui.screens.lines.jobs_lines import AnyLine, ComingLine, JobLine, about_lines, heads, job_row, title_of
from tui.screens.parts.job_hand import ask_about
from tui.screens.parts.row_list import RowList
from tui.screens.report import ReportRoom
from tui.screens.room import Place, Room
from tui.screens.ways import show_chains

ASK_MS = 5_000
"""Between two questions to the engine about schedules and the ladder; real milliseconds."""

FIRINGS_OF_EACH = 2
"""Firings to come that are listed of every schedule."""

COMING_MS = 36 * 3_600_000
"""How far ahead firings are listed: until tomorrow's evening."""

(CANCEL_FIRINGS,) = firings.ACTS
LIST_SCHEDULES = schedules.ACTS[5]


class JobsList(RowList[AnyLine]):
    """`space` marks."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "screen.mark", show=False)]


class JobsRoom(Room):
    """Commands go to what was marked, else to what is selected, as it was when the dialog opened."""

    NAME = "Jobs"
    KEYS = "space mark  x cancel…  P pause…  R resume…  ⏎ its chains  r report  │  esc back  ? help"
    KEYS_NARROW = "space mark  x cancel…  P pause…  R resume…  ⏎ chains │ esc back  ? help"
    KEY_HELP: ClassVar[Keys] = (
        ("↑ ↓ j k  PgUp PgDn  g G", "move"),
        ("space", "mark, and mark no longer"),
        ("x", "cancel what is marked, else the selected one: asks first"),
        ("P  R", "pause, resume: asks first"),
        ("Enter", "the job's chains in the live list"),
        ("r", "the job's report"),
        ("Esc", "unmark all, then back"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x,X", "steer('cancel')", show=False),
        Binding("P", "steer('pause')", show=False),
        Binding("R", "steer('resume')", show=False),
        Binding("r", "report", show=False),
        Binding("escape", "back", show=False),
    ]

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.marked: set[Hashable] = set()
        self.list = JobsList("jobs-list", self._draw, lambda line: line.name)
        self._firings: list[ComingLine] = []
        self._asked_ms = -ASK_MS

    def body(self) -> ComposeResult:
        """Title and heads, the table, the selected one in two lines."""
        yield TextLines(id="heads")
        yield self.list
        yield TextLines(id="about")

    def on_mount(self) -> None:
        """The keys go to the table."""
        self.list.focus()
        super().on_mount()

    # -- painting

    def paint_body(self, slow: bool) -> None:
        """Once a second: all jobs with their pace, and what is to come."""
        if slow:
            self._ask_engine()
            self._gather()
        self._paint_frame()

    def _gather(self) -> None:
        board, now = self.sight.board, self.sight.now()
        lines: list[AnyLine] = []
        for job in self.sight.jobs:
            shape = board.shape(job.job_id)
            if shape is not None:
                lines.append(JobLine(job, by_pace(job, shape, now)))
        climbing = [_release_line(view) for view in standing(self.sight.releases)]
        known = {line.job_id for line in climbing}
        prepared = [
            ComingLine("prepared", one.job_id, one.subject, one.reason, one.prepared_at, one.chains, one.author)
            for one in board.prepared()
            if one.job_id not in known
        ]
        lines += [*climbing, *prepared, *self._firings]
        self.marked &= {line.name for line in lines}
        self.list.show(lines, keep_sight=True)

    @on(RowList.Changed)
    def _paint_frame(self) -> None:
        width = self.app.size.width
        title = rule(title_of(list(self.list.rows), len(self.marked)), width)
        nothing = Text(" No jobs yet. `n` or `callchain send` sends a message.", GREY)
        self.part("heads").show([title, heads(width) if self.list.rows else nothing])
        lines = about_lines(self.list.selected_row, self.sight.zone, width)
        self.part("about").show([rule("Selected", width), *lines])

    def _draw(self, line: AnyLine, width: int, selected: bool) -> Text:
        return job_row(line, self.sight.now(), self.sight.zone, width, selected, line.name in self.marked)

    # -- what only the engine knows

    def _ask_engine(self) -> None:
        door = self.place.door
        if door is None or self.sight.real_ms() - self._asked_ms < ASK_MS:
            return
        self._asked_ms = self.sight.real_ms()
        asked = schedules.ListSchedules(firings=FIRINGS_OF_EACH)
        self.place.apart(lambda: door.act(LIST_SCHEDULES, asked), self._heard_schedules)

    def _heard_schedules(self, answer: object) -> None:
        until = self.sight.now() + COMING_MS
        views = answer.schedules if isinstance(answer, ScheduleList) else ()
        found = [
            ComingLine("scheduled", 0, one.name, one.every.replace("_", " "), at, -1, one.author, one.schedule_id)
            for one in views
            for at in one.next_at
            if at <= until
        ]
        self._firings = sorted(found, key=lambda line: (line.at, line.subject))

    # -- the operator's hand

    def action_mark(self) -> None:
        """Mark the selected job, or no longer, and go one down."""
        row = self.list.selected_row
        if not isinstance(row, JobLine):
            self.notify("Only jobs can be marked.")
            return
        self.marked ^= {row.name}
        self.list.action_move(1)

    def action_steer(self, word: str) -> None:
        """Ask about the marked jobs, else about the selected one."""
        row = self.list.selected_row
        if self.marked:
            jobs = [line.job for line in self.list.rows if isinstance(line, JobLine) and line.name in self.marked]
            ask_about(self, Verb[word.upper()], jobs)
        elif isinstance(row, JobLine):
            ask_about(self, Verb[word.upper()], [row.job])
        elif isinstance(row, ComingLine) and word == "cancel":
            self._ask_off(row)
        else:
            self.notify("Select or mark a job first.", severity="warning")

    def _ask_off(self, line: ComingLine) -> None:
        """Ask before what is to come is called off."""
        why_not = self.sight.vitals.no_commands
        if why_not or line.state == "prepared":
            self.notify(f"Commands are off: {why_not}." if why_not else "It was not sent; there is nothing to cancel.")
            return
        said = "It is not sent this once; the schedule goes on." if line.schedule_id else "It is not sent."
        dialog = TypedDialog(f"CALL OFF {line.subject}?", [said], "OFF", "Call it off")
        self.app.push_screen(dialog, lambda yes: self._call_off(line) if yes else None)

    def _call_off(self, line: ComingLine) -> None:
        door = self.place.door
        if door is None or self.sight.vitals.no_commands:
            self.notify("Not sent: no engine answers at the door.", severity="warning")
            return
        firing = firings.CancelFirings(firings=(firings.FiringId(schedule_id=line.schedule_id, at=line.at),))
        if line.schedule_id:
            self.place.apart(lambda: door.act(CANCEL_FIRINGS, firing), self._called_off)
        else:
            self.place.apart(lambda: door.recall(line.job_id), self._called_off)

    def _called_off(self, answer: object) -> None:
        self.notify(f"Not called off: {answer}" if isinstance(answer, CallchainError) else "It is called off.")
        self._asked_ms = -ASK_MS

    @on(RowList.Opened)
    def open_job(self, opened: RowList.Opened) -> None:
        """Its chains in the live list."""
        if isinstance(opened.row, JobLine):
            show_chains(self, f"job:{opened.row.job.job_id}")
        else:
            self.notify("It is no job yet, and has no chains.")

    def action_report(self) -> None:
        """How the selected job went."""
        row = self.list.selected_row
        if isinstance(row, JobLine):
            self.app.push_screen(ReportRoom(self.place, row.job.job_id))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While the data is old, `r` is what the first lines offer: to retry."""
        return super().check_action(action, parameters) if not (action == "report" and self.sight.vitals.old) else False

    def action_back(self) -> None:
        """Unmark all; then leave."""
        if self.marked:
            self.marked.clear()
            self.list.paint()
            self._paint_frame()
        else:
            self.app.pop_screen()


def _release_line(view: ReleaseView) -> ComingLine:
    counting = view.rung == Rung.COUNTING.word
    at = view.release_at if counting else view.expires_at
    return ComingLine(
        "counting" if counting else "asked", view.job_id, view.subject, view.reason, at, view.count, view.asked_by
    )
