"""What the screens ask of the engine's door, and how they ask without waiting."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from engine.acts.act import Act
from engine.orders import Health, PrepareRequest
from engine.views import JobView, Prepared, ReleaseView
from store.commands import Verb

Q = TypeVar("Q")
A = TypeVar("A")


class DoorLike(Protocol):
    """All may block, so they run apart. Each raises what the engine raises, EngineUnreachableError without one."""

    def health(self) -> Health:
        """How the engine is."""

    def command(self, verb: Verb, job_id: int) -> object:
        """Have a job paused, resumed or canceled."""

    def job(self, job_id: int) -> JobView:
        """One released job."""

    def prepare(self, request: PrepareRequest) -> Prepared:
        """Freeze an audience; nothing is dialed."""

    def ask_to_send(self, job_id: int, expect: int) -> ReleaseView:
        """Want a prepared job sent: released at once where the ladder has no rungs."""

    def approve(self, job_id: int, expect: int) -> ReleaseView:
        """Agree, as the second person."""

    def recall(self, job_id: int) -> ReleaseView:
        """Take it back before it has gone out."""

    def releases(self) -> list[ReleaseView]:
        """What is on the ladder now, oldest first."""

    def act(self, act: Act[Q, A], request: Q) -> A:
        """Have any act carried out."""


Errand = Callable[[], object]
Answer = Callable[[object], None]
RunApart = Callable[[Errand, Answer], None]
"""Runs an errand beside the screen and hands its result, or the error it raised, to the screen's thread."""
