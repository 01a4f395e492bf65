"""`callchain approve`, `recall` and `releases`: the confirmation ladder from the command line."""

from engine.doctor.finding import amount
from engine.ladder.rungs import stands
from engine.views import ReleaseView
from store.errors import RefusedError
from store.releases import Rung
from tui.commands import say
from tui.commands.options import HOME, Home, JobId, Json
from tui.commands.sending.climbing import climbed
from tui.commands.sending.confirming import typed_count
from tui.commands.sending.message_options import Expect, Follow
from tui.door import DoorClient, door_of, zone_of

SUBJECT_SHOWN = 24
"""Characters of a subject in the list, which then fits into 120 columns; --json has all of it."""


def approve(
    job_id: JobId, expect: Expect = None, follow: Follow = False, home: Home = HOME, json: Json = False
) -> None:
    """Agree, as the second person, that a message is sent, after its count was typed again."""
    door = door_of(home)
    release = _on_ladder(door, job_id)
    if not json:
        _show(release, door.health().now, zone_of(home))
    asked = "Type the number of chains to agree (Ctrl-C changes nothing)"
    count = typed_count(release.count, expect, asked, asks=not json)
    release = climbed(door, door.approve(job_id, count), json, follow)
    if json:
        say.json(release)


def recall(job_id: JobId, home: Home = HOME, json: Json = False) -> None:
    """Take a message back that waits for a second person or counts down: it is never sent."""
    door = door_of(home)
    release = door.recall(job_id)
    if json:
        say.json(release)
    else:
        say.line(stands(release, door.health().now))


def releases(home: Home = HOME, json: Json = False) -> None:
    """List what waits on the confirmation ladder, and what became of what was on it lately."""
    found = door_of(home).releases()
    if json:
        say.json(found)
        return
    zone = zone_of(home)
    say.table(
        "Confirmation ladder",
        ("JOB#", "REASON!", "RUNG!", "CHAINS#", "ASKED BY", "ASKED!", "AGREED", "UNTIL!", "SUBJECT", "WHY"),
        (
            (one.job_id, one.reason, one.rung, one.count, one.asked_by, say.clock(one.asked_at, zone), one.approved_by,
             _until(one, zone), say.shortened(one.subject, SUBJECT_SHOWN), one.why or one.ended_by)
            for one in found
        ),
    )  # fmt: skip


def _on_ladder(door: DoorClient, job_id: int) -> ReleaseView:
    """The job, while it waits for a second person. Raises RefusedError with what is so instead."""
    release = next((one for one in door.releases() if one.job_id == job_id), None)
    if release is None:
        raise RefusedError(f"Nobody has asked for job {job_id} to be sent; see `callchain releases`.")
    if not release.needs_second:
        raise RefusedError(stands(release, door.health().now))
    return release


def _show(release: ReleaseView, now: int, zone: str) -> None:
    """What is agreed to."""
    say.line(
        f'Job {release.job_id}, {release.reason}, "{release.subject}": {amount(release.count, "chain")}. '
        f"{release.asked_by} asked for it at {say.clock(release.asked_at, zone)}. {stands(release, now)}"
    )


def _until(release: ReleaseView, zone: str) -> str:
    """When something happens to it by itself, empty when nothing does any more."""
    if Rung[release.rung.upper()].over:
        return ""
    return say.clock(release.release_at or release.expires_at, zone)
