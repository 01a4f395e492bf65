"""Hands calls to the carrier: many in one request, the gate asked again, the same references until it answers."""

from collections.abc import Iterable, Sequence
from functools import partial

import msgspec

from actors.backoff import Backoff
from actors.gate import Gate, Refusal, may_dial, window_end
from actors.gateway import (
    CALLS_MAX,
    Call,
    Cancellation,
    CancelOutcome,
    Failure,
    FailureKind,
    Gateway,
    Lookup,
    LookupState,
    Script,
    SubmitStatus,
    Submitted,
)
from actors.lines.soundness import CARRIER_ALARMS, alarm_of
from actors.messages import (
    AlarmChanged,
    CallFailed,
    CallsGoOn,
    CallsLookedUp,
    CallsSubmitted,
    CallsWithdrawn,
    Dial,
    LookUp,
    PollDue,
    ResendDue,
    SendDue,
    Withdraw,
)
from actors.runtime.actor import PooledActor, PooledRef
from actors.runtime.clock import Clock
from actors.runtime.dispatcher import Dispatcher
from actors.runtime.mailbox import Mailbox
from store.dispositions import Disposition

BATCH_CALLS_MAX = 200
"""Calls in one request: 50 KB, a few milliseconds for the carrier, so that an emergency never waits long behind one."""

FIRST_CALLS_MAX = 20
"""Emergency calls in the first request of a batch: encoding 200 takes milliseconds that the first need not wait."""

_REJECTIONS = {
    "CANCELED": Disposition.CANCELED,
    "EXPIRED": Disposition.EXPIRED,
    "BLOCKED": Disposition.BLOCKED,
    "INVALID_NUMBER": Disposition.INVALID_NUMBER,
}
"""What the carrier's reason for rejecting one call means; any other word is a failure on the way."""


