"""The emergency: whom it has reached, when it will be over, which schools are behind; and the way to stop it."""

from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from engine.board.job_shape import JobShape
from engine.board.schools import SchoolCounts, school_names
from engine.board.views import JobSummary
from engine.forecast.acts import JOB, AskForecast
from engine.forecast.views import Forecast
from engine.reports.groups.apart import WriteReport, written
from store.commands import Verb
from tui.panels.band import WIDE
from tui.panels.help_screen import Keys
from tui.panels.text_lines import TextLines, rule
from tui.screens.lines.emergency_lines import (
    behind_first,
    calm_lines,
    chart_lines,
    frozen_line,
    progress_lines,
    school_heads,
    school_row,
    title_line,
)
from tui.screens.lines.forecast_lines import Outlook, basis_lines, by_forecast, by_pace, outlook_line, reach_line
from tui.screens.parts.exporting import export, file_for
from tui.screens.parts.job_hand import ask_about, ask_to_stop
from tui.screens.parts.row_list import RowList
from tui.screens.report import ReportRoom
from tui.screens.room import Place, Room
from tui.screens.ways import show_chains

ASK_MS = 15_000
"""Between two forecasts, real milliseconds: each walks the job on paper, in a helper of the engine."""

FORECAST_OLD_MS = 60_000
"""A forecast older than this no longer counts, ms of the district's clock; the pace does instead."""


