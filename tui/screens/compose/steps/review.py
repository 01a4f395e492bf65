"""Step 4: what was frozen, the very chains, what was checked, and the phrase that arms the one key that sends."""

from collections.abc import Iterator
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from engine.acts.audience import PlannedChain
from engine.messaging.legal import LegalClass
from engine.views import Prepared
from tui.look.palette import ALERT, BRIGHT, BUTTON, FAINT, GREEN, GREY, HOT, ORANGE, STRONG
from tui.panels.text_lines import TextLines, rule
from tui.panels.written import fit, minute_of_day
from tui.screens.compose.checks import FINE, STOP, WARNING, Check, checks_of
from tui.screens.compose.foreseen import estimate_lines, forecast_lines
from tui.screens.compose.sending import Sending, Stage
from tui.screens.compose.steps.count_lines import gap_line, wrapped
from tui.screens.compose.steps.fields import Field, line
from tui.screens.compose.steps.pane import Pane
from tui.screens.compose.steps.who import whom_words
from tui.screens.compose.work import Work

ENTER_SENDS_NOTHING = "Enter never sends. When the phrase is right, ^S does."

PHRASE_OF_SCHEDULE = "SCHEDULE"


class Review(Pane):
    """Prepared when one arrives; to change anything one goes back, and it is prepared anew."""

    WORD: ClassVar[str] = "Review"
    FIRST: ClassVar[str] = "#phrase"
    KEYS: ClassVar[str] = "^A accept warnings  PgUp PgDn the list  ^T the others  ^R prepare anew │ ^S sends  Esc back"
    KEYS_NARROW: ClassVar[str] = "^A accept  PgUp PgDn list  ^T others  ^R anew │ ^S sends  Esc back"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+a", "accept", show=False, priority=True),
        Binding("ctrl+t", "other_list", show=False, priority=True),
        Binding("pagedown,down", "page(1)", show=False),
        Binding("pageup,up", "page(-1)", show=False),
    ]

    def __init__(self, work: Work, sending: Sending) -> None:
        super().__init__(work, "review")
        self._sending = sending
        self._accepted = False
        self._shows_gaps = False
        self._first = 0
        """Of the list on the screen."""

    def compose(self) -> ComposeResult:
        """What is frozen, the list, the checks, the phrase."""
        yield TextLines(id="frozen")
        yield TextLines(id="list-rule")
        yield TextLines(id="list", fills=True)
        yield TextLines(id="checks")
        yield line("phrase", "Type")
        yield TextLines(id="armed")

    def arrive(self) -> None:
        """Freeze the audience; the keys go to the phrase."""
        field = self.query_one("#phrase", Input)
        field.value = ""
        field.focus()
        self.prepare()

    def prepare(self) -> None:
        """Freeze it, or freeze it anew; what was accepted was of what was frozen before."""
        self._accepted, self._shows_gaps, self._first = False, False, 0
        self.query_one("#phrase", Input).value = ""
        if self.draft.scheduled:
            self._sending.forget()
        else:
            self._sending.prepare(self.draft.request())

    def why_not(self) -> str:
        """There is no step after this one: sending has its own key."""
        return ENTER_SENDS_NOTHING

    @property
    def phrase(self) -> str:
        """What must be typed; empty while there is nothing to send."""
        if self.draft.scheduled:
            return PHRASE_OF_SCHEDULE
        prepared = self._sending.prepared
        if prepared is None:
            return ""
        return f"SEND {prepared.count}" if self._work.emergency else f"{prepared.count}"

    def not_armed(self) -> str:
        """Why the sending key does nothing, empty when it sends."""
        if self._sending.stage is not Stage.REVIEW:
            return "it was asked for already"
        if self._sending.preparing or not self.phrase:
            return "it is being prepared" if self._sending.preparing else "nothing is prepared; ^R tries again"
        checks = self._checks()
        stop = next((check for check in checks if check.state == STOP), None)
        if stop is not None:
            return stop.words
        if not self._accepted and any(check.state == WARNING for check in checks):
            return "warnings must be accepted first, with ^A"
        typed = " ".join(self.query_one("#phrase", Input).value.split()).replace(",", "")
        return "" if typed.upper() == self.phrase else f"type {self.phrase} to arm it"

    def send(self) -> str:
        """Send, if it is armed; else the reason why not."""
        why_not = self.not_armed()
        if not why_not:
            if self.draft.scheduled:
                self._sending.schedule(self.draft)
            else:
                self._sending.ask()
        return why_not

    # -- painting

    def paint(self, width: int) -> None:
        """Everything that was frozen, in the order in which it is read."""
        for field in self.query(Field):
            field.paint()
        tall = self.screen.size.height >= 34
        self.query_one("#frozen", TextLines).show(list(self._frozen(width, tall)))
        self.query_one("#checks", TextLines).show(list(self._check_lines(width)))
        self.query_one("#armed", TextLines).show([self._armed(width)])
        self._paint_list(width)

    def _frozen(self, width: int, tall: bool) -> Iterator[Text]:
        prepared, work = self._sending.prepared, self._work
        said = self.draft.said()
        job = f"job {prepared.job_id}" if prepared else "being prepared …" if self._sending.preparing else ""
        yield rule("Who", width, job)
        yield cut(Text.assemble(" ", (whom_words(self.draft), STRONG)), width)
        if prepared is not None:
            yield cut(_figures(prepared), width)
        elif self.draft.scheduled and work.count is not None:
            yield cut(
                Text(f" {work.count.chains:,} calls if it were sent now; worked out anew each time.", BRIGHT), width
            )
        yield rule("What", width, _speech(prepared))
        subject = self.draft.subject or said.text[:40]
        yield from wrapped(f"{subject}: “{said.text or 'a recording'}”", width, BRIGHT, 5 if tall else 2)
        if prepared is not None and prepared.legal_class in set(LegalClass):
            legal = f"{prepared.legal_class.replace('_', ' ')}: {LegalClass(prepared.legal_class).meaning}"
            yield from wrapped(legal, width, GREY, 2 if tall else 1)
        yield rule("When", width, self._window(prepared))
        yield from self._when(prepared, width, tall)

    def _when(self, prepared: Prepared | None, width: int, tall: bool) -> Iterator[Text]:
        draft, sight = self.draft, self._work.place.sight
        if draft.scheduled:
            first = draft.first_day or "today"
            yield cut(Text(f" {draft.every}, at {draft.at}, from {first}, as “{draft.name}”", BRIGHT), width)
        if prepared is None:
            return
        forecast = self._sending.forecast
        told = forecast_lines(forecast, sight.zone) if forecast else estimate_lines(prepared, sight.health)
        for one in told if tall else told[:1]:
            yield cut(one, width)

    def _window(self, prepared: Prepared | None) -> str:
        if prepared is None:
            return ""
        sight = self._work.place.sight
        opens, closes = (minute_of_day(at, sight.zone) for at in (prepared.opens_at, prepared.closes_at))
        return f"{'at once' if prepared.opens_at <= sight.now() else f'from {opens}'}, until {closes} at the latest"

    def _checks(self) -> list[Check]:
        return checks_of(self._work, self._sending.prepared, self._sending.forecast)

    def _check_lines(self, width: int) -> Iterator[Text]:
        checks = self._checks()
        yield rule("Checks", width)
        fine = Text(" ")
        for check in checks:
            if check.state == FINE:
                fine.append("✓ ", GREEN).append(f"{check.words}   ", GREY)
        yield cut(fine, width)
        for check in checks:
            if check.state == STOP:
                yield cut(Text.assemble((" ✗ ", ALERT), (f" {check.words}", HOT)), width)
            elif check.state == WARNING:
                mark = ("[✓] accepted ", GREEN) if self._accepted else ("[ ] ^A accepts ", HOT)
                yield cut(Text.assemble((" ▲ ", ORANGE), mark, (check.words, BRIGHT)), width)

    def _armed(self, width: int) -> Text:
        """What must be typed, or that the key is armed now."""
        why_not = self.not_armed()
        if not why_not:
            what = "keeps it and schedules it" if self.draft.scheduled else f"SENDS {self.phrase.split()[-1]} CALLS"
            return Text.assemble(" ", (f" ARMED: ^S {what} ", BUTTON if self._work.drill else ALERT))
        line_ = Text(" Not armed: ", GREY).append(f"{why_not}.", BRIGHT).append("  Enter never sends.", FAINT)
        return cut(line_, width)

    # -- the list of chains, or of those who are not called

    def _paint_list(self, width: int) -> None:
        panel = self.query_one("#list", TextLines)
        if self.draft.scheduled:
            self.query_one("#list-rule", TextLines).show([])
            panel.show([])
            return
        rows = max(1, panel.size.height)
        whole, lines = self._gaps(width, rows) if self._shows_gaps else self._chains(width, rows)
        title = "Not called" if self._shows_gaps else "The very calls"
        last = min(whole, self._first + rows)
        where = f"{self._first + 1:,}–{last:,} of {whole:,}" if whole else "none"
        other = "^T the calls" if self._shows_gaps else "^T not called"
        self.query_one("#list-rule", TextLines).show([rule(title, width, f"{where} · {other}")])
        panel.show(lines)

    def _chains(self, width: int, rows: int) -> tuple[int, list[Text]]:
        page = self._sending.page
        if page is None:
            return 0, []
        shown = [one for one in page.page if one.index >= self._first and one.index < page.chains][:rows]
        return page.chains, [_chain_line(one, width) for one in shown]

    def _gaps(self, width: int, rows: int) -> tuple[int, list[Text]]:
        gaps = self._sending.prepared.gaps if self._sending.prepared else ()
        return len(gaps), [gap_line(gap, width) for gap in gaps[self._first : self._first + rows]]

    # -- the author's hand

    @on(Input.Submitted)
    def enter(self) -> None:
        """Enter never sends."""
        self._work.say(ENTER_SENDS_NOTHING)

    @on(Input.Changed)
    def type(self) -> None:
        """The phrase arms the key while it is typed."""
        self._work.touched()

    def action_accept(self) -> None:
        """Take the warnings upon oneself."""
        self._accepted = True
        self._work.touched()

    def action_other_list(self) -> None:
        """Those who are called, or those who are not."""
        self._shows_gaps, self._first = not self._shows_gaps, 0
        if not self._shows_gaps:
            self._sending.turn_to(0)
        self._work.touched()

    def action_page(self, by: int) -> None:
        """The next ones, or the ones before."""
        rows = max(1, self.query_one("#list", TextLines).size.height)
        prepared, page = self._sending.prepared, self._sending.page
        whole = len(prepared.gaps) if prepared and self._shows_gaps else page.chains if page else 0
        self._first = max(0, min(self._first + by * rows, max(0, whole - rows)))
        if not self._shows_gaps:
            self._sending.turn_to(self._first)
        self._work.touched()


