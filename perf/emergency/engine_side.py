"""The engine with its door, wired as `callchain serve` does it, in a process of its own that the harness can ask."""

from multiprocessing.connection import Connection
from pathlib import Path
from typing import Literal

from actors.runtime.clock import FastClock
from engine.config import Settings
from engine.door.door import Door
from engine.running.process import settle_in
from engine.service import Engine
from perf.emergency.socket_notes import SocketNotes

Asked = tuple[Literal["first"], int] | tuple[Literal["numbers"]] | tuple[Literal["stop"]]

FIRST_SECONDS_MAX = 120.0
"""For the first dial of a large emergency; far above the aim."""


def run_engine(home: Path, clock: str, pipe: Connection) -> None:
    """Wait for the settings, then serve and answer: `first` request after an instant, all `numbers`; until `stop`."""
    settings: Settings = pipe.recv()
    notes = SocketNotes()
    notes.install()
    settle_in()
    with Engine(home, settings=settings, clock=FastClock.parse(clock)) as engine:
        door = Door(engine)
        door.open()
        try:
            pipe.send(engine.incarnation)
            while (asked := pipe.recv()) != ("stop",):
                pipe.send(_answer(notes, asked))
        finally:
            door.close()
    pipe.send("stopped")


def _answer(notes: SocketNotes, asked: Asked) -> object:
    if asked[0] == "first":
        return notes.first_after(asked[1], FIRST_SECONDS_MAX)
    return list(notes.numbers())
