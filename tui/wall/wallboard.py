"""The wallboard: read-only, without names, with big figures; it shows its own age, so that a frozen one is obvious."""

import os
from functools import partial
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType

from actors.runtime.clock import Clock
from engine.board import Board
from engine.home import STORE_FOLDER
from engine.orders import Health
from store.errors import StoreError
from tui.apart import in_thread
from tui.district_sign import district_sign
from tui.door_like import DoorLike, RunApart
from tui.look.palette import GREY
from tui.look.themes import DARK, put_on
from tui.panels import band
from tui.panels.sight import Sight
from tui.panels.text_lines import TextLines
from tui.panels.top import is_small, small_lines
from tui.wall.board_lines import Shown, wall_lines
from tui.wall.needs import needs_of

TICK_SECONDS = 0.5
"""Nobody on the other side of a room reads faster."""

IN_BROWSER = "TEXTUAL_DRIVER" in os.environ
"""Whether what is drawn goes to a browser: then no key does anything at all."""


class Wallboard(App[None]):
    """Looks into the store of the district in `home`, and asks the door only how the engine is.

    `board` and `apart` stand in for what is opened and started here otherwise; with 0 `tick_seconds` somebody else
    calls `tick`. Raises StoreError without a store.
    """

    CSS = "Screen { background: $background; color: $foreground; } TextLines { height: 1fr; width: 1fr; }"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("q,escape", "leave", show=False)]

    def __init__(
        self,
        home: Path,
        door: DoorLike | None,
        clock: Clock,
        *,
        board: Board | None = None,
        apart: RunApart | None = None,
        tick_seconds: float = TICK_SECONDS,
        locked: bool = IN_BROWSER,
    ) -> None:
        super().__init__()
        district, zone = district_sign(home)
        self.sight = Sight(board or Board.open(home / STORE_FOLDER), clock, zone, district, has_door=door is not None)
        self._door = door
        self._apart = apart or partial(in_thread, self)
        self._asking = False
        self._tick_seconds = tick_seconds
        self._locked = locked

    def compose(self) -> ComposeResult:
        """Lines from top to bottom."""
        yield TextLines(id="wall", fills=True)

    def on_mount(self) -> None:
        """Begin to tick."""
        put_on(self, DARK)
        if self._tick_seconds:
            self.set_interval(self._tick_seconds, self.tick)
        self.tick()
        self._ask_health()

    def on_resize(self) -> None:
        """Another wall: everything is laid out anew."""
        self.call_after_refresh(self._paint)

    def tick(self) -> None:
        """Bring the board level, and the wall with it."""
        try:
            slow = self.sight.refresh()
        except StoreError as error:
            self.exit(return_code=error.exit_code, message=str(error))
            return
        if slow:
            self._ask_health()
        self._paint()

    def _paint(self) -> None:
        width, height = self.size
        wall = self.query_one(TextLines)
        if is_small(width, height):
            wall.show(small_lines(self.sight, width, height))
            return
        sight = self.sight
        lines = [
            band.head(sight.vitals, sight.district, sight.zone, width),
            *wall_lines(self._shown(), width, height - 2),
        ]
        lines = [*lines[: height - 1], *[Text()] * (height - 1 - len(lines))]
        wall.show([*lines, Text(self._foot(), GREY)])

    def _shown(self) -> Shown:
        sight, health = self.sight, self.sight.health
        return Shown(
            totals=sight.totals,
            jobs=sight.jobs,
            lines=sight.lines,
            lines_whole=health.lines + health.emergency_lines if health is not None else 0,
            history=sight.pulse.lines,
            needs=needs_of(sight.board),
            alarms=sight.board.alarms,
            now=sight.now(),
            zone=sight.zone,
        )

    def _foot(self) -> str:
        return " read-only wallboard, no names" + ("" if self._locked else " · q leaves")

    def _ask_health(self) -> None:
        if self._door is not None and not self._asking:
            self._asking = True
            self._apart(self._door.health, self._heard)

    def _heard(self, answer: object) -> None:
        self._asking = False
        if isinstance(answer, Health):
            self.sight.heard(answer)

    def action_leave(self) -> None:
        """Leave, where somebody sits at a keyboard."""
        if not self._locked:
            self.exit()
