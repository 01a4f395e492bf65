"""Stand-ins for whoever an actor talks to."""

from collections.abc import Callable, Sequence
from typing import Any

from actors.gateway import Call, CallRow, Failure, FailureKind, Reply, Script
from actors.runtime.actor import PooledActor, PooledRef
from actors.runtime.clock import VirtualClock
from actors.runtime.dispatcher import Dispatcher

START = 1_700_000_000_000

UNREACHABLE = Failure(FailureKind.UNREACHABLE, True, "no connection")
BUSY = Failure(FailureKind.BUSY, True, "come back later", retry_after_ms=5_000)
LOGIN_REFUSED = Failure(FailureKind.AUTH, False, "user name or password refused")
REFUSED = Failure(FailureKind.REFUSED, False, "a bad request")
OUTSIDE_CONTRACT = Failure(FailureKind.CONTRACT, False, "not what the contract says")


def stepped(seed: int | None = None) -> Dispatcher:
    """A dispatcher without a thread, on a clock that stands."""
    return Dispatcher(VirtualClock(START), seed)


def run_for(dispatcher: Dispatcher, ms: int) -> None:
    """Let everything happen that is due within a while."""
    until = dispatcher.clock.now() + ms
    dispatcher.run_until_idle()
    while dispatcher.step_time(until):
        dispatcher.run_until_idle()


class Listener(PooledActor):
    """Keeps every letter it is told."""

    def __init__(self, dispatcher: Dispatcher, name: str = "listener") -> None:
        super().__init__(dispatcher, name)
        self.letters: list[Any] = []

    def on_receive(self, message: Any) -> None:
        self.letters.append(message)

    def heard(self, kind: type) -> list[Any]:
        """The letters of one kind."""
        return [letter for letter in self.letters if isinstance(letter, kind)]


def listener(dispatcher: Dispatcher, name: str = "listener") -> tuple[Listener, PooledRef]:
    """A listener that lives, with its ref."""
    actor = Listener(dispatcher, name)
    actor._start_actor_loop()
    return actor, actor.ref


class Asked:
    """One thing a gateway was asked, and how to answer it."""

    def __init__(self, act: str, what: Any, reply: Callable[[Any], None]) -> None:
        self.act = act
        self.what = what
        self.reply = reply


class ScriptedGateway:
    """Answers when told to, never before. `asked` is what waits for an answer, oldest first."""

    pushes = False

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.submitted: list[list[str]] = []
        """References, request by request."""
        self.calls: list[Call] = []
        self.scripts: list[list[str]] = []
        self.canceled: list[list[str]] = []
        self.cursors: list[str] = []

    def submit(self, calls: Sequence[Call], scripts: Sequence[Script], reply: Reply[Any]) -> None:
        self.submitted.append([call.ref for call in calls])
        self.calls.extend(calls)
        self.scripts.append([script.script_id for script in scripts])
        self.asked.append(Asked("submit", list(calls), reply))

    def cancel(self, refs: Sequence[str], reply: Reply[Any]) -> None:
        self.canceled.append(list(refs))
        self.asked.append(Asked("cancel", list(refs), reply))

    def lookup(self, refs: Sequence[str], reply: Reply[Any]) -> None:
        self.asked.append(Asked("lookup", list(refs), reply))

    def results(self, cursor: str, reply: Reply[Any]) -> None:
        self.cursors.append(cursor)
        self.asked.append(Asked("results", cursor, reply))

    def line_status(self, reply: Reply[Any]) -> None:
        self.asked.append(Asked("line_status", None, reply))

    def on_rows(self, sink: Callable[[Sequence[CallRow]], None]) -> None:
        raise AssertionError("nobody asked this gateway to push")

    def close(self) -> None:
        self.asked.clear()

    def next(self, act: str) -> Asked:
        """Take the oldest unanswered question of a kind."""
        found = next(asked for asked in self.asked if asked.act == act)
        self.asked.remove(found)
        return found

    def waiting(self, act: str) -> int:
        """How many questions of a kind have no answer yet."""
        return sum(asked.act == act for asked in self.asked)
