"""What a chain will dial, call after call, if nobody answers: its plan walked on from where it stands."""

from typing import NamedTuple

from actors.walk import advance
from engine.why.chain.case import Case
from engine.why.chain.situation import cursor_of
from store.dispositions import Disposition, Outcome

CALLS_MAX = 200
"""Walked at most: more than the most rounds there can be over the most numbers."""


class Coming(NamedTuple):
    """One call that would follow, or the end (`step` -1)."""

    step: int
    round: int
    wait_ms: int
    """After the end of the call before it; 0: at once."""
    outcome: Outcome | None = None


def outlook(case: Case, count: int) -> tuple[Coming, ...]:
    """The next calls, the one that is out left out; the end is the last, where it is among so many."""
    cursor = cursor_of(case)
    if cursor is None:
        return ()
    found: list[Coming] = []
    is_open = case.row is not None and bool(case.row.attempt_id)
    if not is_open:
        found.append(Coming(cursor.step, cursor.round, 0))
    for _ in range(CALLS_MAX):
        if len(found) >= count:
            break
        move = advance(case.plan, cursor, Disposition.NO_ANSWER)
        if move.outcome is not None:
            found.append(Coming(-1, cursor.round, 0, move.outcome))
            break
        cursor = move.cursor
        found.append(Coming(cursor.step, cursor.round, move.wait_ms))
    return tuple(found)
