"""The dashboard: what a district's phones do right now, four times a second, and commands to its jobs."""

import threading
from contextlib import suppress
from datetime import UTC, tzinfo
from pathlib import Path
from typing import ClassVar
from zoneinfo import ZoneInfo

from textual import on
from textual.app import App
from textual.binding import Binding, BindingType

from actors.runtime.clock import Clock
from engine.board import Board
from engine.config import load_settings
from engine.home import STORE_FOLDER
from engine.orders import Health
from store.commands import Verb
from store.errors import CallchainError, ConfigError, NotFoundError, StoreError
from store.keys import job_of
from tui.door_like import Answer, DoorLike, Errand, RunApart
from tui.live_list import LiveList
from tui.panels.command_log import CommandLog
from tui.panels.keep_dialog import KeepDialog, Question
from tui.panels.sight import Sight
from tui.screens.chain import ChainScreen
from tui.screens.live import LiveScreen
from tui.screens.room import Place, Room
from tui.themes import DARK, put_on

TICK_SECONDS = 0.25

FAREWELL = "The dashboard is closed; the engine goes on."


class Dashboard(App[None]):
    """Looks into the store of the district in `home`; commands go through `door`, None when there is none.

    `board` and `apart` stand in for what is opened and started here otherwise; with 0 `tick_seconds` somebody else
    calls `tick`. Raises StoreError without a store.
    """

    CSS_PATH = "style.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "leave", show=False),
        Binding("P", "ask('pause')", show=False),
        Binding("R", "ask('resume')", show=False),
        Binding("X", "ask('cancel')", show=False),
    ]

    def __init__(
        self,
        home: Path,
        door: DoorLike | None,
        clock: Clock,
        *,
        board: Board | None = None,
        apart: RunApart | None = None,
        tick_seconds: float = TICK_SECONDS,
    ) -> None:
        super().__init__()
        district, zone = _district(home)
        self.board = board or Board.open(home / STORE_FOLDER)
        self.sight = Sight(self.board, clock, zone, district, has_door=door is not None)
        self._apart = apart or self._in_thread
        self._door = door
        self._tick_seconds = tick_seconds
        self._asking = False
        self.commands = CommandLog(door, self._apart, self._repaint)
        self.place = Place(self.sight, self.commands, door, self._apart)
        """What every screen stands on."""
        self.live = LiveScreen(self.sight, self.commands)

    def on_mount(self) -> None:
        """Show the home screen and begin to tick."""
        put_on(self, DARK)
        self.push_screen(self.live)
        if self._tick_seconds:
            self.set_interval(self._tick_seconds, self.tick)
        self._ask_health()

    # -- four times a second

    def tick(self) -> None:
        """Bring the board level, and the screens with it."""
        try:
            slow = self.sight.refresh()
        except StoreError as error:
            self.exit(return_code=error.exit_code, message=str(error))
            return
        if slow:
            self._ask_health()
        self._paint(slow)

    def _paint(self, slow: bool) -> None:
        """The screen in front, or the one behind a dialog."""
        for screen in reversed(self.screen_stack):
            if isinstance(screen, LiveScreen | ChainScreen | Room):
                if screen.is_mounted:
                    screen.paint(slow)
                return

    def _repaint(self) -> None:
        self._paint(slow=True)

    def _ask_health(self) -> None:
        if self._door is not None and not self._asking:
            self._asking = True
            self._apart(self._door.health, self._heard)

    def _heard(self, answer: object) -> None:
        self._asking = False
        if isinstance(answer, Health):
            self.sight.heard(answer)
            self._repaint()

    def _in_thread(self, errand: Errand, answer: Answer) -> None:
        """Run an errand that may block. Its thread keeps nobody from leaving."""

        def run() -> None:
            try:
                result = errand()
            except CallchainError as error:
                result = error
            with suppress(RuntimeError):  # the dashboard was left meanwhile
                self.call_from_thread(answer, result)

        threading.Thread(target=run, name="door", daemon=True).start()

    # -- the operator's hand

    @on(LiveList.Opened)
    def open_chain(self, opened: LiveList.Opened) -> None:
        """Look into a chain."""
        self.push_screen(ChainScreen(self.sight, opened.chain, self.live.walk))

    def action_ask(self, word: str) -> None:
        """Ask before the job in view is paused, resumed or canceled; say why not, where that cannot be."""
        verb = Verb[word.upper()]
        why_not = self.sight.vitals.no_commands
        if why_not:
            self.notify(f"Commands are off: {why_not}.", severity="warning")
            return
        screen = self.screen
        chain = screen.chain if isinstance(screen, ChainScreen) else self.live.chains.selected
        if not chain:
            self.notify("Select a chain of the job first.", severity="warning")
            return
        with suppress(NotFoundError):
            question = Question(verb, self.board.job(job_of(chain)))
            self.live.chains.shown.asking = True
            self.push_screen(KeepDialog(question), lambda confirmed: self._answered(question, bool(confirmed)))

    def _answered(self, question: Question, confirmed: bool) -> None:
        """The command goes to the job that was asked about, if the engine can still hear it."""
        self.live.chains.shown.asking = False
        why_not = self.sight.vitals.no_commands
        if not confirmed:
            self.notify(f"Job {question.job.job_id} is kept as it is.")
        elif why_not:
            self.notify(f"Not sent: {why_not}.", severity="warning")
        else:
            self.commands.give(self.sight.now(), question.verb, question.job.job_id, question.job.subject)

    def action_leave(self) -> None:
        """Leave; the engine goes on."""
        self.exit(message=FAREWELL)


def _district(home: Path) -> tuple[str, tzinfo]:
    """The district's name and time zone, UTC where its settings cannot be read."""
    try:
        district = load_settings(home).district
    except ConfigError:
        return "", UTC
    return district.name, ZoneInfo(district.time_zone)