class Dialer(PooledActor):
    """Holds every call from its intent until the carrier has answered for it."""

    urgent = True
    vital = True

    def __init__(self, dispatcher: Dispatcher, clock: Clock, gateway: Gateway, gate: Gate, seed: int) -> None:
        super().__init__(dispatcher, "dialer")
        self._clock = clock
        self._gateway = gateway
        self._gate = gate
        self._backoff = Backoff(seed)
        self._gathered: list[Dial] = []
        self._unanswered: dict[int, Dial] = {}
        """Calls the carrier has not answered for: gathered, on their way, or waiting to be sent again."""
        self._on_the_way: set[int] = set()
        self._maybe_sent: set[int] = set()
        """Those of them the carrier may have heard of."""
        self._taken_back: set[int] = set()
        """Those of them that were withdrawn while the carrier may have heard of them: they are not offered again."""
        self._troubled = True
        """An alarm may be raised: by us, or by an earlier incarnation."""
        self._send_due = False

    def furnish(self, pool: PooledRef, poller: PooledRef) -> None:
        """Introduce the line pool and the status poller, once, before the first letter."""
        self._pool = pool
        self._poller = poller

    # -- handing over

    def _dial(self, letter: Dial) -> None:
        self._unanswered[letter.attempt_id] = letter
        if letter.maybe_sent:
            self._maybe_sent.add(letter.attempt_id)
        self._gathered.append(letter)
        if not self._send_due:
            self._send_due = True
            self.ref.tell(SendDue())

    def _send(self, _letter: SendDue) -> None:
        """Send what has gathered, emergencies in batches of their own and first."""
        self._send_due = False
        gathered, self._gathered = self._gathered, []
        emergencies = [dial for dial in gathered if dial.call.emergency]
        self._submit(emergencies[:FIRST_CALLS_MAX])
        self._submit(emergencies[FIRST_CALLS_MAX:])
        self._submit([dial for dial in gathered if not dial.call.emergency])

    def _resend(self, letter: ResendDue) -> None:
        self._submit([dial for dial in letter.batch if dial.attempt_id in self._unanswered])

    def _submit(self, dials: Sequence[Dial]) -> None:
        now = self._clock.now()
        passed = [dial for dial in dials if dial.attempt_id in self._unanswered and self._passes(dial, now)]
        for start in range(0, len(passed), BATCH_CALLS_MAX):
            batch = passed[start : start + BATCH_CALLS_MAX]
            self._on_the_way.update(dial.attempt_id for dial in batch)
            self._gateway.submit(self._calls(batch), _scripts(batch), partial(self._answered, batch))

    def _calls(self, batch: Sequence[Dial]) -> list[Call]:
        """The calls as they are handed over: they carry the window's end as it is now (decision 26)."""
        if self._gate.hours:
            return [_until(dial.call, window_end(self._gate, dial.job_id, dial.number_id)) for dial in batch]
        ends = {job_id: window_end(self._gate, job_id) for job_id in {dial.job_id for dial in batch}}
        return [_until(dial.call, ends[dial.job_id]) for dial in batch]

    def _passes(self, dial: Dial, now: int) -> bool:
        """Ask the gate again; what it refuses is taken back, at the carrier too if that may have heard of it."""
        refusal = may_dial(self._gate, dial.job_id, dial.number_id, now, dial.attempt_id)
        if refusal is None and dial.attempt_id not in self._taken_back:
            return True
        if dial.attempt_id in self._maybe_sent:
            self._withdraw(Withdraw(((dial.attempt_id, dial.call.ref, dial.chain),)))
        else:
            self._fail(dial, Disposition.BLOCKED if refusal is Refusal.BLOCKED else Disposition.WITHDRAWN)
        return False

    def _submitted(self, letter: CallsSubmitted) -> None:
        self._on_the_way.difference_update(dial.attempt_id for dial in letter.batch)
        if isinstance(letter.answer, Failure):
            self._not_submitted(letter.batch, letter.answer)
            return
        self._carrier_answers()
        if self._all_taken(letter.batch, letter.answer):
            for dial in letter.batch:
                self._forget(dial.attempt_id)
            return
        answers = {submitted.ref: submitted for submitted in letter.answer}
        unanswered = []
        for dial in letter.batch:
            submitted = answers.get(dial.call.ref)
            if submitted is None:
                unanswered.append(dial)
            elif submitted.status is SubmitStatus.REJECTED:
                self._rejected(dial, submitted.reason)
            else:
                self._forget(dial.attempt_id)
        if unanswered:
            self._not_submitted(unanswered, Failure(FailureKind.CONTRACT, True, "calls without an answer"))

    @staticmethod
    def _all_taken(batch: Sequence[Dial], answer: Sequence[Submitted]) -> bool:
        """Whether each call was answered, in order, and none rejected: as good as always."""
        return len(batch) == len(answer) and all(
            submitted.ref == dial.call.ref and submitted.status is not SubmitStatus.REJECTED
            for dial, submitted in zip(batch, answer, strict=True)
        )

    def _rejected(self, dial: Dial, reason: str) -> None:
        """The carrier will not place this call. One it calls canceled that we never took back is its own failure."""
        disposition = _REJECTIONS.get(reason, Disposition.NETWORK_FAILURE)
        if disposition is Disposition.CANCELED and dial.attempt_id not in self._taken_back:
            disposition = Disposition.NETWORK_FAILURE
        self._fail(dial, disposition)

    def _not_submitted(self, batch: Sequence[Dial], failure: Failure) -> None:
        """No usable answer: raise the alarm, and offer the same references again later."""
        self._troubled = True
        self._pool.tell(AlarmChanged(alarm_of(failure), True))
        if failure.maybe_done:
            self._maybe_sent.update(dial.attempt_id for dial in batch)
        if failure.kind is FailureKind.REFUSED:
            self._refused(batch)
            return
        delay_ms = self._backoff.wait_ms(failure, batch[0].call.emergency)
        self._dispatcher.timer.after(delay_ms, self.ref, ResendDue(batch))

    def _refused(self, batch: Sequence[Dial]) -> None:
        """The carrier refuses the request for good: one by one, so that one bad call harms no other."""
        if len(batch) == 1:
            self._fail(batch[0], Disposition.NETWORK_FAILURE)
            return
        for dial in batch:
            self._submit([dial])

    def _carrier_answers(self) -> None:
        self._backoff.over()
        if self._troubled:
            self._troubled = False
            for alarm in CARRIER_ALARMS:
                self._pool.tell(AlarmChanged(alarm, False))

    def _fail(self, dial: Dial, disposition: Disposition) -> None:
        self._forget(dial.attempt_id)
        self._tell(dial.chain, CallFailed(dial.attempt_id, disposition))

    def _tell(self, chain: Mailbox, letter: CallFailed) -> None:
        """Tell the chain, or the line pool where the chain's actor has died."""
        (self._pool.actor_inbox if chain.stopped else chain).put(letter)

    def _forget(self, attempt_id: int) -> None:
        self._unanswered.pop(attempt_id, None)
        if self._maybe_sent:
            self._maybe_sent.discard(attempt_id)
        if self._taken_back:
            self._taken_back.discard(attempt_id)

    # -- taking back

    def _withdraw(self, letter: Withdraw) -> None:
        """What the carrier has never heard of is dropped here; the rest is canceled there."""
        at_the_carrier = []
        for attempt_id, ref, chain in letter.calls:
            here_only = attempt_id in self._unanswered and not self._may_be_there(attempt_id)
            if here_only:
                self._fail(self._unanswered[attempt_id], Disposition.WITHDRAWN)
            else:
                if attempt_id in self._unanswered:
                    self._taken_back.add(attempt_id)
                at_the_carrier.append((attempt_id, ref, chain))
        for start in range(0, len(at_the_carrier), CALLS_MAX):
            calls = at_the_carrier[start : start + CALLS_MAX]
            refs = [ref for _, ref, _ in calls]
            self._gateway.cancel(refs, partial(self._canceled, calls))

    def _may_be_there(self, attempt_id: int) -> bool:
        return attempt_id in self._on_the_way or attempt_id in self._maybe_sent

    def _withdrawn(self, letter: CallsWithdrawn) -> None:
        if isinstance(letter.answer, Failure):
            delay_ms = self._backoff.wait_ms(letter.answer, emergency=False)
            self._dispatcher.timer.after(delay_ms, self.ref, Withdraw(letter.calls))
            return
        outcomes = {cancellation.ref: cancellation.outcome for cancellation in letter.answer}
        for attempt_id, ref, chain in letter.calls:
            outcome = outcomes.get(ref)
            if outcome is CancelOutcome.UNKNOWN and attempt_id not in self._on_the_way:
                # The carrier remembers the cancel and would reject the call; one on its way will be answered so.
                self._tell(chain, CallFailed(attempt_id, Disposition.CANCELED))
            if attempt_id not in self._on_the_way:
                self._forget(attempt_id)
        going_on = [attempt for attempt, ref, _ in letter.calls if outcomes.get(ref) is CancelOutcome.IN_PROGRESS]
        if going_on:
            self._pool.tell(CallsGoOn(going_on))
        # Whether a withdrawn call rang is in its row.
        self._poller.tell(PollDue())

    # -- looking up

    def _look_up(self, letter: LookUp) -> None:
        """Ask where overdue calls are; those still here are waiting, not overdue."""
        here = [(attempt_id, ref) for attempt_id, ref in letter.calls if attempt_id in self._unanswered]
        if here:
            self._found(here, [Lookup(ref, LookupState.QUEUED) for _, ref in here])
        there = [(attempt_id, ref) for attempt_id, ref in letter.calls if attempt_id not in self._unanswered]
        for start in range(0, len(there), CALLS_MAX):
            calls = there[start : start + CALLS_MAX]
            refs = [ref for _, ref in calls]
            self._gateway.lookup(refs, partial(self._found, calls))

    # -- called by the gateway, from any thread

    def _answered(self, batch: Sequence[Dial], answer: Sequence[Submitted] | Failure) -> None:
        self.actor_inbox.put(CallsSubmitted(batch, answer))

    def _canceled(self, calls: Sequence[tuple[int, str, Mailbox]], answer: Sequence[Cancellation] | Failure) -> None:
        self.actor_inbox.put(CallsWithdrawn(calls, answer))

    def _found(self, calls: Sequence[tuple[int, str]], answer: Sequence[Lookup] | Failure) -> None:
        self._pool.actor_inbox.put(CallsLookedUp(calls, answer))


def _until(call: Call, end_at: int) -> Call:
    """The call with its window's end as it is now."""
    return call if call.window_end_at == end_at else msgspec.structs.replace(call, window_end_at=end_at)


def _scripts(batch: Iterable[Dial]) -> list[Script]:
    return list({dial.script.script_id: dial.script for dial in batch}.values())


Dialer.handlers = {
    Dial: Dialer._dial,
    SendDue: Dialer._send,
    ResendDue: Dialer._resend,
    CallsSubmitted: Dialer._submitted,
    Withdraw: Dialer._withdraw,
    CallsWithdrawn: Dialer._withdrawn,
    LookUp: Dialer._look_up,
}
