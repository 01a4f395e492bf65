"""The makespan: a small day against its bound, and the account it is judged by."""

import json
from argparse import Namespace
from itertools import pairwise
from random import Random

import pytest

from actors.gateway import CallEnd, Script
from engine.audit import Audit
from engine.gateways.stand_in.carrier import NANP
from perf.__main__ import main
from perf.makespan.account import CallSpan, _apart, _lost, _peak, _steps
from perf.makespan.benchmark import _holds, measure
from perf.makespan.day import OPENS_AT, POLL_MS, Readings, plans_of, run_day
from perf.makespan.phones import AREA_CODES, EXCHANGES, LINE_NUMBERS, DayPhones, number_of

FIELDS = (
    "lines", "chains", "utilization", "utilization_plain", "polls", "ahead_peak", "makespan_s", "bound_s", "verified",
    "seed", "machine", "versions",
)  # fmt: skip
SCRIPT = Script("s", "School is closed.", "School is closed.")


@pytest.fixture(scope="module")
def result():
    """A small day, with calls ahead and without."""
    return measure(Namespace(lines=12, chains=300, rounds=1, seed=7))


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    """A smaller one, with calls ahead."""
    return run_day(tmp_path_factory.mktemp("day"), lines=5, chains=40, rounds=1, ahead_max=5, seed=3)


def test_every_figure_is_there_and_the_run_did_what_it_says(result):
    assert set(FIELDS) <= set(result)
    assert json.loads(json.dumps(result)) == result
    assert result["verified"] is True


def test_calls_ahead_leave_no_line_waiting_and_calls_one_by_one_do(result):
    assert result["utilization_plain"] < result["utilization"] < 1
    assert result["ahead_peak"] == result["in_use_peak"] == result["lines"]
    assert result["handed_over_peak"] == 2 * result["lines"]
    assert result["lost_s"]["waiting"] < result["lost_plain_s"]["waiting"] / 10


@pytest.mark.parametrize("which", ["", "_plain"])
def test_the_makespan_is_the_bound_and_what_was_lost(result, which):
    lost = sum(result[f"lost{which}_s"].values())
    assert result["bound_s"] == pytest.approx(result["calls"] * result["mean_call_s"] / result["lines"], rel=1e-3)
    assert result[f"makespan{which}_s"] == pytest.approx(result["bound_s"] + lost, abs=0.2)
    assert result[f"makespan{which}_s"] == result[f"polls{which}"] * result["poll_seconds"]


def test_the_same_seed_gives_the_same_day(tmp_path, day):
    again = run_day(tmp_path, lines=5, chains=40, rounds=1, ahead_max=5, seed=3)
    assert (again.account, again.job, again.readings.polled_at) == (day.account, day.job, day.readings.polled_at)


def test_it_prints_one_line(capsys):
    main(["makespan", "--lines", "1", "--chains", "1", "--json"])
    result = json.loads(capsys.readouterr().out)
    assert result["verified"] is True
    assert result["bound_s"] == result["longest_chain_s"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"in_use_peak": 6}, {"ahead_peak": 6}, {"apart": False}, {"ended": False}, {"chains_closed": 39}, {"calls": 1},
        {"audit": Audit(duplicate_rings=1, rings_after_confirm=0, unknown_to_journal=0)},
    ],
)  # fmt: skip
def test_a_day_that_broke_a_bound_is_not_verified(day, wrong):
    assert _holds(day, 5, 40, 5)
    assert not _holds(day._replace(account=day.account._replace(**wrong)), 5, 40, 5)


def test_a_day_that_was_read_sooner_or_handed_over_more_is_not_verified(day):
    early = Readings()
    early.polled_at = [*day.readings.polled_at, day.readings.polled_at[-1] + POLL_MS - 1]
    looked_up = Readings()
    looked_up.polled_at, looked_up.found_at = day.readings.polled_at, [OPENS_AT + 1]
    assert not _holds(day._replace(readings=early), 5, 40, 5)
    assert not _holds(day._replace(readings=looked_up), 5, 40, 5)
    assert not _holds(day._replace(handed_over_peak=11), 5, 40, 5)


def test_two_calls_for_one_number_or_chain_must_not_overlap():
    first = CallSpan(0, 0, 200, 1_000, "a", 1)
    later, sooner = CallSpan(1_000, 1_000, 1_200, 2_000, "a", 1), CallSpan(999, 1_000, 1_200, 2_000, "a", 2)
    assert _apart([later, first], "number")
    assert not _apart([first, sooner], "number")
    assert _apart([first, sooner], "chain_id")


def test_idle_time_is_cut_where_all_lines_were_taken_for_the_last_time():
    in_use = _steps([(0, 10), (0, 4), (6, 12)])
    assert in_use == [(0, 2), (4, 1), (6, 2), (10, 1), (12, 0)]
    assert _peak(in_use) == 2
    lost = _lost(in_use, lines=2, begins_at=0, makespan_ms=15, starting_ms=3)
    assert lost == (1.5, 1.0, 4.0)
    assert sum(lost) == 15 - (10 + 4 + 6 - 3) / 2


def test_a_number_is_one_the_carrier_takes_and_no_other_phone_has_it():
    phones = [*range(3_000), *Random(1).sample(range(AREA_CODES * EXCHANGES * LINE_NUMBERS), 3_000)]
    numbers = set(map(number_of, phones))
    assert all(NANP.fullmatch(number) for number in numbers)
    assert len(numbers) == len(set(phones))


def test_calls_take_thirty_seconds_on_average_whenever_they_are_made():
    phones = DayPhones(7)
    pickups = [phones.ring(number_of(phone), False, 0, 0, SCRIPT, None) for phone in range(20_000)]
    assert sum(pickup.ring_ms + pickup.talk_ms for pickup in pickups) / 20_000 == pytest.approx(30_000, rel=0.01)
    assert all(pickup.talk_ms == 0 for pickup in pickups if pickup.end not in (CallEnd.ANSWERED, CallEnd.MACHINE))
    assert phones.ring(number_of(5), True, 9_999, 3, SCRIPT, None) == pickups[5]


def test_one_chain_in_ten_shares_its_first_number_with_its_neighbour_and_none_with_two():
    plans = list(plans_of(4_000, rounds=1))
    shared = [second.steps[0].number == first.steps[0].number for first, second in pairwise(plans)]
    assert sum(shared) == pytest.approx(400, rel=0.15)
    assert not any(one and another for one, another in pairwise(shared))
    steps = {(step.number, step.number_id) for plan in plans for step in plan.steps}
    assert len(steps) == len({number for number, _ in steps}) == sum(len(plan.steps) for plan in plans) - sum(shared)
