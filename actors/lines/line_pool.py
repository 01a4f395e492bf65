"""The line pool: it supervises the chains and owns the phone lines, emergencies first."""

from collections.abc import Callable
from math import inf

from actors.lines.chain_starts import ChainStarts
from actors.lines.district_day import DistrictDay
from actors.lines.floor import Floor
from actors.lines.grants import Grants
from actors.lines.job_course import JobCourse
from actors.lines.line_queue import Waiting
from actors.lines.result_desk import ResultDesk
from actors.lines.soundness import Soundness
from actors.lines.whereabouts import look
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
    FindChains,
    GoOn,
    JobDue,
    LinesDue,
    LogRead,
    PollSooner,
    RulesChanged,
    RunJob,
    StopChains,
    StoreFailing,
    UnblockNumber,
    WatchDue,
)
from actors.runtime.actor import PooledActor
from actors.runtime.dispatcher import Dispatcher
from store import facts
from store.alarms import Alarm
from store.dispositions import Outcome
from store.keys import index_of, job_of

SLICE_ROWS = 16
"""Pushed results taken in one turn while the loop keeps up: what follows from them takes a millisecond."""

WATCH_MS = 15_000
"""Between looks for overdue results, a full disk and a clock that jumped: the poll's own rhythm."""


class LinePool(PooledActor):
    """One actor made of plain parts that share a floor; they act only in its turns."""

    urgent = True
    vital = True
    ends_turns = True

    def __init__(self, dispatcher: Dispatcher, incarnation: int) -> None:
        super().__init__(dispatcher, "line-pool")
        self._incarnation = incarnation
        self.on_log_read: Callable[[], None] = lambda: None
        """Called when the call log has been read to its end for the first time after a restore."""

    def furnish(self, floor: Floor, tokens: dict[int, int], soundness: Soundness, day: int = 0) -> None:
        """Give the pool what it works with, once, before its first letter. `day`: the last one the journal knows."""
        self._floor = floor
        self._soundness = soundness
        self._starts = ChainStarts(floor)
        self._grants = Grants(floor, self._starts, self._incarnation, tokens[self._incarnation])
        self._course = JobCourse(floor, self._starts)
        self._yielding = Yielding(floor)
        self._day = DistrictDay(floor, self._course, day)
        self._desk = ResultDesk(floor, tokens, self._course.settle, self._starts.chain, self._yielding.hear)
        floor.timer.after(WATCH_MS, self.ref, WatchDue())
        self._day.due()

    # -- lines

    def turn_ended(self) -> None:
        """Free lines go to whoever is next; only then results go to the chains whose lines they were."""
        for waiting in self._grants.give():
            self._yielding.give_up_number(waiting.number_id)
        self._desk.tell_chains()
        if self._floor.ledger.ahead_max:
            self._yielding.make_room()

    def _take_back(self, attempt: int) -> None:
        """A call's result is on disk: its number cools down, and whoever waits for it may ask again."""
        floor = self._floor
        call = floor.ledger.take_back(attempt)
        if call is None:
            return
        number, now = call.waiting.number_id, floor.crew.clock.now()
        floor.gate.in_use.pop(number, None)
        floor.gate.cool(number, now + floor.number_gap_ms, now)
        if call.row is None:
            floor.queue.handed(call.waiting.job_id, -1)
        floor.queue.unpark(number, now + floor.number_gap_ms)
        self._desk.settled(call)

    def _take_back_unused(self, chain_id: int) -> None:
        """A late result ended a chain while a line was on its way to it: the line was never used."""
        unused = [call.attempt_id for call in self._floor.ledger.held.values() if call.waiting.chain_id == chain_id]
        for attempt in unused:
            self._take_back(attempt)

    def _lines_due(self, _letter: LinesDue) -> None:
        self._grants.due()

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
            waiting = Waiting(letter.chain_id, letter.number_id, run.job.job_id, letter.redial)
            self._floor.queue.want(waiting, letter.due_at)

    def _chain_ended(self, job_id: int, chain_id: int, outcome: Outcome) -> None:
        run, index = self._floor.runs[job_id], index_of(chain_id)
        if run.chains.pop(index, None) is None:
            return
        run.live -= 1
        run.stopping.discard(index)
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
        self._day.catch_up()
        self._course.take_in(letter)

    def _go_on(self, letter: GoOn) -> None:
        for job in letter.jobs:
            self._course.take_in(job, patiently=not job.run.emergency)

    def _job_due(self, letter: JobDue) -> None:
        self._day.catch_up()
        self._course.due(letter)

    def _command(self, letter: Command) -> None:
        self._course.accept(letter)

    def _command_taken(self, letter: CommandTaken) -> None:
        self._course.obey(letter.command)

    # -- what changes under running jobs

    def _block_number(self, letter: BlockNumber) -> None:
        self._floor.gate.block(letter.number_id, letter.except_emergency)
        self._yielding.block(letter.number_id, letter.except_emergency)

    def _unblock_number(self, letter: UnblockNumber) -> None:
        self._floor.gate.unblock(letter.number_id)

    def _stop_chains(self, letter: StopChains) -> None:
        for chain_id in letter.chain_ids:
            run = self._floor.runs.get(job_of(chain_id))
            if run is not None:
                self._course.stop_chain(run, index_of(chain_id))

    def _rules_changed(self, letter: RulesChanged) -> None:
        self._day.follow(letter.rules)

    def _find_chains(self, letter: FindChains) -> None:
        letter.tell(look(self._floor, letter.chains))

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
        self._day.due()

    def _watch_due(self, _letter: WatchDue) -> None:
        floor = self._floor
        if not self._soundness.store_fails:
            # What waits for the disk has its result already.
            self._desk.look_for_overdue(floor.crew.clock.monotonic())
        self._soundness.check(floor)
        self._day.catch_up()
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
    UnblockNumber: LinePool._unblock_number,
    StopChains: LinePool._stop_chains,
    RulesChanged: LinePool._rules_changed,
    FindChains: LinePool._find_chains,
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
