"""What is answered about a job on the ladder: where it stands, and the job itself once it is out."""

from engine.views import JobView, ReleaseView
from store.records import Job
from store.releases import Release, Rung


def release_view(release: Release, job: Job | None, out: JobView | None) -> ReleaseView:
    """The answer for a job's way; facts hold no text, so what it says comes from the vault. `out`: once released.

    It is on disk a moment before the engine counts the job among its own: until then it is shown as counting, so that
    whoever sees it released sees the job too.
    """
    rung = Rung.COUNTING if release.rung is Rung.RELEASED and out is None else release.rung
    return ReleaseView(
        job_id=release.job_id,
        rung=rung.word,
        reason=job.message.reason.word if job else "",
        subject=job.message.subject if job else "",
        count=release.expect,
        asked_by=release.asked_by,
        asked_at=release.asked_at,
        expires_at=release.expires_at,
        release_at=release.release_at,
        approved_by=release.approved_by,
        ended_by=release.ended_by,
        needs_second=release.rung is Rung.ASKED,
        why=release.why,
        job=out,
    )


def out_at_once(job: JobView, author: str, now: int) -> ReleaseView:
    """The answer for a job that had no rungs before it."""
    return ReleaseView(
        job_id=job.job_id, rung=Rung.RELEASED.word, reason=job.reason, subject=job.subject, count=job.chains,
        asked_by=author, asked_at=now, expires_at=now, release_at=now, job=job,
    )  # fmt: skip