def _figures(prepared: Prepared) -> Text:
    figures = Text.assemble((f" {prepared.count:,} calls", STRONG), (f" · {prepared.students:,} students", BRIGHT))
    if prepared.covered:
        figures.append(f" · {prepared.covered:,} covered by another's call", GREY)
    return figures.append(f" · ∅ {prepared.unreachable:,} unreachable", HOT if prepared.unreachable else GREY)


def _speech(prepared: Prepared | None) -> str:
    speech = prepared.speech_ms if prepared else {}
    return ", ".join(f"{language} {ms / 1000:.0f} s" for language, ms in speech.items())


def _chain_line(one: PlannedChain, width: int) -> Text:
    """`Mom Lopez  cell •••-•••-0142, work …  about Ada, Bo`."""
    devices = ", ".join(f"{device.device} {device.number}" for device in one.devices)
    about = f"about {', '.join(one.students)}" if one.students else ""
    return cut(
        Text.assemble(
            (f" {one.index + 1:>6,} ", FAINT), (fit(one.contact, 22), BRIGHT), "  ",
            (f"{one.language} ", GREY), (devices, ""), (f"  {about}", GREY),
        ),
        width,
    )  # fmt: skip


def cut(line_: Text, width: int) -> Text:
    """A line that ends with `…` where there is no room."""
    line_.truncate(width, overflow="ellipsis")
    return line_
