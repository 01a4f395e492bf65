"""One firing of a schedule: its message is prepared and sent once, whatever crashes in between (decision 30)."""

import logging
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import msgspec

from engine.audience.gaps import GapReason
from engine.messaging.windows import Window, local_day, opening
from engine.running.faults import log_fault
from engine.schedules.book import ScheduleBook
from engine.schedules.telling import bad_rows, prepare
from engine.schedules.timing import clock_text, window_of, window_settings
from engine.service import Engine
from store.documents import Fire, Frequency, Schedule, Template
from store.errors import AudienceError, CallchainError, RefusedError
from store.records import Job, Origin, Reason

NOBODY = "nobody to tell"
"""The note of a firing that found no event and no audience: nothing is wrong (C177)."""

OUTSIDE = "outside its dialing window"
"""The note of an hourly firing of an evening."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Firing:
    """Carries firings out on a running engine."""

    engine: Engine
    book: ScheduleBook
    zone: ZoneInfo

    def carry_out(self, fire: Fire, *, begun: bool, restored: bool) -> Fire | None:
        """Do what is left to do of a firing, and say how it ended; None when only another start can tell.

        `begun`: an engine ended on it, so that its job may be there. `restored`: the store is a backup put back, which
        cannot know whether the job went out after it was made.
        """
        try:
            return self._ended(fire, *self._result(fire, begun=begun, restored=restored))
        except AudienceError:
            return self._ended(fire, 0, NOBODY)
        except CallchainError as error:
            return None if self.engine.failed else self._ended(fire, 0, str(error), failed=True)
        except Exception as error:
            log_fault(log, f"Schedule {fire.schedule_id}", error)
            return self._ended(fire, 0, "It failed for a reason of the engine's own; look at its log.", failed=True)

    def _result(self, fire: Fire, *, begun: bool, restored: bool) -> tuple[int, str]:
        """The job of a firing, and a note. Raises AudienceError where nobody is to be told."""
        job = self._job_of(fire) if begun else None
        if job is not None and job.job_id in self.engine.station.fold.jobs:
            return job.job_id, ""
        if restored:
            raise CallchainError("The store was restored from a backup: it may have gone out, so it is not sent again.")
        with self.engine.station.database.read() as txn:
            schedule = self.book.get(txn, fire.schedule_id)
            template = self.book.template(txn, schedule.template) if schedule else None
        if schedule is None:
            return 0, "The schedule was removed before it fired."
        self._check(fire, schedule, template)
        assert template is not None, "it was checked just now"
        window = window_of(schedule, template, fire.fire_at, self.zone)
        if schedule.frequency is Frequency.HOURLY and not self._leaves_time(window, template.message.reason, fire):
            return 0, OUTSIDE
        # What a job of events tells of is noted after it: one whose preparation was broken off is prepared anew.
        whole = job is not None and not schedule.events
        if job is not None and whole:
            job_id, note = job.job_id, ""
        else:
            job_id, note = self._prepared(fire, schedule, template, window)
        self.engine.send(job_id, author=schedule.author)
        return job_id, note

    def _check(self, fire: Fire, schedule: Schedule, template: Template | None) -> None:
        if template is None:
            raise CallchainError(f'There is no template "{schedule.template}" any more; give the schedule another.')
        if template.message.reason is Reason.EMERGENCY:
            raise CallchainError(f'Template "{template.name}" is an emergency now, and those are never scheduled.')
        now = self.engine.clock.now()
        if local_day(now, self.zone) != local_day(fire.fire_at, self.zone):
            raise CallchainError(
                f"Missed: it was due {clock_text(fire.fire_at, self.zone)}, and it is {clock_text(now, self.zone)} now."
            )

    def _leaves_time(self, window: Window, reason: Reason, fire: Fire) -> bool:
        """Whether there was time to dial when it came due, had it been fired at once."""
        try:
            opening(window, reason, window_settings(self.engine.settings), fire.fire_at)
        except RefusedError:
            return False
        return True

    def _prepared(self, fire: Fire, schedule: Schedule, template: Template, window: Window) -> tuple[int, str]:
        """The job that was made for it, and what it leaves out. Raises AudienceError where nobody is to be called."""
        origin = Origin(schedule.author, schedule.notify, fire.schedule_id, fire.fire_at)
        prepared = prepare(self.engine, schedule, template, window, origin)
        if not prepared.count:
            raise AudienceError(NOBODY)
        return prepared.job_id, bad_rows(sum(gap.reason == GapReason.BAD_ROW.value for gap in prepared.gaps), schedule)

    def _job_of(self, fire: Fire) -> Job | None:
        """The job an engine that ended had already prepared for it. Reads every job: it is asked after a crash only."""
        station, wanted = self.engine.station, (fire.schedule_id, fire.fire_at)
        with station.database.read() as txn:
            jobs = [job for job in station.vault.jobs(txn) if (job.origin.schedule_id, job.origin.fire_at) == wanted]
        # Several: one that had nobody to dial, or whose preparation was broken off, lies beside the one that went out.
        return max(jobs, key=lambda job: (job.job_id in station.fold.jobs, job.job_id), default=None)

    def _ended(self, fire: Fire, job_id: int, note: str, *, failed: bool = False) -> Fire:
        done_at = max(1, self.engine.clock.now())
        return msgspec.structs.replace(fire, job_id=job_id, note=note, done_at=done_at, failed=failed)
