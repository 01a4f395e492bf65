"""One chain in full: where it stands and why, every attempt, and what comes next and when."""

from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from engine.acts.chain_cancels import CANCEL, CancelChains
from engine.board.chain_view import ChainView
from engine.why.acts import CHAIN, ChainAsked
from engine.why.chain.explain import explain
from engine.why.view import WhyChain
from store.commands import Verb
from store.errors import NotFoundError
from store.keys import index_of, job_of
from tui.dialogs.chains_dialog import ChainDialog, Picked
from tui.look.palette import ORANGE
from tui.panels.chain_text import chain_word
from tui.panels.command_log import Entry
from tui.panels.help_screen import Keys
from tui.panels.text_lines import TextLines
from tui.panels.top import Top
from tui.screens.around import around_of
from tui.screens.lines.chain_lines import chain_lines
from tui.screens.room import Place, Room
from tui.screens.ways import show_chains

ASK_AGAIN_MS = 5_000
"""Real milliseconds until the engine is asked anew where nothing has changed: queues move."""


class ChainScreen(Room):
    """Opened on a chain by its id; `walk(chain, by)` says who its neighbors are in the list it came from.

    Its cause is worked out from the board at once; where a door is there the engine is asked, which knows more.
    """

    NAME = "a chain"
    KEYS = "esc back  [ ] prev/next  w why  c copy id  o job  │  x cancel it…  P pause…  R resume…  X cancel…  ? help"
    KEYS_NARROW = "esc back [ ] prev/next w why c copy o job │ x cancel… P R X job… ? help"
    KEY_HELP: ClassVar[Keys] = (
        ("[  ]", "previous and next chain of the list"),
        ("w", "every message of this contact, and why each was or was not called"),
        ("c", "copy the chain's id"),
        ("o", "the chains of its job, in the list"),
        ("x", "cancel this chain alone: asks first"),
        ("P  R  X", "pause, resume, cancel its job: asks first"),
        ("Esc", "back to the list"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace", "app.pop_screen", show=False),
        Binding("left_square_bracket", "walk(-1)", show=False),
        Binding("right_square_bracket", "walk(1)", show=False),
        Binding("c", "copy", show=False),
        Binding("o", "open_job", show=False),
        Binding("x", "cancel", show=False),
    ]

    def __init__(self, place: Place, chain: int, walk: Callable[[int, int], int]) -> None:
        super().__init__(place)
        self.chain = chain
        self._walk = walk
        self._told: tuple[int, tuple[int, ...], WhyChain] | None = None
        """What the engine said last: of which chain, at which of its stamps."""
        self._asked: tuple[int, tuple[int, ...], int] = (0, (), 0)
        """What it was asked last, and when."""

    def body(self) -> ComposeResult:
        """All of it in one piece: its parts share the room there is."""
        yield TextLines(id="chain", fills=True)

    # -- painting

    def paint_body(self, slow: bool) -> None:
        """Everything is cheap, so everything is painted at every tick."""
        view = self._view()
        if view is None:
            self.part("chain").show([Text(" This chain's job left the board.", ORANGE)])
            return
        if slow:
            self._ask()
        width, height = self.app.size
        room = height - self.query_one(Top).size.height - self.part("keys").size.height
        asked = [entry for entry in self.place.commands.entries if entry.job_id == view.job_id]
        lines = chain_lines(view, self._why(view), asked, self.sight.now(), self.sight.zone, width, room)
        self.part("chain").show(lines)

    def _view(self) -> ChainView | None:
        try:
            return self.sight.board.chain(self.chain)
        except NotFoundError:
            return None

    def _why(self, view: ChainView) -> WhyChain:
        """What the engine said, as long as the chain has not moved since; else what the board tells."""
        told = self._told
        if told is not None and told[:2] == (self.chain, self.sight.board.stamp(self.chain)):
            return told[2]
        return explain(view.case, around_of(self.sight))

    def _ask(self) -> None:
        """Ask the engine about the chain: when it is opened, when it has moved, and now and then."""
        door, chain, stamp = self.place.door, self.chain, self.sight.board.stamp(self.chain)
        asked_chain, asked_stamp, asked_at = self._asked
        now = self.sight.real_ms()
        unchanged = (asked_chain, asked_stamp) == (chain, stamp)
        if door is None or self.sight.vitals.no_commands or (unchanged and now - asked_at < ASK_AGAIN_MS):
            return
        self._asked = chain, stamp, now
        asked = ChainAsked(job_id=job_of(chain), index=index_of(chain))
        self.place.apart(lambda: door.act(CHAIN, asked), lambda answer: self._heard(chain, stamp, answer))

    def _heard(self, chain: int, stamp: tuple[int, ...], answer: object) -> None:
        if isinstance(answer, WhyChain) and chain == self.chain:
            self._told = chain, stamp, answer

    # -- the operator's hand

    def action_walk(self, by: int) -> None:
        """The chain before or after this one in the list."""
        self.chain = self._walk(self.chain, by) or self.chain
        self.paint(slow=True)

    def action_copy(self) -> None:
        """Its id, for a ticket or a command."""
        self.app.copy_to_clipboard(chain_word(self.chain))
        self.notify(f"Copied {chain_word(self.chain)}.")

    def action_open_job(self) -> None:
        """The chains of its job."""
        show_chains(self, f"job:{job_of(self.chain)}")

    def action_cancel(self) -> None:
        """Ask before this chain alone is canceled; say why not, where that cannot be."""
        view, why_not = self._view(), self.sight.vitals.no_commands
        if why_not:
            self.notify(f"Commands are off: {why_not}.", severity="warning")
        elif view is None or view.state.ended:
            self.notify("This chain has ended already.", severity="warning")
        else:
            picked = Picked((view.chain_id,), ((self.sight.board.job(view.job_id), 1),))
            self.app.push_screen(ChainDialog(view, picked), lambda yes: self._answered(view, bool(yes)))

    def _answered(self, view: ChainView, yes: bool) -> None:
        """The command goes to the chain that was asked about, if the engine can still hear it."""
        word, door, why_not = chain_word(view.chain_id), self.place.door, self.sight.vitals.no_commands
        if not yes:
            self.notify(f"Chain {word} is kept as it is.")
        elif why_not or door is None:
            self.notify(f"Not sent: {why_not}.", severity="warning")
        else:
            asked = CancelChains(chain_ids=(view.chain_id,))
            entry = Entry(self.sight.now(), Verb.CANCEL, view.job_id, view.subject, words=f"chain {word}")
            self.place.commands.ask(entry, lambda: door.act(CANCEL, asked))
