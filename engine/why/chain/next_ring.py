"""When a chain's next phone rings, as far as that can be told, and what it is read off."""

from collections.abc import Callable
from typing import NamedTuple

from actors.lines.grants import FOR_GOOD
from actors.lines.whereabouts import Whereabouts
from actors.walk import advance
from engine.why.cause import Basis, Cause
from engine.why.chain.situation import Situation

GRANTS_MIN = 12
"""Fewer lines than this granted in a while say little of the pace."""


class NextRing(NamedTuple):
    """`at` is None where nobody can tell, or never; the basis says which."""

    at: int | None
    basis: Basis


def next_ring(s: Situation, cause: Cause) -> NextRing:
    """The next ring of a chain whose cause is known: never before it may, and never after its window has closed."""
    if not s.around.running and cause is Cause.ENGINE_STOPPED:
        return NextRing(None, Basis.REPAIR)
    row = s.case.row
    foresee = None if row is not None and row.outcome else _FORESEEN.get(cause)
    found = foresee(s) if foresee is not None else NextRing(None, Basis.NEVER)
    if found.at is not None and found.at >= s.closes_at:
        return NextRing(None, Basis.CLOSES)
    return found


def granted_per_ms(lines: Whereabouts | None, now: int, opened_at: int) -> float:
    """How many lines were granted in a millisecond while the call that is out longest was; 0: too few to tell.

    `opened_at`: when that call began, 0 where nobody knows.
    """
    if lines is None or not opened_at or now <= opened_at:
        return 0.0
    granted = lines.newest - lines.oldest[0]
    return granted / (now - opened_at) if granted >= GRANTS_MIN else 0.0


def _per_ms(s: Situation, lines: Whereabouts) -> float:
    """Lines that come free in a millisecond: as of late, else as many as there are in the time a call keeps one."""
    found = s.around.per_ms
    if not found:
        # Without calls ahead a line stands idle until the news of its call is read.
        idle_ms = 0.0 if lines.ahead_max else s.around.read_ms / 2
        found = _lines(s, lines) / max(1.0, lines.mean_ms + idle_ms)
    return min(found, 1 / lines.interval_ms) if lines.interval_ms else found


def _in_turn(s: Situation, not_before: int, basis: Basis) -> NextRing:
    """In its turn among those that want a line, but not before an instant."""
    lines, spot = s.around.lines, s.spot
    if lines is None or spot is None or not s.in_queue:
        # Nobody knows how many are before it.
        return NextRing(not_before, basis) if not_before > s.now else NextRing(None, Basis.UNKNOWN)
    opening = basis in (Basis.WINDOW, Basis.DISTRICT)
    # The queue begins to move at an opening; the calls that are out now have ended by then.
    starts_at, free = (not_before, _lines(s, lines)) if opening else (s.now, _free(s, lines))
    before = spot.ahead - free
    if before < 0:
        return NextRing(not_before, basis) if not_before > s.now else NextRing(s.now, Basis.LINE)
    turn_at = starts_at + int((before + 1) / _per_ms(s, lines))
    return NextRing(not_before, basis) if not_before >= turn_at else NextRing(turn_at, Basis.QUEUE)


def _lines(s: Situation, lines: Whereabouts) -> int:
    """The lines a chain's calls may have."""
    return lines.lines + lines.emergency_lines * s.emergency


def _free(s: Situation, lines: Whereabouts) -> int:
    """Of these, how many no call is for; below 0 so many calls wait at the carrier for one."""
    return lines.free_for_emergency if s.emergency else lines.free


def _district_opening(s: Situation) -> NextRing:
    """The district's next opening: later today, or on its next day."""
    opens_at = (s.around.lines or s.around.gate).district[0]
    opening = opens_at if s.now < opens_at else s.around.next_opening
    return _in_turn(s, opening, Basis.DISTRICT) if opening else NextRing(None, Basis.UNKNOWN)


def _after_it(s: Situation) -> NextRing:
    """The number that follows one that is passed over as soon as its turn comes."""
    if s.cursor is None or s.refusal not in FOR_GOOD:
        return NextRing(None, Basis.UNKNOWN)
    move = advance(s.case.plan, s.cursor, FOR_GOOD[s.refusal])
    if move.outcome is not None:
        return NextRing(None, Basis.NEVER)
    return _in_turn(s, s.now + move.wait_ms if move.wait_ms else 0, Basis.DUE)


def _nobody_knows(basis: Basis) -> Callable[[Situation], NextRing]:
    return lambda _: NextRing(None, basis)


def _in_its_turn(s: Situation) -> NextRing:
    return _in_turn(s, s.spot.due_at if s.spot is not None else 0, Basis.DUE)


def _redial(s: Situation) -> NextRing:
    return _in_turn(s, s.redial_at, Basis.DUE)


_FORESEEN: dict[Cause, Callable[[Situation], NextRing]] = {
    Cause.CARRIER_SILENT: _nobody_knows(Basis.REPAIR),
    Cause.RESTORED: _nobody_knows(Basis.REPAIR),
    Cause.STORE_FULL: _nobody_knows(Basis.REPAIR),
    Cause.CLOCK_UNSOUND: _nobody_knows(Basis.REPAIR),
    Cause.PAUSED: _nobody_knows(Basis.RESUME),
    Cause.AT_CARRIER: _nobody_knows(Basis.RESULT),
    Cause.RESULT_DUE: _nobody_knows(Basis.RESULT),
    Cause.RESULT_OVERDUE: _nobody_knows(Basis.RESULT),
    Cause.NUMBER_IN_USE: _nobody_knows(Basis.NUMBER),
    Cause.REDIAL_TOO_LATE: _nobody_knows(Basis.CLOSES),
    Cause.WINDOW_NOT_OPEN: lambda s: _in_turn(s, s.case.job.opens_at, Basis.WINDOW),
    Cause.DISTRICT_NOT_OPEN: lambda s: _in_turn(s, s.case.job.opens_at, Basis.DISTRICT),
    Cause.DISTRICT_CLOSED: _district_opening,
    Cause.RECIPIENT_NOT_OPEN: lambda s: _in_turn(s, s.step.opens_at if s.step is not None else 0, Basis.RECIPIENT),
    Cause.NUMBER_COOLING: lambda s: _in_turn(s, s.spot.free_at if s.spot is not None else 0, Basis.NUMBER_GAP),
    Cause.NUMBER_BLOCKED: _after_it,
    Cause.REDIALS_SPENT: _after_it,
    Cause.RECIPIENT_CLOSED: _after_it,
    Cause.BETWEEN_ROUNDS: _redial,
    Cause.WITHDRAWN: _redial,
    Cause.NETWORK_FAILED: _redial,
    Cause.COMING: _in_its_turn,
    Cause.WAITING_FOR_LINE: _in_its_turn,
    Cause.LINE_GRANTED: lambda s: NextRing(s.now, Basis.LINE),
}
"""Every cause that is not here is one after which nothing rings any more."""
