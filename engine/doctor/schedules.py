"""Checks of the scheduler: at work, nothing disabled by mistake, no firing missed (C102, C177, C178)."""

from collections.abc import Iterator
from datetime import timedelta

from engine.doctor.finding import Finding, Topic
from engine.doctor.patient import Patient
from engine.messaging.windows import local_day
from engine.schedules.book import ScheduleBook
from engine.schedules.checks import conflicts
from engine.schedules.presence import scheduler_at_work
from engine.schedules.recurrence import firings_until, next_firings
from store.documents import Fire, Frequency, Schedule

SCHEDULES = Topic("schedules")

LATE_MS_MAX = 180_000
"""A scheduler at work fires within seconds."""

MISSED = "Missed"
"""How the note of a firing begins that no engine was there for."""

LOOKED_BACK_MS = int(timedelta(days=1) / timedelta(milliseconds=1))
"""Firings before yesterday are history."""


def check_schedules(patient: Patient) -> Iterator[Finding]:
    """Every schedule, with what it did in the last day and will do next."""
    schedules = patient.schedules()
    if not schedules:
        yield SCHEDULES.ok("There are no schedules.")
        return
    scheduler = scheduler_at_work(patient.home)
    if scheduler.active:
        yield SCHEDULES.ok(f"The scheduler is enabled: it is at work in process {scheduler.pid}, and nowhere else.")
    else:
        why = f" {scheduler.note}" if scheduler.pid else ""
        yield SCHEDULES.problem(
            f"The scheduler is not enabled: no scheduled message goes out.{why}",
            f"Start it with `callchain serve --home {patient.home}`: it is at work wherever the engine is.",
        )
    fires = {(fire.schedule_id, fire.fire_at): fire for fire in patient.fires()}
    for place, schedule in enumerate(schedules, 1):
        yield from _of(patient, schedule, fires)
        for conflict in conflicts(schedule, schedules[place:], patient.zone, patient.now):
            yield SCHEDULES.note(conflict, "Move one of them if they should not share their lines.")


def _of(patient: Patient, schedule: Schedule, fires: dict[tuple[int, int], Fire]) -> Iterator[Finding]:
    name = f'Schedule {schedule.schedule_id} "{schedule.name}"'
    if schedule.disabled:
        yield SCHEDULES.note(f"{name} is disabled: it sends nothing.", "Enable it if that is not meant.")
        return
    yield from _cannot_fire(patient, schedule, name)
    yield from _missed(patient, schedule, name, fires)
    canceled = {at for schedule_id, at in fires if schedule_id == schedule.schedule_id}
    following = next_firings(schedule, patient.zone, patient.now, 1, canceled)
    if following:
        yield SCHEDULES.ok(f"{name} is active; it fires next at {patient.clock(following[0])}.")
    else:
        yield SCHEDULES.note(f"{name} has ended: it does not fire any more.")


def _cannot_fire(patient: Patient, schedule: Schedule, name: str) -> Iterator[Finding]:
    """What its next firing would fail for."""
    with patient.database.read() as txn:
        template = ScheduleBook(patient.database).template(txn, schedule.template)
    if template is None:
        yield SCHEDULES.problem(
            f'{name} sends the template "{schedule.template}", which is not there.',
            "Save the template again, or change the schedule.",
        )
    if schedule.events_file and not (patient.home / schedule.events_file).is_file():
        yield SCHEDULES.warning(
            f"{name} reads {schedule.events_file}, which is not there now.",
            "See that the file is put there before it fires.",
        )


def _missed(patient: Patient, schedule: Schedule, name: str, fires: dict[tuple[int, int], Fire]) -> Iterator[Finding]:
    """Firings of the last day that did not happen, or made no job."""
    after = max(schedule.changed_at, patient.now - LOOKED_BACK_MS)
    for at in firings_until(schedule, patient.zone, after, patient.now - LATE_MS_MAX):
        fire = fires.get((schedule.schedule_id, at))
        if fire is None and not _fired_that_day(patient, schedule, at, fires):
            yield SCHEDULES.problem(
                f"{name} should have fired at {patient.clock(at)} and did not.",
                "The engine did not run then, or its scheduler is stuck; look at its log and send the message by hand.",
            )
        elif fire is not None:
            yield from _fired(f"{name} fired at {patient.clock(at)}", fire)


def _fired_that_day(patient: Patient, schedule: Schedule, at: int, fires: dict[tuple[int, int], Fire]) -> bool:
    """Whether it fired at another instant of that day, by the clock of a zone the district had before."""
    if schedule.frequency is Frequency.HOURLY:
        return False
    since = [other for key, other in fires if key == schedule.schedule_id and other > schedule.changed_at]
    return local_day(at, patient.zone) in {local_day(other, patient.zone) for other in since}


def _fired(what: str, fire: Fire) -> Iterator[Finding]:
    """What came of a firing, where that is no job."""
    why = fire.note or "no reason was noted"
    if not fire.done_at:
        yield SCHEDULES.problem(f"{what} and did not come to an end.", "Look at the engine's log, and start it again.")
    elif fire.failed:
        yield SCHEDULES.problem(f"{what} and failed: {why}", "Mend what it says, and send the message by hand.")
    elif not fire.job_id and why.startswith(MISSED):
        yield SCHEDULES.warning(f"{what} and sent nothing: {why}", "Send the message by hand if it still matters.")
    elif fire.job_id and fire.note:
        yield SCHEDULES.warning(f"{what} as job {fire.job_id}, but not of everybody: {fire.note}", "Mend these rows.")
    elif not fire.job_id:
        yield SCHEDULES.note(f"{what} and sent nothing: {why}")
