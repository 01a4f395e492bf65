"""Cancel Selected Jobs and Cancel All Active Jobs of the Dialer Activity (C158, C159, decision 39)."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from engine.reports.dialer import Choice, active_jobs, choose, day_activity
from engine.reports.source.local_time import read_day
from engine.reports.source.records import Records
from engine.views import JobView
from store.commands import Verb
from store.errors import RefusedError
from tui.commands import say
from tui.commands.report_output import from_records
from tui.door import DoorClient


class Wanted(NamedTuple):
    """What is to be canceled: jobs by name, and all active ones, narrowed to a day and people where given."""

    named: Sequence[int]
    every: bool
    day: str
    users: Sequence[str]
    calendar_id: str
    school_id: str


def cancel_jobs(home: Path, clock: str, wanted: Wanted, json: bool) -> None:
    """Have the engine cancel what is wanted, and say what was left alone. Raises EngineUnreachableError without one."""
    choice = from_records(home, clock, lambda records: _choice(records, wanted))
    canceled, over = _cancel(DoorClient(home), choice)
    if json:
        say.json({"canceled": canceled, "left_out_emergencies": choice.emergencies, "already_over": over})
        return
    for view in canceled:
        ending = f"; {view.live:,} chains are ending, answered calls play out" if view.live else ""
        say.line(f"Job {view.job_id}: canceled{ending}.")
    for job_id in over:
        say.line(f"Job {job_id} had ended or been canceled before; it was left as it is.")
    for job_id in choice.emergencies:
        say.line(f"Job {job_id} is an emergency and goes on; to cancel it, name it: --cancel {job_id}.")
    if not (canceled or over or choice.emergencies):
        say.line("Nothing is active; nothing was canceled.")


def _choice(records: Records, wanted: Wanted) -> Choice:
    every = []
    if wanted.every and wanted.day:
        day = read_day(wanted.day, records.today)
        every = day_activity(
            records, day, active_only=True, users=wanted.users, school_id=wanted.school_id,
            calendar_id=wanted.calendar_id,
        )  # fmt: skip
    elif wanted.every:
        every = list(active_jobs(records))
    return choose((row for row, _ in records.jobs()), wanted.named, [row for row, _ in every])


def _cancel(door: DoorClient, choice: Choice) -> tuple[list[JobView], list[int]]:
    """The jobs as they are after it, and those that were over already, by now at the latest."""
    canceled, over = [], list(choice.over)
    for job_id in choice.cancel:
        try:
            canceled.append(door.command(Verb.CANCEL, job_id))
        except RefusedError:
            over.append(job_id)
    return canceled, over
