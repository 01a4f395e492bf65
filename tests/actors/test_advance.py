"""What follows an attempt: the walk of a chain, disposition by disposition (decisions 8–13, 19, 35)."""

import random
from collections import Counter
from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.walk import (
    NETWORK_FAILURES_MAX,
    NO_ATTEMPT_WAIT_MS,
    Cursor,
    Move,
    advance,
    at_the_end,
    begin,
    replay,
)
from store.dispositions import Disposition, Outcome
from store.records import DeviceKind, Plan, Policy, Step
from store.rows import Tried

REDIAL, BUSY_REDIAL = 600_000, 300_000
KINDS = [DeviceKind.CELL, DeviceKind.WORK, DeviceKind.OTHER, DeviceKind.HOUSEHOLD, DeviceKind.HOUSEHOLD]
NO_TURN = {Disposition.CANCELED, Disposition.EXPIRED, Disposition.WITHDRAWN}
"""Endings without an attempt in the chain's sense: the same step is dialed again."""


def plan(steps: int = 3, **policy: object) -> Plan:
    """Cell, work, other."""
    numbers = tuple(Step(KINDS[n], f"+1512555010{n}", 500 + n, "mom") for n in range(steps))
    settled = msgspec.structs.replace(Policy(redial_ms=REDIAL, busy_redial_ms=BUSY_REDIAL), **policy)
    return Plan("p:mom", "Mom", ("son",), numbers, 0, 10**15, settled)


class Walk:
    """A chain that is told how each of its calls ended."""

    def __init__(self, walked: Plan) -> None:
        self.plan = walked
        self.move = Move(begin(walked))
        self.history: list[Tried] = []

    def ends(self, *dispositions: Disposition) -> "Walk":
        for disposition in dispositions:
            assert self.move.outcome is None, "the chain has ended already"
            cursor = self.move.cursor
            self.history.append(Tried(cursor.step, cursor.round, disposition, 0, 0, 0))
            self.move = advance(self.plan, cursor, disposition)
        return self

    @property
    def next(self) -> tuple[int, int, int]:
        """Step, round and wait of the next call."""
        assert self.move.outcome is None
        return self.move.cursor.step, self.move.cursor.round, self.move.wait_ms

    @property
    def outcome(self) -> Outcome | None:
        return self.move.outcome


D = Disposition


# -- what ends a chain


@pytest.mark.row("C066")
@pytest.mark.parametrize("before", [(), (D.BUSY,), (D.NO_ANSWER, D.MACHINE_MESSAGE_LEFT), (D.LIVE_NO_CONFIRM,)])
def test_key_0_ends_the_chain_at_once_wherever_it_stands(before: tuple[Disposition, ...]):
    """Confirmation key is 0; it cancels only that chain."""
    walk = Walk(plan()).ends(*before, D.CONFIRMED)
    assert walk.outcome is Outcome.CONFIRMED


def test_numbers_are_walked_in_the_order_of_the_plan_without_a_gap():
    walk, places = Walk(plan()), []
    for _ in range(3):
        places.append(walk.next)
        walk.ends(D.NO_ANSWER)
    assert places == [(0, 0, 0), (1, 0, 0), (2, 0, 0)]


def test_a_round_is_every_remaining_step_once_and_between_rounds_the_chain_waits():
    walk = Walk(plan()).ends(D.NO_ANSWER, D.NO_ANSWER, D.NO_ANSWER)
    assert walk.next == (0, 1, REDIAL)
    walk.ends(D.NO_ANSWER)
    assert walk.next == (1, 1, 0)


@pytest.mark.parametrize("rounds", [1, 2, 3, 5])
def test_after_the_last_round_a_chain_that_reached_nobody_is_exhausted(rounds: int):
    walk = Walk(plan(2, rounds_max=rounds)).ends(*[D.NO_ANSWER] * 2 * rounds)
    assert walk.outcome is Outcome.EXHAUSTED


def test_a_chain_of_one_number_redials_it_after_the_wait():
    walk = Walk(plan(1)).ends(D.NO_ANSWER)
    assert walk.next == (0, 1, REDIAL)


# -- what a live answer means (decision 9)


def test_after_a_live_answer_without_the_key_the_chain_goes_on_to_the_next_number():
    assert Walk(plan()).ends(D.LIVE_NO_CONFIRM).next == (1, 0, 0)


def test_a_number_that_was_answered_live_is_not_redialed_in_later_rounds():
    walk = Walk(plan()).ends(D.LIVE_NO_CONFIRM, D.BUSY, D.NO_ANSWER)
    assert walk.next == (1, 1, REDIAL)
    assert walk.ends(D.NO_ANSWER).next == (2, 1, 0)


