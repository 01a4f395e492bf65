"""The Delivery Report of one job: what became of every chain, attempt by attempt (C017, C051, C127, C128)."""

from collections.abc import Iterator

from engine.reports.chain_lines import COLUMNS, ChainLines
from engine.reports.job_words import STATES, author_of, counts_of, type_of
from engine.reports.report import Figure, Kind, Report, Row
from engine.reports.source.place import Place
from engine.reports.source.plan_parts import decode_body
from engine.reports.source.records import Records
from engine.reports.source.survey import Survey
from store.dispositions import Outcome
from store.records import Job
from store.rows import JobRow


def delivery_report(
    records: Records,
    job_id: int,
    *,
    not_reached: bool = False,
    school_id: str = "",
    full_numbers: bool = False,
) -> Report:
    """Figures of the whole job, then a line for each attempt of the chains asked for.

    `not_reached`: only chains that have ended and nobody heard, and those nobody could call. Raises NotFoundError for
    an unknown job or school.
    """
    row, job = records.job(job_id)
    place = Place(records, school_id)
    survey = Survey(records, row)
    lines = ChainLines(records, row, full_numbers=full_numbers)
    return Report(
        "delivery",
        f"Delivery Report of job {job_id}: {job.message.subject or type_of(job)}",
        COLUMNS,
        _rows(records, row, survey, place, lines, not_reached),
        records.local.name,
        records.now,
        _figures(row, job, survey),
        notes=_notes(row, not_reached, school_id),
    )


def _rows(
    records: Records, row: JobRow, survey: Survey, place: Place, lines: ChainLines, not_reached: bool
) -> Iterator[Row]:
    for index, data, chain in records.chains(row):
        if not_reached and not survey.not_reached(index):
            continue
        plan = decode_body(data)
        if place.has_plan(plan):
            yield from lines.of(index, plan, chain)


def _figures(row: JobRow, job: Job, survey: Survey) -> tuple[Figure, ...]:
    counts = counts_of(row)
    told = [
        Figure("type", "Type", type_of(job), Kind.TEXT),
        Figure("subject", "Subject", job.message.subject, Kind.TEXT),
        Figure("author", "Sent by", author_of(job), Kind.TEXT),
        Figure("state", "Status", STATES[row.state], Kind.TEXT),
        Figure("created_at", "Created", job.prepared_at, Kind.INSTANT),
        Figure("opens_at", "Dials from", row.opens_at, Kind.INSTANT),
        Figure("closes_at", "Dials until", row.closes_at, Kind.INSTANT),
        Figure("ended_at", "Ended", row.ended_at, Kind.INSTANT),
        Figure("legal_class", "Legal class", job.legal_class, Kind.TEXT),
    ]
    summed = [
        Figure("chains", "Chains", row.chains),
        Figure("completed", "Completed", counts.completed),
        Figure("attempted", "Chains attempted", survey.attempted),
        Figure("canceled", "Canceled", counts.canceled),
        Figure("in_queue", "In queue", counts.in_queue),
        Figure("calls", "Calls attempted", row.attempts),
        Figure("confirmed", "Confirmed", counts.confirmed),
        Figure("delivered_unconfirmed", "Delivered, unconfirmed", counts.delivered_unconfirmed),
        Figure("not_reached", "Not reached", counts.not_reached),
        Figure("exhausted", "… every number tried", row.outcomes[Outcome.EXHAUSTED]),
        Figure("expired", "… out of time", row.outcomes[Outcome.EXPIRED]),
        Figure("errors", "… ended by an error", row.outcomes[Outcome.ERROR]),
        Figure("unreachable", "Unreachable, nothing to dial", row.unreachable),
        Figure("covered", "Covered by another chain", row.covered),
        Figure("overdue", "Results overdue", row.overdue),
        Figure("students", "Students", row.students),
        Figure("students_covered", "Students covered", survey.covered),
        Figure("students_told", "Students told", survey.told),
        Figure("students_missed", "Students missed", survey.missed),
        Figure("students_waiting", "Students still waiting", survey.waiting),
    ]
    return (*told, *summed)


def _notes(row: JobRow, not_reached: bool, school_id: str) -> tuple[str, ...]:
    notes = []
    if not_reached:
        notes.append(
            "Only chains that nobody heard: tried in vain, out of time, canceled, covered in vain, unreachable."
        )
    if school_id:
        notes.append(f"Only chains about the school {school_id}; the figures are of the whole job.")
    if row.overdue:
        notes.append(f"Results overdue: {row.overdue:,}; `callchain refresh {row.job_id}` asks for them.")
    return tuple(notes)
