"""What screens say of a job group by group adds up to what the delivery report says, whoever works it out."""

from pathlib import Path

import pytest

from engine.board import Board
from engine.reports.delivery import delivery_report
from engine.reports.groups import apart
from engine.reports.groups.apart import GroupJobs, WriteLog, WriteReport, grouped, written
from engine.reports.groups.grouped import By, group_jobs, jobs_of
from store.errors import NotFoundError
from tests.engine.reports.conftest import records_of
from tests.engine.reports.reading import rows, summary
from tests.fakes import ZONE


def jobs(life):
    return (life.snow, life.alarm, life.absent, life.menu, life.trip)


@pytest.mark.row("C127")
@pytest.mark.parametrize("by", list(By))
def test_groups_add_up_to_the_figures_of_the_delivery_report(life, by):
    """Delivery Report: detailed results of a message."""
    for job_id in jobs(life):
        with records_of(life.town) as records:
            told = group_jobs(records, [job_id], by)
            figures = summary(delivery_report(records, job_id))
            missed = rows(delivery_report(records, job_id, not_reached=True))
        total = told.total
        for field in ("chains", "confirmed", "heard", "told", "open", "missed", "canceled", "unreachable", "covered"):
            assert sum(getattr(group, field) for group in told.groups) == getattr(total, field), field
        assert (total.chains, total.confirmed, total.heard + total.told) == (
            figures["chains"], figures["confirmed"], figures["delivered_unconfirmed"],
        )  # fmt: skip
        assert (total.open, total.missed, total.canceled) == (
            figures["in_queue"], figures["not_reached"], figures["canceled"],
        )  # fmt: skip
        assert (total.unreachable, total.covered) == (figures["unreachable"], figures["covered"])
        assert told.students == tuple(
            figures[name] for name in ("students_covered", "students_told", "students_missed", "students_waiting")
        )
        assert told.not_reached_count == len({row["chain"] for row in missed})


def test_times_to_confirm_run_from_the_first_call_that_could_be_made(life):
    with records_of(life.town) as records:
        told = group_jobs(records, [life.snow], By.SCHOOL).total
    assert told.confirmed
    assert 0 < told.half_ms <= told.most_ms
    assert told.first_try <= told.confirmed


def test_the_jobs_of_a_day_and_of_a_week_are_put_together(life):
    with records_of(life.town) as records:
        assert jobs_of(records, 1) == sorted((life.alarm, life.absent, life.menu, life.trip))
        assert jobs_of(records, 7) == sorted(jobs(life))
        week = group_jobs(records, jobs_of(records, 7), By.SCHOOL)
        single = [group_jobs(records, [job_id], By.SCHOOL).total for job_id in jobs(life)]
    assert week.jobs == 5
    assert week.total.chains == sum(total.chains for total in single)


def test_a_process_of_its_own_gives_the_same_answers_and_the_same_files(life, tmp_path: Path, monkeypatch):
    board, now = Board(life.town.database), life.town.now
    asked = GroupJobs(job_id=life.snow, by=By.SCHOOL)
    rows_wanted = ((2, 0), (3, 0))
    here = [
        grouped(board, ZONE, now, asked),
        written(board, ZONE, now, WriteReport(job_id=life.snow, file=str(tmp_path / "here.csv"))),
        written(board, ZONE, now, WriteLog(rows=rows_wanted, file=str(tmp_path / "log-here.csv"))),
    ]
    monkeypatch.setattr(apart, "INLINE_CHAINS_MAX", -1)
    there = [
        grouped(board, ZONE, now, asked),
        written(board, ZONE, now, WriteReport(job_id=life.snow, file=str(tmp_path / "there.csv"))),
        written(board, ZONE, now, WriteLog(rows=rows_wanted, file=str(tmp_path / "log-there.csv"))),
    ]
    assert there == here
    assert (tmp_path / "there.csv").read_bytes() == (tmp_path / "here.csv").read_bytes()
    assert (tmp_path / "log-there.csv").read_bytes() == (tmp_path / "log-here.csv").read_bytes()
    with pytest.raises(NotFoundError):
        grouped(board, ZONE, now, GroupJobs(job_id=99, by=By.SCHOOL))
