"""Ways from one screen to another."""

from tui.screens.live import LiveScreen
from tui.screens.room import Room


def show_chains(room: Room, filter_text: str) -> None:
    """Back to the live list, which shows only chains that pass a filter."""
    app = room.app
    live = next((screen for screen in app.screen_stack if isinstance(screen, LiveScreen)), None)
    if live is None:
        return
    while app.screen is not live:
        app.pop_screen()
    live.field.value = filter_text
