"""What forecasts rest on: tallies of ended jobs, stated priors, and how thin cells are thickened."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.forecast.past.cells import Before, end_key, end_of, hold_key, hold_of
from engine.forecast.past.history import CELL_WEIGHT, Drawn, History, Usual
from engine.forecast.past.priors import PEOPLE, prior
from engine.forecast.past.reading import read_history
from engine.forecast.past.teller import TallyRequest, count_here, tallies_of
from engine.reports.source.records import Records
from store.dispositions import Disposition
from store.forecasts import Tally
from store.records import DeviceKind, Reason
from tests.engine.forecast.paper import RINGS_OUT, SamePhones, families
from tests.fakes import ZONE, SteppedTown

CELL = (DeviceKind.CELL, 10, Reason.GENERAL, Before.NOTHING)


def tally(calls: int, disposition: Disposition, hour: int = 10, reason: Reason = Reason.GENERAL) -> Tally:
    ends = {end_key(DeviceKind.CELL, hour, Before.NOTHING, disposition): calls}
    holds = {hold_key(DeviceKind.CELL, disposition, True, 9_000): (calls, calls * 9_000)}
    return Tally(1, reason, 739_000, calls, ends, holds)


@given(st.sampled_from(DeviceKind), st.integers(0, 23), st.sampled_from(Before), st.integers(1, 13), st.booleans())
def test_keys_are_packed_and_unpacked(kind, hour, before, code, heard):
    assert end_of(end_key(kind, hour, before, code)) == (kind, hour, before, code)
    assert hold_of(hold_key(kind, code, heard, 7_000_000)) == (kind, code, heard)


@given(st.sampled_from(DeviceKind), st.integers(0, 23), st.sampled_from(Before))
def test_priors_are_shares(kind, hour, before):
    shares = prior(kind, hour, before)
    assert sum(shares) == pytest.approx(1)
    assert shares[0] == 0
    assert all(share > 0 for share in shares[1:])


def test_without_calls_the_priors_stand():
    history = History([])
    assert (history.calls, history.days) == (0, 0)
    assert Usual(history).ends(CELL) == pytest.approx(prior(DeviceKind.CELL, 10, Before.NOTHING))


def test_thin_history_leans_on_priors_and_much_of_it_does_not():
    stated = prior(DeviceKind.CELL, 10, Before.NOTHING)[Disposition.CONFIRMED]
    thin = Usual(History([tally(5, Disposition.CONFIRMED)])).ends(CELL)[Disposition.CONFIRMED]
    thick = Usual(History([tally(100 * CELL_WEIGHT, Disposition.CONFIRMED)])).ends(CELL)[Disposition.CONFIRMED]
    assert stated < thin < 0.5
    assert thick > 0.97


def test_what_is_seen_at_one_hour_counts_at_the_next_and_less_at_noon():
    history = Usual(History([tally(10_000, Disposition.CONFIRMED, hour=9)]))

    def confirmed(hour: int) -> float:
        return history.ends((DeviceKind.CELL, hour, Reason.GENERAL, Before.NOTHING))[Disposition.CONFIRMED]

    assert confirmed(9) > confirmed(10) >= confirmed(16) > prior(DeviceKind.CELL, 16, Before.NOTHING)[1]


def test_a_reason_of_its_own_goes_before_the_others():
    history = Usual(
        History([tally(2_000, Disposition.CONFIRMED), tally(2_000, Disposition.NO_ANSWER, 10, Reason.STAFF)])
    )
    general, staff = (
        history.ends((DeviceKind.CELL, 10, reason, Before.NOTHING)) for reason in (Reason.GENERAL, Reason.STAFF)
    )
    assert general[Disposition.CONFIRMED] > 0.9 > 0.1 > staff[Disposition.CONFIRMED]


@given(st.integers(1, 1_000))
def test_drawn_days_are_shares_too_and_narrower_the_more_is_known(seed):
    shares = Drawn(History([tally(100, Disposition.CONFIRMED)]), Random(seed)).ends(CELL)
    assert sum(shares) == pytest.approx(1)
    assert History([tally(10_000, Disposition.CONFIRMED)]).spread < History([]).spread


def test_lengths_are_the_districts_own_once_there_are_some():
    history = History([tally(100, Disposition.CONFIRMED)])
    assert history.holds(DeviceKind.CELL, Disposition.CONFIRMED) == [(100, True, 9_000)]
    assert history.holds(DeviceKind.WORK, Disposition.CONFIRMED) == [(100, True, 9_000)], "another device's"
    assert len(history.holds(DeviceKind.CELL, Disposition.BUSY)) == 1, "stated"


def test_people_answer_at_work_by_day_and_at_home_in_the_evening():
    assert PEOPLE[DeviceKind.WORK][10] > PEOPLE[DeviceKind.HOUSEHOLD][10]
    assert PEOPLE[DeviceKind.WORK][18] < PEOPLE[DeviceKind.HOUSEHOLD][18]


def test_a_tally_counts_every_call_by_what_its_number_did_before(tmp_path):
    with SteppedTown(tmp_path, *families(6), network=SamePhones(first=RINGS_OUT), lines=3) as town:
        job_id = town.send()
        town.wait(job_id)
        with town.database.read() as txn:
            records = Records(town.database, txn, ZONE, town.now)
            history = read_history(records)
        assert (history.calls, history.days) == (12, 1)
        first, again = ((DeviceKind.CELL, 10, before) for before in (Before.NOTHING, Before.RANG_OUT))
        assert history._ends[first][Disposition.NO_ANSWER] == 6
        assert history._ends[again][Disposition.CONFIRMED] == 6


def test_a_job_that_still_runs_teaches_already(tmp_path):
    with SteppedTown(tmp_path, *families(20), network=SamePhones(), lines=2) as town:
        job_id = town.send()
        town.run(minutes=1)
        with town.database.read() as txn:
            calls = read_history(Records(town.database, txn, ZONE, town.now)).calls
        assert 0 < calls < 20
        town.wait(job_id)


def test_ended_jobs_are_counted_in_a_process_of_its_own(tmp_path):
    with SteppedTown(tmp_path, *families(4), network=SamePhones(), lines=3) as town:
        job_id = town.send()
        town.wait(job_id)
        path = str(town.database.path)
    request = TallyRequest(path, ZONE, town.now, (job_id,))
    (elsewhere,) = tallies_of(request)
    assert elsewhere == count_here(request)[0]
    assert (elsewhere.job_id, elsewhere.reason, elsewhere.calls) == (job_id, Reason.GENERAL, 4)
