"""What every screen of the dashboard is: a top, a body, a line of keys; painted at every tick."""

from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from tui.door_like import DoorLike, RunApart
from tui.look.palette import FAINT, GREY, STRONG
from tui.panels.band import WIDE
from tui.panels.command_log import CommandLog
from tui.panels.help_screen import HelpScreen, Keys
from tui.panels.sight import Sight
from tui.panels.text_lines import TextLines
from tui.panels.top import Top, is_small, small_lines
from tui.screens.catalog import SHOWN

TABS_ROWS_MIN = 30
"""Terminals of so many rows have one left for the names of all screens."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a screen stands on."""

    sight: Sight
    commands: CommandLog
    door: DoorLike | None
    apart: RunApart


class Room(Screen[None]):
    """Subclasses compose their body in `body` and fill it in `paint_body`; the frame is the same for all."""

    NAME: ClassVar[str] = ""
    """The word in the breadcrumb: `Live`."""
    KEYS: ClassVar[str] = ""
    """The line of keys from 120 columns on."""
    KEYS_NARROW: ClassVar[str] = ""
    """The same at 80 columns; empty: `KEYS`."""
    KEY_HELP: ClassVar[Keys] = ()
    """Every key of this screen, for `?`."""
    OFFERS: ClassVar[tuple[tuple[str, str], ...]] = (("n", "new message"), (":", "commands"), ("-", "back and forth"))
    """Keys that are said beside the names of all screens; none: keys are typed here, so no name has one."""
    BINDINGS: ClassVar[list[BindingType]] = [Binding("question_mark", "help", show=False)]

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place
        self.sight = place.sight

    def compose(self) -> ComposeResult:
        """The frame, with the body between top and keys."""
        yield TextLines(id="small", fills=True)
        yield Top(self.sight)
        yield from self.body()
        yield TextLines(id="keys")

    def body(self) -> ComposeResult:
        """What this screen is made of."""
        yield from ()

    def paint_body(self, slow: bool) -> None:
        """Show how things stand; `slow` (once a second) also what changes slowly or costs more."""

    def on_mount(self) -> None:
        """Show everything at once."""
        self.paint(slow=True)

    def on_resize(self) -> None:
        """Another size: everything is laid out anew."""
        self.call_after_refresh(self.paint, slow=True)

    def paint(self, slow: bool) -> None:
        """Show how things stand, or that there is no room to."""
        width, height = self.app.size
        small = is_small(width, height)
        self.set_class(small, "-small")
        self.set_class(width < WIDE, "-narrow")
        self.set_class(self.sight.dimmed, "-old")
        if small:
            self.part("small").show(small_lines(self.sight, width, height))
            return
        self.query_one(Top).paint()
        self.paint_body(slow)
        self.paint_keys(width)

    def paint_keys(self, width: int) -> None:
        """The keys of this screen, and where there is room the screens there are."""
        tabs = [tabs_line(self.NAME, self.OFFERS)] if self.OFFERS and self.app.size.height >= TABS_ROWS_MIN else []
        self.part("keys").show([self.key_line(width), *tabs])

    def key_line(self, width: int) -> Text:
        """What can be pressed here."""
        return Text(f" {self.KEYS if width >= WIDE else self.KEYS_NARROW or self.KEYS}", GREY)

    def part(self, name: str) -> TextLines:
        """Lines of the body by their id."""
        return self.query_one(f"#{name}", TextLines)

    def action_help(self) -> None:
        """The keys of this screen."""
        self.app.push_screen(HelpScreen(self.NAME, self.KEY_HELP))


def tabs_line(here: str, offers: tuple[tuple[str, str], ...]) -> Text:
    """The screens by their keys; the one that is shown stands out."""
    line = Text(" ")
    for entry in SHOWN:
        style = STRONG if entry.name == here else GREY
        left, right = ("[", "]") if entry.name == here else (" ", " ")
        line.append(f"{entry.key}", FAINT).append(f"{left}{entry.name}{right} ", style)
    for key, word in offers:
        line.append(f"  {key} ", FAINT).append(word, GREY)
    return line
