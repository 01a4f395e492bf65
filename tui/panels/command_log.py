"""What was asked of the engine from this screen, and what became of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from store.commands import Verb
from store.errors import CallchainError, EngineUnreachableError
from tui.door_like import DoorLike, Errand, RunApart

KEPT_MAX = 50
"""Commands remembered."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One command. `state` is requested, applied, rejected or unanswered."""

    at: int
    verb: Verb
    job_id: int
    subject: str
    state: str = "requested"
    reason: str = ""
    words: str = ""
    """What it is about, where that is more or less than a job."""

    @property
    def what(self) -> str:
        """In few words."""
        return f"{self.verb.word} {self.words or f'#{self.job_id}'}"


class CommandLog:
    """The newest entry is first."""

    def __init__(self, door: DoorLike | None, apart: RunApart, changed: Callable[[], None]) -> None:
        self.entries: list[Entry] = []
        self._door = door
        self._apart = apart
        self._changed = changed

    def give(self, now: int, verb: Verb, job_id: int, subject: str) -> None:
        """Send a command on a job to the engine; it counts as requested until the engine has answered."""
        door = self._door
        if door is not None:
            self.ask(Entry(now, verb, job_id, subject), lambda: door.command(verb, job_id))

    def ask(self, entry: Entry, errand: Errand) -> None:
        """Have something asked of the engine, and note what becomes of it."""
        self.entries = [entry, *self.entries[: KEPT_MAX - 1]]
        self._changed()
        self._apart(errand, lambda answer: self._note(entry, answer))

    def _note(self, entry: Entry, answer: object) -> None:
        state, reason = "applied", ""
        if isinstance(answer, EngineUnreachableError):
            state, reason = "unanswered", str(answer)
        elif isinstance(answer, CallchainError):
            state, reason = "rejected", str(answer)
        done = replace(entry, state=state, reason=reason)
        self.entries = [done if kept is entry else kept for kept in self.entries]
        self._changed()
