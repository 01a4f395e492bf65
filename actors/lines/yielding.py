"""How ordinary calls that wait ahead at the carrier yield: to an emergency that wants their place or their number.

No phone that rings is hung up on for it (decision 28): the carrier is asked first which calls still wait in its queue.
"""

from collections.abc import Sequence
from itertools import islice
from typing import TypeGuard

from actors.gateway import LookupState
from actors.lines.floor import Floor
from actors.lines.line_ledger import GIVEN_UP_AFTER_MS, HandedOver
from actors.messages import LookUp, Withdraw


class Yielding:
    """Acts on the floor it shares with the line pool; every method is part of one of the pool's turns."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._places = 0
        """Emergencies that wait for a place among the calls out."""
        self._asked: set[int] = set()
        """Attempts the carrier was asked about, or told to take back, since the last watch."""
        self._known: set[int] = set()
        """Attempts that had begun to ring, had ended or were taken back already when it was asked."""

    def make_room(self) -> None:
        """Where emergencies wait and no more calls may be out: ask about as many ordinary ones ahead, the newest first.

        Those have the longest to wait for a line; what they do not yield, the carrier serves after all emergencies.
        """
        ledger = self._floor.ledger
        if ledger.has_emergency_line():
            self._places = 0
            return
        self._places = min(self._floor.queue.emergencies_ready(), ledger.ordinaries_ahead)
        if not self._places:
            return
        self._asked = {attempt for attempt in self._asked if _is_out(ledger.held.get(attempt))}
        self._known &= ledger.held.keys()
        free = (call for call in reversed(ledger.held.values()) if self._may_be_asked(call))
        self._ask(list(islice(free, max(0, self._places - len(self._asked)))))

    def give_up_number(self, number_id: int) -> None:
        """An emergency finds its number in use: ask whether the call there has begun to ring."""
        call = self._holder(number_id)
        if call is not None and self._may_be_asked(call):
            self._ask([call])

    def hear(self, call: HandedOver, state: LookupState) -> bool:
        """The carrier says where a call is. One in its queue is taken back (True) if an emergency wants it."""
        # One the carrier has not heard of yet is on its way into the queue.
        queued = state in (LookupState.QUEUED, LookupState.UNKNOWN)
        wanted = self._places > 0 or self._floor.queue.emergency_waits_for(call.waiting.number_id)
        if queued and wanted and not call.emergency:
            self._places -= 1
            self._withdraw(call)
            return True
        self._asked.discard(call.attempt_id)
        if not queued:
            self._known.add(call.attempt_id)
        return False

    def go_on(self, attempts: Sequence[int]) -> None:
        """These calls were answered before they could be taken back: others must yield."""
        self._known.update(self._asked.intersection(attempts))
        self._asked.difference_update(attempts)

    def ask_again(self) -> None:
        """Questions may have got lost; see `LinePool`'s watch."""
        self._asked.clear()

    def block(self, number_id: int, except_emergency: bool) -> None:
        """Nobody may call a number any more: a call to it that nobody has answered is taken back."""
        call = self._holder(number_id)
        if call is not None and not (call.emergency and except_emergency):
            self._withdraw(call)

    def _holder(self, number_id: int) -> HandedOver | None:
        """The call that is out to a number."""
        call = self._floor.ledger.held.get(self._floor.gate.in_use.get(number_id, 0))
        return call if _is_out(call) else None

    def _may_be_asked(self, call: HandedOver) -> bool:
        known = call.attempt_id in self._asked or call.attempt_id in self._known
        return not call.emergency and _is_out(call) and not known

    def _ask(self, calls: list[HandedOver]) -> None:
        if calls:
            self._asked.update(call.attempt_id for call in calls)
            self._floor.crew.dialer.tell(LookUp([(call.attempt_id, call.ref) for call in calls]))

    def _withdraw(self, call: HandedOver) -> None:
        if call.chain is not None:
            # It has not rung; only if its row stays away for long is it taken for one that may have.
            self._floor.ledger.be_patient(call, self._floor.crew.clock.monotonic(), GIVEN_UP_AFTER_MS)
            self._floor.crew.dialer.tell(Withdraw(((call.attempt_id, call.ref, call.chain),)))


def _is_out(call: HandedOver | None) -> TypeGuard[HandedOver]:
    """Whether its end is not known, and somebody waits for it."""
    return call is not None and call.row is None and call.chain is not None
