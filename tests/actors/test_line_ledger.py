"""The line ledger: what the carrier holds for us stays within both bounds, and what is overdue is named."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.gateway import CallEnd, CallRow
from actors.lines.line_ledger import HandedOver, LineLedger
from actors.lines.line_queue import Waiting


def call(attempt: int, emergency: bool = False, patience_ms: int = 100) -> HandedOver:
    return HandedOver(attempt, f"ref-{attempt}", Waiting(attempt, attempt, 1), None, emergency, patience_ms)


def full(ledger: LineLedger, emergency: bool) -> int:
    """Hand over as many calls as are allowed. Returns how many there were."""
    count = 0
    while ledger.has_emergency_line() if emergency else ledger.has_ordinary_line():
        count += 1
        ledger.hand_over(call(1_000_000 * (1 + emergency) + count, emergency), 0)
    return count


@pytest.mark.row("C014")
@pytest.mark.parametrize(("lines", "dedicated", "ahead"), [(24, 8, 0), (240, 48, 0), (24, 8, 5), (1, 0, 0)])
def test_a_district_has_as_many_calls_out_as_it_has_lines(lines: int, dedicated: int, ahead: int):
    """Phone-line capacity varies by district size (per-tenant concurrency limit)."""
    ledger = LineLedger(lines, dedicated, ahead)
    assert full(ledger, emergency=False) == lines + ahead
    assert full(ledger, emergency=True) == dedicated
    assert len(ledger.held) == lines + dedicated + ahead
    assert (ledger.peak, ledger.ahead, ledger.ahead_peak) == (lines + dedicated, ahead, ahead)


@pytest.mark.row("C015")
def test_dedicated_lines_are_free_for_an_emergency_however_many_ordinary_calls_wait():
    """A number of lines is dedicated to emergencies, per district."""
    ledger = LineLedger(lines=4, emergency_lines=2)
    full(ledger, emergency=False)
    assert not ledger.has_ordinary_line()
    assert ledger.has_emergency_line()


def test_an_emergency_takes_its_dedicated_lines_first_and_leaves_the_others_to_ordinary_calls():
    ledger = LineLedger(lines=4, emergency_lines=2)
    for attempt in (1, 2):
        ledger.hand_over(call(attempt, emergency=True), 0)
    assert full(ledger, emergency=False) == 4


def test_an_emergency_may_take_every_line_there_is():
    ledger = LineLedger(lines=4, emergency_lines=2)
    assert full(ledger, emergency=True) == 6
    assert not ledger.has_ordinary_line()


def test_a_call_taken_back_frees_its_line_once():
    ledger = LineLedger(lines=1, emergency_lines=0)
    ledger.hand_over(call(7), 0)
    assert not ledger.has_ordinary_line()
    taken = ledger.take_back(7)
    assert taken is not None
    assert taken.attempt_id == 7
    assert ledger.take_back(7) is None
    assert ledger.has_ordinary_line()
    assert (ledger.ordinaries, ledger.emergencies, ledger.peak) == (0, 0, 1)


def test_a_line_is_free_when_its_call_has_ended_though_the_result_is_not_on_disk():
    ledger = LineLedger(lines=1, emergency_lines=0)
    ended = call(7)
    ledger.hand_over(ended, 0)
    ledger.ended(ended, CallRow("ref-7", "", "", CallEnd.BUSY, 0, 0))
    assert ledger.has_ordinary_line()
    ledger.hand_over(call(8), 0)
    assert not ledger.has_ordinary_line()
    assert ledger.take_back(7) is ended
    assert not ledger.has_ordinary_line(), "its line was free already, and is another's now"
    assert ledger.overdue(1_000) == [ledger.held[8]]


steps = st.lists(
    st.one_of(
        st.tuples(st.just("ordinary"), st.integers(1, 50)),
        st.tuples(st.just("emergency"), st.integers(1, 50)),
        st.tuples(st.just("ended"), st.integers(0, 30)),
        st.tuples(st.just("back"), st.integers(0, 30)),
        st.tuples(st.just("patient"), st.integers(0, 30)),
        st.tuples(st.just("time"), st.integers(0, 40)),
    ),
    max_size=120,
)


@settings(max_examples=200, deadline=None)
@given(lines=st.integers(0, 5), dedicated=st.integers(0, 3), ahead=st.integers(0, 2), told=steps)
def test_both_bounds_hold_and_each_overdue_call_is_named_once(
    lines: int, dedicated: int, ahead: int, told: list[tuple[str, int]]
):
    ledger, now, attempts = LineLedger(lines, dedicated, ahead), 0, 0
    deadlines: dict[int, int] = {}
    for kind, figure in told:
        held = sorted(ledger.held)
        if kind in ("ordinary", "emergency"):
            allowed = ledger.has_emergency_line() if kind == "emergency" else ledger.has_ordinary_line()
            if allowed:
                attempts += 1
                ledger.hand_over(call(attempts, kind == "emergency", figure), now)
                share = 2 + ahead // max(1, lines) if ledger.ahead else 1
                deadlines[attempts] = now + figure * share
        elif kind == "back" and held:
            attempt = held[figure % len(held)]
            ledger.take_back(attempt)
            deadlines.pop(attempt, None)
        elif kind == "ended" and (out := [one for one in ledger.held.values() if one.row is None]):
            ended = out[figure % len(out)]
            ledger.ended(ended, CallRow(ended.ref, "", "", CallEnd.BUSY, 0, 0))
            deadlines.pop(ended.attempt_id, None)
        elif kind == "patient" and held and ledger.held[held[figure % len(held)]].row is None:
            attempt = held[figure % len(held)]
            ledger.be_patient(ledger.held[attempt], now, figure + 1)
            deadlines[attempt] = now + figure + 1
        elif kind == "time":
            now += figure
            late = {attempt for attempt, deadline in deadlines.items() if deadline <= now}
            assert {one.attempt_id for one in ledger.overdue(now)} == late
            deadlines = {attempt: deadline for attempt, deadline in deadlines.items() if attempt not in late}
        assert set(ledger.by_ref) == {one.ref for one in ledger.held.values()}
        out = [one for one in ledger.held.values() if one.row is None]
        emergencies = sum(one.emergency for one in out)
        ordinaries = len(out) - emergencies
        assert (ledger.emergencies, ledger.ordinaries) == (emergencies, ordinaries)
        assert ordinaries <= lines + ahead, "an ordinary call never uses a dedicated line"
        assert ordinaries + emergencies <= lines + dedicated + ahead


def test_a_call_that_was_given_new_patience_is_not_judged_by_the_old():
    ledger, overdue = LineLedger(2, 0), call(1, patience_ms=100)
    ledger.hand_over(overdue, 0)
    assert ledger.overdue(100) == [overdue]
    assert ledger.overdue(1_000) == [], "it is named once"
    ledger.be_patient(overdue, 100, 300)
    ledger.be_patient(overdue, 200, 900)
    assert ledger.overdue(500) == []
    assert ledger.overdue(1_100) == [overdue]


def test_no_more_lines_are_used_than_the_carrier_has_and_never_more_than_are_set():
    ledger = LineLedger(lines=24, emergency_lines=8)
    ledger.limit(10, 2)
    assert (full(ledger, emergency=False), full(ledger, emergency=True)) == (10, 2)
    ledger.limit(1_000, 1_000)
    assert (ledger.lines, ledger.emergency_lines) == (24, 8)
    ledger.limit(0, 0)
    assert (ledger.lines, ledger.emergency_lines) == (24, 8), "a carrier that counts nothing says nothing"
