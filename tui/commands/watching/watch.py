"""`callchain watch`: the dashboard, the wallboard, or lines of text; in this terminal or in a browser."""

from pathlib import Path
from typing import Annotated

import typer

from engine.home import read_store
from engine.orders import Health
from store.errors import EngineUnreachableError, InvalidInputError
from tui.commands import say
from tui.commands.options import HOME, ClockSpec, Home, clock_of
from tui.district_sign import district_sign
from tui.door import DoorClient

LOOK_SECONDS = 0.5
"""Between two looks of the plain mode: nobody listens faster."""


def watch(
    home: Home = HOME,
    plain: Annotated[
        bool, typer.Option("--plain", help="Lines of text, for screen readers and logs; no terminal is needed.")
    ] = False,
    chains: Annotated[bool, typer.Option("--chains", help="With --plain: also how each chain ended.")] = False,
    wallboard: Annotated[
        bool, typer.Option("--wallboard", help="Big figures without names, for a screen on the wall. Read-only.")
    ] = False,
    browser: Annotated[
        int, typer.Option(min=0, max=65535, help="With --wallboard: serve it to browsers on this port of loopback.")
    ] = 0,
    theme: Annotated[str, typer.Option(help="Colors: auto, dark, light, or ansi for the terminal's own.")] = "auto",
    ascii_only: Annotated[
        bool, typer.Option("--ascii", help="Signs of ASCII only, for terminals that show others too wide.")
    ] = False,
    clock: ClockSpec = "",
) -> None:
    """Watch and steer the running engine on a screen. Quitting leaves the engine running."""
    if plain and wallboard:
        raise InvalidInputError("Give --plain or --wallboard, not both.")
    if (chains and not plain) or (browser and not wallboard):
        raise InvalidInputError("--chains belongs to --plain, and --browser to --wallboard.")
    if plain or wallboard or not home.is_dir():
        read_store(home).close()  # the dashboard itself waits for a store that is not there yet
    if plain:
        _watch_plain(home, clock, of_chains=chains)
    elif browser:
        _serve_wallboard(home, clock, browser)
    elif wallboard:
        _watch_wallboard(home, clock)
    else:
        _watch_dashboard(home, clock, theme, ascii_only=ascii_only)


def _watch_dashboard(home: Path, clock: str, theme: str, *, ascii_only: bool) -> None:
    if not say.on_terminal():
        raise InvalidInputError(
            "The dashboard needs a terminal; `callchain watch --plain` prints what can go into a file or be read aloud."
        )
    from tui.dashboard import Dashboard  # a terminal application takes a while to load
    from tui.look.themes import Taste

    if theme not in list(Taste):
        raise InvalidInputError(f"There is no theme {theme}; choose one of {', '.join(Taste)}.")
    Dashboard(home, DoorClient(home), clock_of(clock), taste=Taste(theme), ascii_only=ascii_only).run()


def _watch_plain(home: Path, clock: str, *, of_chains: bool) -> None:
    """Until Ctrl-C. Lines come at once, also through a pipe."""
    import threading

    from tui.plain.plain_watch import PlainWatch

    door, never = DoorClient(home), threading.Event()

    def health() -> Health | None:
        try:
            return door.health()
        except EngineUnreachableError:
            return None

    database = read_store(home)
    try:
        told = PlainWatch(database, clock_of(clock), district_sign(home)[1], health, of_chains=of_chains)
        for text in told.greeting():
            say.now(text)
        while not never.wait(LOOK_SECONDS):
            for text in told.look():
                say.now(text)
    finally:
        database.close()


def _watch_wallboard(home: Path, clock: str) -> None:
    from tui.wall.wallboard import IN_BROWSER, Wallboard

    if not IN_BROWSER and not say.on_terminal():
        raise InvalidInputError("The wallboard needs a terminal, or a browser: give --browser PORT.")
    Wallboard(home, DoorClient(home), clock_of(clock)).run()


def _serve_wallboard(home: Path, clock: str, port: int) -> None:
    from tui.wall.browser import serve_wallboard

    serve_wallboard(home, clock, port)
