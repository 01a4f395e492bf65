"""Utilization: how many calls and e-mails each school made on each day, from what is stored of them (C160, C162)."""

from collections.abc import Iterator
from typing import Literal

from engine.reports.report import Column, Kind, Report, Row, totals_of
from engine.reports.source.local_time import Days, day_text
from engine.reports.source.place import Place
from engine.reports.source.plan_parts import PlanHead, decode_head
from engine.reports.source.records import Records
from store.dispositions import Disposition
from store.errors import InvalidInputError, NotFoundError
from store.records import Job
from store.rows import ChainRow, JobRow, Tried

Medium = Literal["phone", "email"]

NOT_ON_THE_NETWORK = frozenset(
    {
        Disposition.NETWORK_FAILURE,
        Disposition.CANCELED,
        Disposition.EXPIRED,
        Disposition.WITHDRAWN,
        Disposition.RESULT_OVERDUE,
        Disposition.BLOCKED,
        Disposition.RETRY_BUDGET,
        Disposition.RECIPIENT_HOURS,
    }
)
"""Attempts that are no phone call: nothing was dialed, or nobody knows yet whether it was (decision 40)."""

CLOCK_SLACK_MS = 120_000
"""How far the carrier's clock, by which calls are dated, may be from ours before nothing is dialed any more."""

ANSWERED = frozenset(
    {
        Disposition.CONFIRMED,
        Disposition.LIVE_NO_CONFIRM,
        Disposition.HANGUP_EARLY,
        Disposition.MACHINE_MESSAGE_LEFT,
        Disposition.MACHINE_NO_MESSAGE,
    }
)
"""Taken by a person or a machine."""

MINUTE_MS = 60_000

_WHERE = (Column("day", "Day"), Column("school", "School"), Column("school_name", "Name"))
PHONE_COLUMNS = (
    *_WHERE,
    Column("dials", "Phone calls", Kind.COUNT),
    Column("answered", "Answered", Kind.COUNT),
    Column("confirmed", "Confirmed", Kind.COUNT),
    Column("minutes", "Minutes", Kind.DECIMAL),
    Column("texts", "Texts", Kind.COUNT),
    Column("segments", "Segments", Kind.COUNT),
)
EMAIL_COLUMNS = (*_WHERE, Column("emails", "E-mails", Kind.COUNT))

DISTRICT = "(district)"
"""Stands for a school where a call was about several, or an e-mail about none."""

Use = dict[tuple[int, str], list[int]]
"""(local day, school id) → sums."""


def read_medium(text: str) -> Medium:
    """What "Messages Sent To" says (C163). Raises InvalidInputError for something else."""
    if text == "phone":
        return "phone"
    if text == "email":
        return "email"
    raise InvalidInputError(f'"{text}" is nothing messages are sent to; write phone or email.')


def utilization(records: Records, days: Days, medium: Medium, *, school_id: str = "") -> Report:
    """Sums for each local day and school on which something was sent, in that order (decision 40).

    A call counts on the day it was dialed, its minutes ring included. Raises NotFoundError where there was nothing.
    """
    place = Place(records, school_id)
    phone = medium == "phone"
    use = _calls(records, days, place) if phone else _emails(records, days, place)
    if not use:
        at = f" for the school {school_id}" if school_id else ""
        raise NotFoundError(f"No {'phone call was made' if phone else 'e-mail was sent'} {days.words}{at}.")
    names = {school.school_id: school.name for school in records.schools()}
    made = _phone_row if phone else _email_row
    rows = [made(day, school, names.get(school, ""), sums) for (day, school), sums in sorted(use.items())]
    columns = PHONE_COLUMNS if phone else EMAIL_COLUMNS
    title = f"Utilization {days.words}, {'phone' if phone else 'e-mail'}"
    return Report(
        "utilization", title, columns, iter(rows), records.local.name, records.now, (), totals_of(columns, rows)
    )


# -- phone


def _calls(records: Records, days: Days, place: Place) -> Use:
    use: Use = {}
    starts_at, ends_at = records.local.begins_at(days.first), records.local.begins_at(days.last + 1)
    for row, _job in records.jobs():
        # Calls are dated by the carrier's clock, jobs by ours.
        if row.planned_at < ends_at + CLOCK_SLACK_MS and (
            not row.ended_at or row.ended_at >= starts_at - CLOCK_SLACK_MS
        ):
            _add_job(records, days, row, place, use)
    return use


def _add_job(records: Records, days: Days, row: JobRow, place: Place, use: Use) -> None:
    for _index, data, chain in records.chains(row):
        if chain is not None and chain.history:
            head = decode_head(data)
            if place.has_plan(head):
                _add_chain(records, days, head, chain, use)


def _add_chain(records: Records, days: Days, head: PlanHead, chain: ChainRow, use: Use) -> None:
    for tried in chain.tried():
        disposition = tried.disposition
        if not _is_call(tried):
            continue
        day = records.local.day(tried.dialed_at or tried.opened_at)
        if days.has(day):
            sums = use.setdefault((day, head.school_id), [0, 0, 0, 0])
            sums[0] += 1
            sums[1] += disposition in ANSWERED
            sums[2] += disposition is Disposition.CONFIRMED
            sums[3] += tried.duration_ms


def _is_call(tried: Tried) -> bool:
    """Whether an attempt reached the network (decision 40). One whose row never came is what it was taken for."""
    if tried.disposition is Disposition.INVALID_NUMBER:
        return bool(tried.dialed_at)  # else the carrier took it for no number at all, and dialed nothing
    if tried.disposition is Disposition.EXPIRED:
        return bool(tried.duration_ms)  # it rang until its window ended; else it was dropped in the carrier's queue
    return tried.disposition not in NOT_ON_THE_NETWORK


def _phone_row(day: int, school: str, name: str, sums: list[int]) -> Row:
    dials, answered, confirmed, duration_ms = sums
    minutes = round(duration_ms / MINUTE_MS, 2)
    return (day_text(day), school or DISTRICT, name, dials, answered, confirmed, minutes, 0, 0)


# -- e-mail


def _emails(records: Records, days: Days, place: Place) -> Use:
    use: Use = {}
    jobs = {row.job_id: job for row, job in records.jobs()}
    for sent_at, addresses, job_id in _sent_mails(records):
        day = records.local.day(sent_at)
        school = _school_of(jobs.get(job_id))
        if days.has(day) and place.school_id in ("", school):
            use.setdefault((day, school), [0])[0] += addresses
    return use


def _sent_mails(records: Records) -> Iterator[tuple[int, int, int]]:
    """When it was taken, to how many addresses, about which job."""
    mails = records.database.mails.scan(records.txn)
    return ((mail.sent_at, len(mail.to), mail.job_id) for _, mail in mails if mail.sent_at)


def _school_of(job: Job | None) -> str:
    """The one school a job was for, empty where it is the district."""
    schools = job.audience.school_ids if job is not None else ()
    return schools[0] if len(schools) == 1 else ""


def _email_row(day: int, school: str, name: str, sums: list[int]) -> Row:
    return (day_text(day), school or DISTRICT, name, sums[0])
