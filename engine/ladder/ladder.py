"""The confirmation ladder of a running engine: every release that is asked for climbs it, whichever door it came by."""

import logging
from collections.abc import Callable
from functools import partial

from actors.messages import Write
from engine.ladder.lookout import AGAIN_MS, Lookout
from engine.ladder.rungs import (
    RESTORED,
    approved,
    asked,
    due_at,
    expired,
    lapsed,
    out_already,
    recalled,
    released,
    rungs_of,
    stands,
)
from engine.release import author_id
from engine.running.station import Signal, Station
from engine.sending import Sending, Way
from engine.service_settings import LadderSettings
from store import facts
from store.commands import Verb
from store.errors import AudienceError, CallchainError, NotFoundError, RefusedError
from store.keys import id_key, id_of
from store.records import Job
from store.releases import Release
from store.tables import Txn

RECENT_JOBS = 1_000
"""Releases that are over are listed for the newest jobs only: a list is read by people."""

log = logging.getLogger(__name__)


class Ladder:
    """Decides and writes; any thread may ask.

    What it has told the writer counts at once, as with the jobs themselves: the writer loses nothing, and a crash loses
    only what nobody was told of. `settings` are asked when a job is asked for; it keeps the rungs it began with.
    """

    def __init__(
        self,
        station: Station,
        sending: Sending,
        settings: Callable[[], LadderSettings],
        draw_id: Callable[[], int],
        *,
        stepped: bool,
    ) -> None:
        self._station = station
        self._table = station.database.releases
        self._clock = station.dispatcher.clock
        self._sending = sending
        self._settings = settings
        self._draw_id = draw_id
        """A command id of the engine's own, for releases that come due."""
        self._open: dict[int, Release] = {}
        """Every release that is not over, and those that have just ended until that is on disk."""
        self._lookout = Lookout(station.dispatcher, self.look, stepped=stepped)

    def begin(self) -> None:
        """Take up what the last engine left. What a restored backup holds ends: nobody knows what happened since."""
        with self._station.database.read() as txn:
            left = [release for _, release in self._table.scan(txn) if not release.rung.over]
        self._open.update((release.job_id, release) for release in left)
        for release in left:
            if self._station.restored:
                self._expire(release, RESTORED)
            else:
                self._lookout.look_at(due_at(release))

    def close(self) -> None:
        """Let what is being released go out, then release nothing more."""
        self._lookout.close()

    # -- the steps

    def ask(self, job_id: int, expect: int | None, command_id: int, author: str) -> Release | None:
        """Want a job sent. None: it had no rungs and is out; on disk when this returns."""
        job = self._sending.permitted(job_id)
        rungs = rungs_of(self._settings(), job)
        if not rungs:
            self._sending.send(job, expect, command_id, author, partial(self._never_asked, job_id))
            return None
        self._sending.check(job, expect)
        with self._sending.releasing:
            self._sending.check(job, expect)
            self._never_asked(job_id)
            release = asked(job, rungs, author, self._clock.now())
            told = self._tell(release, _taken(command_id, Verb.ASK, job_id, author))
        self._station.wait_for(told.is_set)
        log.info("%s", stands(release, release.asked_at))
        return release

    def approve(self, job_id: int, expect: int | None, command_id: int, author: str) -> Release:
        """Agree, as the second person; where there is no countdown it is out when this returns.

        Raises RefusedError for who may not agree and for what cannot go out, AudienceError for another count: then it
        waits on as before.
        """
        agreed = approved(self._standing(job_id), expect, author, self._clock.now())
        job = self._sending.permitted(job_id)
        taken = _taken(command_id, Verb.APPROVE, job_id, author)
        if not agreed.recall_ms:
            leave = partial(self._leave_at_once, job_id, expect, author, taken)
            self._sending.send(job, expect, self._draw_id(), agreed.asked_by, leave)
            return self._standing(job_id)
        with self._sending.releasing:
            self._sending.check(job, expect)
            release = approved(self._standing(job_id), expect, author, self._clock.now())
            told = self._tell(release, taken)
        self._station.wait_for(told.is_set)
        log.info("%s", stands(release, self._clock.now()))
        return release

    def recall(self, job_id: int, command_id: int, author: str) -> Release:
        """Take a job off the ladder; it is never sent. Raises RefusedError once it is out."""
        with self._sending.releasing:
            release = recalled(self._standing(job_id), author, self._clock.now())
            told = self._tell(release, _taken(command_id, Verb.RECALL, job_id, author))
        self._station.wait_for(told.is_set)
        log.info("%s", stands(release, self._clock.now()))
        return release

    # -- what comes by itself

    def look(self) -> int | None:
        """Release and expire what is due by now; when to look again, None for not before something is told."""
        now = self._clock.now()
        if self._station.failed:
            return None  # only another start helps, and finds it all
        for release in sorted(self._waiting(), key=lambda one: one.job_id):
            if due_at(release) > now:
                continue
            if why := lapsed(release, now):
                self._expire(release, why)
            else:
                self._come_out(release, now)
        next_at = min(map(due_at, self._waiting()), default=None)
        return next_at if next_at is None or next_at > now else now + AGAIN_MS

    def _come_out(self, release: Release, now: int) -> None:
        """Its countdown has ended. What may not go out expires; what the engine cannot do yet is tried again."""
        try:
            job = self._sending.permitted(release.job_id)
            if self._is_with_carrier(job):
                leave = partial(self._leave_in_time, release, now)
                self._sending.send(job, release.expect, self._draw_id(), release.asked_by, leave)
        except (RefusedError, AudienceError, NotFoundError) as error:
            self._expire(release, str(error))
        except CallchainError as error:
            log.error("Job %d could not go out when its countdown ended: %s", release.job_id, error)  # noqa: TRY400

    def _is_with_carrier(self, job: Job) -> bool:
        """Whether the carrier has the recordings it plays: one that does not answer may answer in a moment."""
        try:
            self._sending.bring(job)
        except RefusedError as error:
            log.warning("%s", error)
            return False
        return True

    def _expire(self, release: Release, why: str) -> None:
        """It goes out no more, unless it has gone on meanwhile."""
        with self._sending.releasing:
            if self._open.get(release.job_id) is release:
                self._tell(expired(release, why, self._clock.now()))
                log.warning("Job %d has not gone out. %s", release.job_id, why)

    # -- letting go; asked while nothing else is released

    def _never_asked(self, job_id: int) -> None:
        """It has no rungs: it may go, unless it was asked for while it had some."""
        release = self._of(job_id)
        if release is not None:
            raise RefusedError(stands(release, self._clock.now()))

    def _leave_at_once(self, job_id: int, expect: int | None, author: str, taken: facts.CommandTaken) -> Way:
        now = self._clock.now()
        return self._leave(released(approved(self._standing(job_id), expect, author, now), now), taken)

    def _leave_in_time(self, release: Release, looked_at: int) -> Way:
        if self._open.get(release.job_id) is not release:
            raise RefusedError(stands(self._standing(release.job_id), looked_at))
        return self._leave(released(release, max(looked_at, self._clock.now())))

    def _leave(self, gone: Release, *taken: facts.CommandTaken) -> Way:
        self._open[gone.job_id] = gone
        return Way(taken, partial(self._put, gone), partial(self._settled, gone))

    # -- what is known

    def release(self, job_id: int) -> Release:
        """Where a job stands; NotFoundError when it was never on the ladder."""
        release = self._of(job_id)
        if release is None:
            raise NotFoundError(f"Job {job_id} was never on the confirmation ladder; see `callchain releases`.")
        return release

    def releases(self) -> list[Release]:
        """What is on the ladder, and what was and became of it as far as its job is recent; oldest job first."""
        with self._station.database.read() as txn:
            newest = self._table.last_key(txn)
            first = max(0, id_of(newest) - RECENT_JOBS) if newest else 0
            recent = {release.job_id: release for _, release in self._table.scan(txn, id_key(first))}
        recent.update((release.job_id, release) for release in self._waiting())
        return [release for _, release in sorted(recent.items())]

    def _waiting(self) -> list[Release]:
        return [release for release in list(self._open.values()) if not release.rung.over]

    def _of(self, job_id: int) -> Release | None:
        told = self._open.get(job_id)
        if told is not None:
            return told
        with self._station.database.read() as txn:
            return self._table.get(txn, id_key(job_id))

    def _standing(self, job_id: int) -> Release:
        """Where a job stands. Raises RefusedError where nobody asked for it, NotFoundError where there is none."""
        release = self._of(job_id)
        if release is not None:
            return release
        if job_id in self._station.fold.jobs:
            raise RefusedError(out_already(job_id))
        with self._station.database.read() as txn:
            if self._station.vault.job(txn, job_id) is None:
                raise NotFoundError(f"There is no job {job_id}; see `callchain jobs`.")
        raise RefusedError(f"Nobody has asked for job {job_id} to be sent; see `callchain releases`.")

    # -- the writer

    def _tell(self, release: Release, *taken: facts.CommandTaken) -> Signal:
        """Have a step written with the command that took it, in one commit; the signal comes when it is on disk."""
        told = self._station.signal()
        self._open[release.job_id] = release

        def on_disk() -> None:
            self._settled(release)
            told.set()

        write = Write(partial(self._put, release), on_disk, urgent=True, facts=taken)
        self._station.team.writer.ref.tell_urgently(write)
        if not release.rung.over:
            self._lookout.look_at(due_at(release))
        return told

    def _put(self, release: Release, txn: Txn) -> None:
        self._table.put(txn, id_key(release.job_id), release)

    def _settled(self, release: Release) -> None:
        """It is on disk: what is over need not be kept here any more."""
        if release.rung.over and self._open.get(release.job_id) is release:
            del self._open[release.job_id]


def _taken(command_id: int, verb: Verb, job_id: int, author: str) -> facts.CommandTaken:
    return facts.CommandTaken(command_id, verb, job_id, author_id(author))
