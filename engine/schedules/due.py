"""Messages that schedules will send: what is listed beside jobs as yet to be sent, and can be canceled there (C153)."""

from collections.abc import Iterator
from typing import NamedTuple
from zoneinfo import ZoneInfo

from engine.messaging.templates import template_key
from engine.messaging.windows import local_day
from engine.schedules.recurrence import firings_until, instant
from engine.schedules.timing import window_of
from store.database import Database
from store.documents import Schedule, Template
from store.keys import fire_key
from store.tables import Txn


class Due(NamedTuple):
    """One firing to come. Instants in ms UTC."""

    at: int
    schedule: Schedule
    template: Template
    opens_at: int
    """When it will dial from: not before its own window opens."""
    closes_at: int
    """0: until the district's end."""

    @property
    def calendar_ids(self) -> tuple[str, ...]:
        """Only students of these calendars; empty: of all."""
        return self.schedule.calendar_ids or self.template.audience.calendar_ids


def due_firings(database: Database, txn: Txn, zone: ZoneInfo, after: int, until: int) -> list[Due]:
    """What will be sent after an instant and until another, in order; neither what was canceled nor what cannot be."""
    found = (
        due for _, schedule in database.schedules.scan(txn) for due in _of(database, txn, schedule, zone, after, until)
    )
    return sorted(found, key=lambda due: (due.at, due.schedule.schedule_id))


def _of(database: Database, txn: Txn, schedule: Schedule, zone: ZoneInfo, after: int, until: int) -> Iterator[Due]:
    template = database.templates.get(txn, template_key(schedule.template))
    if template is None:
        return
    for at in firings_until(schedule, zone, max(after, schedule.changed_at), until):
        opens_at, closes_at = _hours(schedule, template, at, zone)
        known = database.fires.raw(txn, fire_key(schedule.schedule_id, at)) is not None
        # Hourly fires all day, and is passed over when its window is closed.
        if not known and (not closes_at or opens_at < closes_at):
            yield Due(at, schedule, template, opens_at, closes_at)


def _hours(schedule: Schedule, template: Template, at: int, zone: ZoneInfo) -> tuple[int, int]:
    window = window_of(schedule, template, at, zone)
    if window.closes_minute < 0:
        return at, 0
    day = local_day(at, zone)
    return max(at, instant(day, window.opens_minute, zone)), instant(day, window.closes_minute, zone)
