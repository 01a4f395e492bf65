"""What a drill came to: delivery, students, lines, and the carrier's ledger joined with the journal."""

import msgspec

from engine.audit import audit_store
from engine.gateways.stand_in.ledger import read_ledger
from engine.home import read_jobs, read_store
from engine.reports.tally import students_of_all
from engine.views import JobView, StudentCounts
from tui.commands.drill.drill import Drill
from tui.door import DoorClient


class DrillReport(msgspec.Struct, frozen=True, kw_only=True):
    """The last word of `callchain demo`."""

    jobs: int
    chains: int
    attempts: int
    confirmed: int
    delivered_unconfirmed: int
    exhausted: int
    expired: int
    unreachable: int
    covered: int
    canceled: int
    errors: int
    students: StudentCounts
    lines_peak: int
    """The most calls that were with the carrier at once."""
    lines_total: int
    duplicate_rings: int
    rings_after_confirm: int
    unknown_to_journal: int
    per_job: list[JobView]


def report(drill: Drill) -> DrillReport:
    """Stop the drill's programs and read what they left."""
    lines_peak = DoorClient(drill.home).health().lines_peak
    drill.stop_programs()
    jobs = read_jobs(drill.home)
    database = read_store(drill.home)
    try:
        found = audit_store(read_ledger(drill.ledger), database)
        students = students_of_all(database, [job.job_id for job in jobs])
    finally:
        database.close()
    return DrillReport(
        jobs=len(jobs),
        chains=sum(job.chains for job in jobs),
        attempts=sum(job.attempts for job in jobs),
        confirmed=sum(job.confirmed for job in jobs),
        delivered_unconfirmed=sum(job.delivered_unconfirmed for job in jobs),
        exhausted=sum(job.exhausted for job in jobs),
        expired=sum(job.expired for job in jobs),
        unreachable=sum(job.unreachable for job in jobs),
        covered=sum(job.covered for job in jobs),
        canceled=sum(job.canceled for job in jobs),
        errors=sum(job.errors for job in jobs),
        students=students,
        lines_peak=lines_peak,
        lines_total=sum(drill.lines),
        duplicate_rings=found.duplicate_rings,
        rings_after_confirm=found.rings_after_confirm,
        unknown_to_journal=found.unknown_to_journal,
        per_job=jobs,
    )
