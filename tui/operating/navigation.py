"""The way through the screens: each is made once and kept, Live lies under all of them, and `-` goes back and forth."""

from typing import Any

from textual.app import App

from tui.screens.catalog import LIVE, SHOWN, entry_of
from tui.screens.live import LiveScreen
from tui.screens.room import Place, Room


class Navigation:
    """Screens are pushed on Live one at a time, so that Esc always comes home."""

    def __init__(self, app: App[Any], place: Place, live: LiveScreen) -> None:
        self._app = app
        self._place = place
        self._rooms: dict[str, Room] = {LIVE: live}
        self._last = LIVE

    @property
    def here(self) -> str:
        """The name of the screen that is shown, or that lies nearest under what is."""
        known = {id(room): name for name, room in self._rooms.items()}
        names = [known[id(screen)] for screen in self._app.screen_stack if id(screen) in known]
        return names[-1] if names else LIVE

    def show(self, name: str) -> bool:
        """Show a screen by name or key, as it was left; false where there is none."""
        entry, here = entry_of(name), self.here
        if entry is None:
            return False
        if entry.name == here and self._app.screen is self._rooms[here]:
            return True
        if entry.name != here:
            self._last = here
        self.home()
        if entry.name != LIVE:
            self._app.push_screen(self._room(entry.name))
        return True

    def home(self) -> None:
        """Back to Live; whatever lies on it is put away."""
        live = self._rooms[LIVE]
        while self._app.screen is not live and len(self._app.screen_stack) > 1:
            self._app.pop_screen()

    def back_and_forth(self) -> None:
        """The screen shown before this one."""
        self.show(self._last)

    def _room(self, name: str) -> Room:
        room = self._rooms.get(name)
        if room is None:
            entry = next(entry for entry in SHOWN if entry.name == name)
            room = self._rooms[name] = entry.make(self._place)
            self._app.install_screen(room, f"room-{name.lower()}")
        return room
