"""Sent Messages: what was sent within a calendar and a range of days, by whom, and how far it has come (C125, C126)."""

from collections.abc import Iterator, Sequence
from itertools import islice

from engine.reports.job_words import STATES, author_of, counts_of, type_of
from engine.reports.report import Column, Kind, Report, Row, totals_of
from engine.reports.source.local_time import Days
from engine.reports.source.place import Place
from engine.reports.source.records import Records
from store.errors import NotFoundError
from store.records import Job
from store.rows import JobRow

MESSAGES_MAX = 4_000
"""Messages in one answer, the newest first, as many as the Sent Message Log shows (facts 2.1)."""

COLUMNS = (
    Column("job_id", "Job", Kind.ID),
    Column("type", "Type"),
    Column("subject", "Subject"),
    Column("created_at", "Created", Kind.INSTANT),
    Column("author", "Sent by"),
    Column("state", "Status"),
    Column("opens_at", "Dials from", Kind.INSTANT, brief=False),
    Column("closes_at", "Dials until", Kind.INSTANT, brief=False),
    Column("ended_at", "Ended", Kind.INSTANT, brief=False),
    Column("chains", "Chains", Kind.COUNT),
    Column("completed", "Completed", Kind.COUNT),
    Column("attempted", "Attempted", Kind.COUNT),
    Column("canceled", "Canceled", Kind.COUNT),
    Column("in_queue", "In queue", Kind.COUNT),
    Column("confirmed", "Confirmed", Kind.COUNT),
    Column("delivered_unconfirmed", "Delivered", Kind.COUNT, brief=False),
    Column("not_reached", "Not reached", Kind.COUNT),
    Column("unreachable", "Unreachable", Kind.COUNT, brief=False),
    Column("covered", "Covered", Kind.COUNT, brief=False),
    Column("students", "Students", Kind.COUNT, brief=False),
    Column("overdue", "Overdue", Kind.COUNT, brief=False),
)


def sent_messages(
    records: Records,
    days: Days,
    *,
    school_id: str = "",
    calendar_id: str = "",
    users: Sequence[str] = (),
    limit: int = MESSAGES_MAX,
    before: int = 0,
) -> Report:
    """The messages created on some days, newest first; `before` goes on below a job of an earlier answer.

    Raises NotFoundError for an unknown school or calendar, and where nothing was sent.
    """
    place = Place(records, school_id, calendar_id)
    jobs = [
        (row, job)
        for row, job in records.jobs()
        if (not before or row.job_id < before)
        and days.has(records.local.day(job.prepared_at))
        and (not users or author_of(job) in users)
    ]
    found = (entry for entry in reversed(jobs) if place.has_job(*entry))
    shown = list(islice(found, limit))
    if not shown:
        raise NotFoundError(f"Nothing was sent {days.words}{_whose(school_id, calendar_id, users)}.")
    rows = [_row(row, job) for row, job in shown]
    more = next(found, None) is not None
    notes = (f"There are older ones in this range: ask again with --before {shown[-1][0].job_id}.",) if more else ()
    title = f"Messages sent {days.words}"
    return Report(
        "sent", title, COLUMNS, iter(rows), records.local.name, records.now, (), totals_of(COLUMNS, rows), notes
    )


def _row(row: JobRow, job: Job) -> Row:
    counts = counts_of(row)
    return (
        row.job_id, type_of(job), job.message.subject, job.prepared_at, author_of(job), STATES[row.state],
        row.opens_at, row.closes_at, row.ended_at, row.chains, counts.completed, row.attempts, counts.canceled,
        counts.in_queue, counts.confirmed, counts.delivered_unconfirmed, counts.not_reached, row.unreachable,
        row.covered, row.students, row.overdue,
    )  # fmt: skip


def _whose(school_id: str, calendar_id: str, users: Sequence[str]) -> str:
    """The filters, for a sentence."""
    return "".join(_clauses(school_id, calendar_id, users))


def _clauses(school_id: str, calendar_id: str, users: Sequence[str]) -> Iterator[str]:
    if calendar_id:
        yield f" in the calendar {calendar_id}"
    elif school_id:
        yield f" at the school {school_id}"
    if users:
        yield f" by {' or '.join(users)}"
