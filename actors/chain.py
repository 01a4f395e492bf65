"""A call chain: the actor that walks one plan and obeys `walk.advance`."""

from dataclasses import dataclass
from typing import Any

import msgspec

from actors.gateway import Call
from actors.lines.job_run import JobRun
from actors.messages import (
    AdoptAttempt,
    CallEnded,
    CallFailed,
    ChainFailed,
    ChainMoved,
    CloseChain,
    Dial,
    LineGranted,
    Record,
    ResultArrivedLate,
    StepRefused,
    Withdraw,
)
from actors.results import disposition_of
from actors.runtime.actor import PooledActor, PooledRef
from actors.runtime.clock import Clock
from actors.runtime.dispatcher import Dispatcher
from actors.walk import Cursor, Move, advance, at_the_end
from store import facts
from store.dispositions import Disposition, Expiry, Outcome
from store.facts import AnyFact
from store.keys import index_of
from store.records import Plan, Step


@dataclass(frozen=True, slots=True)
class Crew:
    """Whom every chain works with."""

    dispatcher: Dispatcher
    clock: Clock
    pool: PooledRef
    writer: PooledRef
    dialer: PooledRef
    poller: PooledRef


decode_plan = msgspec.msgpack.Decoder(Plan).decode


class ChainActor(PooledActor):
    """Walks one plan. It holds the plan encoded, a third of the memory, and decoded only while it has a call out."""

    __slots__ = ("_attempt_id", "_chain_id", "_closing", "_crew", "_cursor", "_open_plan", "_plan", "_run", "urgent")

    def __init__(
        self, crew: Crew, run: JobRun, chain_id: int, plan: bytes, cursor: Cursor, outcome: Outcome | None = None
    ) -> None:
        self.urgent = run.emergency
        super().__init__(crew.dispatcher)
        self._crew = crew
        self._run = run
        self._chain_id = chain_id
        self._plan = plan
        self._cursor = cursor
        self._attempt_id = 0
        self._open_plan: Plan | None = None
        self._closing = None if outcome is None else CloseChain(outcome)
        """How it ends once its call is settled; a late result may have ended it while it had a call out."""

    def on_failure(self, *_failure: Any) -> None:  # noqa: ANN401
        """Tell the line pool, which supervises."""
        self._crew.pool.tell(ChainFailed(self._chain_id))

    # -- dialing

    def _adopt_attempt(self, letter: AdoptAttempt) -> None:
        """An earlier incarnation left an attempt open: repeating its reference settles it and rings nobody twice."""
        self._attempt_id = letter.attempt_id
        if self._closing is not None:
            self._crew.dialer.tell(self._withdrawal())
        else:
            plan, attempt_id = decode_plan(self._plan), letter.attempt_id
            step, ref = plan.steps[self._cursor.step], self._run.reference(attempt_id)
            self._crew.dialer.tell(self._dial(plan, step, attempt_id, ref, maybe_sent=True))

    def _line_granted(self, letter: LineGranted) -> None:
        """Write the intent; the dialer hears of it once it is on disk."""
        plan = self._open_plan = decode_plan(self._plan)
        attempt_id = self._attempt_id = letter.attempt_id
        cursor = self._cursor
        step = plan.steps[cursor.step]
        opened = facts.AttemptOpened(attempt_id, self._chain_id, cursor.step, cursor.round, step.number_id)
        self._record((opened,), self._crew.dialer, self._dial(plan, step, attempt_id, letter.ref))

    def _dial(self, plan: Plan, step: Step, attempt_id: int, ref: str, maybe_sent: bool = False) -> Dial:
        run = self._run
        script = run.script_of(plan, index_of(self._chain_id))
        call = Call(
            ref, step.number, run.caller_id(plan.school_id), script.script_id, self.urgent, plan.closes_at,
            school_customer_id=run.customer_id(plan.school_id),
        )  # fmt: skip
        return Dial(attempt_id, run.job_id, step.number_id, self.actor_inbox, call, script, maybe_sent)

    # -- results

    def _call_ended(self, letter: CallEnded) -> None:
        if letter.attempt_id == self._attempt_id:
            plan, row = self._plan_of_call(), letter.row
            disposition = disposition_of(row, plan.message_ms, self._run.job.confirm_key)
            self._settle(plan, disposition, row.dialed_at, row.duration_ms)

    def _call_failed(self, letter: CallFailed) -> None:
        if letter.attempt_id == self._attempt_id:
            self._settle(self._plan_of_call(), letter.disposition)

    def _plan_of_call(self) -> Plan:
        """The plan as it was decoded for the call that ended now; of an adopted call it was not."""
        plan, self._open_plan = self._open_plan, None
        return plan or decode_plan(self._plan)

    def _settle(self, plan: Plan, disposition: Disposition, dialed_at: int = 0, duration_ms: int = 0) -> None:
        """Close the attempt with its result, and go on."""
        attempt_id, self._attempt_id = self._attempt_id, 0
        closed = facts.AttemptClosed(attempt_id, self._chain_id, disposition, dialed_at, duration_ms)
        self._move(plan, advance(plan, self._cursor, disposition), closed, attempt_id)

    def _step_refused(self, letter: StepRefused) -> None:
        """The gate bars this number for good: pass it over without an attempt."""
        plan, cursor = decode_plan(self._plan), self._cursor
        barred = facts.StepBarred(self._chain_id, cursor.step, cursor.round, letter.disposition)
        self._move(plan, advance(plan, cursor, letter.disposition), barred, 0)

    def _move(self, plan: Plan, move: Move, fact: AnyFact, attempt_id: int) -> None:
        """Commit a fact and what follows from it: a wish for a line, or the end."""
        self._cursor = move.cursor
        if move.outcome is not Outcome.CONFIRMED and self._closing is not None:
            self._close(self._closing, (fact,), attempt_id)
        elif move.outcome is not None:
            expiry = Expiry.RECIPIENT_HOURS if move.outcome is Outcome.EXPIRED else Expiry.NONE
            self._end(move.outcome, expiry, (fact,), attempt_id)
        else:
            due_at = self._crew.clock.now() + move.wait_ms if move.wait_ms else 0
            number_id, redial = plan.steps[move.cursor.step].number_id, move.cursor.round > 0
            moved = ChainMoved(self._chain_id, attempt_id, number_id, due_at, None, redial)
            self._record((fact,), self._crew.pool, moved)

    # -- the end

    def _close_chain(self, letter: CloseChain) -> None:
        if self._attempt_id:
            self._closing = self._closing or letter
        else:
            self._close(letter, (), 0)

    def _close(self, letter: CloseChain, before: tuple[AnyFact, ...], attempt_id: int) -> None:
        self._end(at_the_end(self._cursor, letter.outcome), letter.expiry, before, attempt_id)

    def _end(self, outcome: Outcome, expiry: Expiry, before: tuple[AnyFact, ...], attempt_id: int) -> None:
        """The one way a chain ends."""
        closed = facts.ChainClosed(self._chain_id, outcome, expiry)
        moved = ChainMoved(self._chain_id, attempt_id, 0, 0, outcome)
        self._record((*before, closed), self._crew.pool, moved)
        self._stop()

    def _result_arrived_late(self, letter: ResultArrivedLate) -> None:
        """A result that had been given up: key 0 ends the chain after all (decision 35)."""
        if letter.disposition.flags.delivered:
            self._cursor = msgspec.structs.replace(self._cursor, delivered=True)
        if letter.disposition is Disposition.CONFIRMED:
            if self._attempt_id:
                self._closing = CloseChain(Outcome.CONFIRMED)
                self._crew.dialer.tell(self._withdrawal())
            else:
                self._end(Outcome.CONFIRMED, Expiry.NONE, (), 0)

    def _withdrawal(self) -> Withdraw:
        """Take back the call it has out."""
        return Withdraw(((self._attempt_id, self._run.reference(self._attempt_id), self.actor_inbox),))

    def _record(self, committed: tuple[AnyFact, ...], to: PooledRef | None = None, letter: Any = None) -> None:  # noqa: ANN401
        self._crew.writer.actor_inbox.put_at(Record(committed, to, letter, self.urgent), self.urgent)


ChainActor.handlers = {
    LineGranted: ChainActor._line_granted,
    AdoptAttempt: ChainActor._adopt_attempt,
    CallEnded: ChainActor._call_ended,
    CallFailed: ChainActor._call_failed,
    StepRefused: ChainActor._step_refused,
    CloseChain: ChainActor._close_chain,
    ResultArrivedLate: ChainActor._result_arrived_late,
}
