"""What was refused for want of a right: written down, and so logged, a flood of it as one fact with its count."""

import time
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from actors.messages import Write
from engine.door.access.identity import Caller
from engine.identities import remembering
from engine.release import author_id
from engine.service import Engine
from store import facts
from store.access import Role
from store.commands import Verb

SECONDS_BETWEEN = 1.0
"""Whoever is refused a thousand times a second shall cost one commit."""

KINDS_MAX = 100
"""Different refusals in one commit; what goes beyond is counted without its job."""


class Refused(NamedTuple):
    """What somebody had no right to."""

    verb: int
    job_id: int
    name: str
    role: int
    needed: int


class Refusals:
    """Used on the door's own thread. `later(seconds, act)` has something done there after a while."""

    def __init__(self, engine: Engine, later: Callable[[float, Callable[[], None]], object]) -> None:
        self._engine = engine
        self._later = later
        self._counted: Counter[Refused] = Counter()
        self._written_at = float("-inf")
        self._is_due = False

    def note(self, caller: Caller, verb: Verb | None, job_id: int, needed: Role) -> None:
        """Write a refusal down: at once, or together with those of the same second."""
        refused = Refused(verb or 0, job_id, caller.name, caller.role or 0, needed)
        if len(self._counted) >= KINDS_MAX and refused not in self._counted:
            refused = Refused(0, 0, "", 0, Role.VIEWER)
        self._counted[refused] += 1
        if self._is_due:
            return
        wait = self._written_at + SECONDS_BETWEEN - time.monotonic()
        if wait <= 0:
            self.write()
        else:
            self._is_due = True
            self._later(wait, self.write)

    def write(self) -> None:
        """Commit what was counted; nothing where nothing was."""
        self._is_due = False
        if not self._counted:
            return
        counted, self._counted = self._counted, Counter()
        self._written_at = time.monotonic()
        station, now = self._engine.station, self._engine.clock.now()
        names = [remembering(station.database, name, now) for name in {refused.name for refused in counted}]
        committed = tuple(_fact(refused, times) for refused, times in counted.items())
        station.team.writer.ref.tell(Write(lambda txn: [write(txn) for write in names], facts=committed))


def _fact(refused: Refused, times: int) -> facts.CommandRefused:
    return facts.CommandRefused(
        refused.verb, refused.job_id, author_id(refused.name), refused.role, refused.needed, times
    )
