"""The dialer: many calls in one request, the gate asked again, the same references until the carrier answers."""

import threading
from collections.abc import Sequence

import pytest

from actors.backoff import BACKOFF_MS, EMERGENCY_BACKOFF_MAX_MS, LOGIN_RETRY_MS
from actors.dialer import BATCH_CALLS_MAX, FIRST_CALLS_MAX, Dialer
from actors.gate import Gate, JobGate
from actors.gateway import (
    Call,
    Cancellation,
    CancelOutcome,
    Failure,
    Lookup,
    LookupState,
    Script,
    SubmitStatus,
    Submitted,
)
from actors.lines.soundness import CARRIER_ALARMS
from actors.messages import AlarmChanged, CallFailed, CallsGoOn, CallsLookedUp, Dial, LookUp, PollDue, Withdraw
from actors.runtime.actor import PooledRef
from store.alarms import Alarm
from store.dispositions import Disposition
from tests.actors.doubles import (
    BUSY,
    LOGIN_REFUSED,
    OUTSIDE_CONTRACT,
    REFUSED,
    START,
    UNREACHABLE,
    ScriptedGateway,
    listener,
    run_for,
    stepped,
)

SNOW_DAY, FIRE = 1, 2
HOUR = 3_600_000
CAP = START + 4 * HOUR
DISTRICT_END = START + 2 * HOUR
MESSAGE_END = START + 3 * HOUR
LONG = 10 * BACKOFF_MS[-1]


class Switchboard:
    """A dialer between chains that only listen and a carrier that answers when told to."""

    def __init__(self) -> None:
        self.dispatcher = stepped()
        self.carrier = ScriptedGateway()
        jobs = {SNOW_DAY: JobGate(False, START, MESSAGE_END), FIRE: JobGate(True, START, CAP)}
        self.gate = Gate(jobs=jobs, district=(START, DISTRICT_END))
        dialer = Dialer(self.dispatcher, self.dispatcher.clock, self.carrier, self.gate, seed=1)
        self.pool, pool_ref = listener(self.dispatcher, "pool")
        self.poller, poller_ref = listener(self.dispatcher, "poller")
        self.chain, chain_ref = listener(self.dispatcher, "chain")
        self.chain_ref = chain_ref.actor_inbox
        dialer.furnish(pool_ref, poller_ref)
        dialer._start_actor_loop()
        self.ref: PooledRef = dialer.ref

    def dial(self, *attempts: int, job: int = SNOW_DAY, maybe_sent: bool = False, script: str = "") -> None:
        """Attempts are known to the carrier as r1, r2, …; each dials a number of its own."""
        for attempt in attempts:
            self.gate.in_use[attempt] = attempt
            call = Call(f"r{attempt}", f"+1512555{attempt:04}", "", script or f"job-{job}", job == FIRE, 1)
            spoken = Script(call.script_id, "Snow.", None)
            self.ref.tell(Dial(attempt, job, attempt, self.chain_ref, call, spoken, maybe_sent))
        self.settle()

    def withdraw(self, *attempts: int) -> None:
        self.ref.tell(Withdraw([(attempt, f"r{attempt}", self.chain_ref) for attempt in attempts]))
        self.settle()

    def settle(self) -> None:
        self.dispatcher.run_until_idle()

    def pass_time(self, ms: int = LONG) -> None:
        run_for(self.dispatcher, ms)

    def accepts(self, refs: Sequence[str] = (), status: SubmitStatus = SubmitStatus.ACCEPTED, reason: str = "") -> None:
        """The carrier answers its oldest request: ACCEPTED, and `status` for some."""
        asked = self.carrier.next("submit")
        special = set(refs)
        asked.reply(
            [_answer_for(call, status, reason) if call.ref in special else _answer_for(call) for call in asked.what]
        )
        self.settle()

    def fails(self, failure: Failure, act: str = "submit") -> None:
        self.carrier.next(act).reply(failure)
        self.settle()

    def cancels(self, outcome: CancelOutcome) -> None:
        asked = self.carrier.next("cancel")
        asked.reply([Cancellation(ref, outcome) for ref in asked.what])
        self.settle()

    @property
    def chain_heard(self) -> list[tuple[int, Disposition]]:
        return [(letter.attempt_id, letter.disposition) for letter in self.chain.heard(CallFailed)]

    @property
    def alarms(self) -> list[tuple[Alarm, bool]]:
        return [(Alarm(letter.alarm), letter.raised) for letter in self.pool.heard(AlarmChanged)]


