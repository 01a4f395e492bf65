"""Step 3 of what is no emergency: now, in a window of its own, or on a schedule; and who is told when it is done."""

from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.widgets import Input

from store.documents import Frequency
from store.errors import InvalidInputError
from tui.look.palette import GREY, ORANGE
from tui.panels.text_lines import TextLines, rule
from tui.screens.compose.draft import NOW, SCHEDULE, WINDOW
from tui.screens.compose.steps.count_lines import wrapped
from tui.screens.compose.steps.fields import Field, Switch, line, switch
from tui.screens.compose.steps.pane import Pane
from tui.screens.compose.work import Work

WHENS = ((NOW, "now, in the district's hours"), (WINDOW, "now, in a window of its own"), (SCHEDULE, "on a schedule"))

EXPLAINED = {
    NOW: "It begins as soon as it is sent, and ends with the district's own hours today.",
    WINDOW: "No call begins outside the window, nor outside the district's hours.",
    SCHEDULE: "It is kept as a template, and a schedule of the same name sends it by itself. Whom it reaches is worked "
    "out anew each time it is sent.",
}

TYPED = {"window": "window", "notify": "notify", "name": "name", "day": "first_day", "at": "at"}
"""Field → the draft's."""


class When(Pane):
    """Only what the first line makes sense of is shown."""

    WORD: ClassVar[str] = "When"
    FIRST: ClassVar[str] = "#when"
    KEYS: ClassVar[str] = "←→ choose  ⇥ next field  ^D keep as a template │ ^N next  Esc back"
    KEYS_NARROW: ClassVar[str] = KEYS

    def __init__(self, work: Work) -> None:
        super().__init__(work, "when-step")

    def compose(self) -> ComposeResult:
        """The choice, then what belongs to it."""
        yield TextLines(id="when-rule")
        yield switch("when", "When", WHENS)
        yield line("window", "Window", "like 09:00-17:00")
        yield line("name", "Name", "of the schedule and its template, like Lunch menu on Fridays")
        yield switch("every", "Every", [(one.word, one.word) for one in Frequency])
        yield line("day", "First day", "like 2026-11-30; empty: today")
        yield line("at", "At", "like 08:30")
        yield line("notify", "Notify", "an address that is told when it is done, like office@example.org")
        yield TextLines(id="when-told")

    def arrive(self) -> None:
        """The keys go to the choice."""
        draft = self.draft
        for name, of_draft in TYPED.items():
            self.query_one(f"#{name}", Input).value = getattr(draft, of_draft)
        self.query_one("#every", Switch).put(draft.every)
        field = self.query_one("#when", Switch)
        field.put(draft.when)
        field.focus()

    def why_not(self) -> str:
        """Why one cannot go on, empty where one can."""
        draft = self.draft
        if draft.when == WINDOW and not draft.window.strip():
            return "The window is not given yet; write it like 09:00-17:00."
        if draft.scheduled and not draft.name.strip():
            return "The schedule has no name yet."
        try:
            draft.request()
            if draft.scheduled:
                draft.schedule()
        except InvalidInputError as error:
            return str(error)
        return ""

    def paint(self, width: int) -> None:
        """Labels, and what the choice means."""
        for field in self.query(Field):
            field.paint()
        draft = self.draft
        self.set_class(draft.when == WINDOW, "-window")
        self.set_class(draft.scheduled, "-schedule")
        self.query_one("#when-rule", TextLines).show([rule("When", width)])
        typed = {NOW: "", WINDOW: draft.window, SCHEDULE: draft.name}[draft.when] or draft.notify
        why_not = self.why_not() if typed and not self._work.trouble else ""
        told = [Text(), *wrapped(EXPLAINED[draft.when], width, GREY), *wrapped(why_not, width, ORANGE)]
        self.query_one("#when-told", TextLines).show(told)

    # -- the author's hand

    @on(Input.Changed)
    def type(self, changed: Input.Changed) -> None:
        """Keep what is typed."""
        setattr(self.draft, TYPED[str(changed.input.id)], changed.value)
        self._work.touched()

    @on(Input.Submitted)
    def submit(self) -> None:
        """Enter goes to the next field."""
        self.app.action_focus_next()

    @on(Switch.Turned)
    def turn(self, turned: Switch.Turned) -> None:
        """Another time, or another frequency."""
        if turned.switch.id == "when":
            self.draft.when = turned.switch.value
        else:
            self.draft.every = turned.switch.value
        self._work.touched()
