"""An act: a named, typed request that is carried out on a desk, whoever asks."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from engine.acts.desk import Desk
from store.access import Role

Q = TypeVar("Q")
A = TypeVar("A")

BODY_BYTES_MAX = 1 << 20
"""Of a request at the door that says nothing else: some thousand ids and a long text."""


@dataclass(frozen=True, slots=True)
class Act(Generic[Q, A]):
    """Both types are frozen msgspec structs, or plain values; errors are those of `store.errors`."""

    name: str
    """`templates.save`: a matter and a verb. At the door it is `POST /acts/templates.save`."""
    asks: type[Q]
    answers: type[A]
    carry_out: Callable[[Desk, Q, str], A]
    """Given a desk, the request and who asks."""
    live: bool = False
    """Only a running engine can do it; the others are done on the store while none runs."""
    role: Role = Role.ADMINISTRATOR
    """The least role that may ask for it at the door."""
    needs: Callable[[Desk, Q], Role] | None = None
    """The role this very request takes, where that depends on it: what has to do with an emergency takes more."""
    studies: bool = False
    """It takes long and a processor for itself: at the door only a few of those go on at once, and the others wait."""
    body_max: int = BODY_BYTES_MAX
    """Bytes of a request at the door."""
