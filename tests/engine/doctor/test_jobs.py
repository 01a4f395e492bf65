"""The doctor about jobs: which are stuck, which only wait."""

from pathlib import Path

import pytest

from engine.config import FILE_NAME
from engine.doctor.finding import Grade
from engine.home import STORE_FOLDER
from store import facts
from store.database import Database
from store.dispositions import Disposition, JobState
from store.keys import attempt_id, chain_id, id_key, pair_key
from store.records import Audience, DeviceKind, Job, Message, Plan, Policy, Reason, Spoken, Step
from store.vault import Vault
from tests.engine.doctor.districts import bad, dial, engine_runs, findings, planned, sound_district, the_problem, write
from tests.fakes import HOUR, MINUTE, MONDAY_TEN


@pytest.fixture
def home(tmp_path) -> Path:
    return sound_district(tmp_path / "district")


@pytest.mark.row("C187")
def test_a_job_queued_for_more_than_a_few_minutes_means_that_no_engine_runs(home):
    """C187: Queued for more than a few minutes → the service is not running (health check)."""
    write(home, MONDAY_TEN - HOUR, planned())
    assert not bad(findings(home, "jobs", now=MONDAY_TEN + 2 * MINUTE))
    problem = the_problem(findings(home, "jobs", now=MONDAY_TEN + 4 * MINUTE))
    assert problem.says == "Job 1 is queued with 2 chains since 2026-03-02 10:00: no engine is running."
    assert "callchain serve" in problem.todo


@pytest.mark.row("C187")
def test_a_job_in_progress_whose_engine_is_gone_is_queued_as_well(home):
    """C187: Queued for more than a few minutes → the service is not running (health check)."""
    write(home, MONDAY_TEN, planned(), facts.JobOpened(1), dial(1))
    assert "no engine is running" in the_problem(findings(home, "jobs", now=MONDAY_TEN + 4 * MINUTE)).says


def test_a_job_that_waits_past_its_opening_under_a_running_engine_is_stuck(home, monkeypatch):
    write(home, MONDAY_TEN - HOUR, planned())
    engine_runs(monkeypatch, MONDAY_TEN + 4 * MINUTE)
    assert the_problem(findings(home, "jobs")).says == "Job 1 waits although its window opened at 2026-03-02 10:00."


def test_a_job_in_progress_without_any_call_is_stuck_but_one_that_waits_for_its_next_round_is_not(home, monkeypatch):
    write(home, MONDAY_TEN, planned(), facts.JobOpened(1), dial(1))
    closed = facts.AttemptClosed(attempt_id(1, 1), chain_id(1, 0), Disposition.BUSY, MONDAY_TEN, 1_000)
    write(home, MONDAY_TEN + MINUTE, closed)
    engine_runs(monkeypatch, MONDAY_TEN + 12 * MINUTE)
    assert not bad(findings(home, "jobs")), "ten minutes lie between two rounds"
    engine_runs(monkeypatch, MONDAY_TEN + 17 * MINUTE)
    assert the_problem(findings(home, "jobs")).says == (
        "Job 1 is in progress with 2 chains left, and no call of it began or ended for 15 minutes."
    )


def test_a_job_that_waits_for_lines_other_jobs_have_is_not_stuck(home, monkeypatch):
    other = facts.JobPlanned(2, Reason.EMERGENCY, MONDAY_TEN, MONDAY_TEN + 4 * HOUR, 9, 0, 0, 9, b"")
    write(home, MONDAY_TEN, planned(), facts.JobOpened(1), dial(1), other, facts.JobOpened(2))
    write(home, MONDAY_TEN + 17 * MINUTE, facts.AttemptOpened(attempt_id(1, 2), chain_id(2, 0), 0, 0, 78))
    engine_runs(monkeypatch, MONDAY_TEN + 18 * MINUTE)
    (found,) = findings(home, "jobs")
    assert found.grade is Grade.NOTE
    assert "Job 1 is in progress with 2 chains left" in found.says
    assert "others have the lines" in found.says