def _answer_for(call: Call, status: SubmitStatus = SubmitStatus.ACCEPTED, reason: str = "") -> Submitted:
    return Submitted(call.ref, status, "p", reason)


@pytest.fixture
def board() -> Switchboard:
    return Switchboard()


# -- handing over


def test_calls_that_come_together_are_one_request(board: Switchboard):
    board.dial(*range(1, 51))
    assert board.carrier.submitted == [[f"r{n}" for n in range(1, 51)]]
    board.accepts()
    board.pass_time()
    assert (len(board.carrier.submitted), board.chain.letters) == (1, [])


def test_a_request_is_never_larger_than_a_batch(board: Switchboard):
    board.dial(*range(1, 2 * BATCH_CALLS_MAX + 2))
    assert [len(request) for request in board.carrier.submitted] == [BATCH_CALLS_MAX, BATCH_CALLS_MAX, 1]


@pytest.mark.row("C016", "C041")
def test_emergencies_go_first_and_in_requests_of_their_own(board: Switchboard):
    """C016: Service classifies each received job as emergency or non-emergency and delivers accordingly. C041: Priority
    over scheduled jobs.
    """
    for attempt in range(1, 5):
        board.gate.in_use[attempt] = attempt
        job = FIRE if attempt % 2 == 0 else SNOW_DAY
        call = Call(f"r{attempt}", "+15125550100", "", "s", job == FIRE, 1)
        board.ref.tell(Dial(attempt, job, attempt, board.chain_ref, call, Script("s", "…", None)))
    board.settle()
    assert board.carrier.submitted == [["r2", "r4"], ["r1", "r3"]]


@pytest.mark.row("C016", "C041")
def test_the_first_request_of_an_emergency_is_small_so_that_its_first_calls_are_out_soon(board: Switchboard):
    """C016: Service classifies each received job as emergency or non-emergency and delivers accordingly. C041: Priority
    over scheduled jobs.
    """
    many = FIRST_CALLS_MAX + BATCH_CALLS_MAX + 5
    board.dial(*range(1, many + 1), job=FIRE)
    assert [len(request) for request in board.carrier.submitted] == [FIRST_CALLS_MAX, BATCH_CALLS_MAX, 5]
    assert [ref for request in board.carrier.submitted for ref in request] == [f"r{n}" for n in range(1, many + 1)]


@pytest.mark.parametrize(("calls", "requests"), [(1, [1]), (FIRST_CALLS_MAX, [FIRST_CALLS_MAX])])
def test_a_small_emergency_is_one_request(board: Switchboard, calls: int, requests: list[int]):
    board.dial(*range(1, calls + 1), job=FIRE)
    assert [len(request) for request in board.carrier.submitted] == requests


def test_ordinary_calls_are_not_split_for_the_sake_of_the_first(board: Switchboard):
    board.dial(*range(1, FIRST_CALLS_MAX + 6))
    assert [len(request) for request in board.carrier.submitted] == [FIRST_CALLS_MAX + 5]


def test_each_script_goes_along_once(board: Switchboard):
    board.dial(1, 2, 3, script="a")
    for attempt in (4, 5, 6):
        board.gate.in_use[attempt] = attempt
        call = Call(f"r{attempt}", "+15125550100", "", f"s{attempt % 2}", False, 1)
        board.ref.tell(Dial(attempt, SNOW_DAY, attempt, board.chain_ref, call, Script(call.script_id, "…", None)))
    board.settle()
    assert board.carrier.scripts == [["a"], ["s0", "s1"]]


