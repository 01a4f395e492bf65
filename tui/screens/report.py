"""The report: how one message went, or all of a day or a week, group by group, and whom nobody reached."""

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from engine.board.views import JobSummary
from engine.forecast.kept import predictions
from engine.reports.groups.apart import GroupJobs, WriteReport, grouped, written
from engine.reports.groups.grouped import By, Grouped, Missed
from store.errors import CallchainError
from store.forecasts import Prediction
from tui.live.live_list import LiveList
from tui.look.palette import GREY, ORANGE
from tui.panels.band import WIDE
from tui.panels.help_screen import Keys
from tui.panels.text_lines import TextLines, rule
from tui.panels.written import minute_of_day
from tui.screens.lines.forecast_lines import check_line
from tui.screens.lines.report_lines import (
    GROUPS_NARROW,
    GROUPS_WIDE,
    group_lines,
    missed_row,
    missed_title,
    result_lines,
    student_line,
    title_line,
)
from tui.screens.parts.exporting import export, file_for
from tui.screens.parts.row_list import RowList
from tui.screens.room import Place, Room

PERIODS = (("job", 0), ("today", 1), ("week", 7))
"""Word, and how many days it takes in."""

ANEW_MS = 10_000
"""Between two looks at a job that goes on; real milliseconds. Each looks at all its chains, apart."""

REST = 10
"""And no sooner than so many times what the last look took, so that the helper never takes a tenth of a core."""


