"""Who gets the lines that are free: in the order of the line queue, as far as the ledger and the gate allow."""

from itertools import count
from math import ceil

from actors.gate import Refusal, may_dial
from actors.lines.chain_starts import ChainStarts
from actors.lines.floor import Floor
from actors.lines.line_ledger import HandedOver
from actors.lines.line_queue import Waiting
from actors.messages import LineGranted, LinesDue, StepRefused
from actors.runtime.mailbox import Mailbox
from store.dispositions import Disposition
from store.keys import attempt_id, index_of, reference

REFUSED_RETRY_MS = 5_000
"""Until a chain that the gate refused for a passing reason is offered a line again."""

REFUSALS_MAX = 1_000
"""Chains the gate may refuse in one turn, which takes 5 ms; the next are asked for when others have had theirs."""


FOR_GOOD = {
    Refusal.BLOCKED: Disposition.BLOCKED,
    Refusal.RETRY_BUDGET: Disposition.RETRY_BUDGET,
    Refusal.TOO_LATE_FOR_RECIPIENT: Disposition.RECIPIENT_HOURS,
}
"""Refusals that will not pass today, and how a step ends that is passed over for one."""


class Grants:
    """Acts on the floor it shares with the line pool; every method is part of one of the pool's turns."""

    def __init__(self, floor: Floor, starts: ChainStarts, incarnation: int, token: int) -> None:
        self._floor = floor
        self._starts = starts
        self._incarnation = incarnation
        self._ref_prefix = reference(token, 0).removesuffix("0")
        self._counter = count(1)
        self._due_at = 0
        self._paced_until = 0
        """Monotonic: when the timer comes that was set for the next call the pacing lets go."""
        self._urgent: list[tuple[Mailbox, LineGranted]] = []
        self._ordinary: list[tuple[Mailbox, LineGranted]] = []
        """Lines granted in this turn, to emergencies and to others."""

    def give(self) -> list[Waiting]:
        """Hand free lines to whoever is next. Returns the emergencies that found their number in use."""
        floor = self._floor
        queue, ledger, gate, clock, pacing = floor.queue, floor.ledger, floor.gate, floor.crew.clock, floor.pacing
        now, monotonic = clock.now(), clock.monotonic()
        queue.wake(now)
        refused, parked = 0, list[Waiting]()
        while refused < REFUSALS_MAX:
            ordinary = ledger.has_ordinary_line()
            if not ordinary and not ledger.has_emergency_line():
                break
            if pacing.interval_ms and self._must_wait(pacing.wait_ms(monotonic), monotonic):
                break
            waiting = queue.next(ordinary)
            if waiting is None:
                break
            refusal = may_dial(gate, waiting.job_id, waiting.number_id, now, 0, waiting.redial)
            if refusal is None and self._grant(waiting, monotonic):
                pacing.note(monotonic)
                continue
            queue.handed(waiting.job_id, -1)
            if refusal is not None:
                refused += 1
                self._refuse(waiting, refusal, now)
                if refusal is Refusal.NUMBER_IN_USE and floor.runs[waiting.job_id].emergency:
                    parked.append(waiting)
        if refused == REFUSALS_MAX:
            floor.crew.pool.tell_patiently(LinesDue())
        self._tell_chains()
        self._wake_when_due()
        return parked

    def _must_wait(self, wait_ms: float, now: int) -> bool:
        """No call may go yet: look again when one may. Whoever is next then goes, emergencies first."""
        until = now + ceil(wait_ms)
        if wait_ms > 0 and not now < self._paced_until <= until:
            self._paced_until = until
            self._floor.timer.after(ceil(wait_ms), self._floor.crew.pool, LinesDue())
        return wait_ms > 0

    def _grant(self, waiting: Waiting, now: int) -> bool:
        """A line is the chain's: it may write its intent. False when it has died meanwhile, or will before it hears."""
        run, index = self._floor.runs[waiting.job_id], index_of(waiting.chain_id)
        chain = run.chains.get(index)
        if chain is None or chain.stopped or index in run.stopping:
            return False
        counter = next(self._counter)
        attempt, ref = attempt_id(self._incarnation, counter), f"{self._ref_prefix}{counter:x}"
        self._starts.hand_over(run, HandedOver(attempt, ref, waiting, chain, run.emergency, run.patience_ms), now)
        if chain.empty():
            granted = self._urgent if run.emergency else self._ordinary
            granted.append((chain, LineGranted(attempt, ref)))
        else:
            # Told with the others it could be overtaken by a later letter that ends the chain.
            chain.put(LineGranted(attempt, ref))
        return True

    def _refuse(self, waiting: Waiting, refusal: Refusal, now: int) -> None:
        """The gate says no: wait for the number, for the instant, or for better times; or go on without the number."""
        floor = self._floor
        if refusal is Refusal.NUMBER_IN_USE:
            floor.queue.park(waiting)
        elif refusal is Refusal.NUMBER_COOLING:
            floor.queue.want(waiting, floor.gate.cooling[waiting.number_id])
        elif refusal in FOR_GOOD:
            chain = floor.runs[waiting.job_id].chains.get(index_of(waiting.chain_id))
            if chain is not None:
                chain.put(StepRefused(FOR_GOOD[refusal]))
        elif refusal is Refusal.TOO_EARLY_FOR_RECIPIENT:
            floor.queue.want(waiting, floor.gate.hours[waiting.number_id][0])
        elif refusal is Refusal.DISTRICT_CLOSED and now < floor.gate.district[0]:
            floor.queue.want(waiting, floor.gate.district[0])
        elif refusal is Refusal.DISTRICT_CLOSED:
            floor.queue.want(waiting, floor.hours.next_opening(now))
        elif refusal not in (Refusal.CANCELED, Refusal.WINDOW_CLOSED):
            floor.queue.want(waiting, now + REFUSED_RETRY_MS)

    def _tell_chains(self) -> None:
        """Tell all who got a line in this turn."""
        self._floor.crew.dispatcher.tell_each(self._urgent, urgent=True)
        self._floor.crew.dispatcher.tell_each(self._ordinary, urgent=False)
        self._urgent, self._ordinary = [], []

    def _wake_when_due(self) -> None:
        """One timer for all who wait for an instant."""
        due = self._floor.queue.next_due()
        if due is not None and (due < self._due_at or not self._due_at):
            self._due_at = due
            self._floor.timer.at(due, self._floor.crew.pool, LinesDue())

    def due(self) -> None:
        """The instant has come that the timer was set for."""
        self._due_at = 0
