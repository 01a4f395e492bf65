"""State from facts: the one fold used by the engine, the checkpoint, the board, recovery and replay.

Every row says the seq of the last block folded into it, so a replay that begins too early changes nothing.
"""

from collections.abc import Callable
from typing import Any

from store import facts
from store.dispositions import Disposition, JobState
from store.guard import Guard
from store.keys import job_of
from store.rows import REST, ChainRow, JobRow, RedialRow, RestRow, redial_row_id, shelf_of

LOCK_MEMORY_MS = 120_000
"""How long a number's last call is remembered: four times the default gap between two calls to one number."""

LOCKS_KEPT = 10_000
"""Numbers remembered before those of old calls are looked for: a megabyte."""


class Fold:
    """The state after the last block applied. Ended chains stay until they are popped from `chains`."""

    def __init__(self, touched: Callable[[int], None] | None = None) -> None:
        self.rest = RestRow()
        self.jobs: dict[int, JobRow] = {}
        self.chains: dict[int, ChainRow] = {}
        self.released: dict[int, int] = {}
        """number_id → when its last call ended, at least as far back as LOCK_MEMORY_MS."""
        self.redials: dict[int, RedialRow] = {}
        """shelf → how often its numbers were redialed today. Always the same dict: the gate reads it."""
        self.find_chain: Callable[[int], ChainRow | None] = _nowhere
        """Where an ended chain that was let go can be read again."""
        self._touched = touched or _ignore
        self._locks_max = LOCKS_KEPT
        self._guard: Guard | None = None
        self._numbers: dict[int, int] = {}
        """attempt → the number it dials, for attempts opened in replayed blocks."""

    @property
    def seq(self) -> int:
        """The last block applied."""
        return self.rest.seq

    @property
    def at(self) -> int:
        """The instant of the last block applied."""
        return self.rest.at

    def apply(self, block: facts.Block) -> None:
        """Fold the next block."""
        self.rest.seq = block.seq
        self.rest.at = block.at
        for fact in block.facts:
            _HANDLERS[type(fact)](self, fact, block)
        if len(self.released) > self._locks_max:
            self._forget_locks(block.at - LOCK_MEMORY_MS)

    def replay(self, block: facts.Block) -> None:
        """Fold a block that some of the rows may already reflect: those are left alone."""
        self._guard = Guard(block.seq)
        self.apply(block)
        self._guard = None
        self.note_locks(block)

    def note_locks(self, block: facts.Block) -> None:
        """Learn from a block that rows already reflect only when numbers were in use."""
        for fact in block.facts:
            if isinstance(fact, facts.AttemptOpened):
                self.released[fact.number_id] = block.at
                self._numbers[fact.attempt_id] = fact.number_id
            elif isinstance(fact, facts.AttemptClosed):
                # An attempt opened before the first of these blocks is known by its chain's row only.
                number_id = self._numbers.pop(fact.attempt_id, 0) or self._recall(fact.chain_id).number_id
                self.released[number_id] = block.at

    def _forget_locks(self, before: int) -> None:
        """Let go of numbers whose last call ended before an instant; look again when twice as many are left."""
        self.released = {number: at for number, at in self.released.items() if at >= before}
        self._locks_max = max(LOCKS_KEPT, 2 * len(self.released))

    # -- rows

    def _chain(self, chain_id: int, block: facts.Block, let_go: bool = False) -> ChainRow | None:
        """The row to change, which may have been `let_go`; None when a replay finds it already up to date."""
        row, guard, seq = self.chains.get(chain_id), self._guard, block.seq
        if row is not None and guard is None:
            if row.seq != seq:
                row.seq = seq
                self._touched(chain_id)
            return row
        if row is None:
            row = self._recall(chain_id) if guard or let_go else ChainRow(chain_id)
        if guard and guard.reflects(chain_id, row.seq):
            return None
        self.chains[chain_id] = row
        row.seq = seq
        self._touched(chain_id)
        return row

    def _recall(self, chain_id: int) -> ChainRow:
        return self.chains.get(chain_id) or self.find_chain(chain_id) or ChainRow(chain_id)

    def _job(self, job_id: int, block: facts.Block) -> JobRow | None:
        row = self.jobs[job_id]
        if self._guard and self._guard.reflects(-job_id, row.seq):
            return None
        if row.seq != block.seq:
            row.seq = block.seq
            self._touched(-job_id)
        return row

    # -- jobs

    def _job_planned(self, fact: facts.JobPlanned, block: facts.Block) -> None:
        row = self.jobs.get(fact.job_id)
        if self._guard and self._guard.reflects(-fact.job_id, row.seq if row else 0):
            return
        self.jobs[fact.job_id] = JobRow(
            fact.job_id, block.seq, JobState.WAITING, fact.reason, block.at, fact.opens_at, fact.closes_at,
            fact.chains, fact.unreachable, fact.covered, fact.students, plans_hash=fact.plans_hash,
            district_end_at=fact.district_end_at,
        )  # fmt: skip
        self._touched(-fact.job_id)

    def _job_opened(self, fact: facts.JobOpened, block: facts.Block) -> None:
        if (row := self._job(fact.job_id, block)) is not None:
            row.opened = True
            if row.state is JobState.WAITING:
                row.state = JobState.IN_PROGRESS

    def _job_paused(self, fact: facts.JobPaused, block: facts.Block) -> None:
        if (row := self._job(fact.job_id, block)) is not None:
            row.state = JobState.PAUSED

    def _job_resumed(self, fact: facts.JobResumed, block: facts.Block) -> None:
        if (row := self._job(fact.job_id, block)) is not None:
            row.state = JobState.IN_PROGRESS if row.opened else JobState.WAITING

    def _job_canceled(self, fact: facts.JobCanceled, block: facts.Block) -> None:
        if (row := self._job(fact.job_id, block)) is not None:
            row.canceled = True

    def _job_ended(self, fact: facts.JobEnded, block: facts.Block) -> None:
        if (row := self._job(fact.job_id, block)) is not None:
            row.state = fact.state
            row.ended_at = block.at

    # -- attempts and chains

    def _attempt_opened(self, fact: facts.AttemptOpened, block: facts.Block) -> None:
        self.released[fact.number_id] = block.at
        if (row := self._chain(fact.chain_id, block)) is not None:
            row.attempt_id = fact.attempt_id
            row.step = fact.step
            row.round = fact.round
            row.number_id = fact.number_id
            row.opened_at = block.at
        if fact.round:
            self._redialed(fact, block)
        if (job := self._job(job_of(fact.chain_id), block)) is not None:
            job.attempts += 1

    def _attempt_closed(self, fact: facts.AttemptClosed, block: facts.Block) -> None:
        overdue = fact.disposition is Disposition.RESULT_OVERDUE
        if overdue:
            self.rest.overdue[fact.attempt_id] = fact.chain_id
            self._touched(REST)
        if (row := self._chain(fact.chain_id, block)) is not None:
            row.attempt_id = 0
            row.closed_at = block.at
            row.note(row.step, row.round, fact.disposition, row.opened_at, fact.dialed_at, fact.duration_ms)
            if overdue:
                row.owed = (*row.owed, fact.attempt_id)
            self.released[row.number_id] = block.at
        if (job := self._job(job_of(fact.chain_id), block)) is not None:
            job.dispositions[fact.disposition] += 1
            if overdue:
                job.overdue += 1

    def _step_barred(self, fact: facts.StepBarred, block: facts.Block) -> None:
        if (row := self._chain(fact.chain_id, block)) is not None:
            row.closed_at = block.at
            row.note(fact.step, fact.round, fact.disposition, block.at, 0, 0)

    def _attempt_corrected(self, fact: facts.AttemptCorrected, block: facts.Block) -> None:
        self.rest.overdue.pop(fact.attempt_id, None)
        self._touched(REST)
        if (row := self._chain(fact.chain_id, block, let_go=True)) is not None:
            row.correct(fact.attempt_id, fact.disposition, fact.dialed_at, fact.duration_ms)
        if (job := self._job(job_of(fact.chain_id), block)) is not None:
            job.dispositions[Disposition.RESULT_OVERDUE] -= 1
            job.dispositions[fact.disposition] += 1
            job.overdue -= 1

    def _chain_closed(self, fact: facts.ChainClosed, block: facts.Block) -> None:
        if (row := self._chain(fact.chain_id, block)) is not None:
            row.outcome = fact.outcome
            row.expiry = fact.expiry
        if (job := self._job(job_of(fact.chain_id), block)) is not None:
            job.ended += 1
            job.outcomes[fact.outcome] += 1

    def _chain_corrected(self, fact: facts.ChainCorrected, block: facts.Block) -> None:
        if (row := self._chain(fact.chain_id, block, let_go=True)) is not None:
            row.outcome = fact.outcome
        if (job := self._job(job_of(fact.chain_id), block)) is not None:
            job.outcomes[fact.was] -= 1
            job.outcomes[fact.outcome] += 1

    # -- the district's day

    def _redialed(self, fact: facts.AttemptOpened, block: facts.Block) -> None:
        """Count a redial of a routine job, of this day only (decision 21b)."""
        number, guard = fact.number_id, self._guard
        if self.jobs[job_of(fact.chain_id)].emergency or (guard and guard.is_before(self.rest.day_seq)):
            return
        shelf = shelf_of(number)
        row = self.redials.get(shelf)
        if guard and guard.reflects(redial_row_id(shelf), row.seq if row else 0):
            return
        if row is None:
            row = self.redials[shelf] = RedialRow(shelf, block.seq, self.rest.day)
        row.counts[number] = row.counts.get(number, 0) + 1
        row.seq = block.seq
        self._touched(redial_row_id(shelf))

    def _day_began(self, fact: facts.DayBegan, block: facts.Block) -> None:
        guard = self._guard
        if guard and not guard.changes_day and block.seq <= self.rest.day_seq:
            guard.day_began = guard.day_began or fact.day == self.rest.day
            return
        if fact.day == self.rest.day:
            return
        if guard:
            guard.changes_day = guard.day_began = True
        # The same dict goes on, the gate reads it. Rows in the table say which day they are of.
        self.redials.clear()
        self.rest.day, self.rest.day_seq = fact.day, block.seq
        self._touched(REST)

    def _district_moved(self, fact: facts.DistrictMoved, block: facts.Block) -> None:
        for job_id, row in self.jobs.items():
            same_day = fact.day_at < row.district_end_at <= fact.day_ends_at
            if not row.state.ended and same_day and self._job(job_id, block) is not None:
                row.district_end_at = fact.closes_at

    # -- the rest

    def _store_opened(self, fact: facts.StoreOpened, _block: facts.Block) -> None:
        self.rest.tokens[fact.incarnation] = fact.token
        self.rest.generation = fact.generation
        self._touched(REST)

    def _alarm_raised(self, fact: facts.AlarmRaised, block: facts.Block) -> None:
        self.rest.alarms.setdefault(fact.code, block.at)
        self._touched(REST)

    def _alarm_cleared(self, fact: facts.AlarmCleared, _block: facts.Block) -> None:
        self.rest.alarms.pop(fact.code, None)
        self._touched(REST)

    def _noted(self, _fact: facts.Fact, _block: facts.Block) -> None:
        """Facts that are history but change no state."""


