"""Everything a run on paper begins with, read once for all of them: the job, the lines, the past, and what goes on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

import msgspec

from engine.config import Settings, lines_for
from engine.forecast.happened import Happened
from engine.forecast.paper.pulse import Pulse
from engine.forecast.paper.store import State
from engine.forecast.past.history import History
from engine.forecast.past.reading import read_history
from engine.forecast.question import Question, WhatIf, lines_if
from engine.messaging.planner import EncodedPlans, PlanRequest, plan_message
from engine.messaging.windows import Window
from engine.plan_settings import plan_settings
from engine.reports.source.plan_parts import decode_head
from engine.reports.source.records import Records
from engine.setting_checks import minute_of_day, time_zone
from store.database import Database
from store.errors import InvalidInputError, NotFoundError, RefusedError
from store.records import Job, Reason
from store.rows import JobRow
from store.tables import Txn
from store.vault import Vault

Plans = Callable[[int, int], Sequence[bytes]]


@dataclass(frozen=True)
class Scene:
    """Shared by all runs and changed by none."""

    database: Database
    """For reading, as long as runs are made."""
    settings: Settings
    lines: tuple[int, int]
    """Ordinary and emergency ones, as they are or would be."""
    lines_now: int
    """Ordinary ones, as they are."""
    now: int
    job: Job
    plans: Plans
    schools: dict[int, str]
    """index → school of every chain that is dialed."""
    history: History
    state: State
    released: bool
    so_far: Happened
    """What has come of it."""
    message_ms: int = 0
    """Of every chain, where that would be otherwise than planned."""
    stalled: bool = False
    """It is paused, or nothing comes of it."""

    @property
    def zone(self) -> str:
        """The district's."""
        return self.settings.district.time_zone

    @property
    def ends_at(self) -> int:
        """The instant no dial of the job may reach, as the district's hours are now."""
        row = self.state.fold.jobs.get(self.job.job_id)
        district_end_at = row.district_end_at if row is not None else self.job.district_end_at
        return min(self.job.closes_at, district_end_at) if district_end_at else self.job.closes_at

    @property
    def chains(self) -> int:
        """Chains that would walk beside each other, those of other jobs too."""
        others = (row.live for job_id, row in self.state.fold.jobs.items() if job_id != self.job.job_id)
        return self.job.chains + sum(others)


def set_scene(question: Question, database: Database) -> Scene:
    """Read what a question is about. Raises NotFoundError, RefusedError for a job that is over, InvalidInputError."""
    settings, what_if = question.settings, question.what_if
    with database.read() as txn:
        records = Records(database, txn, settings.district.time_zone, question.now)
        state = State(records.fold)
        job, plans = _job(question, database, txn)
        history, message_ms = read_history(records), int(what_if.message_seconds * 1000)
        lines = question.lines if question.lines[0] else lines_for(settings, Vault(database).students_count(txn))
        row = state.fold.jobs.get(job.job_id)
        if row is not None and row.state.ended:
            raise RefusedError(f"Job {job.job_id} has ended ({row.state.word}); see `callchain report forecast`.")
        scene = Scene(
            database, settings, (lines_if(what_if.lines, lines[0]), lines[1]), lines[0], question.now, job, plans,
            {}, history, state, row is not None, Happened(), message_ms,
        )  # fmt: skip
        if row is not None:
            scene = replace(scene, stalled=_looked_at(scene, records, row))
    return _with_schools(_otherwise(scene, what_if))


def _job(question: Question, database: Database, txn: Txn) -> tuple[Job, Plans]:
    vault = Vault(database)
    if question.job is not None:
        return question.job, _listed(question.plans)
    job = vault.job(txn, question.job_id)
    if job is None:
        raise NotFoundError(f"There is no job {question.job_id}; see `callchain jobs`.")
    return job, partial(vault.plans, job.job_id)


def _listed(plans: Sequence[bytes]) -> Plans:
    return lambda start, count: plans[start : start + count]


def _looked_at(scene: Scene, records: Records, row: JobRow) -> bool:
    """Take note of what has happened of a running job; whether nothing comes of it any more."""
    pulse = Pulse()
    for index, _, chain in records.chains(row):
        if chain is not None:
            pulse.note(chain)
            scene.so_far.note(index, chain)
    return pulse.stalled(row, scene.job, scene.now)


def _with_schools(scene: Scene) -> Scene:
    if not scene.job.chains:
        raise RefusedError("Nobody can be called: no chain has a number to dial.")
    heads = map(decode_head, scene.plans(0, scene.job.chains))
    return replace(scene, schools={index: head.school_id for index, head in enumerate(heads)})


# ---------------------------------------------------------------- what would be if


def _otherwise(scene: Scene, what_if: WhatIf) -> Scene:
    """The scene with another window and other chains."""
    if what_if.grouping is not None and what_if.grouping != scene.settings.voice.grouping:
        scene = _grouped(scene, what_if.grouping)
    if what_if.until:
        closes_at = _on_its_day(scene, what_if.until)
        scene = replace(scene, job=msgspec.structs.replace(scene.job, closes_at=closes_at))
    return scene


def _on_its_day(scene: Scene, until: str) -> int:
    """A time of day as an instant of the job's own day. Raises InvalidInputError where nothing could be called."""
    zone, minute = time_zone(scene.zone), minute_of_day(until, "--until")
    opens = datetime.fromtimestamp(scene.job.opens_at / 1000, UTC).astimezone(zone)
    at = int((opens.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(minutes=minute)).timestamp()) * 1000
    if at <= max(scene.now, scene.job.opens_at):
        raise InvalidInputError(f"At {until} the job's window would be over before a call could be made.")
    return at


def _grouped(scene: Scene, grouping: bool) -> Scene:
    """The message planned again, with or without several students in a call."""
    job = scene.job
    if scene.released:
        raise InvalidInputError(f"Job {job.job_id} is being sent; its calls are planned, and cannot be grouped anew.")
    if job.emergency:
        raise InvalidInputError("The calls of an emergency are never grouped (C042).")
    if job.message.reason in (Reason.ATTENDANCE, Reason.BEHAVIOR):
        raise InvalidInputError("What would be with grouping is not known of messages that tell of events.")
    planned = _planned_again(scene, grouping)
    changed = msgspec.structs.replace(job, chains=planned.chains, message_ms=planned.message_ms)
    return replace(scene, job=changed, plans=_listed(planned.plans))


def _planned_again(scene: Scene, grouping: bool) -> EncodedPlans:
    job, database = scene.job, scene.database
    voice = msgspec.structs.replace(scene.settings.voice, grouping=grouping)
    settings = msgspec.structs.replace(scene.settings, voice=voice)
    with database.read() as txn:
        resolved = plan_settings(settings, Vault(database).number_key(txn))
    window = Window(opens_at=job.opens_at, closes_at=job.closes_at)
    request = PlanRequest(str(database.path), job.message, job.audience, window, resolved, scene.now, job.origin)
    return plan_message(request, database, 0)  # this is a process of its own already
