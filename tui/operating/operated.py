"""What the operator can do with the dashboard, by keys and from the palette."""

from abc import abstractmethod
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import App
from textual.binding import Binding, BindingType

from engine.board import Board
from engine.doctor.examine import examine
from store.commands import Verb
from store.errors import NotFoundError, StoreError
from tui.dialogs.command_palette import CommandPalette, Offer
from tui.dialogs.diagnosis import Diagnosis
from tui.door_like import RunApart
from tui.live.live_list import LiveList
from tui.live.saved_views import SavedViews, View
from tui.look.themes import Look, other, put_on
from tui.operating.hand import Hand
from tui.operating.navigation import Navigation
from tui.operating.offers import offers
from tui.panels.command_log import CommandLog
from tui.panels.sight import Sight
from tui.screens.catalog import CATALOG
from tui.screens.chain import ChainScreen
from tui.screens.live import LiveScreen
from tui.screens.room import Place
from tui.screens.why import WhyRoom

FAREWELL = "The dashboard is closed; the engine goes on."


class Operated(App[None]):
    """Its attributes but `views` and `home` are there once there is a store (`ready`); before, keys do nothing."""

    farewell = FAREWELL
    """What is said when it was left."""
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(entry.key, f"go('{entry.name}')", show=False) for entry in CATALOG),
        Binding("minus", "back_and_forth", show=False),
        Binding("escape", "step_back", show=False),
        Binding("colon", "palette", show=False),
        Binding("n", "compose", show=False),
        Binding("w", "why", show=False),
        Binding("W", "wallboard", show=False),
        Binding("q", "leave", show=False),
        Binding("P", "ask('pause')", show=False),
        Binding("R", "ask('resume')", show=False),
        Binding("X", "ask('cancel')", show=False),
        Binding("x", "cancel_chains", show=False),
        Binding("v", "review", show=False),
        Binding("ctrl+r", "recall", show=False),
        Binding("r", "retry_or_recall", show=False),
        Binding("d", "diagnose", show=False),
        Binding("b", "browse", show=False),
        Binding("a", "acknowledge", show=False),
        Binding("T", "theme", show=False),
        Binding("plus", "rate(1)", show=False),
        Binding("underscore", "rate(-1)", show=False),
    ]

    home: Path
    look: Look
    views: SavedViews
    board: Board
    sight: Sight
    commands: CommandLog
    place: Place
    """What every screen stands on."""
    live: LiveScreen
    hand: Hand
    navigation: Navigation

    apart: RunApart

    @property
    @abstractmethod
    def ready(self) -> bool:
        """There is a store to look into."""

    @abstractmethod
    def ask_health(self) -> None:
        """Ask the engine how it is."""

    @abstractmethod
    def repaint(self) -> None:
        """Show everything anew."""

    @abstractmethod
    def change_rate(self, by: int) -> int:
        """More or fewer ticks a second; returns how many there are now."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Before there is a store one can leave, look again and ask the doctor."""
        if not self.ready and action in _LATER:
            return False
        return super().check_action(action, parameters)

    # -- the way

    def action_go(self, name: str) -> None:
        """Show a screen."""
        self.navigation.show(name)

    def action_back_and_forth(self) -> None:
        """The screen shown before."""
        self.navigation.back_and_forth()

    def action_step_back(self) -> None:
        """One step towards the home screen."""
        if self.screen is not self.live:
            self.pop_screen()

    @on(LiveList.Opened)
    def open_chain(self, opened: LiveList.Opened) -> None:
        """Look into a chain."""
        self.open_chain_by_id(opened.chain)

    def open_chain_by_id(self, chain: int) -> None:
        """Look into a chain."""
        self.push_screen(ChainScreen(self.place, chain, self.live.walk))

    @property
    def chain_in_view(self) -> int:
        """The chain of the screen, or the selected one of the live list; 0 where there is none to be seen."""
        if isinstance(self.screen, ChainScreen):
            return self.screen.chain
        return self.live.chains.selected if self.screen is self.live else 0

    def show_filter(self, text: str) -> None:
        """The live list with another filter."""
        self.navigation.show(self.live.NAME)
        self.live.field.value = text

    def show_view(self, view: View) -> None:
        """The live list as it was kept."""
        self.navigation.show(self.live.NAME)
        self.live.show_view(view)

    def save_view(self, name: str) -> None:
        """Keep filter and order of the live list under a name."""
        try:
            self.views.keep(name, self.live.view)
        except StoreError as error:
            self.notify(str(error), severity="warning")
        else:
            self.notify(f"Kept. `:view {name}` shows it again.")

    def forget_view(self, name: str) -> None:
        """Keep a view no longer."""
        self.views.forget(name)

    def action_palette(self) -> None:
        """Everything that can be done, by its words."""
        self.push_screen(CommandPalette(lambda typed: offers(self, typed)), self._chosen)

    def _chosen(self, offer: Offer | None) -> None:
        if offer is not None:
            offer.do()

    def action_compose(self) -> None:
        """Which kind of message to write."""
        from tui.screens.compose.dialogs import EMERGENCY, ComposeMenu  # the wizard is read when it is first wanted

        def chosen(kind: str | None) -> None:
            if kind:
                self.compose_message(emergency=kind == EMERGENCY)

        self.push_screen(ComposeMenu(drill=bool(self.sight.pretense)), chosen)

    def compose_message(self, *, emergency: bool) -> None:
        """The wizard, as it was left."""
        from tui.screens.compose.compose_room import open_wizard

        open_wizard(self, self.place, emergency=emergency)

    def action_why(self) -> None:
        """Why the chain in view has not been called, or what became of it."""
        if self.chain_in_view:
            self.tell_why(self.chain_in_view)
        else:
            self.notify("Select a chain first.", severity="warning")

    def tell_why(self, chain: int) -> None:
        """Every message of a chain's contact, and the rule that explains each call."""
        with suppress(NotFoundError):
            view = self.live.chains.view(chain)
            self.push_screen(WhyRoom(self.place, view.contact_key, view.contact_name))

    # -- commands

    def action_ask(self, word: str) -> None:
        """Ask before the job in view is paused, resumed or canceled."""
        self.hand.ask_about_job(Verb[word.upper()], self.chain_in_view)

    def action_cancel_chains(self) -> None:
        """Ask before the marked chains, or the one in view, are canceled."""
        self.hand.ask_about_chains(self.chain_in_view)

    def action_review(self) -> None:
        """Look at what waits for a second person."""
        self.hand.review()

    def action_recall(self) -> None:
        """Take back what counts down."""
        self.hand.recall()

    def action_retry_or_recall(self) -> None:
        """Take back what counts down; with old data, ask the engine again."""
        if self.ready and self.hand.counts_down:
            self.hand.recall()
        else:
            self.action_retry()

    # -- what is seen

    def action_retry(self) -> None:
        """Ask the engine how it is, now."""
        self.ask_health()

    def action_diagnose(self) -> None:
        """Have the doctor look while nothing is heard."""
        box = Diagnosis()

        def told(answer: object) -> None:
            if isinstance(answer, list):
                box.show(answer)
            else:
                box.show([], str(answer))

        self.push_screen(box)
        database = self.board.database if self.ready else None
        self.apart(lambda: examine(self.home, database=database, network=False), told)

    def action_browse(self) -> None:
        """Old numbers bright, or dimmed again."""
        if self.sight.vitals.old:
            self.sight.browsing = not self.sight.browsing
            self.repaint()

    def action_acknowledge(self) -> None:
        """The alarms that stand have been seen."""
        if self.sight.acknowledge():
            self.repaint()

    def action_theme(self) -> None:
        """Light instead of dark, or the other way round."""
        look = other(self.look)
        if look is None:
            self.notify("The colors are those of this terminal; change them there.")
            return
        self.look = look
        put_on(self, look)
        self.repaint()
        self.screen.refresh()

    def action_rate(self, by: int) -> None:
        """Paint more often, or less."""
        rate = self.change_rate(by)
        self.notify(f"{rate} time{'s' * (rate != 1)} a second.")

    def action_wallboard(self) -> None:
        """It is a program of its own, for a screen on which nobody types."""
        self.notify("On the screen for the wall: `callchain watch --wallboard`.")

    def action_leave(self) -> None:
        """Leave; the engine goes on."""
        self.exit(message=self.farewell)


_LATER = frozenset(
    (
        "go", "back_and_forth", "step_back", "palette", "compose", "why", "ask", "cancel_chains", "review", "recall",
        "browse", "acknowledge",
    )
)  # fmt: skip
"""What needs a store."""
