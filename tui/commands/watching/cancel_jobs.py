"""Cancel Selected Jobs and Cancel All Active Jobs of the Dialer Activity (C158, C159, decision 39)."""

from pathlib import Path

from engine.acts import firings
from engine.acts.to_cancel import TO_CANCEL, FiringDue, ToCancel, Wanted, to_cancel
from engine.reports.dialer import Choice
from engine.views import JobView
from store.commands import Verb
from store.errors import EngineUnreachableError, RefusedError
from tui.acts import ask
from tui.commands import say
from tui.commands.watching import job
from tui.commands.watching.report_output import from_records
from tui.door import DoorClient, door_of, zone_of
from tui.door_ways import is_elsewhere

(CANCEL_FIRINGS,) = firings.ACTS


def cancel_jobs(home: Path, clock: str, wanted: Wanted, json: bool) -> None:
    """Have canceled what is wanted, and say what was left alone. Raises EngineUnreachableError for jobs without one."""
    found = _meant(home, clock, wanted)
    # What is still to come is stopped first: it must not become a job while jobs are canceled.
    choice, stopped = found.jobs, _cancel_firings(home, found.firings)
    canceled, over = _cancel(door_of(home), choice)
    if json:
        scheduled = [{"schedule": one.schedule, "at": one.at} for one in stopped]
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
        when = say.clock(one.at, zone)
        say.line(f'Schedule "{one.schedule}": its message of {when} is canceled; the schedule goes on.')
    for view in canceled:
        say.line(job.canceled(view))
    for job_id in over:
        say.line(f"Job {job_id} had ended or been canceled before; it was left as it is.")
    for job_id in choice.emergencies:
        say.line(f"Job {job_id} is an emergency and goes on; to cancel it, name it: --cancel {job_id}.")
    if not (stopped or canceled or over or choice.emergencies):
        say.line("Nothing is active; nothing was canceled.")


def _meant(home: Path, clock: str, wanted: Wanted) -> ToCancel:
    """What is meant, as the engine says, or the records where none runs."""
    try:
        return door_of(home).act(TO_CANCEL, wanted)
    except EngineUnreachableError:
        if is_elsewhere():
            raise
    return from_records(home, clock, lambda records: to_cancel(records, wanted))


def _cancel_firings(home: Path, due: tuple[FiringDue, ...]) -> list[FiringDue]:
    """Those that were canceled: one may have come due just now."""
    if not due:
        return []
    ids = {(one.schedule_id, one.at): one for one in due}
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
