"""Why has she not been called? Every message of one contact, each chain with its cause, and the next ring."""

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from engine.why.acts import PERSON, PersonAsked
from engine.why.chain.explain import explain
from engine.why.view import WhyChain, WhyPerson
from store.errors import CallchainError, NotFoundError
from tui.look.palette import FAINT, GREY, ORANGE, STRONG
from tui.panels.help_screen import Keys
from tui.panels.text_lines import TextLines
from tui.panels.top import Top
from tui.screens.around import around_of
from tui.screens.lines.why_lines import board_lines, why_lines
from tui.screens.room import Place, Room

ASK_AGAIN_MS = 10_000
"""Real milliseconds until the engine is asked anew: it looks through every plan of the newest messages."""

SAME_NAME_MAX = 200
"""Chains of the same name that are looked at where no engine answers."""


class WhyRoom(Room):
    """Opened on a contact by key, such as `p:4711`; shows the board's part until the engine has answered."""

    NAME = "why"
    KEYS = "esc back  ↑ ↓ PgUp PgDn move  r ask again  ? help"
    KEY_HELP: ClassVar[Keys] = (
        ("↑ ↓ j k  PgUp PgDn  g G", "move"),
        ("r", "ask the engine again"),
        ("Esc", "back"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace,w", "app.pop_screen", show=False),
        Binding("r", "again", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("g,home", "scroll(-100000)", show=False),
        Binding("G,end", "scroll(100000)", show=False),
    ]

    def __init__(self, place: Place, contact_key: str, name: str) -> None:
        super().__init__(place)
        self._key = contact_key
        self._name = name
        self._found: WhyPerson | None = None
        self._trouble = ""
        self._asking = False
        self._asked_at = -ASK_AGAIN_MS
        self._top = 0

    def body(self) -> ComposeResult:
        """Who it is, and everything about them."""
        yield TextLines(id="heads")
        yield TextLines(id="chain", fills=True)

    def paint_body(self, slow: bool) -> None:
        """What is known, from the first line that is scrolled to."""
        if slow:
            self._ask()
        width, height = self.app.size
        lines, now, zone = list[Text](), self.sight.now(), self.sight.zone
        if self._found is not None:
            lines = why_lines(self._found, now, zone, width)
        else:
            lines = board_lines(self._on_board(), now, zone, width)
        room = height - self.query_one(Top).size.height - self.part("keys").size.height - 1
        self._top = max(0, min(self._top, len(lines) - room))
        more = len(lines) - self._top - room
        self.part("heads").show([self._heading(width, max(0, more))])
        self.part("chain").show(lines[self._top : self._top + room])

    def _heading(self, width: int, more: int) -> Text:
        """Who is meant, and how fresh it is."""
        line = Text.assemble(
            (" Live › ", GREY), (self._name or self._key, STRONG), (f" ({self._key})", GREY), (" › why", STRONG)
        )
        if self._trouble:
            line.append(f"   {self._trouble}", ORANGE)
        elif self._found is None and self.place.door is not None:
            line.append("   asking the engine …", GREY)
        if more:
            line.append(f"   {more} lines below", FAINT)
        line.truncate(width, overflow="ellipsis")
        return line

    # -- asking

    def _ask(self) -> None:
        door, now = self.place.door, self.sight.real_ms()
        if door is None or self._asking or now - self._asked_at < ASK_AGAIN_MS:
            return
        self._asking, self._asked_at = True, now
        # A student nobody is called about has a chain of their own, known as `s:`.
        asked = PersonAsked(who=self._key.removeprefix("s:"))
        self.place.apart(lambda: door.act(PERSON, asked), self._heard)

    def _heard(self, answer: object) -> None:
        self._asking = False
        if isinstance(answer, WhyPerson):
            self._found, self._trouble = answer, ""
        elif isinstance(answer, CallchainError):
            self._trouble = str(answer)
        if self.is_mounted and self.is_current:
            self.paint(slow=False)

    def _on_board(self) -> list[WhyChain]:
        """What the board alone tells of the contact: chains of the same name and key."""
        board, around = self.sight.board, around_of(self.sight)
        found = []
        for slot in board.named(self._name)[:SAME_NAME_MAX] if self._name else ():
            try:
                view = board.chain(int(board.columns.chain_ids[slot]))
            except NotFoundError:
                continue
            if view.contact_key == self._key:
                found.append(explain(view.case, around))
        return sorted(found, key=lambda one: -one.job_id)

    # -- the operator's hand

    def action_again(self) -> None:
        """Ask at once."""
        self._asked_at = -ASK_AGAIN_MS
        self.paint(slow=True)

    def action_scroll(self, by: int) -> None:
        """So many lines down, or up."""
        self._top += by
        self.paint(slow=False)

    def action_page(self, by: int) -> None:
        """A screen down, or up."""
        self.action_scroll(by * max(1, self.part("chain").size.height - 1))
