"""Runs on paper: they are what the engine really does, and what would be if."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.messaging.windows import Window
from store.errors import InvalidInputError, NotFoundError, RefusedError
from store.records import DeviceKind, Reason
from tests.engine.forecast.paper import RINGS_OUT, SamePhones, families, happened, on_paper, scene
from tests.fakes import MINUTE, Family, SteppedTown, at


@pytest.mark.parametrize("first", [None, RINGS_OUT])
@pytest.mark.parametrize("ahead_max", [0, None])
def test_without_chance_a_run_on_paper_is_the_real_run(tmp_path, first, ahead_max):
    phones = SamePhones(first=first)
    with SteppedTown(tmp_path, *families(40), network=phones, lines=3, ahead_max=ahead_max) as town:
        job_id = town.prepare()
        foreseen = on_paper(town, job_id, phones)
        town.engine.send(job_id)
        town.wait(job_id)
        real = happened(town, job_id)
        assert foreseen.parts_at == real.parts_at
        assert foreseen.last_call_at == real.last_call_at
        assert foreseen.reached == real.reached == 40


def test_a_running_job_goes_on_from_where_it_stands(tmp_path):
    phones = SamePhones(first=RINGS_OUT)
    with SteppedTown(tmp_path, *families(40), network=phones, lines=3) as town:
        job_id = town.send()
        town.run(minutes=4)
        begun = len(town.engine.station.fold.chains)
        foreseen = on_paper(town, job_id, SamePhones())
        town.wait(job_id)
        assert 0 < begun < 40
        assert foreseen.reached == 40
        assert foreseen.last_call_at < happened(town, job_id).last_call_at, "on paper nobody rings out any more"


def test_a_forecast_leaves_no_trace_in_the_store(tmp_path):
    with SteppedTown(tmp_path, *families(10), network=SamePhones(), lines=2) as town:
        job_id = town.send()
        town.run(seconds=30)
        before = town.blocks()
        on_paper(town, job_id, seed=3)
        assert town.blocks() == before


def test_more_lines_are_never_later(tmp_path):
    with SteppedTown(tmp_path, *families(60), network=SamePhones(), lines=2) as town:
        job_id = town.prepare()
        courses = [on_paper(town, job_id, lines=f"={lines}") for lines in (1, 2, 4, 8, 16)]
        half = [course.half_at for course in courses]
        assert half == sorted(half, reverse=True)
        assert courses[0].last_call_at > courses[-1].last_call_at


def test_a_longer_message_takes_longer(tmp_path):
    with SteppedTown(tmp_path, *families(40), network=SamePhones(), lines=2) as town:
        job_id = town.prepare()
        assert on_paper(town, job_id, message_seconds=60).half_at > on_paper(town, job_id).half_at


def test_a_window_cuts_what_it_leaves_no_time_for(tmp_path):
    with SteppedTown(tmp_path, *families(40), network=SamePhones(), lines=1) as town:
        job_id = town.prepare(window=Window(opens_minute=600, closes_minute=720))
        course = on_paper(town, job_id, SamePhones(), until="10:05")
        assert 0 < course.reached < 40
        assert course.use.expired == 40 - course.reached
        assert course.last_call_at <= at("2026-03-02 10:05") + MINUTE
        with pytest.raises(InvalidInputError):
            scene(town, job_id, until="09:00")


def test_emergencies_go_first(tmp_path):
    with SteppedTown(tmp_path, *families(30), network=SamePhones(), lines=2, emergency_lines=0) as town:
        alone = town.prepare(Reason.EMERGENCY)
        undisturbed = on_paper(town, alone, SamePhones())
        general = town.send()
        emergency = town.prepare(Reason.EMERGENCY)
        beside = on_paper(town, emergency, SamePhones())
        assert beside.last_call_at - undisturbed.last_call_at < 2 * MINUTE
        waits = on_paper(town, general, SamePhones())
        town.engine.send(emergency)
        assert on_paper(town, general, SamePhones()).last_call_at > waits.last_call_at + 3 * MINUTE


@given(seed=st.integers(1, 50))
def test_the_same_seed_foresees_the_same(tmp_path_factory, seed):
    with SteppedTown(tmp_path_factory.mktemp("town"), *families(3), network=SamePhones(), lines=2) as town:
        job_id = town.prepare()
        assert on_paper(town, job_id, seed=seed) == on_paper(town, job_id, seed=seed)


def test_what_is_over_and_what_never_was_cannot_be_foreseen(tmp_path):
    with SteppedTown(tmp_path, *families(2), network=SamePhones(), lines=2) as town:
        job_id = town.send()
        town.wait(job_id)
        with pytest.raises(RefusedError):
            scene(town, job_id)
        with pytest.raises(NotFoundError):
            scene(town, 99)


def test_grouping_is_planned_anew_and_only_before_it_is_sent(tmp_path):
    two = [Family(f"F{number}", ("Mom",), ("Ann", "Ben"), (DeviceKind.CELL,), household=False) for number in range(3)]
    with SteppedTown(tmp_path, *two, network=SamePhones(), lines=2) as town:
        job_id = town.prepare()
        assert scene(town, job_id).job.chains == 6
        assert scene(town, job_id, grouping=True).job.chains == 3
        town.engine.send(job_id)
        with pytest.raises(InvalidInputError):
            scene(town, job_id, grouping=True)


def test_a_paused_job_has_stalled_and_is_foreseen_as_if_it_went_on(tmp_path):
    with SteppedTown(tmp_path, *families(20), network=SamePhones(), lines=1) as town:
        job_id = town.send()
        town.run(minutes=1)
        assert not scene(town, job_id).stalled
        town.engine.pause(job_id)
        assert scene(town, job_id).stalled
        assert on_paper(town, job_id, SamePhones()).reached == 20
        town.engine.resume(job_id)
        town.wait(job_id)
