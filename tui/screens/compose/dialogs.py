"""The small questions around a wizard: which kind, leaving with a draft, and the name of a template."""

from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from tui.look.palette import ALERT, BUTTON, GREY, HOT, NOTICE, ORANGE, PAPER, SKY, STRONG
from tui.panels.text_lines import TextLines

KEEP, THROW = "keep", "throw"

GENERAL, EMERGENCY = "general", "emergency"


class ComposeMenu(ModalScreen[str | None]):
    """Which wizard; dismissed with its kind. The emergency is not the first, and Enter takes neither."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("g", "dismiss('general')", show=False),
        Binding("e", "dismiss('emergency')", show=False),
        Binding("escape,q,enter", "dismiss(None)", show=False),
    ]

    def __init__(self, *, drill: bool) -> None:
        super().__init__()
        self._drill = drill

    def compose(self) -> ComposeResult:
        """A box in the middle."""
        with Vertical(id="dialog"):
            yield TextLines(id="menu")

    def on_mount(self) -> None:
        """Write the choices."""
        where = (
            (" DRILL: the carrier is make-believe ", NOTICE)
            if self._drill
            else (" LIVE: real people are called ", ALERT)
        )
        self.query_one(TextLines).show([
            Text("New message", STRONG),
            Text.assemble(where),
            Text(),
            Text.assemble((" g ", SKY), ("  General     in the district's hours, now or on a schedule", PAPER)),
            Text.assemble((" e ", HOT), ("  Emergency   at once, at any hour, ahead of everything else", PAPER)),
            Text(),
            Text("Nothing is sent before you have reviewed it and typed its count.  Esc leaves.", GREY),
        ])  # fmt: skip


class LeaveDialog(ModalScreen[str | None]):
    """Esc at the first step with a draft: kept unless one says otherwise."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,k", "dismiss('keep')", show=False),
        Binding("D", "dismiss('throw')", show=False),
        Binding("escape", "dismiss(None)", show=False),
    ]

    def compose(self) -> ComposeResult:
        """A box in the middle."""
        with Vertical(id="dialog"):
            yield TextLines(id="leave")

    def on_mount(self) -> None:
        """Write the question."""
        self.query_one(TextLines).show([
            Text("Leave this draft?", STRONG),
            Text("Nothing was sent.", PAPER),
            Text(),
            Text.assemble((" Keep the draft and leave  Enter ", BUTTON), ("     Throw it away  ", GREY), ("D", HOT)),
            Text("Esc goes on writing.", GREY),
        ])  # fmt: skip


class NameDialog(ModalScreen[str | None]):
    """The name under which a draft is kept as a template."""

    CSS_PATH = "../../compose.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", show=False)]

    def __init__(self, *, emergency: bool, taken: frozenset[str]) -> None:
        super().__init__()
        self._emergency = emergency
        self._taken = taken
        """Names there are, in small letters."""

    def compose(self) -> ComposeResult:
        """A box in the middle."""
        with Vertical(id="dialog"):
            yield TextLines(id="about-name")
            yield Input(id="template-name", placeholder="like Snow day", compact=True)
            yield TextLines(id="under-name")

    def on_mount(self) -> None:
        """Write the question."""
        kept = (
            "its words; its recipients are chosen anew each time"
            if self._emergency
            else "its words, recipients, window"
        )
        lines = [Text("Keep this draft as a template", STRONG), Text(f"Kept are {kept}.", GREY), Text()]
        self.query_one("#about-name", TextLines).show(lines)
        self._tell("")
        self.query_one(Input).focus()

    @on(Input.Changed)
    def tell(self, changed: Input.Changed) -> None:
        """Say what Enter will do."""
        self._tell(changed.value)

    def _tell(self, name: str) -> None:
        replaces = " ".join(name.split()).casefold() in self._taken
        warning = Text("▲ It takes the place of the template of this name.", ORANGE) if replaces else Text()
        self.query_one("#under-name", TextLines).show([warning, Text("Enter keeps it, Esc does not.", GREY)])

    @on(Input.Submitted)
    def keep(self, submitted: Input.Submitted) -> None:
        """Keep it, if it has a name."""
        if submitted.value.strip():
            self.dismiss(submitted.value.strip())
