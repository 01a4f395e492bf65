"""How ordinary calls that wait ahead at the carrier yield: to an emergency that wants their place or their number."""

from collections.abc import Sequence

from actors.lines.floor import Floor
from actors.lines.line_ledger import HandedOver
from actors.messages import LookUp, Withdraw


class Yielding:
    """Acts on the floor it shares with the line pool; every method is part of one of the pool's turns."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._asked: set[int] = set()
        """Attempts that are being taken back and whose end is not known yet."""
        self._begun: set[int] = set()
        """Attempts that could not be taken back, since somebody had answered."""

    def make_room(self) -> None:
        """Emergencies wait and no more calls may be out: take as many ordinary ones back that are ahead, newest first.

        Those have the longest to wait for a line; what they do not yield, the carrier serves after all emergencies.
        """
        ledger = self._floor.ledger
        wanted = min(self._floor.queue.emergencies_ready(), ledger.ordinaries_ahead)
        if not wanted:
            return
        self._asked = {attempt for attempt in self._asked if self._is_out(ledger.held.get(attempt))}
        self._begun &= ledger.held.keys()
        wanted -= len(self._asked)
        taken: list[HandedOver] = []
        for call in reversed(ledger.held.values()):
            if len(taken) >= wanted:
                break
            tried = call.attempt_id in self._asked or call.attempt_id in self._begun
            if not call.emergency and self._is_out(call) and not tried:
                taken.append(call)
        self._withdraw(taken)

    def go_on(self, attempts: Sequence[int]) -> None:
        """These calls were answered before they could be taken back: others must yield."""
        self._begun.update(self._asked.intersection(attempts))
        self._asked.difference_update(attempts)

    def give_up_number(self, number_id: int) -> None:
        """An emergency finds its number in use: ask the carrier whether the call there has begun to ring.

        One that has is left alone; see `has_not_begun`.
        """
        call = self._holder(number_id)
        if call is not None and not call.emergency:
            self._floor.crew.dialer.tell(LookUp([(call.attempt_id, call.ref)]))

    def has_not_begun(self, call: HandedOver) -> bool:
        """A call waits in the carrier's queue: it is taken back if an emergency waits for its number."""
        wanted = not call.emergency and self._floor.queue.emergency_waits_for(call.waiting.number_id)
        if wanted:
            self._withdraw([call])
        return wanted

    def block(self, number_id: int, except_emergency: bool) -> None:
        """Nobody may call a number any more: a call to it that nobody has answered is taken back."""
        call = self._holder(number_id)
        if call is not None and not (call.emergency and except_emergency):
            self._withdraw([call])

    def _holder(self, number_id: int) -> HandedOver | None:
        """The call that is out to a number."""
        call = self._floor.ledger.held.get(self._floor.gate.in_use.get(number_id, 0))
        return call if self._is_out(call) else None

    def _withdraw(self, calls: list[HandedOver]) -> None:
        taken = [(call.attempt_id, call.ref, call.chain) for call in calls if call.chain is not None]
        if taken:
            self._asked.update(attempt for attempt, _, _ in taken)
            self._floor.crew.dialer.tell(Withdraw(taken))

    @staticmethod
    def _is_out(call: HandedOver | None) -> bool:
        return call is not None and call.row is None and call.chain is not None
