"""The rungs a job has to climb before it goes out, and each step it can take on them: pure, settled by instants."""

import msgspec

from engine.release import wrong_count
from engine.service_settings import LadderSettings
from engine.views import ReleaseView
from store.errors import AudienceError, RefusedError
from store.records import Job
from store.releases import Release, Rung

LATE_MS_MAX = 120_000
"""After its countdown a job goes out this late at most. Whoever agreed saw the world as it was then: a supervisor has a
crashed engine back within seconds, but after two minutes people have helped themselves, and are asked anew."""

NOBODY_AGREED = "Nobody else agreed in time."

TOO_LATE = "The engine did not run when its countdown ended."

RESTORED = "The store was restored from a backup: it may have gone out, so it is not sent again."


class Rungs(msgspec.Struct, frozen=True):
    """What lies before one job. Spans in ms."""

    second_person: bool = False
    approval_ms: int = 0
    recall_ms: int = 0

    def __bool__(self) -> bool:
        return self.second_person or self.recall_ms > 0


def rungs_of(ladder: LadderSettings, job: Job) -> Rungs:
    """The rungs of a job that is asked for now; a job that is on the ladder already keeps those it began with.

    A job of a schedule has none: it was confirmed when the schedule was made, it is never an emergency (decision 30),
    and at half past six in the morning nobody is there to agree; where a second person must always agree, only
    administrators make schedules (`acts.schedules.role_to_schedule`). A test call has none either: it reaches one
    number, its author's own.
    """
    if job.origin.schedule_id or job.audience.number:
        return Rungs()
    second = ladder.second_person == "always" or (ladder.second_person == "emergency" and job.emergency)
    return Rungs(second, int(ladder.approval_minutes * 60_000), int(ladder.recall_seconds * 1000))


def asked(job: Job, rungs: Rungs, author: str, now: int) -> Release:
    """The first step: somebody wants it sent. RefusedError where another must agree and nobody knows who this is."""
    if rungs.second_person and not author:
        raise RefusedError(f"Job {job.job_id} needs a second person, so who asks must be named. Nothing was sent.")
    release = Release(
        job_id=job.job_id, rung=Rung.ASKED, expect=job.chains, asked_by=author, asked_at=now,
        expires_at=min(now + rungs.approval_ms, job.dials_until), recall_ms=rungs.recall_ms,
    )  # fmt: skip
    return release if rungs.second_person else counting(release, now)


def approved(release: Release, expect: int | None, author: str, now: int) -> Release:
    """The second step: somebody else agrees. Raises RefusedError for who may not, AudienceError for another count."""
    job_id = release.job_id
    if release.rung is not Rung.ASKED:
        raise RefusedError(stands(release, now))
    if now >= release.expires_at:
        raise RefusedError(stands(expired(release, NOBODY_AGREED, now), now))
    if not author:
        raise RefusedError(f"Job {job_id} needs a second person, so who agrees must be named. Nothing was sent.")
    if author == release.asked_by:
        raise RefusedError(
            f"{author} asked for job {job_id}, so somebody else must agree: `callchain approve {job_id}` under another "
            "name. Nothing was sent."
        )
    if expect is None:
        raise AudienceError(f"Whoever agrees to job {job_id} confirms its count. Nothing was sent.")
    if expect != release.expect:
        raise wrong_count(release.expect, expect)
    return counting(msgspec.structs.replace(release, approved_by=author), now)


def counting(release: Release, now: int) -> Release:
    """The last word was said: its countdown runs, which may be none."""
    ends_at = now + release.recall_ms
    return msgspec.structs.replace(release, rung=Rung.COUNTING, release_at=ends_at, expires_at=ends_at + LATE_MS_MAX)


def recalled(release: Release, author: str, now: int) -> Release:
    """Somebody takes it back. RefusedError where it is over; the sentence says what can be done instead."""
    if release.rung is Rung.RELEASED:
        raise RefusedError(out_already(release.job_id))
    if release.rung.over:
        raise RefusedError(stands(release, now))
    return msgspec.structs.replace(release, rung=Rung.RECALLED, ended_by=author, ended_at=now)


def released(release: Release, now: int) -> Release:
    """It goes out. RefusedError where it may not: it is not at the end of its countdown, or was there too long ago."""
    if release.rung is not Rung.COUNTING or now < release.release_at:
        raise RefusedError(stands(release, now))
    if now >= release.expires_at:
        raise RefusedError(stands(expired(release, TOO_LATE, now), now))
    return msgspec.structs.replace(release, rung=Rung.RELEASED, ended_at=now)


def expired(release: Release, why: str, now: int) -> Release:
    """It goes out no more. `why` is a sentence."""
    return msgspec.structs.replace(release, rung=Rung.EXPIRED, why=why, ended_at=now)


def due_at(release: Release) -> int:
    """When something happens to it by itself, ms UTC."""
    return release.release_at if release.rung is Rung.COUNTING else release.expires_at


def lapsed(release: Release, now: int) -> str:
    """Why it has come too late by now, empty while it has not."""
    if now < release.expires_at:
        return ""
    return NOBODY_AGREED if release.rung is Rung.ASKED else TOO_LATE


def out_already(job_id: int) -> str:
    """What is said to whoever wants to recall what has gone out."""
    return f"Job {job_id} has gone out already; `callchain cancel {job_id}` stops it."


def stands(release: Release | ReleaseView, now: int) -> str:
    """Where it stands, in a sentence that says what can be done about it; the same in the log and on every screen."""
    job_id = release.job_id
    rung = Rung[release.rung.upper()] if isinstance(release.rung, str) else release.rung
    if rung is Rung.ASKED:
        return (
            f"Job {job_id} waits for a second person, {_seconds(release.expires_at - now)} more: "
            f"`callchain approve {job_id}` by somebody else than {release.asked_by}; `callchain recall {job_id}` takes "
            "it back."
        )
    if rung is Rung.COUNTING:
        left = _seconds(release.release_at - now)
        return f"Job {job_id} goes out in {left}; until then `callchain recall {job_id}` takes it back."
    if rung is Rung.RELEASED:
        return f"Job {job_id} was already sent; prepare the message again to send it again."
    by = f" by {release.ended_by}" if release.ended_by else ""
    how = f"was recalled{by}." if rung is Rung.RECALLED else f"expired. {release.why}"
    return f"Job {job_id} {how} It is never sent; prepare the message again."


def _seconds(left_ms: int) -> str:
    return f"{max(0, -(-left_ms // 1000)):,} s"
