"""The recipient log of one person: every message they were eligible for, device by device, with its result."""

from collections.abc import Iterator

from engine.reports.chain_lines import COLUMNS as CHAIN_COLUMNS
from engine.reports.chain_lines import ChainLines
from engine.reports.job_words import STATES, author_of, type_of
from engine.reports.report import Column, Figure, Kind, Report, Row
from engine.reports.source.local_time import Days
from engine.reports.source.plan_parts import PlanBody, decode_body
from engine.reports.source.records import Records
from store.errors import NotFoundError
from store.people import Person
from store.records import Job
from store.rows import JobRow

COLUMNS = (
    Column("job_id", "Job", Kind.ID),
    Column("type", "Type"),
    Column("subject", "Subject"),
    Column("created_at", "Created", Kind.INSTANT, brief=False),
    Column("author", "Sent by", brief=False),
    Column("state", "Status"),
    *CHAIN_COLUMNS,
)


def recipient_log(records: Records, person_id: str, days: Days | None = None, *, full_numbers: bool = False) -> Report:
    """All chains to a contact or a member of staff, their household's included, or about a student; by job.

    `days`: only messages created on these. Raises NotFoundError for somebody nobody knows, and where there is nothing.
    """
    person = next((one for one in records.people() if one.person_id == person_id), None)
    who = _Eligible(records, person_id)
    rows = _rows(records, who, days, full_numbers)
    first = next(rows, None)
    if first is None:
        raise NotFoundError(_nothing(person_id, person, days))
    name = person.name if person is not None else ""
    return Report(
        "recipient",
        f"Messages for {name or person_id}" + (f" {days.words}" if days else ""),
        COLUMNS,
        _after(first, rows),
        records.local.name,
        records.now,
        (Figure("person_id", "Person", person_id, Kind.TEXT), Figure("person", "Name", name, Kind.TEXT)),
        notes=() if person is not None else ("Not in the roster in force; known from what was sent.",),
    )


class _Eligible:
    """Which chains reach, or are about, one person."""

    def __init__(self, records: Records, person_id: str) -> None:
        homes = [
            home.household_id
            for home in records.households()
            if any(member.person_id == person_id for member in home.members)
        ]
        self._person_id = person_id
        self._keys = {f"p:{person_id}", *(f"h:{home}" for home in homes)}
        self._needles = [person_id.encode(), *(f"h:{home}".encode() for home in homes)]

    def plan(self, data: bytes) -> PlanBody | None:
        """The plan, if it is one of theirs. Most are not, which their bytes already tell."""
        if not any(needle in data for needle in self._needles):
            return None
        plan = decode_body(data)
        return plan if plan.contact_key in self._keys or self._person_id in plan.student_ids else None


def _rows(records: Records, who: _Eligible, days: Days | None, full_numbers: bool) -> Iterator[Row]:
    for row, job in records.jobs():
        if days is None or days.has(records.local.day(job.prepared_at)):
            lines = ChainLines(records, row, full_numbers=full_numbers, all_devices=True)
            yield from _job_rows(records, row, job, who, lines)


def _job_rows(records: Records, row: JobRow, job: Job, who: _Eligible, lines: ChainLines) -> Iterator[Row]:
    message = (row.job_id, type_of(job), job.message.subject, job.prepared_at, author_of(job), STATES[row.state])
    for index, data in enumerate(records.plans(row.job_id)):
        plan = who.plan(data)
        if plan is not None:
            for line in lines.of(index, plan, records.chain(row.job_id, index)):
                yield (*message, *line)


def _after(first: Row, rows: Iterator[Row]) -> Iterator[Row]:
    yield first
    yield from rows


def _nothing(person_id: str, person: Person | None, days: Days | None) -> str:
    if person is None:
        return f"There is no person {person_id}, neither in the roster in force nor among those called; give their id."
    return f"{person.name or person_id} was in no message{f' {days.words}' if days else ' so far'}."
