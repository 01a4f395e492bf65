"""The compose wizard: four steps from whom it is for to the phrase that sends it, then the ladder."""

from typing import ClassVar

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

from engine.acts.templates import SAVE
from store.documents import Template
from store.errors import CallchainError, InvalidInputError
from tui.look.palette import GREY, HOT
from tui.panels.band import WIDE
from tui.panels.help_screen import Keys
from tui.panels.text_lines import TextLines
from tui.screens.compose.dialogs import KEEP, THROW, LeaveDialog, NameDialog
from tui.screens.compose.frame_lines import crumbs, kind_line
from tui.screens.compose.sending import Sending, Stage
from tui.screens.compose.steps.on_ladder import OnLadder
from tui.screens.compose.steps.pane import Pane
from tui.screens.compose.steps.review import Review
from tui.screens.compose.steps.what import What
from tui.screens.compose.steps.when import When
from tui.screens.compose.steps.who import Who
from tui.screens.compose.work import Work
from tui.screens.room import Place, Room

KEY_HELP: Keys = (
    ("^N", "next step; says why not, where that cannot be"),
    ("Esc", "back a step; at the first one: leave, and keep the draft or throw it away"),
    ("Tab  Shift-Tab", "next field, field before"),
    ("↑ ↓ ⏎", "Who and templates: move, choose; Enter never sends"),
    ("^L", "What: the next language, after the last one a new one"),
    ("^D", "keep the draft as a template"),
    ("^A", "Review: accept the warnings"),
    ("PgUp PgDn ^T", "Review: page through the very calls, or those not called"),
    ("^R", "Review: prepare anew"),
    ("^S", "Review: send, once the phrase is typed as it is shown"),
    ("r  Esc", "while it waits or counts down: recall it"),
)


