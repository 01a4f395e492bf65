"""The course of a job inside the line pool: it opens, its chains start in slices, it is paused, it closes, it ends."""

from collections import deque
from collections.abc import Callable

from actors.gate import JobGate
from actors.lines.chain_starts import SLICE_CHAINS, ChainStarts
from actors.lines.floor import Floor
from actors.lines.job_run import JobRun
from actors.lines.line_ledger import HandedOver
from actors.messages import (
    ChainsClosed,
    CloseChain,
    Command,
    CommandTaken,
    JobDue,
    LookUp,
    PollWhileOpen,
    RunJob,
    Withdraw,
)
from store import facts
from store.commands import Verb
from store.dispositions import Expiry, JobState, Outcome
from store.errors import RefusedError
from store.keys import chain_id


class JobCourse:
    """Acts on the floor it shares with the line pool; every method is part of one of the pool's turns."""

    def __init__(self, floor: Floor, starts: ChainStarts) -> None:
        self._floor = floor
        self._starts = starts

    # -- opening

    def take_in(self, letter: RunJob, patiently: bool = False) -> None:
        """A released job arrives, new or found again after a restart; `patiently`, its chains let others go first."""
        floor, run = self._floor, letter.run
        job = run.job
        floor.runs[job.job_id] = run
        floor.gate.jobs[job.job_id] = JobGate(job.emergency, job.opens_at, job.closes_at, run.paused, run.canceled)
        floor.queue.open_job(job.job_id, job.rank)
        if run.paused:
            floor.queue.hold(job.job_id)
        run.ended.update(letter.ended)
        run.live -= len(letter.ended)
        self._starts.adopt(run, letter.begun)
        self._tell_poller()
        floor.timer.at(job.closes_at, floor.crew.pool, JobDue(job.job_id))
        if job.opens_at > floor.crew.clock.now():
            floor.timer.at(job.opens_at, floor.crew.pool, JobDue(job.job_id))
        elif patiently:
            self._next_slice_later(run)
        else:
            self.due(JobDue(job.job_id))
        letter.done()
        self.settle(run)

    def due(self, letter: JobDue) -> None:
        """A job's instant has come, or its next slice is due."""
        run = self._floor.runs.get(letter.job_id)
        if run is None:
            return
        now = self._floor.crew.clock.now()
        if run.closing is None and run.canceled:
            self.close(run, CloseChain(Outcome.CANCELED))
        elif run.closing is None and now >= run.job.closes_at:
            self.close(run, CloseChain(Outcome.EXPIRED, self._expiry(run)))
        elif run.closing is None and self._day_is_over(run, now):
            self.close(run, CloseChain(Outcome.EXPIRED, Expiry.DISTRICT_END))
        elif run.closing is not None:
            self._close_slice(run, run.closing)
        elif now >= run.job.opens_at and not run.paused:
            self._start_slice(run)

    def _start_slice(self, run: JobRun) -> None:
        """Bring the next chains to life; the slice after it lets everybody else have a turn first."""
        if not run.opened:
            run.opened = True
            self._floor.record((facts.JobOpened(run.job_id),), urgent=run.emergency)
        self._starts.next_slice(run)
        if run.to_resume or run.started < run.job.chains:
            self._next_slice_later(run)
        self.settle(run)

    def _next_slice_later(self, run: JobRun) -> None:
        self._floor.crew.pool.tell_patiently(JobDue(run.job_id))

    # -- commands

    def accept(self, command: Command) -> None:
        """Refuse a command that cannot be obeyed; make a fact of the others."""
        run = self._floor.runs.get(command.job_id)
        if run is None:
            command.done(RefusedError(f"Job {command.job_id} has just ended; there is nothing left to do for it."))
            return
        if run.state is not None and command.verb is not Verb.REFRESH:
            command.done(RefusedError(f"Job {command.job_id} has ended ({run.state.word})."))
            return
        if command.verb is Verb.PAUSE and (run.canceled or run.paused):
            command.done(RefusedError(f"Job {command.job_id} is already {'canceled' if run.canceled else 'paused'}."))
            return
        if command.verb is Verb.RESUME and not run.paused:
            command.done(RefusedError(f"Job {command.job_id} is not paused."))
            return
        taken = facts.CommandTaken(command.command_id, command.verb, command.job_id, command.author_id)
        self._floor.record((taken, *_consequence(command, run)), CommandTaken(command), urgent=True)

    def obey(self, command: Command) -> None:
        """The command is on disk: carry it out, then answer."""
        run = self._floor.runs.get(command.job_id)
        if run is not None:
            _ACTS[command.verb](self, run)
        command.done(None)

    def _pause(self, run: JobRun) -> None:
        run.paused = self._floor.gate.jobs[run.job.job_id].paused = True
        self._floor.queue.hold(run.job.job_id)
        self._withdraw(run)

    def _resume(self, run: JobRun) -> None:
        run.paused = self._floor.gate.jobs[run.job.job_id].paused = False
        self._floor.queue.release(run.job.job_id)
        self._floor.crew.pool.tell(JobDue(run.job.job_id))

    def _cancel(self, run: JobRun) -> None:
        run.canceled = self._floor.gate.jobs[run.job.job_id].canceled = True
        self.close(run, CloseChain(Outcome.CANCELED))

    def _refresh(self, run: JobRun) -> None:
        """Ask the carrier for the results this job is owed."""
        owed = list(self._floor.owed.of_job(run.job.job_id))
        if owed:
            self._floor.crew.dialer.tell(LookUp([(attempt, run.reference(attempt)) for attempt in owed]))

    # -- closing

    def close(self, run: JobRun, closing: CloseChain) -> None:
        """End every chain of a job: at once those that have no call out, the others when theirs is settled."""
        if run.closing is not None:
            return
        run.closing = closing
        run.to_close = deque(run.chains.values())
        self._floor.queue.hold(run.job.job_id)
        self._withdraw(run)
        self._close_slice(run, closing)

    def close_district(self) -> None:
        """The district's day is over: nothing but emergencies goes on (decision 23)."""
        for run in list(self._floor.runs.values()):
            if not run.job.emergency and run.opened:
                self.close(run, CloseChain(Outcome.EXPIRED, Expiry.DISTRICT_END))

    def _day_is_over(self, run: JobRun, now: int) -> bool:
        """The district's day on which the job opened has ended, though its message's own window has not."""
        return not run.emergency and now >= self._floor.hours.interval(run.job.opens_at)[1]

    def stop_chain(self, run: JobRun, index: int) -> None:
        """End one chain as canceled, whatever the others do; its call, if one is out, is withdrawn."""
        chain = self._starts.chain(run, index)
        closing = CloseChain(Outcome.CANCELED)
        if chain is not None:
            run.stopping.add(index)
            self._withdraw_calls(run, lambda call: call.chain is chain)
            chain.put(closing)
        elif index >= run.started and index not in run.ended and index < run.job.chains:
            run.ended.add(index)
            closed = facts.ChainClosed(chain_id(run.job_id, index), closing.outcome, closing.expiry)
            self._floor.record((closed,), ChainsClosed(run.job_id, 1), run.emergency)

    def withdraw_beyond(self, closes_at: int) -> None:
        """The district ends earlier today: calls that may be dialed after `closes_at` wait again (decision 26)."""
        for run in self._floor.runs.values():
            if not run.emergency and run.job.closes_at > closes_at:
                self._withdraw(run)

    def _close_slice(self, run: JobRun, closing: CloseChain) -> None:
        """Tell the next chains; those that still wait to be resumed come to life for it."""
        if run.to_resume and not run.to_close:
            run.to_close.extend(self._starts.next_slice(run))
        told = [run.to_close.popleft() for _ in range(min(SLICE_CHAINS, len(run.to_close)))]
        letters = [(chain, closing) for chain in told]
        self._floor.crew.dispatcher.tell_each(letters, urgent=run.emergency)
        if not run.to_close and not run.to_resume:
            self._close_unstarted(run, closing)
        if run.to_close or run.to_resume or run.started < run.job.chains:
            self._next_slice_later(run)

    def _close_unstarted(self, run: JobRun, closing: CloseChain) -> None:
        """Chains that never came to life end without an actor."""
        job_id = run.job.job_id
        indexes = range(run.started, min(run.started + SLICE_CHAINS, run.job.chains))
        run.started = max(run.started, indexes.stop)
        silent = [index for index in indexes if index not in run.ended and index not in run.chains]
        if silent:
            closed = (facts.ChainClosed(chain_id(job_id, index), closing.outcome, closing.expiry) for index in silent)
            self._floor.record(tuple(closed), ChainsClosed(job_id, len(silent)), run.emergency)
        else:
            self.settle(run)

    def _withdraw(self, run: JobRun) -> None:
        """Take back what the carrier holds of a job and nobody has answered."""
        self._withdraw_calls(run, lambda _call: True)

    def _withdraw_calls(self, run: JobRun, which: Callable[[HandedOver], bool]) -> None:
        """Take back some calls of a job."""
        job_id, held = run.job.job_id, self._floor.ledger.held.values()
        calls = [call for call in held if call.waiting.job_id == job_id and call.row is None and which(call)]
        withdrawn = [(call.attempt_id, call.ref, call.chain) for call in calls if call.chain is not None]
        self._floor.crew.dialer.tell(Withdraw(withdrawn))

    def _expiry(self, run: JobRun) -> Expiry:
        """Which clock ended the job's window, even when that is found out on a later day."""
        closes_at = run.job.closes_at
        if run.job.emergency:
            return Expiry.JOB_CAP
        district_end = self._floor.hours.interval(closes_at - 1)[1]
        return Expiry.DISTRICT_END if closes_at >= district_end else Expiry.MESSAGE_WINDOW

    # -- the end

    def settle(self, run: JobRun) -> None:
        """End the job when its last chain has ended; one that is owed results stays until they are in (decision 35)."""
        if run.live:
            return
        state = _end_state(run)
        if state is not run.state:
            run.state = state
            self._floor.record((facts.JobEnded(run.job.job_id, state),), urgent=run.emergency)
        if not run.overdue and not run.orphans:
            self._let_go(run)

    def _let_go(self, run: JobRun) -> None:
        """Forget a job, once."""
        job_id = run.job.job_id
        if self._floor.runs.pop(job_id, None) is None:
            return
        self._floor.gate.jobs.pop(job_id, None)
        self._floor.queue.drop_job(job_id)
        self._tell_poller()

    def _tell_poller(self) -> None:
        self._floor.crew.poller.tell(PollWhileOpen(bool(self._floor.runs)))


def _consequence(command: Command, run: JobRun) -> tuple[facts.AnyFact, ...]:
    """The facts that follow from a command, committed with it."""
    if command.verb is Verb.PAUSE:
        return (facts.JobPaused(command.job_id),)
    if command.verb is Verb.RESUME:
        return (facts.JobResumed(command.job_id),)
    if command.verb is Verb.CANCEL and not run.canceled:
        return (facts.JobCanceled(command.job_id),)
    return ()


def _end_state(run: JobRun) -> JobState:
    """In the words of the Sent Message Log: canceled before the first dial, or while in progress (decision 38)."""
    if run.canceled:
        return JobState.CANCELED_IN_PROGRESS if run.dialed else JobState.CANCELED
    return JobState.ERROR if run.overdue else JobState.SENT


_ACTS = {
    Verb.PAUSE: JobCourse._pause,
    Verb.RESUME: JobCourse._resume,
    Verb.CANCEL: JobCourse._cancel,
    Verb.REFRESH: JobCourse._refresh,
}