def test_a_setting_lets_a_live_answer_end_the_chain():
    walk = Walk(plan(live_ends_chain=True)).ends(D.LIVE_NO_CONFIRM)
    assert walk.outcome is Outcome.DELIVERED_UNCONFIRMED


def test_who_hung_up_early_is_called_again_in_the_next_round():
    walk = Walk(plan(2)).ends(D.HANGUP_EARLY, D.LIVE_NO_CONFIRM)
    assert walk.next == (0, 1, REDIAL)


# -- voicemail (decision 10)


def test_a_message_on_a_machine_is_left_once_and_the_chain_goes_on():
    walk = Walk(plan(2)).ends(D.MACHINE_MESSAGE_LEFT)
    assert walk.next == (1, 0, 0)
    assert walk.ends(D.NO_ANSWER).next == (1, 1, REDIAL), "the machine is not called again"


def test_a_machine_that_took_no_message_is_called_again():
    assert Walk(plan(1)).ends(D.MACHINE_NO_MESSAGE).next == (0, 1, REDIAL)


def test_a_setting_lets_a_voicemail_end_the_chain():
    assert Walk(plan(voicemail_ends_chain=True)).ends(D.MACHINE_MESSAGE_LEFT).outcome is Outcome.DELIVERED_UNCONFIRMED
    assert Walk(plan(voicemail_ends_chain=True)).ends(D.MACHINE_NO_MESSAGE).outcome is None
    assert Walk(plan(voicemail_ends_chain=True)).ends(D.LIVE_NO_CONFIRM).outcome is None


# -- retries (decision 11)


@pytest.mark.parametrize(
    "disposition", [D.BUSY, D.NO_ANSWER, D.MACHINE_NO_MESSAGE, D.HANGUP_EARLY, D.UNKNOWN, D.REJECTED, D.RING_WITHDRAWN]
)
def test_what_may_be_redialed_is_redialed_in_the_next_round(disposition: Disposition):
    walk = Walk(plan(1)).ends(disposition)
    assert walk.next[:2] == (0, 1)


@pytest.mark.parametrize("disposition", [D.INVALID_NUMBER, D.DISCONNECTED, D.FAX, D.BLOCKED])
def test_a_dead_or_blocked_number_is_dropped(disposition: Disposition):
    walk = Walk(plan(2)).ends(disposition, D.NO_ANSWER)
    assert walk.next == (1, 1, REDIAL)
    assert Walk(plan(1)).ends(disposition).outcome is Outcome.EXHAUSTED


def test_a_number_that_rejects_twice_is_dropped():
    walk = Walk(plan(2)).ends(D.REJECTED, D.NO_ANSWER)
    assert walk.next == (0, 1, REDIAL)
    walk.ends(D.REJECTED, D.NO_ANSWER)
    assert walk.next == (1, 2, REDIAL)


def test_rejections_are_counted_for_each_number_and_need_not_follow_each_other():
    walk = Walk(plan(1)).ends(D.REJECTED, D.BUSY)
    assert walk.next[:2] == (0, 2)
    assert walk.ends(D.REJECTED).outcome is Outcome.EXHAUSTED
    both = Walk(plan(2)).ends(D.REJECTED, D.REJECTED)
    assert both.next[:2] == (0, 1)
    assert both.ends(D.NO_ANSWER).next[:2] == (1, 1)


def test_the_wait_is_shorter_when_every_number_still_to_be_dialed_was_busy():
    assert Walk(plan(2)).ends(D.BUSY, D.BUSY).next == (0, 1, BUSY_REDIAL)
    assert Walk(plan(2)).ends(D.BUSY, D.LIVE_NO_CONFIRM).next == (0, 1, BUSY_REDIAL)
    assert Walk(plan(2)).ends(D.BUSY, D.NO_ANSWER).next == (0, 1, REDIAL)


def test_a_number_that_was_busy_in_an_earlier_round_only_does_not_shorten_the_wait():
    assert Walk(plan(1)).ends(D.BUSY, D.NO_ANSWER).next == (0, 2, REDIAL)


def test_a_network_failure_dials_the_same_step_again_and_uses_no_turn():
    walk = Walk(plan(1, rounds_max=1)).ends(*[D.NETWORK_FAILURE] * (NETWORK_FAILURES_MAX - 1))
    assert walk.next == (0, 0, NO_ATTEMPT_WAIT_MS)
    assert walk.ends(D.CONFIRMED).outcome is Outcome.CONFIRMED


def test_a_step_that_fails_in_the_network_five_times_in_a_row_has_had_its_turn_and_comes_again_next_round():
    walk = Walk(plan(2)).ends(*[D.NETWORK_FAILURE] * NETWORK_FAILURES_MAX)
    assert walk.next == (1, 0, 0)
    walk.ends(D.NO_ANSWER)
    assert walk.next == (0, 1, REDIAL)
    walk.ends(*[D.NETWORK_FAILURE] * (NETWORK_FAILURES_MAX - 1))
    assert walk.next == (0, 1, NO_ATTEMPT_WAIT_MS), "in the new round it has all its tries again"


