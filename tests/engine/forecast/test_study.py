"""Questions worked out in a process of their own: first answers, better ones, refusals, and calling off."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.acts.desk import LiveDesk
from engine.forecast.acts import ACTS, JOB, AskForecast
from engine.forecast.helper import FIRST_RUNS, first_share, frames
from engine.forecast.question import SEEDS_MAX, WhatIf
from engine.forecast.study import Study, foresee
from engine.forecast.views import Verdict
from store.access import Role
from store.errors import CallchainError, InvalidInputError, NotFoundError
from tests.engine.forecast.paper import SamePhones, families, question, scene
from tests.fakes import SteppedTown


@pytest.fixture
def town(tmp_path):
    with SteppedTown(tmp_path, *families(25), network=SamePhones(), lines=4) as town:
        yield town


def test_a_study_answers_at_once_and_better_after_every_run(town):
    asked = question(town, town.prepare())
    asked = type(asked)(**{name: getattr(asked, name) for name in asked.__struct_fields__} | {"seeds": FIRST_RUNS + 2})
    with Study(asked) as study:
        answers = list(study.answers())
    assert [answer.basis.runs for answer in answers] == [FIRST_RUNS, FIRST_RUNS + 1, FIRST_RUNS + 2]
    assert answers[-1].verdict is Verdict.ON_TIME
    assert answers[-1].chains == 25
    assert answers[-1].basis.days == 0


def test_a_study_that_is_called_off_ends_its_process(town):
    with Study(question(town, town.prepare())) as study:
        next(study.answers())
    assert study._process.poll() is not None
    study.close()


@pytest.mark.skipif(not hasattr(os, "SCHED_IDLE"), reason="only Linux has a class for what may wait")
@pytest.mark.parametrize("patient", [True, False])
def test_a_study_stands_back_for_the_engine(town, patient):
    asked = msgspec.structs.replace(question(town, town.prepare()), patient=patient, seeds=SEEDS_MAX)
    with Study(asked) as study:
        next(study.answers())
        pid = study._process.pid
        assert (os.sched_getscheduler(pid) == os.SCHED_IDLE) is patient
        assert Path(f"/proc/{pid}/oom_score_adj").read_text().strip() == "1000"


def test_a_helper_that_dies_before_it_was_asked_is_a_sentence(town):
    with Study(question(town, town.prepare())) as study:
        study._process.kill()
        study._process.wait()
        with pytest.raises(CallchainError, match="took too long"):
            list(study.answers())


def test_what_is_refused_there_is_refused_here(town):
    with pytest.raises(NotFoundError, match="no job 77"):
        foresee(question(town, 77))


def test_the_act_is_for_everybody_who_may_look(town):
    assert [(act.name, act.role, act.live) for act in ACTS] == [("forecast.job", Role.VIEWER, False)]
    job_id, desk = town.prepare(), LiveDesk(town.engine)
    as_is = JOB.carry_out(desk, AskForecast(job_id=job_id), "kim")
    more = JOB.carry_out(desk, AskForecast(job_id=job_id, what_if=WhatIf(lines="+20")), "kim")
    assert (as_is.basis.lines, more.basis.lines) == (4, 24)
    assert more.half_at.p50 < as_is.half_at.p50


@pytest.mark.parametrize("wrong", [{"seeds": 1_000}, {"seconds_max": 900}, {"what_if": WhatIf(lines="many")}])
def test_the_act_refuses_what_makes_no_sense(town, wrong):
    with pytest.raises(InvalidInputError):
        JOB.carry_out(LiveDesk(town.engine), AskForecast(job_id=1, **wrong), "kim")


def test_of_a_large_job_the_first_answer_is_a_sample_on_as_large_a_share_of_the_lines(town):
    small = scene(town, town.prepare())
    assert first_share(small) == 1
    large = replace(small, job=msgspec.structs.replace(small.job, chains=50_000), lines=(400, 8))
    assert first_share(large) == pytest.approx(0.05)
    few_lines = replace(large, lines=(10, 0))
    assert first_share(few_lines) == pytest.approx(0.3)


def test_the_first_frame_says_what_all_others_rest_on(town):
    job_id = town.prepare()
    asked = question(town, job_id)
    town.engine.stop()
    told: list[Any] = list(frames(asked))
    basis, *courses = told
    assert (basis.job_id, basis.chains, basis.lines) == (job_id, 25, 4)
    assert [frame.is_answer for frame in courses] == [False] * (len(courses) - 1) + [True]
    town.start()
