"""Where results come in: each ended call to its chain, late ones to the record, overdue ones looked up."""

from collections.abc import Callable

from actors.gateway import CallRow, Failure, Lookup, LookupState
from actors.lines.floor import Floor
from actors.lines.job_run import JobRun
from actors.lines.line_ledger import GIVEN_UP_AFTER_MS, HandedOver
from actors.messages import (
    AttemptSettled,
    CallEnded,
    CallFailed,
    CallsEnded,
    CallsLookedUp,
    LookUp,
    PageSettled,
    ResultArrivedLate,
    Withdraw,
)
from actors.results import disposition_of
from actors.runtime.mailbox import Mailbox
from store import facts
from store.alarms import Alarm
from store.dispositions import Disposition, Outcome
from store.keys import attempt_id, index_of, job_of, parse_reference


class ResultDesk:
    """Part of the line pool; every method is part of one of its turns."""

    def __init__(
        self,
        floor: Floor,
        tokens: dict[int, int],
        settle: Callable[[JobRun], None],
        find_chain: Callable[[JobRun, int], Mailbox | None],
        yields: Callable[[HandedOver, LookupState], bool],
    ) -> None:
        self._floor = floor
        self._find_chain = find_chain
        self._yields = yields
        self._incarnations = {token: incarnation for incarnation, token in tokens.items()}
        self._settle = settle
        self._unsettled: dict[int, int] = {}
        """page → how many of its rows are not on disk yet."""
        self._urgent: list[tuple[Mailbox, CallEnded]] = []
        self._ordinary: list[tuple[Mailbox, CallEnded]] = []
        """Results on their way to their chains, emergencies and others."""

    # -- rows

    def take(self, letter: CallsEnded) -> None:
        """Hand each row to the chain whose attempt it ends; rows already known are passed over."""
        waiting = 0
        for row in letter.rows:
            waiting += self._take_row(row, letter.page)
        if letter.page:
            self._unsettled[letter.page] = waiting
            self._check_page(letter.page)

    def is_ordinary(self, row: CallRow) -> bool:
        """Whether a row is of no emergency that waits for it."""
        call = self._floor.ledger.by_ref.get(row.ref)
        return call is None or not call.emergency

    def tell_chains(self) -> None:
        """Give each chain the result it was waiting for, once its line has gone to whoever was next."""
        self._floor.crew.dispatcher.tell_each(self._urgent, urgent=True)
        self._floor.crew.dispatcher.tell_each(self._ordinary, urgent=False)
        self._urgent, self._ordinary = [], []

    def _take_row(self, row: CallRow, page: int) -> bool:
        """Whether the page must wait for this row."""
        floor = self._floor
        call = floor.ledger.by_ref.get(row.ref)
        if call is None:
            return self._take_late(self._attempt_of(row.ref), row)
        if call.row is not None:
            return self._waits_too(call, page)
        call.page = page
        floor.ledger.ended(call, row)
        if row.duration_ms:
            floor.pace.note(row.duration_ms)
        floor.queue.handed(call.waiting.job_id, -1)
        if call.chain is None:
            self._settle_orphan(call, row)
        else:
            ended = self._urgent if call.emergency else self._ordinary
            ended.append((call.chain, CallEnded(call.attempt_id, row)))
        return True

    def _waits_too(self, call: HandedOver, page: int) -> bool:
        """A row comes again while its result is on its way to the disk: one page of the log waits for that."""
        first = page > 0 and not call.page
        if first:
            call.page = page
        return first

    def _attempt_of(self, ref: str) -> int:
        """The attempt a reference stands for, 0 when it is none of ours."""
        parsed = parse_reference(ref)
        incarnation = self._incarnations.get(parsed[0]) if parsed else None
        return 0 if parsed is None or incarnation is None else attempt_id(incarnation, parsed[1])

    def settled(self, call: HandedOver) -> None:
        """The result of a call is on disk; one that came while it was being given up corrects that."""
        if call.row is not None and call.attempt_id in self._floor.owed:
            self._take_late(call.attempt_id, call.row)
        if call.page:
            self._unsettled[call.page] -= 1
            self._check_page(call.page)

    def _check_page(self, page: int) -> None:
        if self._unsettled.get(page) == 0:
            del self._unsettled[page]
            self._floor.crew.poller.tell(PageSettled(page))

    # -- orphans: calls whose chain's actor has died

    def adopt(self, call: HandedOver) -> None:
        """Nobody waits for this call's result any more but the line pool: take it back, and settle it here."""
        chain, call.chain = call.chain, None
        run = self._floor.runs[call.waiting.job_id]
        run.orphans += 1
        if call.row is not None:
            self._settle_orphan(call, call.row)
        elif call.attempt_id in self._floor.owed:
            self._close_orphan(call, Disposition.RESULT_OVERDUE)
        elif chain is not None:
            withdrawal = Withdraw(((call.attempt_id, call.ref, chain),))
            self._floor.crew.dialer.tell(withdrawal)

    def call_failed(self, letter: CallFailed) -> None:
        """The dialer had nobody else to tell."""
        call = self._floor.ledger.held.get(letter.attempt_id)
        if call is not None and call.chain is None:
            self._close_orphan(call, letter.disposition)

    def _settle_orphan(self, call: HandedOver, row: CallRow) -> None:
        run = self._floor.runs.get(call.waiting.job_id)
        disposition = disposition_of(row, run.message_ms, run.job.confirm_key) if run else disposition_of(row, 0)
        self._close_orphan(call, disposition, row.dialed_at, row.duration_ms)

    def _close_orphan(
        self, call: HandedOver, disposition: Disposition, dialed_at: int = 0, duration_ms: int = 0
    ) -> None:
        """Record the result of an attempt no actor waits for, once, then free its line."""
        if not call.closed:
            call.closed = True
            attempt, chain = call.attempt_id, call.waiting.chain_id
            closed = facts.AttemptClosed(attempt, chain, disposition, dialed_at, duration_ms)
            self._floor.record((closed,), AttemptSettled(attempt, call.waiting.job_id), call.emergency)

    # -- late results

    def _take_late(self, attempt: int, row: CallRow) -> bool:
        """A result of an attempt that was given up corrects the record."""
        chain_id = self._floor.owed.came(attempt)
        run = self._floor.runs.get(job_of(chain_id)) if chain_id else None
        if run is None:
            return False
        run.overdue -= 1
        disposition = disposition_of(row, run.message_ms, run.job.confirm_key)
        # Recorded here and not by the chain, so that it is on disk before the cursor that passes its row.
        self._floor.record((facts.AttemptCorrected(attempt, chain_id, disposition, row.dialed_at, row.duration_ms),))
        chain = self._find_chain(run, index_of(chain_id))
        if chain is not None and not chain.stopped:
            chain.put(ResultArrivedLate(attempt, disposition))
        else:
            self._correct_ended(run, chain_id, disposition)
        if not self._floor.owed:
            self._floor.alarm(Alarm.RESULTS_OVERDUE, raised=False)
        self._settle(run)
        return False

    def _correct_ended(self, run: JobRun, chain_id: int, disposition: Disposition) -> None:
        was = run.unreported.get(chain_id, Outcome.EXHAUSTED)
        if (better := _better(was, disposition)) is not was:
            run.unreported[chain_id] = better
            self._floor.record((facts.ChainCorrected(chain_id, better, was),))

    # -- overdue results

    def look_for_overdue(self, now: int) -> None:
        """Look up calls whose result is overdue; give up those that were looked up long ago (decision 35)."""
        look_up = []
        for call in self._floor.ledger.overdue(now):
            if call.looked_up:
                self._give_up(call)
            else:
                call.looked_up = True
                self._floor.ledger.be_patient(call, now, GIVEN_UP_AFTER_MS)
                look_up.append((call.attempt_id, call.ref))
        if look_up:
            self._floor.crew.dialer.tell(LookUp(look_up))

    def _give_up(self, call: HandedOver) -> None:
        if call.closed or (call.chain is not None and call.chain.stopped):
            # Its result is on its way to the disk.
            return
        run = self._floor.runs[call.waiting.job_id]
        self._floor.owed.add(call.attempt_id, call.waiting.chain_id)
        run.overdue += 1
        self._floor.alarm(Alarm.RESULTS_OVERDUE, raised=True)
        if call.chain is None:
            run.unreported[call.waiting.chain_id] = Outcome.ERROR
            self._close_orphan(call, Disposition.RESULT_OVERDUE)
            return
        call.chain.put(CallFailed(call.attempt_id, Disposition.RESULT_OVERDUE))
        # Whatever became of it, it must not ring once its chain has gone on.
        self._floor.crew.dialer.tell(Withdraw(((call.attempt_id, call.ref, call.chain),)))

    def looked_up(self, letter: CallsLookedUp, now: int) -> None:
        """What the carrier knows of calls that are overdue."""
        if isinstance(letter.answer, Failure):
            self._wait_again([attempt for attempt, _ in letter.calls], now)
            return
        rows = [lookup.row for lookup in letter.answer if lookup.row is not None]
        self.take(CallsEnded(rows))
        for lookup in letter.answer:
            self._note_state(lookup, now)

    def _note_state(self, lookup: Lookup, now: int) -> None:
        call = self._floor.ledger.by_ref.get(lookup.ref)
        if call is None or call.row is not None or lookup.row is not None:
            return
        if self._yields(call, lookup.state):
            return
        if lookup.state is LookupState.QUEUED:
            self._wait_again([call.attempt_id], now)
        elif lookup.state is LookupState.CANCELED and call.looked_up:
            self._note_canceled(call)

    def _note_canceled(self, call: HandedOver) -> None:
        """It was withdrawn, and only its missing row would say whether it rang before: its turn counts as spent."""
        if call.chain is None:
            self._close_orphan(call, Disposition.RING_WITHDRAWN)
        else:
            call.chain.put(CallFailed(call.attempt_id, Disposition.RING_WITHDRAWN))

    def _wait_again(self, attempts: list[int], now: int) -> None:
        """Nothing is known against these calls: they get their whole time anew, or none if an emergency is waiting."""
        for attempt in attempts:
            call = self._floor.ledger.held.get(attempt)
            if call is not None and call.row is None:
                call.looked_up = False
                wanted = self._floor.queue.emergency_waits_for(call.waiting.number_id)
                self._floor.ledger.be_patient(call, now, 0 if wanted else call.patience_ms)


def _better(was: Outcome, disposition: Disposition) -> Outcome:
    """The outcome of an ended chain in the light of a late result."""
    if disposition is Disposition.CONFIRMED:
        return Outcome.CONFIRMED
    unheard = was in (Outcome.EXHAUSTED, Outcome.EXPIRED, Outcome.CANCELED)
    return Outcome.DELIVERED_UNCONFIRMED if unheard and disposition.flags.delivered else was