class EmergencyRoom(Room):
    """Of the newest open emergency, of another with `[` and `]`; where none is open it says how the last one went."""

    NAME = "Emergency"
    KEYS = "⏎ the school's chains  u unreached  e export  S STOP…  P pause…  R resume…  r resend  [ ] other  │  ? help"
    KEYS_NARROW = "⏎ school  u unreached  e export  S STOP…  r resend  [ ] other │ esc ? help"
    KEY_HELP: ClassVar[Keys] = (
        ("↑ ↓ j k", "select a school"),
        ("Enter", "the selected school's chains in the live list"),
        ("u", "those nobody reached, with their numbers"),
        ("e", "export them as CSV, numbers masked"),
        ("S", "stop it: asks for the word STOP first"),
        ("P  R", "pause, resume it: asks first"),
        ("r", "send it again to those it did not reach"),
        ("[  ]", "a newer, an older emergency"),
        ("Esc", "back"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("u", "unreached", show=False),
        Binding("e", "export", show=False),
        Binding("S,X", "stop", show=False),
        Binding("P", "steer('pause')", show=False),
        Binding("R", "steer('resume')", show=False),
        Binding("r", "resend", show=False),
        Binding("left_square_bracket", "other(-1)", show=False),
        Binding("right_square_bracket", "other(1)", show=False),
        Binding("escape", "back", show=False),
    ]

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.chosen = 0
        """The job the operator went to, 0: the newest open one."""
        self.list: RowList[SchoolCounts] = RowList("schools", self._draw, lambda one: one.school_id)
        self._names: dict[str, str] = {}
        self._forecast: Forecast | None = None
        self._asking = False
        self._asked = (0, -ASK_MS)

    def body(self) -> ComposeResult:
        """The figures, then the schools."""
        yield TextLines(id="figures")
        yield self.list

    def on_mount(self) -> None:
        """The keys go to the schools."""
        self.list.focus()
        super().on_mount()

    # -- which one

    @property
    def emergencies(self) -> list[JobSummary]:
        """Open ones first, then the newest."""
        return [job for job in self.sight.jobs if job.emergency]

    @property
    def job(self) -> JobSummary | None:
        """The one that is shown, by its id; None when there is none at all."""
        jobs = self.emergencies
        return next((job for job in jobs if job.job_id == self.chosen), jobs[0] if jobs else None)

    # -- painting

    def paint_body(self, slow: bool) -> None:
        """Once a second: every figure is a pass of numpy over the job's chains."""
        if not slow:
            return
        job, width = self.job, self.app.size.width
        shape = self.sight.board.shape(job.job_id) if job else None
        if job is None or shape is None:
            self.part("figures").show(calm_lines(None, self.sight.zone, self.app.size.width))
            self.list.show(())
            return
        self._ask_forecast(job)
        schools = behind_first(shape.by_school())
        if not self._names or any(one.school_id not in self._names for one in schools):
            self._names = {one.school_id: one.school_id for one in schools} | school_names(self.sight.board.database)
        lines = [] if any(not one.ended_at for one in self.emergencies) else calm_lines(job, self.sight.zone, width)
        lines += self._figures(job, shape, width, cramped=bool(lines))
        self.part("figures").show([*lines, *school_heads(len(schools), width)])
        self.list.show(schools, keep_sight=True)

    def _figures(self, job: JobSummary, shape: JobShape, width: int, cramped: bool) -> list[Text]:
        zone, now, ids = self.sight.zone, self._now, [one.job_id for one in self.emergencies]
        gap = [Text()] * (width >= WIDE and self.app.size.height >= 36 and not cramped)
        chart = [] if cramped and width < WIDE else chart_lines(job, shape, now, zone, width)
        return [
            title_line(job, ids.index(job.job_id), len(ids), zone, width),
            *progress_lines(job, width),
            *gap,
            *([] if job.ended_at else self._prediction(job, shape, width)),
            *gap,
            *chart,
            *gap,
        ]

    def _prediction(self, job: JobSummary, shape: JobShape, width: int) -> list[Text]:
        zone, forecast = self.sight.zone, self._fresh_forecast(job)
        outlook = by_forecast(forecast) if forecast else by_pace(job, shape, self._now)
        if job.state == "paused":
            outlook = Outlook("paused", outlook.likely_at, outlook.safe_at, outlook.basis)
        if self.sight.vitals.old:
            # Whether it is still in time is just what nobody knows.
            outlook = Outlook("unknown", outlook.likely_at, outlook.safe_at, outlook.basis)
        lines = [rule("Predicted completion", width), outlook_line(outlook, job.closes_at, zone)]
        if self.sight.vitals.old:
            lines.insert(1, frozen_line(self.sight.board.at, zone))
        lines += [reach_line(forecast, zone)] * (forecast is not None and width >= WIDE) if forecast else []
        return [*lines, *basis_lines(outlook, width)]

    def _draw(self, one: SchoolCounts, width: int, selected: bool) -> Text:
        return school_row(one, self._names, width, selected)

    @property
    def _now(self) -> int:
        """Where the data is old, the instant it is of: what stands still must not seem to grow late."""
        return self.sight.board.at if self.sight.vitals.old else self.sight.now()

    # -- the engine's forecast

    def _fresh_forecast(self, job: JobSummary) -> Forecast | None:
        known = self._forecast
        if known is None or job.canceling or known.job_id != job.job_id or self._now - known.made_at > FORECAST_OLD_MS:
            return None
        return known

    def _ask_forecast(self, job: JobSummary) -> None:
        door, now, (job_id, at) = self.place.door, self.sight.real_ms(), self._asked
        if door is None or self._asking or job.ended_at or (job_id == job.job_id and now - at < ASK_MS):
            return
        self._asking, self._asked = True, (job.job_id, now)
        asked = AskForecast(job_id=job.job_id)
        self.place.apart(lambda: door.act(JOB, asked), self._foreseen)

    def _foreseen(self, answer: object) -> None:
        self._asking = False
        if isinstance(answer, Forecast):
            self._forecast = answer

    # -- the operator's hand

    def action_other(self, by: int) -> None:
        """A newer or an older emergency."""
        job, ids = self.job, [one.job_id for one in self.emergencies]
        if job is not None:
            self.chosen = ids[max(0, min(len(ids) - 1, ids.index(job.job_id) + by))]
            self.list.deselect()
            self.paint(slow=True)

    def action_stop(self) -> None:
        """Ask for the word STOP."""
        if self.job is not None:
            ask_to_stop(self, self.job)

    def action_steer(self, word: str) -> None:
        """Ask before it is paused or resumed."""
        if self.job is not None:
            ask_about(self, Verb[word.upper()], [self.job])

    @on(RowList.Opened)
    def open_school(self, opened: RowList.Opened) -> None:
        """The chains of a school."""
        job, school = self.job, opened.row
        if job is not None and isinstance(school, SchoolCounts):
            narrowed = f' school:"{school.school_id}"' if school.school_id else ""
            show_chains(self, f"job:{job.job_id}{narrowed}")

    def action_unreached(self) -> None:
        """Those nobody reached."""
        if self.job is not None:
            room = ReportRoom(self.place, self.job.job_id)
            room.only_missed = True
            self.app.push_screen(room)

    def action_export(self) -> None:
        """Write those nobody reached to a file."""
        job, board, now = self.job, self.sight.board, self.sight.now()
        if job is not None:
            file = file_for(f"job{job.job_id}-not-reached", now, self.sight.zone)
            asked = WriteReport(job_id=job.job_id, file=str(file), not_reached=True)
            zone = getattr(self.sight.zone, "key", "UTC")
            export(self, file, lambda: written(board, zone, now, asked))

    def action_resend(self) -> None:
        """Say how it is sent again."""
        if self.job is not None:
            self.notify(f"`callchain resend {self.job.job_id}` sends it again to those it did not reach.", timeout=15)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While the data is old, `r` is what the first lines offer: to retry."""
        return super().check_action(action, parameters) if not (action == "resend" and self.sight.vitals.old) else False

    def action_back(self) -> None:
        """Let go of the school; then leave."""
        if self.list.selected is not None:
            self.list.deselect()
        else:
            self.app.pop_screen()