def _nowhere(_chain_id: int) -> ChainRow | None:
    return None


def _ignore(_row_id: int) -> None:
    return None


_HANDLERS: dict[type, Callable[[Fold, Any, facts.Block], None]] = {
    facts.StoreOpened: Fold._store_opened,
    facts.JobPlanned: Fold._job_planned,
    facts.JobOpened: Fold._job_opened,
    facts.JobPaused: Fold._job_paused,
    facts.JobResumed: Fold._job_resumed,
    facts.JobCanceled: Fold._job_canceled,
    facts.JobEnded: Fold._job_ended,
    facts.AttemptOpened: Fold._attempt_opened,
    facts.AttemptClosed: Fold._attempt_closed,
    facts.StepBarred: Fold._step_barred,
    facts.AttemptCorrected: Fold._attempt_corrected,
    facts.ChainClosed: Fold._chain_closed,
    facts.ChainCorrected: Fold._chain_corrected,
    facts.AlarmRaised: Fold._alarm_raised,
    facts.AlarmCleared: Fold._alarm_cleared,
    facts.CommandTaken: Fold._noted,
    facts.EngineStopped: Fold._noted,
    facts.DayBegan: Fold._day_began,
    facts.DistrictMoved: Fold._district_moved,
    facts.CommandRefused: Fold._noted,
}
