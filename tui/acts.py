"""Asks for an act: of the running engine through its door, or on the store while none runs."""

from pathlib import Path
from typing import TypeVar

from engine.acts.act import Act
from engine.acts.desk import at_store
from store.errors import EngineUnreachableError
from tui.door import DoorClient, user_name

Q = TypeVar("Q")
A = TypeVar("A")


def ask(home: Path, act: Act[Q, A], request: Q) -> A:
    """Carry an act out. Raises what it raises, EngineUnreachableError where it needs an engine and none runs."""
    door = DoorClient(home)
    try:
        return door.act(act, request)
    except EngineUnreachableError:
        if act.live:
            raise
    with at_store(home) as desk:
        return act.carry_out(desk, request, user_name())