@pytest.mark.parametrize(("opens_at", "stuck"), [(MONDAY_TEN + 4 * HOUR, False), (MONDAY_TEN, True)])
def test_a_job_whose_recipients_have_hours_of_their_own_is_stuck_only_when_somebodys_have_begun(
    tmp_path, monkeypatch, opens_at: int, stuck: bool
):
    home = sound_district(tmp_path / "d")
    settings = (home / FILE_NAME).read_text(encoding="utf-8")
    hours = settings.replace('recipient_hours = ""', 'recipient_hours = "08:00-21:00"')
    (home / FILE_NAME).write_text(hours, encoding="utf-8")
    write(home, MONDAY_TEN, planned(chains=1), facts.JobOpened(1))
    step = Step(DeviceKind.CELL, "+16125550100", 77, "mom", opens_at=opens_at, closes_at=MONDAY_TEN + 8 * HOUR)
    plan = Plan("p:mom", "Mom", ("son",), (step,), MONDAY_TEN, MONDAY_TEN + 8 * HOUR, Policy())
    database = Database(home / STORE_FOLDER)
    with database.write() as txn:
        database.plans.put(txn, pair_key(1, 0), plan)
    database.close()
    engine_runs(monkeypatch, MONDAY_TEN + 17 * MINUTE)
    assert bool(bad(findings(home, "jobs"))) is stuck


def test_a_job_that_is_open_after_its_window_is_stuck(home, monkeypatch):
    write(home, MONDAY_TEN, planned(), facts.JobOpened(1))
    engine_runs(monkeypatch, MONDAY_TEN + 8 * HOUR + 6 * MINUTE)
    assert "still open although its window ended at 2026-03-02 18:00" in the_problem(findings(home, "jobs")).says


def test_a_job_paused_for_hours_is_a_warning_and_one_paused_just_now_is_not(home, monkeypatch):
    write(home, MONDAY_TEN, planned(), facts.JobOpened(1))
    write(home, MONDAY_TEN + HOUR, facts.JobPaused(1))
    engine_runs(monkeypatch, MONDAY_TEN + 2 * HOUR)
    assert not bad(findings(home, "jobs"))
    engine_runs(monkeypatch, MONDAY_TEN + 4 * HOUR)
    (said,) = bad(findings(home, "jobs"))
    assert said.startswith("Job 1 has been paused for more than 2 hours with 2 chains left")


@pytest.mark.row("C185")
def test_a_job_whose_results_are_overdue_is_told_with_its_report(home):
    """C185: Delivery report is the first tool for diagnosing non-delivery."""
    write(home, MONDAY_TEN, planned(), facts.JobOpened(1), dial(1))
    write(
        home,
        MONDAY_TEN + 9 * MINUTE,
        facts.AttemptClosed(attempt_id(1, 1), chain_id(1, 0), Disposition.RESULT_OVERDUE),
        facts.JobEnded(1, JobState.ERROR),
    )
    (warning,) = [f for f in findings(home, "jobs", now=MONDAY_TEN + HOUR) if f.todo]
    assert "Job 1 lacks 1 result the carrier has not reported in time" in warning.says
    assert "`callchain refresh 1`" in warning.todo
    assert "`callchain report delivery 1`" in warning.todo
    assert not bad(findings(home, "jobs", now=MONDAY_TEN + 8 * 24 * HOUR)), "what is a week old does not come any more"


def test_jobs_that_ended_or_wait_for_their_day_are_well(home):
    write(home, MONDAY_TEN, planned(), facts.JobOpened(1), facts.JobEnded(1, JobState.SENT))
    assert [finding.says for finding in findings(home, "jobs")] == ["0 jobs open, none of them stuck."]


def test_a_job_whose_recording_the_carrier_lacks_is_told(home, monkeypatch):
    write(home, MONDAY_TEN, planned(), facts.JobOpened(1), dial(1))
    database = Database(home / STORE_FOLDER)
    scripts = (Spoken("en", "", "Press 0.", recording_id="wav-1"),)
    job = Job(1, Message(Reason.GENERAL, "s", "t"), Audience(), 0, 0, 0, 2, 0, 0, 2, scripts=scripts)
    with database.write() as txn:
        database.jobs.put(txn, id_key(1), job)
    database.close()
    engine_runs(monkeypatch, MONDAY_TEN + 4 * MINUTE)
    assert "Job 1 plays 1 recording the carrier does not have" in the_problem(findings(home, "jobs")).says
    database = Database(home / STORE_FOLDER)
    with database.write() as txn:
        Vault(database).put_audio_id(txn, "wav-1", "place", "A-1")
    database.close()
    assert not bad(findings(home, "jobs"))