def test_a_call_carries_the_windows_end_as_it_is_when_it_is_submitted(board: Switchboard):
    board.dial(1)
    board.dial(2, job=FIRE)
    board.gate.district = (START, START + HOUR)
    board.dial(3)
    assert [call.window_end_at for call in board.carrier.calls] == [DISTRICT_END, CAP, START + HOUR]


# -- the gate


@pytest.mark.parametrize("closes", ["pause", "cancel", "district", "gone"])
def test_what_the_gate_refuses_never_reaches_the_carrier(board: Switchboard, closes: str):
    if closes == "district":
        board.gate.district = (START, START)
    elif closes == "gone":
        del board.gate.jobs[SNOW_DAY]
    else:
        setattr(board.gate.jobs[SNOW_DAY], f"{closes}d" if closes == "pause" else "canceled", True)
    board.dial(1, 2)
    board.dial(3, job=FIRE)
    assert board.carrier.submitted == [["r3"]]
    assert board.chain_heard == [(1, Disposition.WITHDRAWN), (2, Disposition.WITHDRAWN)]


def test_a_number_blocked_after_its_line_was_granted_is_told_to_the_chain_as_blocked(board: Switchboard):
    board.gate.blocked.add(1)
    board.dial(1, 2)
    assert board.carrier.submitted == [["r2"]]
    assert board.chain_heard == [(1, Disposition.BLOCKED)]


def test_the_gate_is_asked_again_before_every_retry(board: Switchboard):
    board.dial(1)
    board.fails(LOGIN_REFUSED)
    board.gate.jobs[SNOW_DAY].paused = True
    board.pass_time()
    assert len(board.carrier.submitted) == 1
    assert board.chain_heard == [(1, Disposition.WITHDRAWN)], "nothing was carried out: it is taken back here"


def test_a_retry_the_gate_refuses_is_canceled_at_a_carrier_that_may_have_heard_of_it(board: Switchboard):
    board.dial(1)
    board.fails(UNREACHABLE)
    board.gate.jobs[SNOW_DAY].canceled = True
    board.pass_time(BACKOFF_MS[0] * 2)
    assert (board.carrier.submitted, board.carrier.canceled) == ([["r1"]], [["r1"]])
    assert board.chain_heard == [], "only the carrier can say what became of it"
    board.cancels(CancelOutcome.UNKNOWN)
    assert board.chain_heard == [(1, Disposition.CANCELED)]


def test_an_attempt_of_an_earlier_incarnation_is_canceled_at_the_carrier_when_the_gate_refuses_it(board: Switchboard):
    board.gate.jobs[SNOW_DAY].paused = True
    board.dial(1, maybe_sent=True)
    assert (board.carrier.submitted, board.carrier.canceled) == ([], [["r1"]])


# -- failures


@pytest.mark.parametrize("failure", [UNREACHABLE, BUSY, LOGIN_REFUSED, OUTSIDE_CONTRACT], ids=lambda f: f.kind.value)
def test_after_a_failure_the_same_references_are_offered_again_until_the_carrier_answers(
    board: Switchboard, failure: Failure
):
    board.dial(1, 2)
    for _ in range(5):
        board.fails(failure)
        board.pass_time()
    board.accepts(status=SubmitStatus.DUPLICATE, refs=["r1"])
    board.pass_time()
    assert board.carrier.submitted == [["r1", "r2"]] * 6
    assert board.chain.letters == []


def waits(board: Switchboard, failure: Failure, job: int, times: int) -> list[int]:
    """Fail again and again; how long it takes until each next request."""
    board.dial(1, job=job)
    found = []
    for _ in range(times):
        board.fails(failure)
        failed_at = board.dispatcher.clock.now()
        while not board.carrier.waiting("submit"):
            assert board.dispatcher.step_time()
            board.settle()
        found.append(board.dispatcher.clock.now() - failed_at)
    return found


