"""How the chains of a job come to life: in slices, those first that had begun before a restart."""

from collections.abc import Iterable, Iterator
from itertools import islice

import msgspec

from actors.chain import ChainActor, decode_plan
from actors.lines.floor import Floor
from actors.lines.job_run import JobRun
from actors.lines.line_ledger import HandedOver
from actors.lines.line_queue import Waiting
from actors.messages import AdoptAttempt, CloseChain, Withdraw
from actors.runtime.mailbox import Mailbox
from actors.walk import Move, begin, replay
from store.keys import chain_id, index_of
from store.records import Plan
from store.rows import ChainRow

SLICE_CHAINS = 400
"""Chains started or closed in one turn: under 5 ms."""


class ChainStarts:
    """Acts on the floor it shares with the line pool; every method is part of one of the pool's turns."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def adopt(self, run: JobRun, begun: Iterable[ChainRow]) -> None:
        """Take in what had begun before a restart: chains with a call out at once, the others when their slice comes.

        Lines and numbers of calls that are out must be known before any line is granted.
        """
        for row in begun:
            if row.outcome:
                self._adopt_orphan(run, row)
            elif row.attempt_id:
                self._resume(run, row, run.plans(index_of(row.chain_id), 1)[0])
            else:
                run.to_resume[index_of(row.chain_id)] = row

    def _adopt_orphan(self, run: JobRun, row: ChainRow) -> None:
        """A chain's actor had died while its call was out: take the call back, and settle it without a chain."""
        run.orphans += 1
        call = self._adopt_call(run, row, Waiting(row.chain_id, row.number_id, run.job_id), None)
        crew = self._floor.crew
        crew.dialer.tell(Withdraw(((call.attempt_id, call.ref, crew.pool.actor_inbox),)))

    def _adopt_call(self, run: JobRun, row: ChainRow, waiting: Waiting, chain: Mailbox | None) -> HandedOver:
        """Enter a call that an earlier incarnation handed over."""
        reference = run.reference(row.attempt_id)
        call = HandedOver(row.attempt_id, reference, waiting, chain, run.emergency, run.patience_ms)
        self._floor.queue.handed(run.job_id, +1)
        self.hand_over(run, call, self._floor.crew.clock.monotonic())
        return call

    def next_slice(self, run: JobRun) -> list[Mailbox]:
        """Bring the next chains to life, in the order of the plans, and put them in the queue; say who they are."""
        if run.to_resume:
            indexes = list(islice(run.to_resume, SLICE_CHAINS))
            self._resume_all(run, [run.to_resume.pop(index) for index in indexes])
            return [run.chains[index] for index in indexes]
        count = min(SLICE_CHAINS, run.job.chains - run.started)
        plans = enumerate(run.plans(run.started, count), run.started)
        new = [(index, plan) for index, plan in plans if index not in run.ended and index not in run.chains]
        for index, plan in new:
            self._start(run, index, plan)
        run.started += count
        return [run.chains[index] for index, _ in new]

    def chain(self, run: JobRun, index: int) -> Mailbox | None:
        """The actor of a chain somebody has news for; one that still waits to be resumed is resumed for it."""
        row = run.to_resume.pop(index, None)
        if row is not None:
            self._resume(run, row, run.plans(index, 1)[0])
            if run.closing is not None:
                run.to_close.append(run.chains[index])
        return run.chains.get(index)

    def _start(self, run: JobRun, index: int, plan: bytes) -> None:
        chain, decoded = chain_id(run.job_id, index), decode_plan(plan)
        run.chains[index] = ChainActor(self._floor.crew, run, chain, plan, begin(decoded)).actor_inbox
        self._learn_hours(decoded)
        self._floor.queue.want(Waiting(chain, decoded.steps[0].number_id, run.job_id))

    def _resume_all(self, run: JobRun, rows: list[ChainRow]) -> None:
        for first, together in _neighbors(rows):
            for row, plan in zip(together, run.plans(first, len(together)), strict=True):
                self._resume(run, row, plan)

    def _resume(self, run: JobRun, row: ChainRow, encoded: bytes) -> None:
        """A chain that had begun before the restart goes on at its committed cursor."""
        plan = decode_plan(encoded)
        move = replay(plan, list(row.tried()))
        if row.attempt_id:
            # A late result may have changed what would have been dialed; the open attempt stays what it was.
            cursor = msgspec.structs.replace(move.cursor, step=row.step, round=row.round)
            move = Move(cursor, move.wait_ms, move.outcome)
        chain = ChainActor(self._floor.crew, run, row.chain_id, encoded, move.cursor, move.outcome).actor_inbox
        run.chains[index_of(row.chain_id)] = chain
        self._learn_hours(plan)
        number_id, redial = plan.steps[move.cursor.step].number_id, move.cursor.round > 0
        waiting = Waiting(row.chain_id, number_id, run.job_id, redial)
        if row.attempt_id:
            self._adopt_call(run, row, waiting, chain)
            chain.put(AdoptAttempt(row.attempt_id))
        elif move.outcome is not None:
            chain.put(CloseChain(move.outcome))
        else:
            self._floor.queue.want(waiting, row.closed_at + move.wait_ms if move.wait_ms else 0)

    def _learn_hours(self, plan: Plan) -> None:
        """Where recipients have hours of their own, the gate keeps them; most districts have none (decision 22)."""
        if plan.steps[0].closes_at:
            self._floor.gate.hours.update((step.number_id, (step.opens_at, step.closes_at)) for step in plan.steps)

    def hand_over(self, run: JobRun, call: HandedOver, now: int) -> None:
        """Enter a call in the ledger, now (monotonic), and lock its number."""
        floor = self._floor
        floor.ledger.hand_over(call, now)
        floor.gate.in_use[call.waiting.number_id] = call.attempt_id
        run.dialed = True


def _neighbors(rows: list[ChainRow]) -> Iterator[tuple[int, list[ChainRow]]]:
    """Rows whose indexes follow each other, with the first index, so that their plans are read together."""
    together: list[ChainRow] = []
    for row in sorted(rows, key=lambda row: row.chain_id):
        if together and row.chain_id != together[-1].chain_id + 1:
            yield index_of(together[0].chain_id), together
            together = []
        together.append(row)
    if together:
        yield index_of(together[0].chain_id), together
