"""The make-believe carrier keeps the contract's rules to the letter."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.gateway import CALLS_MAX, Call, CallEnd, CallRow, CancelOutcome, LookupState, Script, SubmitStatus
from engine.gateways.stand_in.carrier import Carrier, RefusedCallError, TooManyError, UnknownCursorError
from engine.gateways.stand_in.ledger import Ledger, LedgerEntry, read_ledger
from engine.gateways.stand_in.phone_network import Pickup, SeededNetwork
from store.errors import NotFoundError
from tests.engine.gateways.scripted_phones import (
    HOUR,
    MONDAY_9AM,
    SCRIPT,
    ScriptedPhones,
    a_call,
    answers,
    busy,
    number_of,
    rings_out,
)

T = MONDAY_9AM
DELAY = 200


def a_carrier(*pickups: Pickup, lines: int = 1, emergency_lines: int = 0, delay: int = DELAY) -> Carrier:
    """A carrier whose phone number i does pickups[i]."""
    phones = ScriptedPhones()
    for index, pickup in enumerate(pickups):
        phones.expect(number_of(index), pickup)
    return Carrier(phones, lines=lines, emergency_lines=emergency_lines, start_delay_ms=delay)


def rung(carrier: Carrier) -> list[tuple[str, int]]:
    """Which calls rang when, in seconds after the start."""
    return [(entry.ref, (entry.ringing_at or 0) - T) for entry in carrier.ledger.rings()]


def statuses(carrier: Carrier, *calls: Call, now: int = T) -> list[tuple[str, str]]:
    return [(answer.status.value, answer.reason) for answer in carrier.submit(calls, [SCRIPT], now)]


def ended(carrier: Carrier, now: int) -> dict[str, CallRow]:
    return {row.ref: row for row in carrier.log("", CALLS_MAX, now).rows}


# ---------------------------------------------------------------- the life of one call


def test_an_answered_call_is_told_with_exact_instants_however_late_it_is_asked_for():
    carrier = a_carrier(answers(after_s=5, talks_s=20, keys="10"))
    carrier.submit([a_call(0)], [SCRIPT], T, center="NY")
    row = ended(carrier, T + HOUR)["r0"]
    assert (row.end, row.dialed_at, row.answered_at, row.duration_ms) == (
        CallEnd.ANSWERED,
        T + DELAY,
        T + DELAY + 5_000,
        25_000,
    )
    assert (row.keys, row.number, row.played_ms) == ("10", number_of(0), 20_000)
    entry = next(carrier.ledger.rings())
    assert (entry.submitted_at, entry.ringing_at, entry.ended_at) == (T, T + DELAY, T + DELAY + 25_000)
    assert (entry.center, entry.keys, entry.end) == ("NY", "10", CallEnd.ANSWERED)


def test_a_call_is_dialed_once_and_never_redialed():
    carrier = a_carrier(busy())
    carrier.submit([a_call(0)], [SCRIPT], T)
    assert ended(carrier, T + HOUR)["r0"].end is CallEnd.BUSY
    assert len(rung(carrier)) == 1


def test_the_carrier_stops_ringing_after_the_scripts_ring_seconds():
    carrier = a_carrier(answers(after_s=45))
    carrier.submit([a_call(0)], [Script("m1", "Hello.", None, ring_s=20)], T)
    row = ended(carrier, T + HOUR)["r0"]
    assert (row.end, row.duration_ms, row.answered_at) == (CallEnd.NO_ANSWER, 20_000, None)


def test_lookup_follows_a_call_from_unknown_to_finished():
    carrier = a_carrier(answers(after_s=5, talks_s=10))

    def state(now: int) -> LookupState:
        return carrier.lookup(["r0"], now)[0].state

    assert state(T) is LookupState.UNKNOWN
    carrier.submit([a_call(0)], [SCRIPT], T)
    assert state(T + DELAY - 1) is LookupState.QUEUED
    assert state(T + DELAY) is LookupState.IN_PROGRESS
    assert state(T + DELAY + 14_999) is LookupState.IN_PROGRESS
    found = carrier.lookup(["r0"], T + DELAY + 15_000)[0]
    assert found.state is LookupState.FINISHED
    assert found.row == ended(carrier, T + HOUR)["r0"]


# ---------------------------------------------------------------- lines and queue


def test_ordinary_calls_ring_in_order_of_submission_as_lines_free():
    carrier = a_carrier(answers(talks_s=20), busy(), busy(), lines=1)
    carrier.submit([a_call(0), a_call(1)], [SCRIPT], T)
    carrier.submit([a_call(2)], [SCRIPT], T)
    carrier.advance(T + HOUR)
    assert rung(carrier) == [("r0", 200), ("r1", 25_400), ("r2", 26_600)]
    assert carrier.lines_peak == 1


@pytest.mark.row("C015")
def test_only_emergencies_take_the_dedicated_lines():
    """C015: A number of lines is dedicated to emergencies, per district."""
    carrier = a_carrier(answers(), answers(), answers(), answers(), lines=1, emergency_lines=2)
    carrier.submit([a_call(0), a_call(1)], [SCRIPT], T)
    status = carrier.line_status(T + 1000)
    assert (status.lines_in_use, status.emergency_lines_in_use, status.queued) == (1, 0, 1)
    carrier.submit([a_call(2, emergency=True), a_call(3, emergency=True)], [SCRIPT], T + 1000)
    status = carrier.line_status(T + 2000)
    assert (status.lines_in_use, status.emergency_lines_in_use, status.queued_emergency) == (1, 2, 0)
    assert [ref for ref, _ in rung(carrier)] == ["r0", "r2", "r3"]


def test_emergencies_take_ordinary_lines_too_when_their_own_are_full():
    carrier = a_carrier(answers(), answers(), lines=1, emergency_lines=1)
    carrier.submit([a_call(0, emergency=True), a_call(1, emergency=True)], [SCRIPT], T)
    assert carrier.line_status(T + 1000).lines_in_use == 1
    assert rung(carrier) == [("r0", 200), ("r1", 200)]


def test_an_emergency_in_the_same_batch_goes_before_ordinary_calls_submitted_earlier():
    carrier = a_carrier(busy(), busy(), lines=1)
    carrier.submit([a_call(0), a_call(1, emergency=True)], [SCRIPT], T)
    carrier.advance(T + HOUR)
    assert [ref for ref, _ in rung(carrier)] == ["r1", "r0"]


def test_an_emergency_takes_the_line_of_a_call_that_does_not_ring_yet_and_that_one_goes_next():
    carrier = a_carrier(busy(), busy(), busy(), lines=1)
    carrier.submit([a_call(0), a_call(1)], [SCRIPT], T)
    carrier.submit([a_call(2, emergency=True)], [SCRIPT], T + DELAY - 1)
    carrier.advance(T + HOUR)
    assert rung(carrier) == [("r2", 399), ("r0", 1_599), ("r1", 2_799)]
    assert len(carrier.log("", CALLS_MAX, T + HOUR).rows) == 3


def test_an_emergency_does_not_cut_a_call_that_rings_or_talks():
    carrier = a_carrier(answers(after_s=5, talks_s=20), busy(), lines=1)
    carrier.submit([a_call(0)], [SCRIPT], T)
    carrier.submit([a_call(1, emergency=True)], [SCRIPT], T + 1000)
    assert carrier.line_status(T + 1000).queued_emergency == 1
    carrier.advance(T + HOUR)
    assert rung(carrier) == [("r0", 200), ("r1", 25_400)]


# ---------------------------------------------------------------- the window


@pytest.mark.row("C049")
def test_at_window_end_the_queued_are_dropped_the_ringing_hung_up_and_the_talking_play_out():
    """C049: Anything undelivered at window end, or cut by District End Time, is not sent (expires; no carry-over)."""
    end = T + 10_000
    carrier = a_carrier(answers(after_s=5, talks_s=60), rings_out(30), busy(), lines=2)
    carrier.submit([a_call(index, window_end_at=end) for index in range(3)], [SCRIPT], T)
    rows = ended(carrier, T + HOUR)
    assert (rows["r0"].end, rows["r0"].duration_ms) == (CallEnd.ANSWERED, 65_000)
    assert (rows["r1"].end, rows["r1"].dialed_at, rows["r1"].duration_ms) == (CallEnd.EXPIRED, T + DELAY, 9_800)
    assert (rows["r2"].end, rows["r2"].dialed_at, rows["r2"].duration_ms) == (CallEnd.EXPIRED, end, 0)
    assert [ref for ref, _ in rung(carrier)] == ["r0", "r1"]


def test_a_phone_about_to_ring_at_window_end_stays_silent():
    carrier = a_carrier(lines=1)
    carrier.submit([a_call(0, window_end_at=T + DELAY)], [SCRIPT], T)
    assert ended(carrier, T + HOUR)["r0"].end is CallEnd.EXPIRED
    assert rung(carrier) == []


def test_a_call_answered_at_the_very_end_of_its_window_is_hung_up():
    carrier = a_carrier(answers(after_s=5), lines=1)
    carrier.submit([a_call(0, window_end_at=T + DELAY + 5_000)], [SCRIPT], T)
    row = ended(carrier, T + HOUR)["r0"]
    assert (row.end, row.answered_at, row.keys) == (CallEnd.EXPIRED, None, "")


def test_a_line_freed_by_a_closed_window_rings_the_next_phone_at_once():
    carrier = a_carrier(rings_out(30), busy(), lines=1)
    carrier.submit([a_call(0, window_end_at=T + 10_000), a_call(1)], [SCRIPT], T)
    carrier.advance(T + HOUR)
    assert rung(carrier) == [("r0", 200), ("r1", 10_200)]


# ---------------------------------------------------------------- references


def test_the_same_reference_again_answers_duplicate_with_the_first_id_and_rings_nobody():
    carrier = a_carrier(busy())
    first = carrier.submit([a_call(0)], [SCRIPT], T)[0]
    for now in (T, T + HOUR - 1, T + 2 * HOUR):
        again = carrier.submit([a_call(0)], [SCRIPT], now, center="NY")[0]
        assert (again.status, again.provider_id) == (SubmitStatus.DUPLICATE, first.provider_id)
    assert len(rung(carrier)) == 1
    assert len(carrier.log("", CALLS_MAX, T + 3 * HOUR).rows) == 1


def test_a_reference_twice_in_one_batch_is_a_duplicate():
    carrier = a_carrier(busy())
    assert statuses(carrier, a_call(0), a_call(0)) == [("ACCEPTED", ""), ("DUPLICATE", "")]


@pytest.mark.parametrize("in_one_batch", [True, False])
def test_the_same_reference_with_another_phone_is_a_fault_and_takes_nothing_over(in_one_batch):
    carrier = a_carrier(busy())
    first, other = a_call(0), a_call(1, ref="r0")
    if not in_one_batch:
        carrier.submit([first], [SCRIPT], T)
    batch = [a_call(2), first, other]
    with pytest.raises(RefusedCallError, match="r0") as caught:
        carrier.submit(batch, [SCRIPT], T)
    assert "202555" not in str(caught.value)
    assert carrier.lookup(["r2"], T)[0].state is LookupState.UNKNOWN


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (a_call(0, number="2025550100"), "INVALID_NUMBER"),
        (a_call(0, number="+442079460000"), "INVALID_NUMBER"),
        (a_call(0, number="+11025550100"), "INVALID_NUMBER"),
        (a_call(0, number="+12029110100"), "INVALID_NUMBER"),
        (a_call(0, number="+120255501001"), "INVALID_NUMBER"),
        (a_call(0, number="+12025550100\n"), "INVALID_NUMBER"),
        (a_call(0, window_end_at=T), "EXPIRED"),
        (a_call(0, script_id="unheard"), "NO_MESSAGE"),
    ],
)
def test_a_call_that_cannot_be_placed_is_rejected_alone_and_gets_no_row(call, reason):
    carrier = a_carrier(busy(), busy())
    assert statuses(carrier, call, a_call(1)) == [("REJECTED", reason), ("ACCEPTED", "")]
    assert list(ended(carrier, T + HOUR)) == ["r1"]


def test_a_text_of_its_own_makes_up_for_an_unknown_message():
    carrier = a_carrier(busy())
    assert statuses(carrier, a_call(0, script_id="unheard", text="Hello.")) == [("ACCEPTED", "")]
    assert ended(carrier, T + HOUR)["r0"].end is CallEnd.BUSY


def test_a_message_beyond_the_contracts_size_is_refused():
    carrier = a_carrier()
    too_many = [f"r{index}" for index in range(CALLS_MAX + 1)]
    with pytest.raises(TooManyError):
        carrier.submit([a_call(0, ref=ref) for ref in too_many], [SCRIPT], T)
    with pytest.raises(TooManyError):
        carrier.cancel(too_many, T)
    with pytest.raises(TooManyError):
        carrier.lookup(too_many, T)


# ---------------------------------------------------------------- cancel


def test_cancel_ends_queued_and_ringing_calls_and_lets_an_answered_one_play_out():
    carrier = a_carrier(answers(after_s=5, talks_s=20), rings_out(30), busy(), lines=2)
    carrier.submit([a_call(0), a_call(1), a_call(2)], [SCRIPT], T)
    now = T + 6_000
    outcomes = [answer.outcome for answer in carrier.cancel(["r0", "r1", "r2"], now)]
    assert outcomes == [CancelOutcome.IN_PROGRESS, CancelOutcome.CANCELED, CancelOutcome.CANCELED]
    rows = ended(carrier, T + HOUR)
    assert rows["r0"].end is CallEnd.ANSWERED
    assert (rows["r1"].end, rows["r1"].dialed_at, rows["r1"].duration_ms) == (CallEnd.CANCELED, T + DELAY, 5_800)
    assert (rows["r2"].end, rows["r2"].dialed_at, rows["r2"].duration_ms) == (CallEnd.CANCELED, now, 0)
    assert [ref for ref, _ in rung(carrier)] == ["r0", "r1"]


def test_cancel_repeated_or_too_late_says_what_had_become_of_the_call():
    carrier = a_carrier(busy(), rings_out(30), lines=2)
    carrier.submit([a_call(0), a_call(1)], [SCRIPT], T)
    carrier.cancel(["r1"], T + 3000)
    outcomes = [answer.outcome for answer in carrier.cancel(["r0", "r1"], T + 5000)]
    assert outcomes == [CancelOutcome.FINISHED, CancelOutcome.CANCELED]
    assert carrier.lookup(["r1"], T + 5000)[0].state is LookupState.CANCELED
    assert len(carrier.log("", CALLS_MAX, T + HOUR).rows) == 2


def test_a_cancel_of_an_unknown_reference_is_remembered_and_a_later_submit_rejected():
    carrier = a_carrier()
    for _ in range(2):
        assert carrier.cancel(["r0"], T)[0].outcome is CancelOutcome.UNKNOWN
    for _ in range(2):
        assert statuses(carrier, a_call(0)) == [("REJECTED", "CANCELED")]
    assert carrier.lookup(["r0"], T)[0].state is LookupState.CANCELED
    assert ended(carrier, T + HOUR) == {}


def test_a_line_freed_by_a_cancel_rings_the_next_phone():
    carrier = a_carrier(rings_out(30), busy(), lines=1)
    carrier.submit([a_call(0), a_call(1)], [SCRIPT], T)
    carrier.cancel(["r0"], T + 3_000)
    carrier.advance(T + HOUR)
    assert rung(carrier) == [("r0", 200), ("r1", 3_200)]


# ---------------------------------------------------------------- the call log and the centers


def test_pages_follow_one_another_without_gap_or_repeat():
    carrier = a_carrier(*[busy()] * 7, lines=3)
    carrier.submit([a_call(index) for index in range(7)], [SCRIPT], T)
    cursor, refs, more = "", [], True
    while more:
        page = carrier.log(cursor, 2, T + HOUR)
        refs += [row.ref for row in page.rows]
        cursor, more = page.next_cursor, page.more
    assert refs == [f"r{index}" for index in range(7)]
    end = carrier.log(cursor, 2, T + HOUR)
    assert (list(end.rows), end.next_cursor, end.more) == ([], cursor, False)


@pytest.mark.parametrize("cursor", ["0", "zz", "1-00000000", "-1-9e3779b1", "f" * 40, "00-9e3779b1", "٣-9e3779b1", "-"])
def test_a_cursor_the_carrier_never_gave_is_refused(cursor):
    with pytest.raises(UnknownCursorError):
        a_carrier().log(cursor, 10, T)


def test_a_cursor_of_a_longer_log_is_refused():
    longer = a_carrier(busy())
    longer.submit([a_call(0)], [SCRIPT], T)
    cursor = longer.log("", 10, T + HOUR).next_cursor
    with pytest.raises(UnknownCursorError):
        a_carrier().log(cursor, 10, T + HOUR)


def test_line_status_shares_all_lines_among_the_centers_that_are_up():
    carrier = a_carrier(rings_out(30), lines=2, emergency_lines=1)
    carrier.submit([a_call(0)], [SCRIPT], T)
    centers = carrier.line_status(T + 1000).centers
    assert [(c.name, c.state, c.lines_total, c.lines_in_use) for c in centers] == [
        ("CA", "UP", 2, 1),
        ("NY", "UP", 1, 0),
    ]
    carrier.center_down("CA")
    centers = carrier.line_status(T + 1000).centers
    assert [(c.name, c.state, c.lines_total, c.lines_in_use) for c in centers] == [
        ("CA", "DOWN", 0, 0),
        ("NY", "UP", 3, 1),
    ]
    carrier.center_up("CA")
    assert carrier.line_status(T + 1000).centers[0].state == "UP"
    with pytest.raises(NotFoundError, match="CA, NY"):
        carrier.center_down("TX")


# ---------------------------------------------------------------- the ledger


def test_the_ledgers_file_tells_every_call_the_unfinished_ones_at_its_end(tmp_path: Path):
    phones = ScriptedPhones()
    phones.expect(number_of(0), busy())
    phones.expect(number_of(1), answers(after_s=5, talks_s=600))
    path = tmp_path / "rings.jsonl"
    carrier = Carrier(phones, lines=1, emergency_lines=0, ledger=Ledger(path))
    carrier.submit([a_call(index) for index in range(4)], [SCRIPT], T)
    carrier.advance(T + 10_000)
    assert [entry.ref for entry in read_ledger(path)] == ["r0"]
    carrier.cancel(["r2"], T + 10_000)
    assert [entry.ref for entry in read_ledger(path)] == ["r0", "r2"]
    carrier.ledger.close()
    first, canceled, talking, waiting = read_ledger(path)
    assert (first.end, first.ended_at) == (CallEnd.BUSY, T + DELAY + 1000)
    assert (canceled.end, canceled.ringing_at) == (CallEnd.CANCELED, None)
    assert (talking.ref, talking.answered_at, talking.ended_at) == ("r1", T + 2 * DELAY + 6_000, None)
    assert (waiting.ref, waiting.ringing_at, waiting.end) == ("r3", None, None)


def test_an_answer_still_to_come_is_not_in_the_ledger():
    carrier = a_carrier(answers(after_s=5))
    carrier.submit([a_call(0)], [SCRIPT], T)
    carrier.advance(T + 1000)
    assert next(carrier.ledger.rings()).answered_at is None
    carrier.advance(T + 6000)
    assert next(carrier.ledger.rings()).answered_at == T + DELAY + 5000


def test_a_call_hung_up_while_ringing_never_counts_as_answered():
    carrier = a_carrier(answers(after_s=5))
    carrier.submit([a_call(0)], [SCRIPT], T)
    carrier.cancel(["r0"], T + 1000)
    carrier.advance(T + HOUR)
    entry = next(carrier.ledger.rings())
    assert (entry.answered_at, entry.ended_at, entry.end) == (None, T + 1000, CallEnd.CANCELED)


def test_a_carrier_whose_calls_have_all_ended_has_no_next_event():
    carrier = a_carrier(busy())
    assert carrier.next_event_at() is None
    carrier.submit([a_call(0)], [SCRIPT], T)
    assert carrier.next_event_at() == T + DELAY
    carrier.advance(T + DELAY)
    assert carrier.next_event_at() == T + DELAY + 1000
    carrier.advance(T + DELAY + 1000)
    assert carrier.next_event_at() is None


# ---------------------------------------------------------------- whatever happens


Acts = list[tuple[int, str, list[tuple[int, bool, int]]]]
ONE_CALL = st.tuples(st.integers(0, 40), st.booleans(), st.sampled_from([1, 150, 200, 5_000, 20_000, 60_000, HOUR]))
ACTS = st.lists(
    st.tuples(
        st.sampled_from([0, 1, 100, 200, 3_000, 30_000]),
        st.sampled_from(["submit", "submit", "cancel"]),
        st.lists(ONE_CALL, min_size=1, max_size=8),
    ),
    max_size=12,
)
LINES = st.tuples(st.integers(1, 3), st.integers(0, 2), st.sampled_from([0, 1, 200]))


class Run:
    """A carrier driven through acts, event by event (or act by act), watched at every step."""

    def __init__(self, acts: Acts, lines: tuple[int, int, int], stepwise: bool = True) -> None:
        self.lines, self.emergency_lines, delay = lines
        self.carrier = Carrier(
            SeededNetwork(11), lines=self.lines, emergency_lines=self.emergency_lines, start_delay_ms=delay
        )
        self.accepted: list[Call] = []
        self.pages: list[tuple[str, list[CallRow]]] = []
        self.stepwise = stepwise
        self._rung = 0
        self.now = T
        for wait_ms, kind, items in acts:
            self.move_to(self.now + wait_ms)
            self.submit(items) if kind == "submit" else self.carrier.cancel([f"r{i}" for i, _, _ in items], self.now)
            self.watch()
        self.move_to(T + 10 * HOUR)

    def submit(self, items: list[tuple[int, bool, int]]) -> None:
        calls = [
            a_call(index, emergency=urgent, window_end_at=self.now + open_ms, number=number_of(index % 7))
            for index, urgent, open_ms in items
        ]
        answers = self.carrier.submit(calls, [SCRIPT], self.now)
        self.accepted += [c for c, a in zip(calls, answers, strict=True) if a.status is SubmitStatus.ACCEPTED]

    def move_to(self, now: int) -> None:
        while self.stepwise and (at := self.carrier.next_event_at()) is not None and at <= now:
            assert at >= self.now
            self.now = at
            self.carrier.advance(at)
            self.watch()
        self.now = now
        self.carrier.advance(now)
        self.watch()

    def watch(self) -> None:
        status = self.carrier.line_status(self.now)
        assert 0 <= status.lines_in_use <= self.lines
        assert 0 <= status.emergency_lines_in_use <= self.emergency_lines
        free = status.lines_in_use < self.lines
        assert not (free and status.queued)
        assert not ((free or status.emergency_lines_in_use < self.emergency_lines) and status.queued_emergency)
        rings = list(self.carrier.ledger.rings())[self._rung :]
        self._rung += len(rings)
        if any(not ring.emergency for ring in rings):
            assert status.queued_emergency == 0, "an ordinary call began to ring while an emergency waited"
        cursor = self.pages[-1][0] if self.pages else ""
        page = self.carrier.log(cursor, 3, self.now)
        self.pages.append((page.next_cursor, list(page.rows)))


@settings(max_examples=150, deadline=None)
@given(ACTS, LINES)
def test_whatever_is_submitted_and_canceled_the_carrier_keeps_its_rules(acts, lines):
    run = Run(acts, lines)
    rows = run.carrier.log("", CALLS_MAX, run.now).rows
    rings = list(run.carrier.ledger.rings())

    assert sorted(row.ref for row in rows) == sorted(call.ref for call in run.accepted), "each ends exactly once"
    assert len({ring.ref for ring in rings}) == len(rings), "a reference rings at most once"
    ends = [row.dialed_at + row.duration_ms for row in rows]
    assert ends == sorted(ends), "the log is in the order calls ended"
    window_end = {call.ref: call.window_end_at for call in run.accepted}
    assert all(ring.ringing_at is not None and ring.ringing_at < window_end[ring.ref] for ring in rings)
    _check_concurrency(rings, run)
    assert run.carrier.lines_peak <= run.lines + run.emergency_lines
    assert run.carrier.next_event_at() is None


def _check_concurrency(rings: list[LedgerEntry], run: Run) -> None:
    spans = [(ring.ringing_at or 0, ring.ended_at or 0, ring.emergency) for ring in rings]
    for moment, _, _ in spans:
        live = [emergency for begins_at, ends_at, emergency in spans if begins_at <= moment < ends_at]
        assert len(live) <= run.lines + run.emergency_lines
        assert live.count(False) <= run.lines


@settings(max_examples=60, deadline=None)
@given(ACTS, LINES)
def test_reading_a_cursor_again_gives_the_same_rows(acts, lines):
    run = Run(acts, lines)
    cursor = ""
    for next_cursor, rows in run.pages:
        again = run.carrier.log(cursor, CALLS_MAX, run.now).rows
        assert list(again[: len(rows)]) == rows
        cursor = next_cursor


@settings(max_examples=60, deadline=None)
@given(ACTS, LINES)
def test_the_same_acts_give_the_same_log_however_often_the_carrier_is_looked_at(acts, lines):
    often, seldom = Run(acts, lines), Run(acts, lines, stepwise=False)
    assert often.carrier.log("", CALLS_MAX, often.now) == seldom.carrier.log("", CALLS_MAX, seldom.now)
    assert list(often.carrier.ledger.entries()) == list(seldom.carrier.ledger.entries())
