"""Dialer Activity: the messages of a day, all or only the active ones, and which of them a cancel would stop (39)."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from engine.reports.job_words import STATES, author_of, counts_of, is_active, type_of
from engine.reports.report import Column, Kind, Report, Row, totals_of
from engine.reports.source.place import Place
from engine.reports.source.records import Records
from engine.schedules.due import Due, due_firings
from engine.setting_checks import time_zone
from store.errors import NotFoundError
from store.records import Job
from store.rows import JobRow

COLUMNS = (
    Column("job_id", "Job", Kind.ID),
    Column("type", "Type"),
    Column("subject", "Subject"),
    Column("author", "User"),
    Column("created_at", "Created", Kind.INSTANT, brief=False),
    Column("state", "Status"),
    Column("opens_at", "Dials from", Kind.INSTANT),
    Column("closes_at", "Dials until", Kind.INSTANT),
    Column("ended_at", "Ended", Kind.INSTANT, brief=False),
    Column("chains", "Chains", Kind.COUNT),
    Column("in_queue", "In queue", Kind.COUNT),
    Column("calls", "Calls", Kind.COUNT),
    Column("confirmed", "Confirmed", Kind.COUNT),
    Column("delivered_unconfirmed", "Delivered", Kind.COUNT, brief=False),
    Column("not_reached", "Not reached", Kind.COUNT),
    Column("canceled", "Canceled", Kind.COUNT, brief=False),
    Column("active", "Active", brief=False),
    Column("schedule", "Schedule"),
)

SCHEDULED = "Scheduled"
"""The status of a message that its schedule will send: there is no job of it yet."""


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """Which jobs a cancel stops, and which it leaves alone."""

    cancel: tuple[int, ...] = ()
    emergencies: tuple[int, ...] = ()
    """Active emergencies that "all" leaves out: they must be named."""
    over: tuple[int, ...] = ()
    """Named, but ended, or canceled before."""


def day_activity(
    records: Records,
    day: int,
    *,
    active_only: bool = False,
    users: Sequence[str] = (),
    school_id: str = "",
    calendar_id: str = "",
) -> list[tuple[JobRow, Job]]:
    """The messages of a local day: created on it, or dialed or to be dialed on it; oldest first (C150, C153, C154)."""
    place = Place(records, school_id, calendar_id)
    return [
        (row, job)
        for row, job in records.jobs()
        if (is_active(row) or not active_only)
        and (not users or author_of(job) in users)
        and _touches(records, row, job, day)
        and place.has_job(row, job)
    ]


def scheduled_on(
    records: Records, day: int, *, users: Sequence[str] = (), school_id: str = "", calendar_id: str = ""
) -> list[Due]:
    """The messages schedules will send on a local day, now or later, in order (C153, C157)."""
    begins_at, ends_at = records.local.begins_at(day), records.local.begins_at(day + 1)
    zone = time_zone(records.local.name)
    place = Place(records, school_id, calendar_id)
    return [
        due
        for due in due_firings(records.database, records.txn, zone, max(records.now, begins_at - 1), ends_at - 1)
        if (not users or due.schedule.author in users)
        and (not calendar_id or not due.calendar_ids or calendar_id in due.calendar_ids)
        and place.may_concern(due.template.audience)
    ]


def dialer_report(
    records: Records, jobs: Iterable[tuple[JobRow, Job]], title: str, scheduled: Iterable[Due] = ()
) -> Report:
    """A line with a brief summary for each message (C156), those that schedules will send below the others."""
    rows = [*(_row(row, job) for row, job in jobs), *(_due_row(due) for due in scheduled)]
    notes = () if rows else ("There are no such messages.",)
    return Report(
        "dialer", title, COLUMNS, iter(rows), records.local.name, records.now, (), totals_of(COLUMNS, rows), notes
    )


def choose(jobs: Iterable[JobRow], named: Sequence[int] = (), every: Iterable[JobRow] = ()) -> Choice:
    """What to cancel of `jobs`: those named, and of `every` all that are active but running emergencies (decision 39).

    Raises NotFoundError for a name there is no job of; then nothing is to be canceled at all.
    """
    known = {row.job_id: row for row in jobs}
    for job_id in named:
        if job_id not in known:
            raise NotFoundError(f"There is no job {job_id}; nothing was canceled. See `callchain report dialer`.")
    asked = list(dict.fromkeys(named))
    going_on = [row for row in every if _can_be_canceled(row) and row.job_id not in asked]
    return Choice(
        cancel=(
            *(job_id for job_id in asked if _can_be_canceled(known[job_id])),
            *(row.job_id for row in going_on if not row.emergency),
        ),
        emergencies=tuple(row.job_id for row in going_on if row.emergency),
        over=tuple(job_id for job_id in asked if not _can_be_canceled(known[job_id])),
    )


def active_jobs(records: Records) -> Iterator[tuple[JobRow, Job]]:
    """All that are active, whatever their day."""
    return ((row, job) for row, job in records.jobs() if is_active(row))


def _can_be_canceled(row: JobRow) -> bool:
    return is_active(row) and not row.canceled


def _touches(records: Records, row: JobRow, job: Job, day: int) -> bool:
    """Whether a message is of a day: the one it was created on, or one of those it is dialed on."""
    local = records.local
    last_at = row.ended_at if row.ended_at else max(row.opens_at, row.dials_until - 1)
    return local.day(job.prepared_at) == day or local.day(row.opens_at) <= day <= local.day(last_at)


def _row(row: JobRow, job: Job) -> Row:
    counts = counts_of(row)
    return (
        row.job_id, type_of(job), job.message.subject, author_of(job), job.prepared_at, STATES[row.state],
        row.opens_at, row.closes_at, row.ended_at, row.chains, counts.in_queue, row.attempts, counts.confirmed,
        counts.delivered_unconfirmed, counts.not_reached, counts.canceled, "yes" if is_active(row) else "no",
        "",
    )  # fmt: skip


def _due_row(due: Due) -> Row:
    """Whom it will call nobody knows before it is due."""
    message, none = due.template.message, None
    return (
        none, message.reason.word, message.subject, due.schedule.author, 0, SCHEDULED, due.opens_at, due.closes_at, 0,
        none, none, none, none, none, none, none, "yes", due.schedule.name,
    )  # fmt: skip