def test_the_wait_grows_with_every_failure_in_a_row_and_stays_at_its_longest(board: Switchboard):
    found = waits(board, UNREACHABLE, SNOW_DAY, 10)
    expected = [*BACKOFF_MS, *[BACKOFF_MS[-1]] * 3]
    assert all(wait <= took <= wait + wait // 4 for took, wait in zip(found, expected, strict=True)), found


def test_an_answer_ends_the_row_of_failures(board: Switchboard):
    waits(board, UNREACHABLE, SNOW_DAY, 6)
    board.accepts()
    assert board.dispatcher.timer.next_in() is None
    assert waits(board, UNREACHABLE, SNOW_DAY, 1)[0] <= BACKOFF_MS[0] * 5 // 4


def test_an_emergency_is_offered_again_soon_however_long_the_carrier_fails(board: Switchboard):
    assert max(waits(board, UNREACHABLE, FIRE, 12)) <= EMERGENCY_BACKOFF_MAX_MS * 5 // 4


def test_a_carrier_that_asks_for_a_pause_gets_it(board: Switchboard):
    assert waits(board, BUSY, SNOW_DAY, 1)[0] >= 5_000


def test_after_a_refused_login_it_is_tried_once_a_minute(board: Switchboard):
    assert waits(board, LOGIN_REFUSED, SNOW_DAY, 3) == [LOGIN_RETRY_MS] * 3


def test_a_failing_carrier_raises_an_alarm_that_is_cleared_when_it_answers(board: Switchboard):
    board.dial(1)
    board.fails(UNREACHABLE)
    assert board.alarms == [(Alarm.CARRIER_UNREACHABLE, True)]
    board.pass_time()
    board.fails(LOGIN_REFUSED)
    board.pass_time()
    assert board.alarms[-1] == (Alarm.CARRIER_REFUSES_LOGIN, True)
    board.accepts()
    assert set(board.alarms[2:]) == {(alarm, False) for alarm in CARRIER_ALARMS}
    told = len(board.alarms)
    board.dial(2)
    board.accepts()
    assert len(board.alarms) == told, "a carrier that answers anyway is not told about"


def test_a_request_refused_for_good_is_split_so_that_one_bad_call_harms_no_other(board: Switchboard):
    board.dial(1, 2, 3)
    board.fails(REFUSED)
    assert board.carrier.submitted[1:] == [["r1"], ["r2"], ["r3"]]
    board.accepts()
    board.fails(REFUSED)
    board.accepts()
    board.pass_time()
    assert board.chain_heard == [(2, Disposition.NETWORK_FAILURE)]
    assert len(board.carrier.submitted) == 4


def test_a_call_the_carrier_forgot_to_answer_for_is_offered_again(board: Switchboard):
    board.dial(1, 2)
    board.carrier.next("submit").reply([Submitted("r2", SubmitStatus.ACCEPTED)])
    board.settle()
    assert board.alarms[-1] == (Alarm.CARRIER_OUTSIDE_CONTRACT, True)
    board.pass_time()
    assert board.carrier.submitted == [["r1", "r2"], ["r1"]]


@pytest.mark.parametrize(
    ("reason", "disposition"),
    [
        ("CANCELED", Disposition.NETWORK_FAILURE),  # nobody here took it back
        ("EXPIRED", Disposition.EXPIRED),
        ("BLOCKED", Disposition.BLOCKED),
        ("INVALID_NUMBER", Disposition.INVALID_NUMBER),
        ("WHATEVER", Disposition.NETWORK_FAILURE),
        ("", Disposition.NETWORK_FAILURE),
    ],
)
def test_a_rejected_call_is_told_to_its_chain_with_what_it_means(
    board: Switchboard, reason: str, disposition: Disposition
):
    board.dial(1, 2)
    board.accepts(["r1"], SubmitStatus.REJECTED, reason)
    assert board.chain_heard == [(1, disposition)]


def test_a_rejected_call_whose_chain_has_died_is_told_to_the_line_pool(board: Switchboard):
    board.dial(1)
    board.chain.ref.stop(block=False)
    board.settle()
    board.accepts(["r1"], SubmitStatus.REJECTED, "BLOCKED")
    assert board.pool.heard(CallFailed) == [CallFailed(1, Disposition.BLOCKED)]


# -- taking back


def test_a_call_withdrawn_before_it_was_sent_is_dropped_here(board: Switchboard):
    board.gate.in_use[1] = 1
    call = Call("r1", "+15125550100", "", "s", False, 1)
    board.ref.tell(Dial(1, SNOW_DAY, 1, board.chain_ref, call, Script("s", "…", None)))
    board.withdraw(1)
    assert board.chain_heard == [(1, Disposition.WITHDRAWN)]
    assert (board.carrier.submitted, board.carrier.canceled) == ([], [])


def test_a_call_withdrawn_while_it_waits_to_be_sent_again_after_a_refused_login_is_dropped_here(board: Switchboard):
    board.dial(1)
    board.fails(LOGIN_REFUSED)
    board.withdraw(1)
    board.pass_time()
    assert board.chain_heard == [(1, Disposition.WITHDRAWN)]
    assert (len(board.carrier.submitted), board.carrier.canceled) == (1, [])


def test_a_call_the_carrier_holds_is_canceled_there_and_its_row_says_what_became_of_it(board: Switchboard):
    board.dial(1)
    board.accepts()
    board.withdraw(1)
    assert board.carrier.canceled == [["r1"]]
    board.cancels(CancelOutcome.CANCELED)
    assert board.chain_heard == []
    assert board.poller.letters == [PollDue()]


@pytest.mark.parametrize("outcome", [CancelOutcome.IN_PROGRESS, CancelOutcome.FINISHED])
def test_a_call_too_late_to_cancel_ends_with_its_row(board: Switchboard, outcome: CancelOutcome):
    board.dial(1)
    board.accepts()
    board.withdraw(1)
    board.cancels(outcome)
    board.pass_time()
    assert (board.chain_heard, len(board.carrier.canceled)) == ([], 1)


def test_a_call_withdrawn_in_flight_is_canceled_there_and_ends_by_the_answer_to_its_submission(board: Switchboard):
    board.dial(1)
    board.withdraw(1)
    assert board.carrier.canceled == [["r1"]]
    board.cancels(CancelOutcome.UNKNOWN)
    assert board.chain_heard == [], "its submission is still on its way"
    board.accepts(["r1"], SubmitStatus.REJECTED, "CANCELED")
    assert board.chain_heard == [(1, Disposition.CANCELED)]


def test_a_call_withdrawn_in_flight_is_not_offered_again_when_its_submission_fails(board: Switchboard):
    board.dial(1)
    board.withdraw(1)
    board.cancels(CancelOutcome.UNKNOWN)
    board.fails(UNREACHABLE)
    board.pass_time()
    assert board.carrier.submitted == [["r1"]]
    assert board.carrier.canceled == [["r1"], ["r1"]], "whether the cut request arrived is not known"
    board.cancels(CancelOutcome.UNKNOWN)
    assert board.chain_heard == [(1, Disposition.CANCELED)]


def test_a_call_withdrawn_while_it_waits_to_be_sent_again_is_not_offered_again_though_the_cancel_fails(
    board: Switchboard,
):
    board.dial(1, 2)
    board.fails(UNREACHABLE)
    board.withdraw(1)
    board.fails(UNREACHABLE, "cancel")
    board.pass_time()
    assert board.carrier.submitted[1:] == [["r2"]]
    while board.carrier.waiting("cancel"):
        board.cancels(CancelOutcome.UNKNOWN)
    board.pass_time()
    assert set(board.chain_heard) == {(1, Disposition.CANCELED)}
    assert len(board.carrier.submitted) == 2


def test_a_cancel_that_fails_is_tried_until_it_is_answered(board: Switchboard):
    board.dial(1)
    board.accepts()
    board.withdraw(1)
    for _ in range(3):
        board.fails(UNREACHABLE, "cancel")
        board.pass_time()
    board.cancels(CancelOutcome.CANCELED)
    board.pass_time()
    assert board.carrier.canceled == [["r1"]] * 4


def test_nothing_is_kept_of_calls_that_are_settled(board: Switchboard):
    board.dial(1, 2, 3, 4)
    board.withdraw(1)
    board.cancels(CancelOutcome.UNKNOWN)
    board.fails(UNREACHABLE)
    board.pass_time()
    board.cancels(CancelOutcome.UNKNOWN)
    board.accepts(["r3"], SubmitStatus.REJECTED, "BLOCKED")
    dialer = board.ref.actor_inbox.actor
    assert isinstance(dialer, Dialer)
    kept = [dialer._unanswered, dialer._on_the_way, dialer._maybe_sent, dialer._taken_back]
    assert not any(kept)


def test_the_line_pool_is_told_which_calls_could_not_be_withdrawn_since_somebody_had_answered(board: Switchboard):
    board.dial(1, 2, 3, 4)
    board.accepts()
    board.withdraw(1, 2, 3, 4)
    outcomes = [
        CancelOutcome.IN_PROGRESS, CancelOutcome.CANCELED, CancelOutcome.IN_PROGRESS, CancelOutcome.FINISHED,
    ]  # fmt: skip
    asked = board.carrier.next("cancel")
    asked.reply([Cancellation(ref, outcome) for ref, outcome in zip(asked.what, outcomes, strict=True)])
    board.settle()
    assert board.pool.heard(CallsGoOn) == [CallsGoOn([1, 3])]
    assert board.chain_heard == [], "they end with their rows"


@pytest.mark.parametrize("outcome", [CancelOutcome.CANCELED, CancelOutcome.FINISHED, CancelOutcome.UNKNOWN])
def test_of_calls_that_do_not_go_on_the_line_pool_is_told_nothing(board: Switchboard, outcome: CancelOutcome):
    board.dial(1)
    board.accepts()
    board.withdraw(1)
    board.cancels(outcome)
    assert board.pool.heard(CallsGoOn) == []


# -- looking up


def test_overdue_calls_are_looked_up_and_the_line_pool_is_told(board: Switchboard):
    board.dial(1, 2)
    board.accepts()
    board.ref.tell(LookUp([(1, "r1"), (2, "r2")]))
    board.settle()
    asked = board.carrier.next("lookup")
    assert asked.what == ["r1", "r2"]
    answer = [Lookup("r1", LookupState.QUEUED), Lookup("r2", LookupState.IN_PROGRESS)]
    asked.reply(answer)
    board.settle()
    assert board.pool.heard(CallsLookedUp) == [CallsLookedUp([(1, "r1"), (2, "r2")], answer)]


def test_a_call_that_still_waits_here_is_not_looked_up_but_known_to_wait(board: Switchboard):
    board.dial(1)
    board.accepts()
    board.dial(2)
    board.fails(UNREACHABLE)
    board.ref.tell(LookUp([(1, "r1"), (2, "r2")]))
    board.settle()
    assert board.carrier.next("lookup").what == ["r1"]
    assert board.pool.heard(CallsLookedUp) == [CallsLookedUp([(2, "r2")], [Lookup("r2", LookupState.QUEUED)])]


def test_an_answer_from_another_thread_is_taken_in_a_turn(board: Switchboard):
    board.dial(1)
    asked = board.carrier.next("submit")
    answer = [Submitted("r1", SubmitStatus.REJECTED, "", "BLOCKED")]
    thread = threading.Thread(target=asked.reply, args=(answer,))
    thread.start()
    thread.join()
    assert board.chain_heard == []
    board.settle()
    assert board.chain_heard == [(1, Disposition.BLOCKED)]
