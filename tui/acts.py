"""Asks for an act: of the running engine through its door, or on the store while none runs."""

import time
from pathlib import Path
from typing import TypeVar

from engine.acts.act import Act
from engine.acts.desk import at_store
from store.errors import EngineUnreachableError, StoreBusyError
from tui.door import door_of, user_name
from tui.door_ways import is_elsewhere

BUSY_SECONDS_MAX = 3.0
"""How long to wait for another command to let go of the store, or for an engine that starts to open its door."""

LOOK_SECONDS = 0.05
"""Between two tries."""

Q = TypeVar("Q")
A = TypeVar("A")


def ask(home: Path, act: Act[Q, A], request: Q) -> A:
    """Carry an act out. Raises what it raises, EngineUnreachableError where it needs an engine and none runs.

    StoreBusyError where somebody else has the store and does not answer.
    """
    patience_ends = time.monotonic() + BUSY_SECONDS_MAX
    while True:
        try:
            return door_of(home).act(act, request)
        except EngineUnreachableError:
            if act.live or is_elsewhere():
                raise
        try:
            with at_store(home) as desk:
                return act.carry_out(desk, request, user_name())
        except StoreBusyError:
            if time.monotonic() > patience_ends:
                raise
        time.sleep(LOOK_SECONDS)