class ComposeRoom(Room):
    """Reached with `open_wizard`, so that its draft survives leaving it."""

    CSS_PATH = "../../compose.tcss"
    NAME: ClassVar[str] = "New"
    OFFERS = ()
    KEY_HELP: ClassVar[Keys] = KEY_HELP
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+n", "next", show=False, priority=True),
        Binding("escape", "back", show=False),
        Binding("enter", "close", show=False),
        Binding("r", "recall", show=False),
        Binding("ctrl+d", "keep", show=False, priority=True),
        Binding("ctrl+r", "anew", show=False, priority=True),
        Binding("ctrl+s", "send", show=False, priority=True),
        # No letter typed beside a field leaves the wizard or reaches a job.
        Binding("q,n,w,P,R,X", "nothing", show=False),
    ]

    class Released(Message):
        """A job went out: the app may show how it goes."""

        def __init__(self, job_id: int, *, emergency: bool) -> None:
            super().__init__()
            self.job_id = job_id
            self.emergency = emergency

    def __init__(self, place: Place, emergency: bool) -> None:
        super().__init__(place)
        self.work = Work(place, emergency, self._changed)
        self.sending = Sending(place, self._went_on)
        self._review = Review(self.work, self.sending)
        middle = () if emergency else (When(self.work),)
        self._steps: list[Pane] = [Who(self.work), What(self.work), *middle, self._review]
        self._ladder = OnLadder(self.work, self.sending)
        self._at = 0
        self._was_asked = False

    @property
    def step(self) -> Pane:
        """The one on the screen."""
        return self._steps[self._at]

    @property
    def is_asked(self) -> bool:
        """It was asked for, and the ladder is on the screen."""
        return self.sending.stage not in (Stage.REVIEW, Stage.ASKING)

    @property
    def is_unseen(self) -> bool:
        """There is no room to show it: nobody sends, or goes on, blindly."""
        return self.has_class("-small")

    @property
    def pane(self) -> Pane:
        """What is on the screen: a step, or the ladder."""
        return self._ladder if self.is_asked else self.step

    def body(self) -> ComposeResult:
        """Which kind, which step, the step, and why the last key did nothing."""
        yield TextLines(id="kind")
        yield TextLines(id="crumbs")
        yield from self._steps
        yield self._ladder
        yield TextLines(id="trouble")

    def on_mount(self) -> None:
        """Begin at the first step."""
        self._show_step()
        super().on_mount()

    def on_screen_resume(self) -> None:
        """Back with the draft: what was prepared before may have been overtaken."""
        if self.step is self._review and self.sending.stage is Stage.REVIEW and self.sending.stale:
            self._review.prepare()

    # -- painting

    def paint_body(self, slow: bool) -> None:
        """Ask for what has changed, and show the step."""
        self.work.level()
        if slow:
            self.sending.look()
        width, here = self.app.size.width, len(self._steps) if self.is_asked else self._at
        self.part("kind").show([kind_line(self.work, width, not_sent=self.sending.stage.not_sent)])
        self.part("crumbs").show([crumbs([step.WORD for step in self._steps], here)])
        trouble = self.work.trouble or ("" if self.is_asked else self.sending.trouble)
        self.part("trouble").show([Text(f" ▲ {trouble}", HOT, overflow="ellipsis")] if trouble else [])
        if self.focused is None and self.is_current:
            self.query_one(self.pane.FIRST).focus()
        self.pane.paint(width)

    def key_line(self, width: int) -> Text:
        """The keys of the step."""
        keys = self._ladder.keys if self.is_asked else self.step.KEYS if width >= WIDE else self.step.KEYS_NARROW
        return Text(f" {keys}  ? help" if width >= WIDE else f" {keys}", GREY)

    def _changed(self) -> None:
        """Something was typed or heard."""
        if self.is_mounted and self.is_current:
            self.paint(slow=False)

    def _went_on(self) -> None:
        """The engine answered about the job: perhaps another pane is due."""
        if self.sending.stage is Stage.RELEASED and self.sending.prepared is not None:
            self.post_message(self.Released(self.sending.prepared.job_id, emergency=self.work.emergency))
        self._show_step()
        self._changed()

    def _show_step(self) -> None:
        """The pane that is due, and no other."""
        for place, step in enumerate(self._steps):
            step.display = place == self._at and not self.is_asked
        was, self._was_asked = self._was_asked, self.is_asked
        self._ladder.display = self.is_asked
        if was != self.is_asked:
            self.query_one(self.pane.FIRST).focus()

    def _go_to(self, place: int) -> None:
        self._at = place
        self.work.trouble = ""
        self._show_step()
        self.step.arrive()
        self._changed()

    # -- the author's hand

    def action_next(self) -> None:
        """The next step, or why not."""
        if self.is_asked or self.is_unseen:
            return
        why_not = self.step.why_not()
        if why_not:
            self.work.say(why_not)
        elif self._at < len(self._steps) - 1:
            self._go_to(self._at + 1)

    def action_back(self) -> None:
        """The step before; on the ladder a recall; at the first step out, the draft being asked about."""
        stage = self.sending.stage
        if stage in (Stage.WAITING, Stage.COUNTING):
            self.sending.recall()
            self._changed()
        elif stage.done:
            self.action_close()
        elif stage.not_sent:
            self.sending.forget()
            self._go_to(len(self._steps) - 2)
            self._leave(KEEP)
        elif stage is Stage.REVIEW and self._at:
            self.sending.forget()
            self._go_to(self._at - 1)
        elif stage is Stage.REVIEW and self.work.draft.begun:
            self.app.push_screen(LeaveDialog(), self._leave)
        elif stage is Stage.REVIEW:
            self._leave(KEEP)

    def action_close(self) -> None:
        """After the ladder: out where it was sent, back to the review where it was not."""
        stage = self.sending.stage
        if stage.done:
            self._leave(THROW)
        elif stage.not_sent:
            self.sending.forget()
            self._go_to(len(self._steps) - 1)

    def action_recall(self) -> None:
        """Take it back before it has gone out."""
        self.sending.recall()
        self._changed()

    def action_anew(self) -> None:
        """Freeze the audience anew."""
        if self.step is self._review and self.sending.stage is Stage.REVIEW:
            self._review.prepare()
            self.work.touched()

    def action_send(self) -> None:
        """Send, where the phrase has armed it; elsewhere say what is missing."""
        if self.is_asked or self.is_unseen:
            return
        if self.step is not self._review:
            self.work.say("Nothing is sent before the review: ^N goes on to it.")
            return
        why_not = self._review.send()
        if why_not:
            self.work.say(f"Nothing was sent: {why_not}.")
        else:
            self.work.touched()

    def action_keep(self) -> None:
        """Keep the draft as a template."""
        if self.work.draft.sheets[0].blank:
            self.work.say("There is nothing to keep yet: the message says nothing.")
            return
        self.work.list_kept()
        taken = frozenset(one.name.casefold() for one in self.work.templates)
        self.app.push_screen(NameDialog(emergency=self.work.emergency, taken=taken), self._keep)

    def action_nothing(self) -> None:
        """Letters typed beside a field do nothing here."""

    def _keep(self, name: str | None) -> None:
        """Have the engine keep it, and say what came of it."""
        door = self.place.door
        if not name or door is None:
            return
        try:
            asked = self.work.draft.template(name)
        except InvalidInputError as error:
            self.work.say(str(error))
            return

        def kept(answer: object) -> None:
            if isinstance(answer, Template):
                self.work.templates = [*(one for one in self.work.templates if one.name != answer.name), answer]
                self.notify(f"Kept as the template “{answer.name}”.")
                self._changed()
            elif isinstance(answer, CallchainError):
                self.work.say(f"Not kept: {answer}")

        self.place.apart(lambda: door.act(SAVE, asked), kept)

    def _leave(self, how: str | None) -> None:
        """Leave, with the draft kept or thrown away."""
        if how is None:
            return
        if how == THROW:
            self.begin_anew()
        self.app.pop_screen()

    def begin_anew(self) -> None:
        """Throw the draft away."""
        self.work.begin_anew()
        self.sending.forget()
        self.query_one("#find", Input).value = ""
        self._go_to(0)


def open_wizard(app: App[None], place: Place, *, emergency: bool) -> None:
    """Go to the wizard of a kind, as it was left: the app keeps one of each."""
    name = f"compose-{'emergency' if emergency else 'general'}"
    if not app.is_screen_installed(name):
        app.install_screen(ComposeRoom(place, emergency), name)
    room = app.get_screen(name)
    assert isinstance(room, ComposeRoom), "nothing else has this name"
    if room.sending.stage.done:
        room.begin_anew()
    if room not in app.screen_stack:
        app.push_screen(room)
