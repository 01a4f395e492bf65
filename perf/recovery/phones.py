"""The phones of both engines: all chains begin, then calls ring for ever; and what they hear of the second engine."""

import threading
from collections.abc import Callable, Collection, Sequence
from time import monotonic_ns

from actors.gateway import Call, CallEnd, CallRow
from perf.prepared import owner_of
from perf.push_gateway import Rows


class PhonesBefore:
    """Nobody answers a chain's first call. Second calls ring for ever, once all chains have begun."""

    def __init__(self, chains: int, lines: int, held: Callable[[list[str]], None]) -> None:
        self._unbegun = chains
        self._held_max = min(chains, lines)
        self._held: list[str] = []
        self._tell = held

    def ring(self, calls: Sequence[Call]) -> Rows:
        """Rows of those that end at once; told once: the references that ring, when no line is left."""
        ended = [self._row(call) for call in calls]
        if len(self._held) == self._held_max:
            self._tell(self._held)
        return [row for row in ended if row is not None]

    def _row(self, call: Call) -> CallRow | None:
        _, device = owner_of(call.number)
        if device == 0:
            self._unbegun -= 1
            return _ended(call, CallEnd.NO_ANSWER)
        if self._unbegun:
            # It comes back as if withdrawn, which spends no turn, so that its line is free for one that has not begun.
            return _ended(call, CallEnd.CANCELED)
        self._held.append(call.ref)
        return None


class PhonesAfter:
    """Calls that were out when the first engine died end unanswered at once; new ones ring for ever."""

    def __init__(self, held: Collection[str]) -> None:
        self._held = frozenset(held)
        self.repeated: list[str] = []
        self.first_repeat_ns = 0
        self.first_dial_ns = 0
        """The first call of an attempt this engine opened, monotonic."""
        self.dialed = threading.Event()

    def ring(self, calls: Sequence[Call]) -> Rows:
        """Rows of the repeated ones."""
        repeated = [call for call in calls if call.ref in self._held]
        self.repeated += [call.ref for call in repeated]
        if repeated and not self.first_repeat_ns:
            self.first_repeat_ns = monotonic_ns()
        if len(repeated) < len(calls) and not self.first_dial_ns:
            self.first_dial_ns = monotonic_ns()
            self.dialed.set()
        return [_ended(call, CallEnd.NO_ANSWER) for call in repeated]


def _ended(call: Call, end: CallEnd) -> CallRow:
    return CallRow(call.ref, "", call.number, end, 0, 0)
