"""How a chain walks its devices: the pure decider behind every chain."""

import msgspec

from store.dispositions import Disposition, Outcome
from store.records import Plan, Policy
from store.rows import Tried

NETWORK_FAILURES_MAX = 5
"""Times in a row a step is dialed again after a network failure before its turn counts as spent (decision 11)."""

NO_ATTEMPT_WAIT_MS = 15_000
"""Before a step is dialed again whose turn was not spent: whatever a carrier does, no chain goes round in haste."""


class Cursor(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """Where a chain stands on its plan. Masks have bit i for step i."""

    step: int
    """The step to dial next, or being dialed."""
    round: int
    left: int
    """Steps that may still be dialed."""
    busy: int = 0
    """Steps whose last attempt was busy."""
    rejected: int = 0
    """Steps that were rejected once; a second time drops them."""
    network_failures: int = 0
    """In a row, on this step."""
    delivered: bool = False
    """Some attempt was heard or left a message."""


class Move(msgspec.Struct, frozen=True, gc=False):
    """What follows an attempt: dial `cursor.step` after `wait_ms`, or end with `outcome`."""

    cursor: Cursor
    wait_ms: int = 0
    outcome: Outcome | None = None


def begin(plan: Plan) -> Cursor:
    """Before the first attempt. The plan has at least one step."""
    return Cursor(step=0, round=0, left=(1 << len(plan.steps)) - 1)


def advance(plan: Plan, cursor: Cursor, disposition: Disposition) -> Move:
    """What a chain does after its current step ended so (decisions 8–13).

    A round is every remaining step once, in order, without a gap; between rounds a chain waits. Only key 0, the end of
    all rounds, a window or a cancel end it.
    """
    if disposition is Disposition.CONFIRMED:
        return Move(cursor, outcome=Outcome.CONFIRMED)
    if not disposition.flags.spends_attempt and not _gives_up(cursor, disposition):
        return _same_step_again(cursor, disposition)
    cursor = _spent(plan.policy, cursor, disposition)
    if _policy_ends(plan.policy, disposition):
        return Move(cursor, outcome=Outcome.DELIVERED_UNCONFIRMED)
    later_this_round = cursor.left >> (cursor.step + 1) << (cursor.step + 1)
    if later_this_round:
        return Move(_at(cursor, later_this_round, cursor.round))
    if cursor.left and cursor.round + 1 < plan.policy.rounds_max:
        return Move(_at(cursor, cursor.left, cursor.round + 1), wait_ms=_wait(plan.policy, cursor))
    # The last number was left out for its owner's hours: the day went by, the numbers were not used up (decision 22).
    expired = disposition is Disposition.RECIPIENT_HOURS
    return Move(cursor, outcome=at_the_end(cursor, Outcome.EXPIRED if expired else Outcome.EXHAUSTED))


def at_the_end(cursor: Cursor, outcome: Outcome) -> Outcome:
    """How a chain ends that nobody confirmed: what was delivered stays delivered (decision 13)."""
    unfinished = outcome in (Outcome.EXHAUSTED, Outcome.EXPIRED, Outcome.CANCELED)
    return Outcome.DELIVERED_UNCONFIRMED if unfinished and cursor.delivered else outcome


def replay(plan: Plan, history: "list[Tried]") -> Move:
    """The move after a history of attempts: where a chain goes on after a restart.

    A confirmation that came late ends it, whatever was tried after the call that it belongs to.
    """
    move = Move(begin(plan))
    for tried in history:
        move = advance(
            plan, msgspec.structs.replace(move.cursor, step=tried.step, round=tried.round), tried.disposition
        )
        if move.outcome is Outcome.CONFIRMED:
            break
    return move


def _gives_up(cursor: Cursor, disposition: Disposition) -> bool:
    return disposition is Disposition.NETWORK_FAILURE and cursor.network_failures + 1 >= NETWORK_FAILURES_MAX


def _same_step_again(cursor: Cursor, disposition: Disposition) -> Move:
    if disposition is Disposition.NETWORK_FAILURE:
        failed = msgspec.structs.replace(cursor, network_failures=cursor.network_failures + 1)
        return Move(failed, wait_ms=NO_ATTEMPT_WAIT_MS)
    return Move(cursor, wait_ms=NO_ATTEMPT_WAIT_MS)


def _spent(policy: Policy, cursor: Cursor, disposition: Disposition) -> Cursor:
    """The step had its turn in this round."""
    bit = 1 << cursor.step
    again = disposition.flags.retryable
    if disposition is Disposition.REJECTED and cursor.rejected & bit:
        again = False
    if disposition is Disposition.RESULT_OVERDUE:
        again = policy.ring_maybe_rung
    return Cursor(
        step=cursor.step,
        round=cursor.round,
        left=cursor.left if again else cursor.left & ~bit,
        busy=cursor.busy | bit if disposition is Disposition.BUSY else cursor.busy & ~bit,
        rejected=cursor.rejected | bit if disposition is Disposition.REJECTED else cursor.rejected,
        delivered=cursor.delivered or disposition.flags.delivered,
    )


def _policy_ends(policy: Policy, disposition: Disposition) -> bool:
    if disposition is Disposition.LIVE_NO_CONFIRM:
        return policy.live_ends_chain
    return disposition is Disposition.MACHINE_MESSAGE_LEFT and policy.voicemail_ends_chain


def _at(cursor: Cursor, steps: int, round_: int) -> Cursor:
    """The cursor at the first of some steps."""
    first = (steps & -steps).bit_length() - 1
    return msgspec.structs.replace(cursor, step=first, round=round_, network_failures=0)


def _wait(policy: Policy, cursor: Cursor) -> int:
    """Between rounds: the shorter delay when every number still to be dialed was busy."""
    return policy.redial_ms if cursor.left & ~cursor.busy else policy.busy_redial_ms
