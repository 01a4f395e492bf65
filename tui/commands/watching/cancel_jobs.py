"""Cancel Selected Jobs and Cancel All Active Jobs of the Dialer Activity (C158, C159, decision 39)."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from engine.acts import firings
from engine.reports.dialer import Choice, active_jobs, choose, day_activity, scheduled_on
from engine.reports.source.local_time import read_day
from engine.reports.source.records import Records
from engine.schedules.due import Due
from engine.views import JobView
from store.commands import Verb
from store.errors import NotFoundError, RefusedError
from tui.acts import ask
from tui.commands import say
from tui.commands.watching import job
from tui.commands.watching.report_output import from_records
from tui.door import DoorClient, door_of, zone_of

(CANCEL_FIRINGS,) = firings.ACTS


class Wanted(NamedTuple):
    """What is to be canceled: jobs and schedules by name, and all active ones, narrowed to a day and people."""

    jobs: Sequence[int]
    schedules: Sequence[str]
    every: bool
    day: str
    """Empty: jobs of any day, and what schedules would still send today."""
    users: Sequence[str]
    calendar_id: str
    school_id: str

    @property
    def is_narrowed(self) -> bool:
        """Whether not simply all are meant."""
        return bool(self.day or self.users or self.calendar_id or self.school_id)


def cancel_jobs(home: Path, clock: str, wanted: Wanted, json: bool) -> None:
    """Have canceled what is wanted, and say what was left alone. Raises EngineUnreachableError for jobs without one."""
    choice, due = from_records(home, clock, lambda records: (_choice(records, wanted), _due(records, wanted)))
    # What is still to come is stopped first: it must not become a job while jobs are canceled.
    stopped = _cancel_firings(home, due)
    canceled, over = _cancel(door_of(home), choice)
    if json:
        scheduled = [{"schedule": one.schedule.name, "at": one.at} for one in stopped]
        say.json(
            {
                "canceled": canceled,
                "left_out_emergencies": choice.emergencies,
                "already_over": over,
                "canceled_scheduled": scheduled,
            }
        )
        return
    zone = zone_of(home)
    for one in stopped:
        name, when = one.schedule.name, say.clock(one.at, zone)
        say.line(f'Schedule "{name}": its message of {when} is canceled; the schedule goes on.')
    for view in canceled:
        say.line(job.canceled(view))
    for job_id in over:
        say.line(f"Job {job_id} had ended or been canceled before; it was left as it is.")
    for job_id in choice.emergencies:
        say.line(f"Job {job_id} is an emergency and goes on; to cancel it, name it: --cancel {job_id}.")
    if not (stopped or canceled or over or choice.emergencies):
        say.line("Nothing is active; nothing was canceled.")


def _choice(records: Records, wanted: Wanted) -> Choice:
    every = []
    if wanted.every and wanted.is_narrowed:
        every = day_activity(
            records, _day(records, wanted), active_only=True, users=wanted.users, school_id=wanted.school_id,
            calendar_id=wanted.calendar_id,
        )  # fmt: skip
    elif wanted.every:
        every = list(active_jobs(records))
    return choose((row for row, _ in records.jobs()), wanted.jobs, [row for row, _ in every])


def _due(records: Records, wanted: Wanted) -> list[Due]:
    """What schedules will send that is to be canceled. Raises NotFoundError for a name that sends nothing that day."""
    day = _day(records, wanted)
    narrowed = partial(scheduled_on, users=wanted.users, school_id=wanted.school_id, calendar_id=wanted.calendar_id)
    every = narrowed(records, day) if wanted.every else []
    names = {name.casefold(): name for name in wanted.schedules}
    named = [due for due in scheduled_on(records, day) if due.schedule.name.casefold() in names]
    for due in named:
        names.pop(due.schedule.name.casefold(), None)
    if names:
        name = next(iter(names.values()))
        raise NotFoundError(
            f'Schedule "{name}" has nothing to send that day; nothing was canceled. See `callchain report dialer`.'
        )
    both = {(due.at, due.schedule.schedule_id): due for due in (*named, *every)}
    return [both[key] for key in sorted(both)]


def _day(records: Records, wanted: Wanted) -> int:
    return read_day(wanted.day or "today", records.today)


def _cancel_firings(home: Path, due: Sequence[Due]) -> list[Due]:
    """Those that were canceled: one may have come due just now."""
    if not due:
        return []
    ids = {(one.schedule.schedule_id, one.at): one for one in due}
    request = firings.CancelFirings(firings=tuple(firings.FiringId(schedule_id=key, at=at) for key, at in ids))
    answer = ask(home, CANCEL_FIRINGS, request)
    return [ids[one.schedule_id, one.at] for one in answer.canceled]


def _cancel(door: DoorClient, choice: Choice) -> tuple[list[JobView], list[int]]:
    """The jobs as they are after it, and those that were over already, by now at the latest."""
    canceled, over = [], list(choice.over)
    for job_id in choice.cancel:
        try:
            canceled.append(door.command(Verb.CANCEL, job_id))
        except RefusedError:
            over.append(job_id)
    return canceled, over
