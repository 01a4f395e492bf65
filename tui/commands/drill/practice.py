"""`callchain drill`: the dashboard over a make-believe carrier and a store of its own, to practice in."""

import signal
import sys
from pathlib import Path
from tempfile import mkdtemp
from typing import Annotated

import typer

from store.errors import InvalidInputError
from tui.commands import say
from tui.commands.drill.demo import INTERRUPTED
from tui.commands.drill.drill import Drill
from tui.commands.options import SPEED_MAX
from tui.door import DoorClient


def drill(
    source: Annotated[
        Path | None,
        typer.Option("--like", help="Practice with the roster and rules of this district; it is only read."),
    ] = None,
    families: Annotated[int, typer.Option(min=1, max=100_000, help="Size of a made-up district.")] = 500,
    seed: Annotated[int, typer.Option(help="The same seed makes the same district and the same phones.")] = 1,
    speed: Annotated[
        float, typer.Option(min=1.0, max=SPEED_MAX, help="How many times faster than life the clock runs.")
    ] = 1.0,
    keep: Annotated[Path | None, typer.Option(help="Keep everything in this new folder.")] = None,
) -> None:
    """Practice: nobody can be called, whatever is done. Everything is removed at the end.

    The carrier is a stand-in on this machine, the store is a new one, and no end-point of any district is read.
    """
    if not say.on_terminal():
        raise InvalidInputError("A drill needs a terminal; `callchain demo --headless` shows the main job without one.")
    if keep is not None and keep.exists():
        raise InvalidInputError(f"{keep} is there already; name a new folder for the drill.")
    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(INTERRUPTED))
    folder = keep or Path(mkdtemp(prefix="callchain-drill-"))
    with Drill(folder, families, seed, speed, remove=keep is None, source=source) as practice:
        from tui.dashboard import Dashboard  # a terminal application takes a while to load

        room = Dashboard(practice.home, DoorClient(practice.home), practice.clock)
        room.farewell = ""  # here the engine does not go on
        room.run()
    say.note("The drill is over; nobody was called." + f" It is kept in {folder}." * (keep is not None))