class ReportRoom(Room):
    """Of the newest job unless told of which; worked out apart, and shown when it is there."""

    NAME = "Report"
    KEYS = "g group by  d period  [ ] other job  u only unreached  e CSV  E page to print  ⏎ chain  │  esc back  ? help"
    KEYS_NARROW = "g group d period [ ] job u unreached e CSV E HTML ⏎ chain │ esc back ? help"
    KEY_HELP: ClassVar[Keys] = (
        ("g", "group by school, grade, device"),
        ("d", "of this job, of today, of the last seven days"),
        ("[  ]", "an older, a newer job"),
        ("u", "only those nobody reached, and all again"),
        ("e  E", "export them as CSV; the whole report as a page to print"),
        ("Enter", "look into the selected chain"),
        ("Esc", "back"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("g", "group", show=False),
        Binding("d", "period", show=False),
        Binding("u", "only_missed", show=False),
        Binding("e", "export('csv')", show=False),
        Binding("E", "export('html')", show=False),
        Binding("left_square_bracket", "other_job(1)", show=False),
        Binding("right_square_bracket", "other_job(-1)", show=False),
        Binding("escape", "back", show=False),
    ]

    def __init__(self, place: Place, job_id: int = 0) -> None:
        super().__init__(place)
        self.job_id = job_id
        self.by = By.SCHOOL
        self.period = 0
        self.answer: Grouped | None = None
        self.list = MissedList("missed", self._draw, lambda one: one.chain_id)
        self.only_missed = False
        self._trouble = ""
        self._foreseen: Prediction | None = None
        """The first prediction of the job that is kept."""
        self._asking = False
        self._asked_ms = self._anew_ms = 0

    def body(self) -> ComposeResult:
        """The figures, then those nobody reached."""
        yield TextLines(id="figures")
        yield self.list

    def on_mount(self) -> None:
        """The keys go to the list."""
        self.list.focus()
        super().on_mount()

    # -- painting

    def paint_body(self, slow: bool) -> None:
        """What is known; asked for anew while the job goes on."""
        self.job_id = self.job_id or max((job.job_id for job in self.sight.jobs), default=0)
        if slow:
            job = self._job()
            goes_on = job is None or not job.ended_at or self.period
            if self.answer is None or (goes_on and self.sight.real_ms() >= self._anew_ms):
                self._ask()
        width, height = self.app.size
        lines = [self._title(width), *self._figures(width, height)]
        self.part("figures").show(lines)
        self.list.show(self.answer.not_reached if self.answer else (), keep_sight=True)

    def _figures(self, width: int, height: int) -> Sequence[Text]:
        if self._trouble:
            return [Text(), Text(f" {self._trouble}", ORANGE)]
        if not self.job_id and not self.period:
            return [Text(), Text(" No job was sent yet, so there is nothing to report.", GREY)]
        if self.answer is None:
            return [Text(), Text(" Looking at every chain …", GREY)]
        if self.only_missed:
            return [missed_title(self.answer, width)]
        wide = width >= WIDE
        groups = group_lines(self.answer, width, GROUPS_WIDE if wide else GROUPS_NARROW)
        gap = [Text()] * wide
        students = [student_line(self.answer)] if wide or height > 26 else []
        results = result_lines(self.answer, width)
        check = self._check(width)
        return [*groups, *students, *gap, *results, *gap, *check, *gap[: len(check)], missed_title(self.answer, width)]

    def _check(self, width: int) -> list[Text]:
        """What was foreseen when it began, beside what came; nothing where nobody foresaw anything."""
        job, shape = self._job(), self.sight.board.shape(self.job_id)
        if job is None or shape is None or self.period or self._foreseen is None:
            return []
        half_at, nine_at = (shape.share_reached_at(job.chains, percent) for percent in (50, 90))
        line = check_line(self._foreseen, half_at, nine_at, self.sight.zone)
        return [rule("Prediction check", width), line] if width >= WIDE else [line]

    def _title(self, width: int) -> Text:
        periods = [(word, place == self.period) for place, (word, _) in enumerate(PERIODS)]
        return title_line(self._heading(), self._when(), periods, [(by.value, by is self.by) for by in By], width)

    def _heading(self) -> str:
        if self.period:
            jobs = f"{self.answer.jobs} jobs" if self.answer else "all jobs"
            return f"{jobs} of {'today' if PERIODS[self.period][1] == 1 else 'the last 7 days'}"
        job = self._job()
        if job is None:
            return f"#{self.job_id}" if self.job_id else "no job"
        return f"#{job.job_id} {job.subject or job.reason}"

    def _when(self) -> str:
        job = self._job()
        if job is None or self.period:
            return ""
        began = minute_of_day(max(job.opens_at, job.planned_at), self.sight.zone)
        return f"{began} → {minute_of_day(job.ended_at, self.sight.zone) if job.ended_at else 'now'}"

    def _draw(self, one: Missed, width: int, selected: bool) -> Text:
        return missed_row(one, self.sight.zone, width, selected)

    def _job(self) -> JobSummary | None:
        return next((job for job in self.sight.jobs if job.job_id == self.job_id), None)

    # -- worked out apart

    def _ask(self) -> None:
        """Every chain is looked at, so never here; what is shown stays until the answer is there."""
        days = PERIODS[self.period][1]
        database = self.sight.board.database
        with database.read() as txn:
            self._foreseen = next(iter(predictions(database, txn, self.job_id)), None)
        if self._asking or not (self.job_id or days):
            return
        self._asking, self._asked_ms = True, self.sight.real_ms()
        board, zone, now = self.sight.board, self._zone, self.sight.now()
        asked = GroupJobs(job_id=self.job_id, by=self.by, days=days)
        self.place.apart(lambda: grouped(board, zone, now, asked), lambda answer: self._heard(asked, answer))

    def _heard(self, asked: GroupJobs, answer: object) -> None:
        self._asking = False
        now = self.sight.real_ms()
        self._anew_ms = now + max(ANEW_MS, REST * (now - self._asked_ms))
        if asked != GroupJobs(job_id=self.job_id, by=self.by, days=PERIODS[self.period][1]):
            self._ask()  # something else is wanted meanwhile
            return
        self._trouble = str(answer) if isinstance(answer, CallchainError) else ""
        if isinstance(answer, Grouped):
            self.answer = answer
        if self.is_mounted and self.is_current:
            self.paint(slow=False)

    @property
    def _zone(self) -> str:
        return getattr(self.sight.zone, "key", "UTC")

    # -- the operator's hand

    def _anew(self) -> None:
        self.answer = None
        self._ask()
        self.paint(slow=False)

    def action_group(self) -> None:
        """By the next thing."""
        self.by = self.by.next
        self._anew()

    def action_period(self) -> None:
        """Of the next period."""
        self.period = (self.period + 1) % len(PERIODS)
        self._anew()

    def action_other_job(self, by: int) -> None:
        """Of an older or a newer job."""
        ids = sorted((job.job_id for job in self.sight.jobs), reverse=True)
        if self.job_id in ids:
            place = ids.index(self.job_id) + by
            if 0 <= place < len(ids):
                self.job_id, self.period = ids[place], 0
                self._anew()

    def action_only_missed(self) -> None:
        """Only those nobody reached, or all again."""
        self.only_missed = not self.only_missed
        self.paint(slow=False)

    def action_export(self, form: str) -> None:
        """Write the delivery report: CSV of those nobody reached, or the whole as a page."""
        if not self.job_id:
            return
        board, zone, now = self.sight.board, self._zone, self.sight.now()
        file = file_for(f"job{self.job_id}-{'not-reached' if form == 'csv' else 'report'}", now, self.sight.zone, form)
        asked = WriteReport(job_id=self.job_id, file=str(file), not_reached=form == "csv")
        export(self, file, lambda: written(board, zone, now, asked))

    @on(RowList.Opened)
    def open_chain(self, opened: RowList.Opened) -> None:
        """Look into a chain nobody reached."""
        one = opened.row
        assert isinstance(one, Missed)
        if self.sight.board.columns.slot(one.chain_id) is None:
            self.notify("Its job is no longer on the board.")
        else:
            self.post_message(LiveList.Opened(one.chain_id))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While the data is old, `d` is what the first lines offer: to diagnose."""
        return super().check_action(action, parameters) if not (action == "period" and self.sight.vitals.old) else False

    def action_back(self) -> None:
        """Everything again; then leave."""
        if self.only_missed:
            self.action_only_missed()
        else:
            self.app.pop_screen()


class MissedList(RowList[Missed]):
    """`g` groups here, so only Home goes to the first row."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("g", "screen.group", show=False)]
