"""The line pool: it supervises the chains and owns the phone lines, emergencies first."""

from collections.abc import Callable
from itertools import count
from math import inf

from actors.gate import Refusal, may_dial
from actors.lines.chain_starts import ChainStarts
from actors.lines.floor import Floor
from actors.lines.job_course import JobCourse
from actors.lines.line_ledger import HandedOver
from actors.lines.line_queue import Waiting
from actors.lines.result_desk import ResultDesk
from actors.lines.soundness import Soundness
from actors.lines.yielding import Yielding
from actors.messages import (
    AlarmChanged,
    AttemptSettled,
    BlockNumber,
    CallFailed,
    CallsEnded,
    CallsGoOn,
    CallsLookedUp,
    CarrierCounted,
    ChainFailed,
    ChainMoved,
    ChainsClosed,
    Command,
    CommandTaken,
    DistrictDue,
    GoOn,
    JobDue,
    LineGranted,
    LinesDue,
    LogRead,
    PollSooner,
    RunJob,
    StepRefused,
    StoreFailing,
    WatchDue,
)
from actors.runtime.dispatcher import Dispatcher, PooledActor
from actors.runtime.mailbox import Mailbox
from store import facts
from store.alarms import Alarm
from store.dispositions import Disposition, Outcome
from store.keys import attempt_id, index_of, job_of, reference

NUMBER_GAP_MS = 30_000
"""Between two calls to one number; emergencies skip it (decisions 7, 19)."""

REFUSED_RETRY_MS = 5_000
"""Until a chain that the gate refused for a passing reason is offered a line again."""

REFUSALS_MAX = 1_000
"""Chains the gate may refuse in one turn, which takes 5 ms; the next are asked for when others have had theirs."""

SLICE_ROWS = 16
"""Pushed results taken in one turn while the loop keeps up: what follows from them takes a millisecond."""

WATCH_MS = 15_000
"""Between looks for overdue results, a full disk and a clock that jumped: the poll's own rhythm."""


