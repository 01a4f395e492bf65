"""A message that was prepared and has not gone out: what it waits for, and when its first call can be made."""

from typing import NamedTuple

from engine.district.permission import Standing
from engine.why.cause import Basis, Cause
from engine.why.chain.case import Around
from engine.why.chain.moments import clock
from store.records import Job
from store.releases import Release, Rung


class Unsent(NamedTuple):
    """Why nothing of it rings."""

    cause: Cause
    sentence: str
    next_ring_at: int | None
    basis: Basis


def why_unsent(job: Job, release: Release | None, standing: Standing, around: Around) -> Unsent:
    """What keeps a prepared job back, the surest first."""
    until = clock(job.dials_until, around.zone, around.now)
    if around.now >= job.dials_until:
        return Unsent(
            Cause.NEVER_SENT, f"It was prepared and never sent; its window ended at {until}.", None, Basis.NEVER
        )
    if not standing.messenger:
        return Unsent(
            Cause.MESSENGER_OFF, "It was not sent, and messenger is off for this district: nothing can be sent.",
            None, Basis.REPAIR,
        )  # fmt: skip
    if not standing.voice:
        return Unsent(
            Cause.VOICE_OFF, "It was not sent, and voice is off: the carrier has not verified the credentials.",
            None, Basis.REPAIR,
        )  # fmt: skip
    if release is not None and (on_ladder := _on_ladder(job, release, around)) is not None:
        return on_ladder
    return Unsent(Cause.PREPARED, f"It was prepared and not sent; it can be until {until}.", None, Basis.SEND)


def _on_ladder(job: Job, release: Release, around: Around) -> Unsent | None:
    if release.rung is Rung.ASKED:
        sentence = f"It waits for a second person to agree: `callchain approve {job.job_id}`."
        return Unsent(Cause.WAITS_FOR_SECOND, sentence, None, Basis.SEND)
    if release.rung is Rung.COUNTING:
        at = clock(release.release_at, around.zone, around.now)
        first = max(release.release_at, job.opens_at)
        return Unsent(Cause.COUNTING_DOWN, f"It goes out at {at}, unless it is recalled.", first, Basis.COUNTDOWN)
    if release.rung is Rung.RECALLED:
        by = f" by {release.ended_by}" if release.ended_by else ""
        return Unsent(Cause.RECALLED, f"It was recalled{by} before it went out.", None, Basis.NEVER)
    return None
