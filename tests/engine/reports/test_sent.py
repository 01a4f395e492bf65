"""Sent Messages: what was sent within a calendar and a range of days."""

import pytest

from engine.reports.job_words import STATES
from engine.reports.sent import sent_messages
from engine.reports.source.local_time import Days
from store.dispositions import JobState
from store.errors import InvalidInputError, NotFoundError
from tests.engine.reports.conftest import records_of
from tests.engine.reports.reading import rows, totals
from tests.engine.reports.two_days import day
from tests.fakes import SteppedTown, one_contact

MONDAY, TUESDAY = day("2026-03-02"), day("2026-03-03")
BOTH = Days(MONDAY, TUESDAY)


def sent(records, days: Days = BOTH, **more) -> list[int]:
    """The jobs listed."""
    return [row["job_id"] for row in rows(sent_messages(records, days, **more))]


@pytest.mark.row("C125")
def test_it_lists_what_was_sent_in_a_calendar_and_a_range_of_days(life, records):
    """C125: Lists messages by calendar and date range."""
    assert sent(records) == [life.trip, life.menu, life.absent, life.alarm, life.snow]
    assert sent(records, Days(MONDAY, MONDAY)) == [life.snow]
    assert sent(records, calendar_id="elm/2026") == [life.menu, life.snow]
    assert sent(records, Days(TUESDAY, TUESDAY), calendar_id="oak/2026") == [life.trip, life.absent, life.alarm]
    assert sent(records, school_id="elm") == [life.menu, life.snow]


@pytest.mark.row("C126")
def test_each_message_says_its_type_its_author_its_subject_and_when_it_was_created(life, records):
    """C126: Detail: type, when created, who sent, subject line."""
    by_job = {row["job_id"]: row for row in rows(sent_messages(records, BOTH))}
    snow = by_job[life.snow]
    assert (snow["type"], snow["author"], snow["subject"]) == ("general", "kim", "Snow day")
    assert records.local.text(snow["created_at"]) == "2026-03-02 10:00:00"
    assert by_job[life.alarm]["type"] == "emergency"
    assert by_job[life.menu]["author"] == "pat"


@pytest.mark.row("C052")
def test_its_results_are_shown_in_the_words_of_the_log(life, records):
    """C052: Results shown in Sent Message Log."""
    by_job = {row["job_id"]: row for row in rows(sent_messages(records, BOTH))}
    assert {job: row["state"] for job, row in by_job.items()} == {
        life.snow: "Sent",
        life.alarm: "Sent",
        life.absent: "Sent",
        life.menu: "Canceled",
        life.trip: "Canceled IP",
    }
    snow = by_job[life.snow]
    assert (snow["completed"], snow["attempted"], snow["canceled"], snow["in_queue"]) == (5, 11, 0, 0)
    assert (snow["confirmed"], snow["delivered_unconfirmed"], snow["not_reached"]) == (3, 1, 1)


def test_a_message_under_way_is_waiting_in_progress_paused_or_in_error(tmp_path):
    family = one_contact()
    family.mom.cell.rings_out().answers().presses("0")
    with SteppedTown(tmp_path, family) as town:

        def state(job: int) -> str:
            with records_of(town) as records:
                return next(str(row["state"]) for row in rows(sent_messages(records, BOTH)) if row["job_id"] == job)

        job = town.send()
        town.run(seconds=5)
        assert state(job) == "In-Progress"
        town.engine.pause(job)
        assert state(job) == "Paused"
        town.engine.resume(job)
        town.faults.hide_rows_of(family.mom.cell)
        town.wait(job)
        assert state(job) == "Error"


def test_totals_are_those_of_what_is_listed(records):
    report = sent_messages(records, BOTH)
    listed, summed = rows(report), totals(report)
    assert summed["chains"] == sum(row["chains"] for row in listed) == 9
    assert "job_id" not in summed


def test_the_list_is_cut_newest_first_and_says_how_to_go_on(life, records):
    report = sent_messages(records, BOTH, limit=2)
    assert [row["job_id"] for row in rows(report)] == [life.trip, life.menu]
    assert report.notes == (f"There are older ones in this range: ask again with --before {life.menu}.",)
    rest = sent_messages(records, BOTH, before=life.menu)
    assert [row["job_id"] for row in rows(rest)] == [life.absent, life.alarm, life.snow]
    assert rest.notes == ()


def test_only_some_users_may_be_asked_for(life, records):
    assert sent(records, users=["pat"]) == [life.trip, life.menu]
    assert sent(records, users=["lee", "kim"]) == [life.absent, life.alarm, life.snow]


@pytest.mark.parametrize(
    ("days", "more", "sentence"),
    [
        (Days(MONDAY - 1, MONDAY - 1), {}, "Nothing was sent on 2026-03-01."),
        (Days(MONDAY - 9, MONDAY - 2), {}, "Nothing was sent between 2026-02-21 and 2026-02-28."),
        (BOTH, {"users": ["max"]}, "Nothing was sent between 2026-03-02 and 2026-03-03 by max."),
        (BOTH, {"school_id": "ash"}, "Nothing was sent between .* at the school ash."),
        (BOTH, {"calendar_id": "oak/2025"}, "Nothing was sent between .* in the calendar oak/2025."),
        (
            BOTH,
            {"calendar_id": "oak/1999"},
            "There is no calendar oak/1999; the roster in force knows ash/2026|oak/2026",
        ),
        (BOTH, {"school_id": "fir"}, "There is no school fir"),
    ],
)
def test_where_nothing_was_sent_a_sentence_says_so(records, days, more, sentence):
    with pytest.raises(NotFoundError, match=sentence):
        sent_messages(records, days, **more)


def test_a_school_beside_the_calendar_of_another_is_refused(records):
    with pytest.raises(InvalidInputError, match="The calendar elm/2026 is not of the school oak"):
        sent_messages(records, BOTH, school_id="oak", calendar_id="elm/2026")


def test_a_roster_without_calendars_says_that_it_has_none(tmp_path):
    with SteppedTown(tmp_path, one_contact()) as town, records_of(town) as records:
        with pytest.raises(NotFoundError, match="the roster in force has no calendar at all"):
            sent_messages(records, BOTH, calendar_id="oak/2026")
        with pytest.raises(NotFoundError, match="Nothing was sent"):
            sent_messages(records, BOTH)


def test_every_state_has_its_word():
    assert set(STATES) == set(JobState)
