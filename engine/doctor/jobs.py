"""Checks of jobs: those that should be dialed and are not, that nobody resumes, that still wait for results."""

from collections.abc import Iterator
from datetime import timedelta

import msgspec

from engine.config import Settings
from engine.doctor.finding import Finding, Topic, amount
from engine.doctor.patient import Patient
from engine.reports.source.records import Records
from store import facts
from store.dispositions import JobState
from store.facts import Fact
from store.keys import job_of
from store.records import Plan, Spoken
from store.rows import JobRow
from store.vault import Vault

JOBS = Topic("jobs")

MINUTE_MS = 60_000

QUEUED_MS_MAX = 3 * MINUTE_MS
"""Queued for more than a few minutes: the service is not running (C187)."""

SILENT_MS_MAX = 5 * MINUTE_MS
"""Longer than the longest call; it comes on top of the wait between two rounds."""

PAUSED_MS_MAX = 2 * 60 * MINUTE_MS
"""Nobody pauses a message for longer on purpose without knowing it."""

ERRORS_SHOWN_MS = int(timedelta(days=7) / timedelta(milliseconds=1))
"""An older job's missing results do not come any more."""

RESTART = "Look at the alarms above and at the engine's log; if there is nothing, start the engine again: it goes on."


def check_jobs(patient: Patient) -> Iterator[Finding]:
    """Every job that is open, or ended with something missing."""
    rows = [row for _, row in sorted(patient.fold.jobs.items())]
    open_rows = [row for row in rows if not row.state.ended]
    found = [finding for row in open_rows for finding in _of_open(patient, row)]
    found += [finding for row in rows for finding in _missing_results(patient, row)]
    yield from found
    if not found:
        yield JOBS.ok(f"{amount(len(open_rows), 'job')} open, none of them stuck.")


def _of_open(patient: Patient, row: JobRow) -> Iterator[Finding]:
    late = patient.now - row.opens_at
    yield from _not_uploaded(patient, row)
    if row.state is JobState.PAUSED:
        yield from _paused(patient, row)
    elif late > QUEUED_MS_MAX and not patient.runs:
        yield JOBS.problem(
            f"Job {row.job_id} is queued with {amount(row.live, 'chain')} since {patient.clock(row.opens_at)}: no "
            "engine is running.",
            f"Start one with `callchain serve --home {patient.home}`.",
        )
    elif row.state is JobState.WAITING and late > QUEUED_MS_MAX:
        yield JOBS.problem(
            f"Job {row.job_id} waits although its window opened at {patient.clock(row.opens_at)}.", RESTART
        )
    elif row.state is not JobState.WAITING and patient.now - row.dials_until > SILENT_MS_MAX:
        yield JOBS.problem(
            f"Job {row.job_id} is still open although its window ended at {patient.clock(row.dials_until)}.", RESTART
        )
    elif row.state is not JobState.WAITING and row.live and _is_silent(patient, row):
        yield _silent(patient, row)


def _silent(patient: Patient, row: JobRow) -> Finding:
    """A job nothing happens with: the engine does not work, or works on what goes before it."""
    says = (
        f"Job {row.job_id} is in progress with {amount(row.live, 'chain')} left, and no call of it began or ended "
        f"for {silent_ms_max(patient.settings) // MINUTE_MS} minutes"
    )
    if _happened(patient, 0, patient.now - SILENT_MS_MAX, facts.AttemptOpened):
        return JOBS.note(f"{says}: others have the lines, and an emergency or a higher rank goes first.")
    return JOBS.problem(f"{says}.", RESTART)


def _not_uploaded(patient: Patient, row: JobRow) -> Iterator[Finding]:
    """Recordings of a job that should be dialed now and that the carrier does not have."""
    with patient.database.read() as txn:
        vault = Vault(patient.database)
        job = vault.job(txn, row.job_id)
        said = () if job is None else (one for script in job.scripts for one in _recordings(script))
        missing = [one for one in dict.fromkeys(said) if not vault.audio_id(txn, one)]
    if missing and patient.now - row.opens_at > QUEUED_MS_MAX:
        yield JOBS.problem(
            f"Job {row.job_id} plays {amount(len(missing), 'recording')} the carrier does not have: no call of it can "
            "be handed over.",
            "See whether the carrier is reachable; the engine uploads it as soon as it is.",
        )


def _recordings(script: Spoken) -> Iterator[str]:
    yield from filter(None, (script.recording_id, script.machine_recording_id))


def silent_ms_max(settings: Settings) -> int:
    """How long a healthy job may be silent: every number may wait for its next round."""
    redial = settings.redial
    longest = max(redial.call_delay_minutes, redial.busy_delay_minutes, redial.emergency_call_delay_minutes)
    return int(longest * MINUTE_MS) + SILENT_MS_MAX


def _is_silent(patient: Patient, row: JobRow) -> bool:
    since = patient.now - silent_ms_max(patient.settings)
    if since < row.opens_at:
        return False
    if _happened(patient, row.job_id, since, facts.AttemptOpened, facts.AttemptClosed, facts.JobResumed):
        return False
    return not patient.settings.district.recipient_hours or _is_somebody_due(patient, row, since)


def _is_somebody_due(patient: Patient, row: JobRow, since: int) -> bool:
    """Whether a chain that goes on had a number to call all that time: its owner's own hours may begin later."""
    decode = msgspec.msgpack.Decoder(Plan).decode
    with patient.database.read() as txn:
        records = Records(patient.database, txn, patient.settings.district.time_zone, patient.now)
        return any(
            step.opens_at <= since and (not step.closes_at or step.closes_at > since)
            for index, data, chain in records.chains(row)
            if index < row.chains and not (chain is not None and chain.outcome)
            for step in decode(data).steps
        )


def _paused(patient: Patient, row: JobRow) -> Iterator[Finding]:
    since = patient.now - PAUSED_MS_MAX
    if row.planned_at > since or _happened(patient, row.job_id, since, facts.JobPaused):
        return
    yield JOBS.warning(
        f"Job {row.job_id} has been paused for more than {PAUSED_MS_MAX // MINUTE_MS // 60} hours with "
        f"{amount(row.live, 'chain')} left; what is not dialed by {patient.clock(row.dials_until)} expires.",
        f"`callchain resume {row.job_id}`, or `callchain cancel {row.job_id}`.",
    )


def _missing_results(patient: Patient, row: JobRow) -> Iterator[Finding]:
    if not row.overdue or (row.ended_at and patient.now - row.ended_at > ERRORS_SHOWN_MS):
        return
    yield JOBS.warning(
        f"Job {row.job_id} lacks {amount(row.overdue, 'result')} the carrier has not reported in time; its report may "
        "still change.",
        f"See `callchain report delivery {row.job_id}`, then `callchain refresh {row.job_id}`; ask the carrier if they "
        "do not come.",
    )


def _happened(patient: Patient, job_id: int, since: int, *kinds: type[Fact]) -> bool:
    """Whether the journal tells anything of these kinds about a job, 0 for any, since an instant."""
    with patient.database.read() as txn:
        return any(
            isinstance(fact, kinds) and job_id in (0, _job(fact))
            for block in patient.blocks_since(txn, since)
            for fact in block.facts
        )


def _job(fact: Fact) -> int:
    chain = getattr(fact, "chain_id", None)
    return job_of(chain) if chain is not None else int(getattr(fact, "job_id", 0))
