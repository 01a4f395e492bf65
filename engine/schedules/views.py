"""What is answered about schedules."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import msgspec

from engine.schedules.presence import SchedulerView
from engine.schedules.recurrence import next_firings
from store.documents import Fire, Schedule


class FireView(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one firing. Instants in ms UTC."""

    fire_at: int
    job_id: int = 0
    note: str = ""
    done_at: int = 0
    failed: bool = False


class ScheduleView(msgspec.Struct, frozen=True, kw_only=True):
    """One schedule, its next firings and its last one."""

    schedule_id: int
    name: str
    template: str
    every: str
    starts_on: int
    """An ordinal, as `date.toordinal` gives it."""
    minute: int
    ends_on: int = 0
    disabled: bool = False
    window: str = ""
    events: str = ""
    events_file: str = ""
    filters: tuple[tuple[str, str], ...] = ()
    calendar_ids: tuple[str, ...] = ()
    author: str = ""
    notify: str = ""
    next_at: tuple[int, ...] = ()
    """ms UTC; empty: it fires no more."""
    last: FireView | None = None


class ScheduleAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A schedule as it is now, and what an administrator should look at again."""

    schedule: ScheduleView
    warnings: tuple[str, ...] = ()


class ScheduleList(msgspec.Struct, frozen=True, kw_only=True):
    """All schedules, and whether somebody is there to fire them."""

    scheduler: SchedulerView
    schedules: tuple[ScheduleView, ...]


class DueView(msgspec.Struct, frozen=True, kw_only=True):
    """One firing to come."""

    at: int
    name: str
    template: str
    shares: bool = False
    """Another schedule fires within the same minutes (C103)."""


def schedule_view(
    schedule: Schedule, last: Fire | None, canceled: set[int], zone: ZoneInfo, now: int, firings: int
) -> ScheduleView:
    """The answer for a schedule, with so many firings to come that were not `canceled`."""
    return ScheduleView(
        schedule_id=schedule.schedule_id,
        name=schedule.name,
        template=schedule.template,
        every=schedule.frequency.word,
        starts_on=schedule.starts_on,
        minute=schedule.minute,
        ends_on=schedule.ends_on,
        disabled=schedule.disabled,
        window=schedule.window,
        events=schedule.events,
        events_file=schedule.events_file,
        filters=schedule.filters,
        calendar_ids=schedule.calendar_ids,
        author=schedule.author,
        notify=schedule.notify,
        next_at=tuple(next_firings(schedule, zone, now, firings, canceled)),
        last=None if last is None else _fire_view(last),
    )


def next_of_all(
    schedules: Sequence[tuple[Schedule, set[int]]], zone: ZoneInfo, now: int, count: int, close_ms: int
) -> tuple[DueView, ...]:
    """The next firings of several schedules together, marked where two come within `close_ms`.

    With each schedule stand its firings that were canceled.
    """
    due = sorted(
        (at, one.name, one.template)
        for one, canceled in schedules
        for at in next_firings(one, zone, now, count, canceled)
    )
    shown = due[:count]
    return tuple(
        DueView(
            at=at,
            name=name,
            template=template,
            shares=any(other != name and abs(other_at - at) <= close_ms for other_at, other, _ in due),
        )
        for at, name, template in shown
    )


def _fire_view(fire: Fire) -> FireView:
    return FireView(fire_at=fire.fire_at, job_id=fire.job_id, note=fire.note, done_at=fire.done_at, failed=fire.failed)
