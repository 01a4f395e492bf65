"""A job on the confirmation ladder, as the command line shows it: what it waits for, its countdown, how it ended."""

import time

from rich.status import Status

from engine.doctor.finding import amount
from engine.ladder.rungs import stands
from engine.views import ReleaseView
from store.errors import RefusedError
from store.releases import Rung
from tui.commands import say
from tui.door import DoorClient

LOOK_SECONDS = 0.5
"""Between two looks at the ladder while somebody waits."""


def climbed(door: DoorClient, release: ReleaseView, json: bool, follow: bool) -> ReleaseView:
    """Say where a job stands that was just asked for or agreed to, and wait for it to go out.

    It is waited for with `follow`, and where somebody sees its countdown; Ctrl-C ends the waiting and nothing else.
    Raises RefusedError when it was waited for and does not go out.
    """
    if _goes_on(release):
        if not json:
            say.line(stands(release, door.health().now))
        if follow or (not json and say.on_terminal() and release.rung == Rung.COUNTING.word):
            release = _followed(door, release)
    if not json and release.job is not None:
        say.line(f"Sent: job {release.job_id}, {amount(release.job.chains, 'chain')}. Watch it with `callchain watch`.")
    return release


def _followed(door: DoorClient, release: ReleaseView) -> ReleaseView:
    """Until it is over. Raises RefusedError when it was recalled or expired."""
    try:
        with say.err.status("") as shown:
            while _goes_on(release):
                time.sleep(_show(door, release, shown))
                release = next(one for one in door.releases() if one.job_id == release.job_id)
    except KeyboardInterrupt:
        say.note(f"Nobody waits here any more, and nothing else changed. {stands(release, door.health().now)}")
        return release
    if release.job is None:
        raise RefusedError(stands(release, 0))
    return release


def _show(door: DoorClient, release: ReleaseView, shown: Status) -> float:
    """Say how long it still takes; seconds until there is something new to say."""
    health = door.health()
    shown.update(f"{stands(release, health.now)} (Ctrl-C only stops looking)")
    due_at = release.release_at if release.rung == Rung.COUNTING.word else release.expires_at
    return min(LOOK_SECONDS, max(0.02, (due_at - health.now) / 1000 / health.speed))


def _goes_on(release: ReleaseView) -> bool:
    return not Rung[release.rung.upper()].over
