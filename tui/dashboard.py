"""The dashboard: what a district's phones do right now, four times a second, and commands to its jobs."""

import gc
import os
from collections.abc import Sequence
from pathlib import Path
from time import monotonic

from textual import events
from textual.filter import LineFilter
from textual.timer import Timer

from actors.runtime.clock import Clock
from engine.board import Board
from engine.home import STORE_FOLDER
from engine.orders import Health
from engine.views import ReleaseView
from store.errors import CallchainError, StoreError
from tui.apart import in_thread
from tui.district_sign import district_sign
from tui.door_like import DoorLike, RunApart
from tui.live.saved_views import SavedViews, views_path
from tui.look.glyphs import AsciiGlyphs
from tui.look.themes import Taste, look_for, put_on
from tui.operating.hand import Hand
from tui.operating.navigation import Navigation
from tui.operating.operated import Operated
from tui.panels.command_log import CommandLog
from tui.panels.sight import Sight
from tui.screens.live import LiveScreen
from tui.screens.room import Place, Room
from tui.screens.waiting import WaitingScreen

RATES = (1, 2, 4, 10)
"""Ticks a second to choose from; slow lines are glad of fewer."""

TICK_SECONDS = 0.25

HUSH_SECONDS = 0.1
"""No tick so soon after a key: what the key does is painted first."""

HUSHED_MAX = 4
"""Ticks left out in a row; a key held down must not stop the screen."""


class Dashboard(Operated):
    """Looks into the store of the district in `home`; commands go through `door`, None when there is none.

    `board` and `apart` stand in for what is opened and started here otherwise; with 0 `tick_seconds` somebody else
    calls `tick`. Where there is no store it says so, and looks for it again.
    """

    CSS_PATH = "style.tcss"
    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self,
        home: Path,
        door: DoorLike | None,
        clock: Clock,
        *,
        board: Board | None = None,
        apart: RunApart | None = None,
        tick_seconds: float = TICK_SECONDS,
        taste: Taste = Taste.AUTO,
        ascii_only: bool = False,
        views: Path | None = None,
    ) -> None:
        self.look = look_for(taste, os.environ)
        super().__init__(ansi_color=True if self.look.theme.ansi else None)
        self.views = SavedViews(views or views_path())
        self.home = home
        self._clock = clock
        self.apart: RunApart = apart or (lambda errand, answer: in_thread(self, errand, answer))
        self._door = door
        self._tick_seconds = tick_seconds
        self._timer: Timer | None = None
        self._glyphs: tuple[LineFilter, ...] = (AsciiGlyphs(),) if ascii_only else ()
        self._rate = RATES.index(4)
        self._asking = False
        self._key_at = 0.0
        self._hushed = 0
        self._settled = False
        self._waiting: WaitingScreen | None = None
        self._look_again_at = 0.0
        try:
            self._stand_up(board or Board.open(home / STORE_FOLDER))
        except StoreError as error:
            self._waiting = WaitingScreen(str(error))

    def _stand_up(self, board: Board) -> None:
        """Everything that looks into a store, once there is one."""
        district, zone = district_sign(self.home)
        self.board = board
        self.sight = Sight(board, self._clock, zone, district, has_door=self._door is not None)
        self.commands = CommandLog(self._door, self.apart, self.repaint)
        self.place = Place(self.sight, self.commands, self._door, self.apart)
        self.live = LiveScreen(self.place)
        self.hand = Hand(self, self.place, self.live)
        self.navigation = Navigation(self, self.place, self.live)

    def on_mount(self) -> None:
        """Show the home screen and begin to tick."""
        put_on(self, self.look)
        self.push_screen(self._waiting or self.live)
        if self._tick_seconds:
            self._timer = self.set_interval(self._tick_seconds, self._tick_in_time)
        if self._waiting is None:
            self.ask_health()

    @property
    def ready(self) -> bool:
        """There is a store to look into."""
        return self._waiting is None

    def change_rate(self, by: int) -> int:
        """More or fewer ticks a second."""
        self._rate = max(0, min(len(RATES) - 1, self._rate + by))
        if self._timer is not None:
            self._timer.stop()
            self._timer = self.set_interval(1 / RATES[self._rate], self._tick_in_time)
        return RATES[self._rate]

    def get_line_filters(self) -> Sequence[LineFilter]:
        """What every line goes through on its way to the terminal."""
        return [*super().get_line_filters(), *self._glyphs]

    # -- four times a second

    async def on_event(self, event: events.Event) -> None:
        """Notes when a key was pressed; everything else is as ever."""
        if isinstance(event, events.Key):
            self._key_at = monotonic()
        await super().on_event(event)

    def _tick_in_time(self) -> None:
        """A tick, unless a key was pressed just now."""
        if monotonic() - self._key_at < HUSH_SECONDS and self._hushed < HUSHED_MAX:
            self._hushed += 1
            return
        self._hushed = 0
        self.tick()
        if not self._settled and self._waiting is None and self.sight.level:
            # What was loaded stays; the collector need not look at it again and again.
            self._settled = True
            gc.collect()
            gc.freeze()

    def tick(self) -> None:
        """Bring the board level, and the screens with it."""
        if self._waiting is not None:
            self._look_for_store(self._waiting)
            return
        try:
            slow = self.sight.refresh()
        except StoreError as error:
            self.exit(return_code=error.exit_code, message=str(error))
            return
        if slow:
            self.ask_health()
        self._paint(slow)

    def _look_for_store(self, waiting: WaitingScreen) -> None:
        if monotonic() < self._look_again_at:
            return
        self._look_again_at = monotonic() + 1.0
        try:
            self._stand_up(Board.open(self.home / STORE_FOLDER))
        except StoreError as error:
            waiting.show(str(error))
            return
        self._waiting = None
        self.switch_screen(self.live)
        self.ask_health()

    def _paint(self, slow: bool) -> None:
        """The screen in front, or the one behind a dialog."""
        for screen in reversed(self.screen_stack):
            if isinstance(screen, Room):
                if screen.is_mounted:
                    screen.paint(slow)
                return

    def repaint(self) -> None:
        """Show everything anew."""
        self._paint(slow=True)

    def ask_health(self) -> None:
        """Ask the engine how it is, unless an answer is still awaited."""
        if self._door is not None and not self._asking:
            self._asking = True
            self.apart(self._news, self._heard)

    def _news(self) -> tuple[Health, list[ReleaseView]]:
        """How the engine is, and what is on the ladder; who may not see the ladder sees none."""
        assert self._door is not None
        health = self._door.health()
        try:
            return health, self._door.releases()
        except CallchainError:
            return health, []

    def _heard(self, answer: object) -> None:
        self._asking = False
        if isinstance(answer, tuple):
            self.sight.heard(*answer)
            self.sub_title = self.sight.pretense
            self.set_class(bool(self.sight.pretense), "-drill")
            self.repaint()