def test_network_failures_of_one_step_are_not_counted_against_the_next():
    walk = Walk(plan(2)).ends(*[D.NETWORK_FAILURE] * 4, D.NO_ANSWER, *[D.NETWORK_FAILURE] * 4)
    assert walk.next == (1, 0, NO_ATTEMPT_WAIT_MS)


@pytest.mark.parametrize("disposition", sorted(NO_TURN))
def test_a_call_nobody_was_rung_by_leaves_the_chain_where_it_is(disposition: Disposition):
    walk = Walk(plan(2)).ends(D.NO_ANSWER, *[disposition] * 20)
    assert walk.next[:2] == (1, 0)


# -- results that never come (decisions 35, 37)


def test_a_routine_call_without_a_result_has_had_its_turn_and_is_not_rung_again():
    walk = Walk(plan(2)).ends(D.RESULT_OVERDUE)
    assert walk.next == (1, 0, 0)
    assert walk.ends(D.NO_ANSWER).next == (1, 1, REDIAL)
    assert Walk(plan(1)).ends(D.RESULT_OVERDUE).outcome is Outcome.EXHAUSTED


def test_an_emergency_goes_to_the_next_device_at_once_and_rings_the_maybe_rung_one_again():
    walk = Walk(plan(2, ring_maybe_rung=True)).ends(D.RESULT_OVERDUE)
    assert walk.next == (1, 0, 0)
    assert walk.ends(D.LIVE_NO_CONFIRM).next == (0, 1, REDIAL)


# -- the end (decision 13)


@pytest.mark.parametrize("heard", [D.LIVE_NO_CONFIRM, D.MACHINE_MESSAGE_LEFT])
def test_a_chain_that_was_heard_once_ends_delivered_unconfirmed(heard: Disposition):
    walk = Walk(plan(2, rounds_max=1)).ends(heard, D.NO_ANSWER)
    assert walk.outcome is Outcome.DELIVERED_UNCONFIRMED


@pytest.mark.parametrize("outcome", [Outcome.EXHAUSTED, Outcome.EXPIRED, Outcome.CANCELED])
def test_what_was_delivered_stays_delivered_when_a_window_or_a_cancel_ends_the_chain(outcome: Outcome):
    heard = Cursor(1, 0, 0b10, delivered=True)
    unheard = Cursor(1, 0, 0b10)
    assert at_the_end(heard, outcome) is Outcome.DELIVERED_UNCONFIRMED
    assert at_the_end(unheard, outcome) is outcome


@pytest.mark.parametrize("outcome", [Outcome.CONFIRMED, Outcome.ERROR])
def test_a_confirmation_and_an_error_are_what_they_are(outcome: Outcome):
    assert at_the_end(Cursor(0, 0, 1, delivered=True), outcome) is outcome


# -- whatever happens

plans = st.builds(
    plan,
    st.integers(1, 5),
    rounds_max=st.integers(1, 4),
    live_ends_chain=st.booleans(),
    voicemail_ends_chain=st.booleans(),
    ring_maybe_rung=st.booleans(),
)
spending = st.sampled_from([kind for kind in Disposition if kind not in (NO_TURN | {D.CONFIRMED})])
fates = st.lists(st.one_of(spending, st.sampled_from(list(Disposition))), max_size=150)


def walked(through: Plan, fate: list[Disposition]) -> Walk:
    """A walk as far as its fate goes; it may end before."""
    walk = Walk(through)
    for disposition in fate:
        if walk.outcome is not None:
            break
        walk.ends(disposition)
    return walk


def turns(walk: Walk) -> Iterator[Tried]:
    """Attempts that were a step's turn in its round."""
    failures = 0
    for tried in walk.history:
        failures = failures + 1 if tried.disposition is D.NETWORK_FAILURE else 0
        if tried.disposition.flags.spends_attempt or failures == NETWORK_FAILURES_MAX:
            yield tried
            failures = 0


@settings(max_examples=300, deadline=None)
@given(plans, st.integers(0, 2**32))
def test_every_walk_ends(through: Plan, seed: int):
    chance = random.Random(seed)
    walk = Walk(through)
    calls_max = len(through.steps) * through.policy.rounds_max * NETWORK_FAILURES_MAX
    kinds = [kind for kind in Disposition if kind not in NO_TURN]
    while walk.outcome is None:
        # Now and then a carrier whose network is down most of the time.
        walk.ends(D.NETWORK_FAILURE if chance.random() < seed % 3 / 2.2 else chance.choice(kinds))
        assert len(walk.history) <= calls_max


