"""What the district's mails say. Numbers of people and calls, never a phone number, a name or a message's text."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from engine.views import StudentCounts
from store.alarms import Alarm
from store.dispositions import Disposition, JobState, Outcome
from store.documents import Fire
from store.records import Job
from store.rows import JobRow

Letter = tuple[str, str]
"""Subject and text."""

NOT_REACHED = (Outcome.EXHAUSTED, Outcome.EXPIRED, Outcome.CANCELED, Outcome.ERROR)

_STATES = {
    JobState.SENT: "has ended",
    JobState.CANCELED: "was canceled before anything was dialed",
    JobState.CANCELED_IN_PROGRESS: "was canceled while it ran",
    JobState.ERROR: "has ended, but the carrier has not reported all results in time",
}


def confirmation(job: Job, row: JobRow, students: StudentCounts | None, zone: ZoneInfo) -> Letter:
    """What a sender is told when a job has ended (C142)."""
    outcomes = row.outcomes
    lines = [
        f'Your {job.message.reason.word} message "{job.message.subject}" (job {job.job_id}) {_STATES[row.state]}.',
        "",
        f"It was sent {_clock(row.planned_at, zone)} and ended {_clock(row.ended_at, zone)}.",
        "",
        f"Call chains:                {row.chains:,}",
        f"  confirmed with the key:   {outcomes[Outcome.CONFIRMED]:,}",
        f"  told, not confirmed:      {outcomes[Outcome.DELIVERED_UNCONFIRMED]:,}",
        f"  not reached:              {sum(outcomes[outcome] for outcome in NOT_REACHED):,}",
        f"Contacts without a number:  {row.unreachable:,}",
        f"Phones reached:             {phones_reached(row):,}, in {row.attempts:,} calls",
    ]
    if students is not None and row.students:
        lines += [
            "",
            f"Students it was about:      {row.students:,}",
            f"  family confirmed:         {students.covered:,}",
            f"  family told:              {students.told:,}",
            f"  family not reached:       {students.missed:,}",
        ]
    lines += ["", "Who was not reached stands in the job's delivery report."]
    return f"Message sent: {job.message.subject} (job {job.job_id})", _text(lines)


def job_error(job: Job, row: JobRow) -> Letter | None:
    """What the error list is told of a job; None where nothing went wrong with it (C183)."""
    lines = list(_faults(row))
    if not lines:
        return None
    lead = f'{job.message.reason.word.capitalize()} message "{job.message.subject}" (job {job.job_id}) met errors:'
    return f"Error in job {job.job_id}: {job.message.subject}", _text([lead, "", *lines])


def firing_error(fire: Fire, name: str, zone: ZoneInfo) -> Letter:
    """What the error list is told of a firing that sent nothing."""
    lines = [
        f'Schedule "{name}" was to fire {_clock(fire.fire_at, zone)} and sent nothing:',
        "",
        fire.note,
        "",
        "`callchain schedule list` shows all schedules and whether a scheduler is at work.",
    ]
    return f"Schedule {name} failed", _text(lines)


def alarm_error(alarm: Alarm, since: int, zone: ZoneInfo) -> Letter:
    """What the error list is told of an alarm."""
    word = alarm.word.replace("_", " ")
    return f"Alarm: {word}", _text([f"Since {_clock(since, zone)}: {word}.", "", alarm.meaning])


def phones_reached(row: JobRow) -> int:
    """Phones on which the message was heard or left. Such a phone is not called again, so calls count phones."""
    return sum(row.dispositions[disposition] for disposition in Disposition if disposition.flags.delivered)


def _faults(row: JobRow) -> Iterator[str]:
    if row.overdue:
        yield f"- The carrier owes {row.overdue:,} results. Ask again with `callchain refresh {row.job_id}`."
    if row.outcomes[Outcome.ERROR]:
        yield (
            f"- {row.outcomes[Outcome.ERROR]:,} chains ended by an error in the program; the others went on. "
            "Send the engine's log to support."
        )


def _clock(at: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(at / 1000, zone).strftime("%Y-%m-%d %H:%M")


def _text(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"
