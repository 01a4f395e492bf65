"""Step 2: what is said, in every language, with what would be heard and how long it takes."""

from collections.abc import Iterator
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, TextArea

from engine.acts.audience import Heard
from engine.speech.length import speech_ms
from engine.speech.wording import CHAIN_FIELDS, DAY_FIELDS
from store.records import Reason
from tui.look.palette import BRIGHT, FAINT, GREY, ORANGE, SKY, STRONG
from tui.panels.text_lines import TextLines, rule
from tui.screens.compose.draft import REASONS
from tui.screens.compose.steps.count_lines import wrapped
from tui.screens.compose.steps.fields import Field, Switch, line, switch, words
from tui.screens.compose.steps.pane import Pane
from tui.screens.compose.steps.picker import Picker, Row
from tui.screens.compose.work import Work

SAYS_NOTHING = "The message says nothing yet: write a text, or choose a recording or a template."

SPEECH_LONG_MS = 30_000
"""Longer than most people listen, and a minute of line for each call."""

NO_RECORDING = ("", "none, the text is spoken")

FIELDS_HINT = " ".join(f"{{{name}}}" for name in (*CHAIN_FIELDS, *DAY_FIELDS))


class What(Pane):
    """The template's line comes first: a message that is kept needs three keys."""

    WORD: ClassVar[str] = "What"
    FIRST: ClassVar[str] = "#text"
    KEYS: ClassVar[str] = "⇥ next field  ^L another language  ^D keep as a template │ ^N next  Esc back"
    KEYS_NARROW: ClassVar[str] = "⇥ field  ^L language  ^D keep as template │ ^N next  Esc back"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("ctrl+l", "language", show=False, priority=True),
    ]

    def __init__(self, work: Work) -> None:
        super().__init__(work, "what")

    def compose(self) -> ComposeResult:
        """Fields on the left, what is heard on the right, or below where it is narrow."""
        with Horizontal():
            with Vertical(id="write"):
                yield TextLines(id="what-rule")
                yield line("template", "Template", "a kept message: type and Enter; or Tab, and write")
                yield Picker(id="kept")
                yield TextLines(id="languages")
                yield words("text", "Text")
                yield line("machine", "Machines", "what is left on them, if something else")
                yield line("language", "Language", "like en, es or zh-Hant")
                yield switch("recording", "Recording", [NO_RECORDING])
                yield line("subject", "Subject", "never spoken, a name for the job; else the text's first words")
                if not self._work.emergency:
                    yield switch("reason", "Reason", [(one.word, one.word.replace("_", " ")) for one in REASONS])
            yield TextLines(id="heard", fills=True)
        yield TextLines(id="heard-below", fills=True)

    def arrive(self) -> None:
        """The keys go to the templates, or to the text where one was begun."""
        self._work.list_kept()
        self.fill()
        self.query_one("#text" if not self.draft.sheet.blank else "#template").focus()

    def why_not(self) -> str:
        """Why one cannot go on, empty where one can."""
        if self.draft.sheets[0].blank:
            return SAYS_NOTHING
        return "" if self._work.listening else self._work.heard_trouble

    def paint(self, width: int) -> None:
        """Labels, languages, templates that pass, what would be heard."""
        for field in self.query(Field):
            field.paint()
        narrow = self.screen.has_class("-narrow")
        left = width if narrow else width - 53
        choosing = self.query_one("#template", Input).has_focus
        self.set_class(choosing, "-kept")
        self.query_one("#what-rule", TextLines).show(
            [rule("What", left, f"fields: {FIELDS_HINT}" if left > 60 else "")]
        )
        self.query_one("#languages", TextLines).show([self._languages()])
        self._offer()
        below, beside = self.query_one("#heard-below", TextLines), self.query_one("#heard", TextLines)
        shown, room = (below, width) if narrow else (beside, 52)
        shown.show(list(self._heard(room, max(2, shown.size.height))))

    def fill(self) -> None:
        """Put the draft into the fields."""
        draft, sheet = self.draft, self.draft.sheet
        for name, value in (("machine", sheet.machine_text), ("language", sheet.language), ("subject", draft.subject)):
            self.query_one(f"#{name}", Input).value = value
        area = self.query_one("#text", TextArea)
        if area.text != sheet.text:
            area.text = sheet.text
            area.move_cursor(area.document.end)
        self._offer_recordings()
        if not self._work.emergency:
            self.query_one("#reason", Switch).put(draft.reason.word)

    def _offer_recordings(self) -> None:
        kept = [(one.recording_id, f"{one.name}, {one.duration_ms / 1000:.0f} s") for one in self._work.recordings]
        self.query_one("#recording", Switch).offer([NO_RECORDING, *kept], self.draft.sheet.recording_id)

    def _offer(self) -> None:
        """The templates that pass what is typed: an emergency's are an emergency's, and the other way round."""
        typed = self.query_one("#template", Input).value.casefold().split()
        emergency = self._work.emergency
        picker = self.query_one("#kept", Picker)
        unnamed = "No template has this name; Tab, and write." if typed else "No template is kept yet; Tab, and write."
        picker.nothing = self._work.lists_trouble or unnamed
        picker.offer(
            [
                Row(("template", one.name), "template", one.name, one.message.text)
                for one in self._work.templates
                if (one.message.reason is Reason.EMERGENCY) == emergency
                and all(word in one.name.casefold() for word in typed)
            ]
        )
        self._offer_recordings()

    def _languages(self) -> Text:
        """Which language is on the sheet, and which there are."""
        shown = Text.assemble(("  Says        ", GREY))
        for place, sheet in enumerate(self.draft.sheets):
            here = place == self.draft.shown
            shown.append("▸" if here else " ", SKY).append(sheet.language or "?", STRONG if here else BRIGHT)
            shown.append(f" {speech_ms(sheet.text) / 1000:.0f} s   ", GREY)
        return shown.append("^L another language", FAINT)

    def _heard(self, width: int, rows: int) -> Iterator[Text]:
        """What people hear in each language, with seconds; what is wrong with it stands above."""
        work = self._work
        yield rule("They will hear", width, "…" if work.listening else "")
        if work.heard_trouble and not work.listening:
            yield from wrapped(f"▲ {work.heard_trouble}", width, ORANGE)
        if work.heard is None:
            return
        sayings = work.heard.sayings
        each = max(1, (rows - 2) // len(sayings) - 1)
        for heard in sayings:
            yield from _heard_lines(heard, width, each)
        if rows > 8:
            yield Text()
            yield from wrapped(work.heard.legal_meaning, width, GREY)

    # -- the author's hand

    @on(Input.Changed)
    def type(self, changed: Input.Changed) -> None:
        """Keep what is typed."""
        name, value, sheet = changed.input.id, changed.value, self.draft.sheet
        if name == "machine":
            sheet.machine_text = value
        elif name == "language":
            sheet.language = value
        elif name == "subject":
            self.draft.subject = value
        self._work.touched()

    @on(TextArea.Changed)
    def write(self, changed: TextArea.Changed) -> None:
        """Keep the text."""
        self.draft.sheet.text = changed.text_area.text
        self._work.touched()

    @on(Input.Submitted)
    def submit(self, submitted: Input.Submitted) -> None:
        """Enter takes the template, elsewhere it goes to the next field."""
        row = self.query_one("#kept", Picker).current
        if submitted.input.id != "template":
            self.app.action_focus_next()
        elif row is not None:
            self._take(row)

    @on(Picker.Picked)
    def click(self, picked: Picker.Picked) -> None:
        """The same with the mouse."""
        self._take(picked.row)

    @on(Switch.Turned)
    def turn(self, turned: Switch.Turned) -> None:
        """Another recording, or another reason."""
        if turned.switch.id == "recording":
            self.draft.sheet.recording_id = turned.switch.value
        else:
            self.draft.reason = Reason[turned.switch.value.upper()]
        self._work.touched()

    def action_move(self, by: int) -> None:
        """Up and down the templates."""
        if self.query_one("#template", Input).has_focus:
            self.query_one("#kept", Picker).move(by)

    def action_language(self) -> None:
        """The next language, or a new one."""
        self.draft.next_sheet()
        self.fill()
        self.query_one("#text").focus()
        self._work.touched()

    def _take(self, row: Row) -> None:
        """Say what the template says."""
        self.draft.take(next(one for one in self._work.templates if one.name == row.key[1]))
        self.fill()
        self.query_one("#text").focus()
        self._work.touched()


def _heard_lines(heard: Heard, width: int, rows: int) -> list[Text]:
    """One language: how long, and the words."""
    long = heard.people_ms > SPEECH_LONG_MS
    seconds = (f"{heard.people_ms / 1000:.0f} s", ORANGE if long else BRIGHT)
    machines = (f"  on machines {heard.machines_ms / 1000:.0f} s", GREY)
    head = Text.assemble((f" {heard.language} ", STRONG), seconds, machines)
    if long:
        head.append("  ▲ few listen so long", ORANGE)
    return [head, *wrapped(f"“{heard.people}”", width, BRIGHT, rows)]
