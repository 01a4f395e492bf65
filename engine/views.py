"""What the engine answers: typed, frozen results, the same for an embedding program and at the door."""

from collections.abc import Iterable

import msgspec

from engine.audience.gaps import Gap
from engine.messaging.planner import EncodedPlans
from store.database import Database
from store.dispositions import Outcome
from store.records import Job
from store.rows import JobRow
from store.vault import Vault


class View(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all answers."""


class GapView(View, frozen=True):
    """Somebody who will not be called, and why, in one word."""

    contact_key: str
    contact_name: str
    reason: str
    device: str = ""
    student_ids: tuple[str, ...] = ()


class Prepared(View, frozen=True):
    """A frozen audience: what will happen when it is sent. Nothing is dialed before."""

    job_id: int
    reason: str
    subject: str
    count: int
    """Chains that will be dialed: what a sender confirms."""
    covered: int
    unreachable: int
    students: int
    opens_at: int
    closes_at: int
    gaps: tuple[GapView, ...] = ()
    legal_class: str = ""
    """Under which rule the calls are made (facts §2.5)."""
    speech_ms: dict[str, int] = {}
    """Language → how long its longest speech takes."""
    line_minutes: int = 0
    """Of the lines, with one call per chain; begun minutes counted whole."""
    line_minutes_most: int = 0
    """With every number of every chain in every round."""


class StudentCounts(View, frozen=True):
    """Students by what their family knows (decision 21a)."""

    covered: int = 0
    told: int = 0
    missed: int = 0


class JobView(View, frozen=True):
    """A released job as the facts tell it."""

    job_id: int
    reason: str
    state: str
    opens_at: int
    closes_at: int
    chains: int
    live: int
    attempts: int
    confirmed: int
    delivered_unconfirmed: int
    exhausted: int
    expired: int
    canceled: int
    errors: int
    unreachable: int
    covered: int
    students: int
    overdue: int
    ended: bool
    subject: str = ""
    """Never spoken: a name for the job."""
    author: str = ""
    """Who prepared it."""
    prepared_at: int = 0
    """ms UTC."""


class ReleaseView(View, frozen=True):
    """Where a job stands on the confirmation ladder."""

    job_id: int
    rung: str
    """asked, counting, released, recalled or expired."""
    reason: str
    subject: str
    count: int
    asked_by: str
    asked_at: int
    expires_at: int
    release_at: int = 0
    approved_by: str = ""
    ended_by: str = ""
    needs_second: bool = False
    """It waits for somebody else than who asked."""
    why: str = ""
    """Why it expired."""
    job: JobView | None = None
    """Once it is released."""


def prepared_view(job: Job, planned: EncodedPlans) -> Prepared:
    """The answer for a job that was prepared, with everybody it will not call and what it will take."""
    least, most = planned.line_minutes
    return Prepared(
        job_id=job.job_id,
        reason=job.message.reason.word,
        subject=job.message.subject,
        count=job.chains,
        covered=job.covered,
        unreachable=job.unreachable,
        students=job.students,
        opens_at=job.opens_at,
        closes_at=job.dials_until,
        gaps=tuple(gap_view(gap) for gap in planned.gaps),
        legal_class=job.legal_class,
        speech_ms=dict(planned.speech),
        line_minutes=least,
        line_minutes_most=most,
    )


def gap_view(gap: Gap) -> GapView:
    """The answer for somebody who will not be called."""
    return GapView(
        contact_key=gap.contact_key,
        contact_name=gap.contact_name,
        reason=gap.reason.value,
        device=gap.device,
        student_ids=gap.student_ids,
    )


def job_views(database: Database, rows: Iterable[JobRow]) -> list[JobView]:
    """The answers for some jobs, each with what it was sent as."""
    vault = Vault(database)
    with database.read() as txn:
        return [job_view(row, vault.job(txn, row.job_id)) for row in rows]


def has_moved(row: JobRow, seen: JobView) -> bool:
    """Whether a job is another than when it was seen; what it was sent as never changes and is not read for it."""
    return job_view(row, None) != msgspec.structs.replace(seen, subject="", author="", prepared_at=0)


def job_view(row: JobRow, job: Job | None) -> JobView:
    """The answer for a job's row; facts hold no text, so what it was sent as comes from the vault."""
    return JobView(
        job_id=row.job_id,
        reason=row.reason.word,
        state=row.state.word,
        opens_at=row.opens_at,
        closes_at=row.dials_until,
        chains=row.chains,
        live=row.live,
        attempts=row.attempts,
        confirmed=row.outcomes[Outcome.CONFIRMED],
        delivered_unconfirmed=row.outcomes[Outcome.DELIVERED_UNCONFIRMED],
        exhausted=row.outcomes[Outcome.EXHAUSTED],
        expired=row.outcomes[Outcome.EXPIRED],
        canceled=row.outcomes[Outcome.CANCELED],
        errors=row.outcomes[Outcome.ERROR],
        unreachable=row.unreachable,
        covered=row.covered,
        students=row.students,
        overdue=row.overdue,
        ended=row.state.ended,
        subject=job.message.subject if job else "",
        author=job.author if job else "",
        prepared_at=job.prepared_at if job else 0,
    )