@settings(max_examples=300, deadline=None)
@given(plans, fates)
def test_no_step_has_two_turns_in_one_round(through: Plan, fate: list[Disposition]):
    places = Counter((tried.step, tried.round) for tried in turns(walked(through, fate)))
    assert max(places.values(), default=1) == 1


@settings(max_examples=300, deadline=None)
@given(plans, fates)
def test_a_number_that_was_reached_or_is_dead_is_never_dialed_again(through: Plan, fate: list[Disposition]):
    walk = walked(through, fate)
    done: set[int] = set()
    for tried in walk.history:
        assert tried.step not in done
        if tried.disposition.flags.delivered or tried.disposition.flags.number_dead:
            done.add(tried.step)
    assert walk.outcome is not None or walk.move.cursor.step not in done


@settings(max_examples=300, deadline=None)
@given(plans, fates)
def test_steps_come_in_order_within_a_round_and_rounds_one_after_another(through: Plan, fate: list[Disposition]):
    places = [(tried.round, tried.step) for tried in walked(through, fate).history]
    assert places == sorted(places)
    assert all(round_ < through.policy.rounds_max for round_, _ in places)


@settings(max_examples=300, deadline=None)
@given(plans, fates)
def test_a_round_leaves_out_no_step_that_may_still_be_dialed(through: Plan, fate: list[Disposition]):
    walk = walked(through, fate)
    if walk.outcome is not Outcome.EXHAUSTED:
        return
    tries = Counter(tried.step for tried in turns(walk))
    last = {tried.step: tried.disposition for tried in walk.history}
    for step in range(len(through.steps)):
        for_good = (D.REJECTED, D.RESULT_OVERDUE, D.RETRY_BUDGET, D.RECIPIENT_HOURS)
        dropped = last[step].flags.number_dead or last[step] in for_good
        assert dropped or tries[step] == through.policy.rounds_max


@settings(max_examples=300, deadline=None)
@given(plans, fates)
def test_the_chain_waits_only_between_rounds_and_after_calls_nobody_could_place(through: Plan, fate: list[Disposition]):
    walk, before = Walk(through), 0
    for disposition in fate:
        walk.ends(disposition)
        if walk.outcome is not None:
            assert walk.move.wait_ms == 0
            return
        new_round = walk.move.cursor.round > before
        before = walk.move.cursor.round
        if walk.move.wait_ms == NO_ATTEMPT_WAIT_MS:
            assert not disposition.flags.spends_attempt
        else:
            assert bool(walk.move.wait_ms) == new_round
            assert walk.move.wait_ms in (0, REDIAL, BUSY_REDIAL)


@settings(max_examples=300, deadline=None)
@given(plans, fates)
def test_the_outcome_says_whether_anybody_heard(through: Plan, fate: list[Disposition]):
    walk = walked(through, fate)
    heard = any(tried.disposition.flags.delivered for tried in walk.history)
    confirmed = any(tried.disposition is D.CONFIRMED for tried in walk.history)
    too_late = walk.history and walk.history[-1].disposition is D.RECIPIENT_HOURS
    unheard = Outcome.EXPIRED if too_late else Outcome.EXHAUSTED
    expected = Outcome.CONFIRMED if confirmed else Outcome.DELIVERED_UNCONFIRMED if heard else unheard
    assert walk.outcome in (None, expected)


@settings(max_examples=300, deadline=None)
@given(plans, fates)
def test_a_history_read_again_leads_to_where_the_chain_stands(through: Plan, fate: list[Disposition]):
    walk = walked(through, fate)
    assert replay(through, walk.history) == walk.move


def test_before_its_first_attempt_a_chain_stands_at_its_first_step():
    assert replay(plan(), []) == Move(Cursor(step=0, round=0, left=0b111))


@settings(max_examples=100, deadline=None)
@given(plans, fates)
def test_advance_changes_neither_plan_nor_cursor(through: Plan, fate: list[Disposition]):
    before = msgspec.msgpack.encode(through)
    cursor = begin(through)
    kept = msgspec.msgpack.encode(cursor)
    advance(through, cursor, (fate or [D.BUSY])[0])
    assert (msgspec.msgpack.encode(through), msgspec.msgpack.encode(cursor)) == (before, kept)


@pytest.mark.parametrize("disposition", list(Disposition))
def test_every_disposition_is_either_a_turn_or_not_and_is_never_both_dead_and_retryable(disposition: Disposition):
    flags = disposition.flags
    assert not (flags.retryable and (flags.number_dead or flags.delivered))
    assert flags.spends_attempt or flags.retryable
    assert not (flags.delivered and flags.number_dead)