class LinePool(PooledActor):
    """Grants lines in the order of the line queue, as far as the ledger and the gate allow."""

    urgent = True
    vital = True
    ends_turns = True

    def __init__(self, dispatcher: Dispatcher, incarnation: int) -> None:
        super().__init__(dispatcher, "line-pool")
        self._incarnation = incarnation
        self._counter = count(1)
        self._number_gap_ms = NUMBER_GAP_MS
        self._lines_due_at = 0
        self._urgent: list[tuple[Mailbox, LineGranted]] = []
        self._ordinary: list[tuple[Mailbox, LineGranted]] = []
        """Lines granted in this turn, to emergencies and to others."""
        self.on_log_read: Callable[[], None] = lambda: None
        """Called when the call log has been read to its end for the first time after a restore."""

    def furnish(self, floor: Floor, tokens: dict[int, int], soundness: Soundness, number_gap_ms: int) -> None:
        """Give the pool what it works with, once, before its first letter."""
        self._floor = floor
        self._soundness = soundness
        self._number_gap_ms = number_gap_ms
        self._ref_prefix = reference(tokens[self._incarnation], 0).removesuffix("0")
        self._starts = ChainStarts(floor)
        self._course = JobCourse(floor, self._starts)
        self._yielding = Yielding(floor)
        self._desk = ResultDesk(floor, tokens, self._course.settle, self._starts.chain, self._yielding.hear)
        floor.timer.after(WATCH_MS, self.ref, WatchDue())
        self._district_due(DistrictDue())

    # -- lines

    def turn_ended(self) -> None:
        """Hand free lines to whoever is next."""
        floor, now = self._floor, self._floor.crew.clock.now()
        queue, ledger, gate = floor.queue, floor.ledger, floor.gate
        monotonic = floor.crew.clock.monotonic()
        queue.wake(now)
        refused = 0
        while refused < REFUSALS_MAX:
            ordinary = ledger.has_ordinary_line()
            if not ordinary and not ledger.has_emergency_line():
                break
            waiting = queue.next(ordinary)
            if waiting is None:
                break
            refusal = may_dial(gate, waiting.job_id, waiting.number_id, now)
            if refusal is not None:
                queue.handed(waiting.job_id, -1)
                self._refused(waiting, refusal, now)
                refused += 1
            elif not self._grant(waiting, monotonic):
                queue.handed(waiting.job_id, -1)
        if refused == REFUSALS_MAX:
            self.ref.tell_patiently(LinesDue())
        self._tell_chains()
        self._desk.tell_chains()
        if ledger.ahead_max:
            self._yielding.make_room()
        self._wake_when_due()

    def _grant(self, waiting: Waiting, now: int) -> bool:
        """A line is the chain's: it may write its intent. False when it has died meanwhile."""
        run = self._floor.runs[waiting.job_id]
        chain = run.chains.get(index_of(waiting.chain_id))
        if chain is None or chain.stopped:
            return False
        count = next(self._counter)
        attempt, ref = attempt_id(self._incarnation, count), f"{self._ref_prefix}{count:x}"
        self._starts.hand_over(run, HandedOver(attempt, ref, waiting, chain, run.emergency, run.patience_ms), now)
        granted = self._urgent if run.emergency else self._ordinary
        granted.append((chain, LineGranted(attempt, ref)))
        return True

    def _tell_chains(self) -> None:
        """Tell all who got a line in this turn."""
        if self._urgent:
            self._dispatcher.tell_each(self._urgent, urgent=True)
            self._urgent = []
        if self._ordinary:
            self._dispatcher.tell_each(self._ordinary, urgent=False)
            self._ordinary = []

    def _refused(self, waiting: Waiting, refusal: Refusal, now: int) -> None:
        """The gate says no: wait for the number, for the instant, or for better times; or go on without the number."""
        floor = self._floor
        if refusal is Refusal.NUMBER_IN_USE:
            floor.queue.park(waiting)
            if floor.runs[waiting.job_id].emergency:
                self._yielding.give_up_number(waiting.number_id)
        elif refusal is Refusal.NUMBER_COOLING:
            floor.queue.want(waiting, floor.gate.cooling[waiting.number_id])
        elif refusal is Refusal.BLOCKED:
            chain = floor.runs[waiting.job_id].chains.get(index_of(waiting.chain_id))
            if chain is not None:
                chain.put(StepRefused(Disposition.BLOCKED))
        elif refusal is Refusal.DISTRICT_CLOSED and now < floor.gate.district[0]:
            floor.queue.want(waiting, floor.gate.district[0])
        elif refusal is Refusal.DISTRICT_CLOSED:
            floor.queue.want(waiting, floor.hours.next_opening(now))
        elif refusal not in (Refusal.CANCELED, Refusal.WINDOW_CLOSED):
            floor.queue.want(waiting, now + REFUSED_RETRY_MS)

    def _take_back(self, attempt: int) -> None:
        """A call's result is on disk: its number cools down, and whoever waits for it may ask again."""
        floor = self._floor
        call = floor.ledger.take_back(attempt)
        if call is None:
            return
        number, now = call.waiting.number_id, floor.crew.clock.now()
        floor.gate.in_use.pop(number, None)
        floor.gate.cool(number, now + self._number_gap_ms, now)
        if call.row is None:
            floor.queue.handed(call.waiting.job_id, -1)
        floor.queue.unpark(number, now + self._number_gap_ms)
        self._desk.settled(call)

    def _take_back_unused(self, chain_id: int) -> None:
        """A late result ended a chain while a line was on its way to it: the line was never used."""
        unused = [call.attempt_id for call in self._floor.ledger.held.values() if call.waiting.chain_id == chain_id]
        for attempt in unused:
            self._take_back(attempt)

    def _wake_when_due(self) -> None:
        """One timer for all who wait for an instant."""
        due = self._floor.queue.next_due()
        if due is not None and (due < self._lines_due_at or not self._lines_due_at):
            self._lines_due_at = due
            self._floor.timer.at(due, self.ref, LinesDue())

    def _lines_due(self, _letter: LinesDue) -> None:
        self._lines_due_at = 0

    # -- chains

    def _chain_moved(self, letter: ChainMoved) -> None:
        """What a chain did is on disk: its line is free, and it waits again or is done."""
        if letter.attempt_id:
            self._take_back(letter.attempt_id)
        elif letter.outcome is Outcome.CONFIRMED:
            self._take_back_unused(letter.chain_id)
        run = self._floor.runs.get(job_of(letter.chain_id))
        if run is None:
            return
        if letter.outcome is not None:
            self._chain_ended(run.job.job_id, letter.chain_id, letter.outcome)
        elif run.closing is None:
            waiting = Waiting(letter.chain_id, letter.number_id, run.job.job_id)
            self._floor.queue.want(waiting, letter.due_at)

    def _chain_ended(self, job_id: int, chain_id: int, outcome: Outcome) -> None:
        run, index = self._floor.runs[job_id], index_of(chain_id)
        if run.chains.pop(index, None) is None:
            return
        run.live -= 1
        if index >= run.started:
            run.ended.add(index)
        if self._floor.owed.of_chain(chain_id):
            run.unreported[chain_id] = outcome
        if not run.live:
            self._course.settle(run)

    def _chains_closed(self, letter: ChainsClosed) -> None:
        run = self._floor.runs[letter.job_id]
        run.live -= letter.chains
        self._course.settle(run)

    def _chain_failed(self, letter: ChainFailed) -> None:
        """A chain's actor died: the chain ends as `error` at once, its line comes back when its call is settled."""
        for call in self._floor.ledger.held.values():
            if call.waiting.chain_id == letter.chain_id:
                self._desk.adopt(call)
                break
        self._floor.alarm(Alarm.CHAIN_FAILED, raised=True)
        closed = facts.ChainClosed(letter.chain_id, Outcome.ERROR)
        moved = ChainMoved(letter.chain_id, 0, 0, 0, Outcome.ERROR)
        run = self._floor.runs.get(job_of(letter.chain_id))
        self._floor.record((closed,), moved, urgent=run is not None and run.emergency)

    def _call_failed(self, letter: CallFailed) -> None:
        self._desk.call_failed(letter)

    def _attempt_settled(self, letter: AttemptSettled) -> None:
        run = self._floor.runs[letter.job_id]
        run.orphans -= 1
        self._take_back(letter.attempt_id)
        self._course.settle(run)

    # -- jobs and commands

    def _run_job(self, letter: RunJob) -> None:
        self._course.take_in(letter)

    def _go_on(self, letter: GoOn) -> None:
        for job in letter.jobs:
            self._course.take_in(job, patiently=not job.run.emergency)

    def _job_due(self, letter: JobDue) -> None:
        self._course.due(letter)

    def _command(self, letter: Command) -> None:
        self._course.accept(letter)

    def _command_taken(self, letter: CommandTaken) -> None:
        self._course.obey(letter.command)

    def _block_number(self, letter: BlockNumber) -> None:
        gate = self._floor.gate
        (gate.blocked_except_emergency if letter.except_emergency else gate.blocked).add(letter.number_id)
        self._yielding.block(letter.number_id, letter.except_emergency)

    # -- results

    def _calls_ended(self, letter: CallsEnded) -> None:
        """Results of calls. A burst of pushed ones is taken in slices: the first lines need not wait for the last."""
        if not letter.page and len(letter.rows) > SLICE_ROWS and self._dispatcher.keeps_up:
            rows = sorted(letter.rows, key=self._desk.is_ordinary)
            self.ref.tell_patiently(CallsEnded(rows[SLICE_ROWS:]))
            letter = CallsEnded(rows[:SLICE_ROWS])
        self._desk.take(letter)

    def _calls_looked_up(self, letter: CallsLookedUp) -> None:
        self._desk.looked_up(letter, self._floor.crew.clock.monotonic())

    def _calls_go_on(self, letter: CallsGoOn) -> None:
        self._yielding.go_on(letter.attempts)

    # -- the world

    def _district_due(self, _letter: DistrictDue) -> None:
        """The district opened, closed, or a new day began."""
        floor, now = self._floor, self._floor.crew.clock.now()
        floor.gate.district = opens_at, closes_at = floor.hours.interval(now)
        if now >= closes_at:
            self._course.close_district()
        next_at = next((at for at in (opens_at, closes_at) if at > now), floor.hours.next_day(now))
        floor.timer.at(next_at, self.ref, DistrictDue())

    def _watch_due(self, _letter: WatchDue) -> None:
        floor = self._floor
        if not self._soundness.store_fails:
            # What waits for the disk has its result already.
            self._desk.look_for_overdue(floor.crew.clock.monotonic())
        self._soundness.check(floor)
        self._yielding.ask_again()
        floor.timer.after(WATCH_MS, self.ref, WatchDue())

    def _store_failing(self, letter: StoreFailing) -> None:
        self._soundness.store_failing(self._floor, letter.failing)

    def _carrier_counted(self, letter: CarrierCounted) -> None:
        self._floor.ledger.limit(letter.lines, letter.emergency_lines)
        self._soundness.carrier_skew(self._floor, letter.skew_ms)

    def _log_read(self, _letter: LogRead) -> None:
        """The news is in; say when it will be worth reading again."""
        floor = self._floor
        ledger = floor.ledger
        lines = ledger.lines + ledger.emergency_lines
        delay_ms = floor.pace.next_reading_ms(lines, ledger.ahead_max, floor.queue.ready())
        if delay_ms < inf:
            floor.crew.poller.tell(PollSooner(int(delay_ms)))
        if not self._floor.gate.log_is_read:
            self._floor.gate.log_is_read = True
            self.on_log_read()

    def _alarm_changed(self, letter: AlarmChanged) -> None:
        self._floor.alarm(Alarm(letter.alarm), letter.raised)


LinePool.handlers = {
    RunJob: LinePool._run_job,
    GoOn: LinePool._go_on,
    JobDue: LinePool._job_due,
    Command: LinePool._command,
    CommandTaken: LinePool._command_taken,
    BlockNumber: LinePool._block_number,
    ChainMoved: LinePool._chain_moved,
    ChainsClosed: LinePool._chains_closed,
    ChainFailed: LinePool._chain_failed,
    AttemptSettled: LinePool._attempt_settled,
    CallFailed: LinePool._call_failed,
    CallsEnded: LinePool._calls_ended,
    CallsLookedUp: LinePool._calls_looked_up,
    CallsGoOn: LinePool._calls_go_on,
    LinesDue: LinePool._lines_due,
    DistrictDue: LinePool._district_due,
    WatchDue: LinePool._watch_due,
    StoreFailing: LinePool._store_failing,
    CarrierCounted: LinePool._carrier_counted,
    LogRead: LinePool._log_read,
    AlarmChanged: LinePool._alarm_changed,
}
