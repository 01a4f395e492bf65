"""The live gate: what closes it, for whom, and that nothing else does."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.gate import Gate, JobGate, Refusal, may_dial, window_end
from store.rows import RedialRow, shelf_of

SNOW_DAY, FIRE = 1, 2
CELL = 501
HELD = 77
NOW = 1_000


def open_gate() -> Gate:
    """Everything allows a call at NOW."""
    jobs = {SNOW_DAY: JobGate(False, 500, 1_500), FIRE: JobGate(True, 500, 9_000)}
    return Gate(jobs=jobs, district=(200, 1_200))


def close_for_all(gate: Gate, why: Refusal) -> None:
    """Bring about one reason in every job."""
    for job in gate.jobs.values():
        if why is Refusal.CANCELED:
            job.canceled = True
        elif why is Refusal.PAUSED:
            job.paused = True
        elif why is Refusal.BEFORE_WINDOW:
            job.opens_at = NOW + 1
        elif why is Refusal.WINDOW_CLOSED:
            job.closes_at = NOW
    if why is Refusal.DISTRICT_CLOSED:
        gate.district = (200, NOW)
    elif why is Refusal.BLOCKED:
        gate.blocked.add(CELL)
    elif why is Refusal.NUMBER_IN_USE:
        gate.in_use[CELL] = HELD
    elif why is Refusal.NUMBER_COOLING:
        gate.cooling[CELL] = NOW + 1
    elif why is Refusal.STORE_FULL:
        gate.store_has_room = False
    elif why is Refusal.CLOCK_UNSOUND:
        gate.clock_is_sound = False
    elif why is Refusal.LOG_UNREAD:
        gate.log_is_read = False
    elif why is Refusal.TOO_EARLY_FOR_RECIPIENT:
        gate.hours[CELL] = (NOW + 1, NOW + 2)
    elif why is Refusal.TOO_LATE_FOR_RECIPIENT:
        gate.hours[CELL] = (0, NOW)
    elif why is Refusal.RETRY_BUDGET:
        gate.redials, gate.redials_max = {shelf_of(CELL): RedialRow(shelf_of(CELL), 1, 1, {CELL: 6})}, 6


SPARES_EMERGENCIES = {
    Refusal.DISTRICT_CLOSED,
    Refusal.NUMBER_COOLING,
    Refusal.STORE_FULL,
    Refusal.CLOCK_UNSOUND,
    Refusal.RETRY_BUDGET,
    Refusal.TOO_EARLY_FOR_RECIPIENT,
    Refusal.TOO_LATE_FOR_RECIPIENT,
}


def test_an_open_gate_lets_both_jobs_dial():
    assert may_dial(open_gate(), SNOW_DAY, CELL, NOW) is None
    assert may_dial(open_gate(), FIRE, CELL, NOW) is None


@pytest.mark.parametrize("why", list(Refusal))
def test_each_reason_alone_closes_the_gate_for_an_ordinary_call(why: Refusal):
    gate = open_gate()
    close_for_all(gate, why)
    assert may_dial(gate, SNOW_DAY, CELL, NOW, redial=True) is why


@pytest.mark.row("C039")
@pytest.mark.parametrize("why", list(Refusal))
def test_an_emergency_is_free_of_the_district_interval_and_of_caution(why: Refusal):
    """No delivery window and not bound by the district dialing window."""
    gate = open_gate()
    close_for_all(gate, why)
    assert may_dial(gate, FIRE, CELL, NOW, redial=True) is (None if why in SPARES_EMERGENCIES else why)


def test_a_block_that_spares_emergencies_spares_them():
    gate = open_gate()
    gate.blocked_except_emergency.add(CELL)
    assert may_dial(gate, SNOW_DAY, CELL, NOW) is Refusal.BLOCKED
    assert may_dial(gate, FIRE, CELL, NOW) is None


@pytest.mark.row("C046", "C049")
@pytest.mark.parametrize(
    ("now", "refusal"),
    [(499, Refusal.BEFORE_WINDOW), (500, None), (1_199, None), (1_200, Refusal.DISTRICT_CLOSED),
     (1_499, Refusal.DISTRICT_CLOSED), (1_500, Refusal.WINDOW_CLOSED)],
)  # fmt: skip
def test_both_windows_are_half_open(now: int, refusal: Refusal | None):
    """C046: Per-message window, must fall inside the district window. C049: Anything undelivered at window end, or cut
    by District End Time, is not sent (expires; no carry-over).
    """
    assert may_dial(open_gate(), SNOW_DAY, CELL, now) is refusal


def test_the_attempt_that_holds_a_number_may_go_on_with_it():
    gate = open_gate()
    gate.in_use[CELL] = HELD
    gate.cooling[CELL] = NOW + 500
    assert may_dial(gate, SNOW_DAY, CELL, NOW, attempt_id=HELD) is None
    assert may_dial(gate, SNOW_DAY, CELL, NOW, attempt_id=HELD + 1) is Refusal.NUMBER_IN_USE
    assert may_dial(gate, SNOW_DAY, CELL, NOW) is Refusal.NUMBER_IN_USE


def test_a_number_has_cooled_down_at_the_end_of_its_gap():
    gate = open_gate()
    gate.cooling[CELL] = NOW
    assert may_dial(gate, SNOW_DAY, CELL, NOW) is None


def test_the_first_ring_of_a_job_is_never_refused_for_the_retry_budget():
    gate = open_gate()
    close_for_all(gate, Refusal.RETRY_BUDGET)
    assert may_dial(gate, SNOW_DAY, CELL, NOW, redial=False) is None
    assert may_dial(gate, SNOW_DAY, CELL + 1, NOW, redial=True) is None


def test_a_block_replaces_the_one_before_and_is_lifted_whole():
    gate = open_gate()
    gate.block(CELL, except_emergency=True)
    gate.block(CELL, except_emergency=False)
    assert may_dial(gate, FIRE, CELL, NOW) is Refusal.BLOCKED
    gate.unblock(CELL)
    assert may_dial(gate, FIRE, CELL, NOW) is may_dial(gate, SNOW_DAY, CELL, NOW) is None


def test_a_job_that_is_gone_dials_nobody():
    assert may_dial(open_gate(), 99, CELL, NOW) is Refusal.CANCELED


def test_a_call_carries_the_earlier_of_message_end_and_district_end_and_an_emergency_its_cap():
    gate = open_gate()
    assert (window_end(gate, SNOW_DAY), window_end(gate, FIRE)) == (1_200, 9_000)
    gate.district = (200, 5_000)
    assert window_end(gate, SNOW_DAY) == 1_500
    gate.hours[CELL] = (0, 1_300)
    assert (window_end(gate, SNOW_DAY, CELL), window_end(gate, SNOW_DAY, CELL + 1)) == (1_300, 1_500)
    assert window_end(gate, FIRE, CELL) == 9_000


# -- against an obvious definition

small = st.integers(0, 6)
gates = st.builds(
    Gate,
    jobs=st.dictionaries(
        st.integers(1, 2), st.builds(JobGate, st.booleans(), small, small, st.booleans(), st.booleans()), min_size=1
    ),
    district=st.tuples(small, small),
    blocked=st.sets(st.just(CELL)),
    blocked_except_emergency=st.sets(st.just(CELL)),
    in_use=st.dictionaries(st.just(CELL), st.integers(1, 2)),
    cooling=st.dictionaries(st.just(CELL), small),
    hours=st.dictionaries(st.just(CELL), st.tuples(small, small)),
    redials=st.dictionaries(
        st.just(shelf_of(CELL)),
        st.builds(RedialRow, st.just(shelf_of(CELL)), st.just(1), st.just(1), st.fixed_dictionaries({CELL: small})),
    ),
    redials_max=small,
    store_has_room=st.booleans(),
    clock_is_sound=st.booleans(),
    log_is_read=st.booleans(),
)


def reasons(gate: Gate, job_id: int, now: int, attempt: int, redial: bool) -> set[Refusal]:
    """Everything that speaks against a call, each looked at by itself."""
    job = gate.jobs.get(job_id, JobGate(False, 0, 0, canceled=True))
    holder = gate.in_use.get(CELL)
    opens_at, closes_at = gate.hours.get(CELL, (now, now + 1))
    redials = sum(row.counts[CELL] for row in gate.redials.values())
    against = {
        Refusal.CANCELED: job.canceled,
        Refusal.PAUSED: job.paused,
        Refusal.BEFORE_WINDOW: now < job.opens_at,
        Refusal.WINDOW_CLOSED: now >= job.closes_at,
        Refusal.BLOCKED: CELL in gate.blocked or (CELL in gate.blocked_except_emergency and not job.emergency),
        Refusal.NUMBER_IN_USE: holder is not None and holder != attempt,
        Refusal.LOG_UNREAD: not gate.log_is_read,
        Refusal.DISTRICT_CLOSED: not job.emergency and not gate.district[0] <= now < gate.district[1],
        Refusal.NUMBER_COOLING: not job.emergency and holder is None and gate.cooling.get(CELL, 0) > now,
        Refusal.TOO_EARLY_FOR_RECIPIENT: not job.emergency and now < opens_at,
        Refusal.TOO_LATE_FOR_RECIPIENT: not job.emergency and now >= closes_at,
        Refusal.RETRY_BUDGET: not job.emergency and redial and redials >= gate.redials_max,
        Refusal.STORE_FULL: not job.emergency and not gate.store_has_room,
        Refusal.CLOCK_UNSOUND: not job.emergency and not gate.clock_is_sound,
    }
    return {refusal for refusal, holds in against.items() if holds}


@settings(max_examples=500, deadline=None)
@given(gates, st.integers(1, 2), small, st.integers(0, 2), st.booleans())
def test_the_gate_is_open_exactly_when_nothing_speaks_against_the_call(
    gate: Gate, job: int, now: int, attempt: int, redial: bool
):
    refusal, against = may_dial(gate, job, CELL, now, attempt, redial), reasons(gate, job, now, attempt, redial)
    assert refusal in against if against else refusal is None


def test_every_reason_is_among_those_looked_at():
    gate = Gate(jobs={1: JobGate(False, 9, 0, True, True)}, blocked={CELL}, cooling={CELL: 9}, store_has_room=False)
    gate.clock_is_sound = gate.log_is_read = False
    gate.in_use = {}
    gate.hours, gate.redials, gate.redials_max = (
        {CELL: (6, 5)},
        {shelf_of(CELL): RedialRow(shelf_of(CELL), 1, 1, {CELL: 1})},
        0,
    )
    assert reasons(gate, 1, 5, 0, redial=True) | {Refusal.NUMBER_IN_USE} == set(Refusal)
