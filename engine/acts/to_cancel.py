"""What a cancel of the Dialer Activity means: active jobs, and what schedules have yet to send (C158, C159)."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import msgspec

from engine.acts.act import Act
from engine.acts.desk import Desk
from engine.elsewhere import answer_here, ask_elsewhere
from engine.orders import Id
from engine.reports.dialer import Choice, active_jobs, choose, day_activity, scheduled_on
from engine.reports.source.local_time import read_day
from engine.reports.source.records import Records, read_records
from engine.schedules.due import Due
from store.access import Role
from store.errors import NotFoundError

SECONDS_MAX = 60
"""For the helper process."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be canceled: jobs and schedules by name, and all active ones, narrowed to a day and people."""

    jobs: tuple[Id, ...] = ()
    schedules: tuple[str, ...] = ()
    every: bool = False
    day: str = ""
    """Empty: jobs of any day, and what schedules would still send today."""
    users: tuple[str, ...] = ()
    calendar_id: str = ""
    school_id: str = ""

    @property
    def is_narrowed(self) -> bool:
        """Whether not simply all are meant."""
        return bool(self.day or self.users or self.calendar_id or self.school_id)


class FiringDue(msgspec.Struct, frozen=True, kw_only=True):
    """A message a schedule has yet to send."""

    schedule_id: int
    schedule: str
    at: int
    """ms UTC."""


class ToCancel(msgspec.Struct, frozen=True, kw_only=True):
    """What that is at this moment; nothing is canceled yet."""

    jobs: Choice
    firings: tuple[FiringDue, ...] = ()


class _Question(msgspec.Struct, frozen=True, array_like=True):
    home: str
    time_zone: str
    now: int
    wanted: Wanted


def to_cancel(records: Records, wanted: Wanted) -> ToCancel:
    """What is to be canceled. Raises NotFoundError for a job or a schedule there is nothing of; then nothing is."""
    firings = tuple(
        FiringDue(schedule_id=due.schedule.schedule_id, schedule=due.schedule.name, at=due.at)
        for due in _due(records, wanted)
    )
    return ToCancel(jobs=_choice(records, wanted), firings=firings)


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


def _due(records: Records, wanted: Wanted) -> Sequence[Due]:
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


def _ask(desk: Desk, wanted: Wanted, _author: str) -> ToCancel:
    desk.engine.station.flush_tables()
    question = _Question(str(desk.home), desk.settings.district.time_zone, desk.clock.now(), wanted)
    return ask_elsewhere("engine.acts.to_cancel", question, ToCancel, SECONDS_MAX)


def _answer(question: _Question) -> ToCancel:
    with read_records(Path(question.home), question.time_zone, question.now) as records:
        return to_cancel(records, question.wanted)


TO_CANCEL = Act("jobs.to_cancel", Wanted, ToCancel, _ask, live=True, role=Role.SENDER)

ACTS = (TO_CANCEL,)


if __name__ == "__main__":
    answer_here(_Question, _answer)
