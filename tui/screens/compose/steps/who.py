"""Step 1: whom it is for, with a live count and who cannot be reached while one chooses."""

from collections.abc import Iterator
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input

from engine.messaging.counting import Choice
from tui.look.palette import BRIGHT, GREY, STRONG
from tui.panels.text_lines import TextLines, rule
from tui.screens.compose.draft import NOBODY, Draft
from tui.screens.compose.steps.count_lines import count_lines, unreachable_lines
from tui.screens.compose.steps.fields import Field, Line, Switch, line, switch
from tui.screens.compose.steps.pane import Pane
from tui.screens.compose.steps.picker import Picker, Row
from tui.screens.compose.work import Work

AUDIENCES = (("contacts", "families"), ("students", "students themselves"), ("staff", "staff"))

EVERYBODY = ("everybody", "")

ALL_OF = {
    "contacts": "every messenger contact of every student",
    "students": "every student, on their own phones",
    "staff": "every member of staff",
}

KIND_WORDS = {"staff_type": "staff type"}

NOT_FOR = {"contacts": {"staff_type"}, "students": {"staff_type"}, "staff": {"grade", "class"}}
"""Kinds of choices that narrow other people only."""


class Who(Pane):
    """`find` keeps the keys; the list below follows what is typed there."""

    WORD: ClassVar[str] = "Who"
    FIRST: ClassVar[str] = "#find"
    KEYS: ClassVar[str] = "type to search  ↑↓ move  ⏎ choose or let go  ⌫ last one off  ⇥ to whom │ ^N next  Esc leave"
    KEYS_NARROW: ClassVar[str] = "type to search  ↑↓ ⏎ choose  ⌫ last off  ⇥ to whom │ ^N next  Esc leave"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "move(-10)", show=False),
        Binding("pagedown", "move(10)", show=False),
    ]

    def __init__(self, work: Work) -> None:
        super().__init__(work, "who")

    def compose(self) -> ComposeResult:
        """The list on the left, the count on the right, or below where it is narrow."""
        with Horizontal():
            with Vertical(id="choose"):
                yield TextLines(id="chosen")
                yield line("find", "Search", "a school, grade, class, language or a name")
                yield switch("to", "To", AUDIENCES)
                yield Picker(id="rows")
            yield TextLines(id="counted", fills=True)
        yield TextLines(id="counted-below")

    def arrive(self) -> None:
        """The keys go to the search."""
        self.query_one("#to", Switch).put(self.draft.audience)
        self.query_one("#find", Input).focus()
        self.refill(keep=True)

    def why_not(self) -> str:
        """Why one cannot go on, empty where one can."""
        if not self.draft.has_audience:
            return NOBODY
        count = self._work.count
        return count.why_none if count is not None and not self._work.counting else ""

    def paint(self, width: int) -> None:
        """The chosen ones, the list, the count."""
        for field in self.query(Field):
            field.paint()
        narrow = self.screen.has_class("-narrow")
        left = width if narrow else width - 47
        self.query_one("#chosen", TextLines).show([rule("Who", left), _chosen(self.draft, left)])
        self.refill(keep=True)
        if narrow:
            lines = [*count_lines(self._work, width), *unreachable_lines(self._work, width, 2)]
            self.query_one("#counted-below", TextLines).show(lines)
        else:
            panel = self.query_one("#counted", TextLines)
            room = max(3, panel.size.height - 12)
            panel.show([*count_lines(self._work, 46), Text(), *unreachable_lines(self._work, 46, room)])

    def refill(self, *, keep: bool) -> None:
        """The rows that pass what is typed."""
        picker = self.query_one("#rows", Picker)
        waits = self._work.count_trouble or "Asking the engine what there is …"
        picker.nothing = "Nothing has this name." if self._work.choices else waits
        picker.offer(list(self._rows()), keep=keep)

    def _rows(self) -> Iterator[Row]:
        """What is chosen first, then everybody, then what passes the search, people last."""
        draft, words = self.draft, self._work.find.casefold().split()
        if not words:
            yield Row(EVERYBODY, "everybody", ALL_OF[draft.audience], marked=draft.everybody)
            for choice in draft.chosen.values():
                yield _row(choice, marked=True)
        unfit = NOT_FOR[draft.audience]
        for choice in (*self._work.choices, *(self._work.found if words else ())):
            key = (choice.kind, choice.key)
            if choice.kind in unfit or (not words and key in draft.chosen):
                continue
            said = f"{choice.kind} {choice.name} {choice.note}".replace("_", " ").casefold()
            if all(word in said for word in words):
                yield _row(choice, marked=key in draft.chosen)

    # -- the author's hand

    @on(Input.Changed, "#find")
    def search(self, changed: Input.Changed) -> None:
        """Filter while it is typed; the first row that passes is under the cursor."""
        self._work.find = changed.value
        self.refill(keep=False)
        self._work.touched()

    @on(Input.Submitted, "#find")
    def choose(self) -> None:
        """Choose what is under the cursor, or let it go."""
        row = self.query_one("#rows", Picker).current
        if row is not None:
            self._toggle(row)

    @on(Picker.Picked)
    def click(self, picked: Picker.Picked) -> None:
        """The same with the mouse."""
        self._toggle(picked.row)

    @on(Switch.Turned)
    def address(self, turned: Switch.Turned) -> None:
        """Families, students or staff."""
        self.draft.address_to(turned.switch.value)
        self._work.touched()

    def action_move(self, by: int) -> None:
        """Up and down the list, from wherever the keys are."""
        self.query_one("#rows", Picker).move(by)

    @on(Line.Emptied)
    def last_off(self) -> None:
        """With nothing typed, backspace lets go of what was chosen last."""
        if self.draft.chosen:
            self.draft.chosen.popitem()
        self.draft.everybody = False
        self._work.touched()

    def _toggle(self, row: Row) -> None:
        if row.key == EVERYBODY:
            self.draft.toggle_everybody()
        else:
            known = (*self._work.choices, *self._work.found, *self.draft.chosen.values())
            self.draft.toggle(next(one for one in known if (one.kind, one.key) == row.key))
        field = self.query_one("#find", Input)
        if field.value:
            field.value = ""
        self._work.touched()


def _row(choice: Choice, *, marked: bool) -> Row:
    kind = KIND_WORDS.get(choice.kind, choice.kind)
    many = f"{choice.people:,}" if choice.people else ""
    note = "  ".join(word for word in (choice.note, many) if word)
    return Row((choice.kind, choice.key), kind, choice.name, note, marked)


def _chosen(draft: Draft, width: int) -> Text:
    """Whom it is for, in words."""
    to = dict(AUDIENCES)[draft.audience]
    if not draft.has_audience:
        return Text(f" To {to}: nobody is chosen yet", GREY)
    line_ = Text.assemble((f" To {to}: ", GREY), (whom_words(draft), STRONG if draft.everybody else BRIGHT))
    line_.truncate(width, overflow="ellipsis")
    return line_


def whom_words(draft: Draft) -> str:
    """`Lincoln Elementary, Oak High · grade 05`; filters of different kinds narrow each other."""
    if draft.everybody:
        return "EVERYBODY"
    kinds: dict[str, list[str]] = {}
    for choice in draft.chosen.values():
        kinds.setdefault(choice.kind, []).append(choice.name)
    bare = ("school", "person", "class")
    return " · ".join(
        ("" if kind in bare else f"{KIND_WORDS.get(kind, kind)} ") + ", ".join(names) for kind, names in kinds.items()
    )
