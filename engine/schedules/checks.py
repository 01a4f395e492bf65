"""What must hold before a schedule is kept, and what an administrator should look at again."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from engine.events.filters import read_filters
from engine.events.kinds import kind_of
from engine.messaging.windows import opening, zone_of
from engine.plan_settings import MINUTES_OF_DAY, PlanSettings
from engine.schedules.recurrence import LAST_DAY, collisions, next_firings
from engine.schedules.timing import clock_text, window_of
from store.documents import Schedule, Template
from store.errors import InvalidInputError, NotFoundError, RefusedError
from store.records import Reason

NAME_MAX = 80
"""Characters of a name; it stands in tables and in the subject of mails."""

TOO_CLOSE_MS = 5 * 60_000
"""Two firings so close share their lines; an administrator may want to part them (C103)."""

LOOK_AHEAD_MS = 35 * 86_400_000
"""Every schedule that fires again and again does so within a month, so a conflict shows within one."""


def check_schedule(schedule: Schedule, template: Template | None, settings: PlanSettings, now: int) -> None:
    """Refuse a schedule that could never do what it says.

    Raises InvalidInputError for what makes no sense, NotFoundError without its template, RefusedError for an emergency
    (C038) and for a window that leaves no time to dial (decisions 24, 25), ConfigError for a zone there is not.
    """
    zone = zone_of(settings)
    _check_words(schedule)
    if template is None:
        raise NotFoundError(f'There is no template "{schedule.template}"; see `callchain template list`.')
    if template.message.reason is Reason.EMERGENCY:
        raise RefusedError("An emergency is never scheduled: it is sent at once, with `callchain emergency`.")
    _check_events(schedule, template)
    if schedule.ends_on and schedule.ends_on < schedule.starts_on:
        raise InvalidInputError(f'Schedule "{schedule.name}" ends before it starts; give a later --until.')
    first = next_firings(_enabled(schedule), zone, now, 1)
    if not first:
        raise InvalidInputError(
            f'Schedule "{schedule.name}" never fires: it is {clock_text(now, zone)} now. Give a later day or time.'
        )
    # The window as its first firing will find it: too short, outside the district's, or over before it starts.
    opening(window_of(schedule, template, first[0], zone), template.message.reason, settings, now)


def conflicts(schedule: Schedule, others: Iterable[Schedule], zone: ZoneInfo, now: int) -> list[str]:
    """A sentence for each other schedule that fires within the same minutes (C103)."""
    found = []
    for other in others:
        if other.schedule_id == schedule.schedule_id:
            continue
        close = collisions(schedule, other, zone, now, TOO_CLOSE_MS, now + LOOK_AHEAD_MS)
        if at := next(close, None):
            found.append(
                f'"{schedule.name}" and "{other.name}" both fire about {clock_text(at, zone)} and share their lines.'
            )
    return found


def _check_words(schedule: Schedule) -> None:
    name = schedule.name
    if not name.strip() or name != name.strip() or len(name) > NAME_MAX or not name.isprintable():
        raise InvalidInputError(f"A schedule needs a name of 1 to {NAME_MAX} printable characters.")
    if not 0 <= schedule.minute < MINUTES_OF_DAY:
        raise InvalidInputError("A schedule fires at a time of day from 00:00 to 23:59.")
    if not 1 <= schedule.starts_on <= LAST_DAY or not 0 <= schedule.ends_on <= LAST_DAY:
        raise InvalidInputError("A schedule needs a first day; give it like --from 2026-11-30.")
    if bool(schedule.events) != bool(schedule.events_file):
        raise InvalidInputError("Events and their file go together: give --events and --file, or neither.")
    if schedule.filters and not schedule.events:
        raise InvalidInputError("A --filter chooses among events; give --events and --file as well.")


def _check_events(schedule: Schedule, template: Template) -> None:
    if not schedule.events:
        return
    kind, reason = kind_of(schedule.events), template.message.reason
    read_filters(kind, schedule.filters)
    if reason is not kind.traits.reason:
        raise InvalidInputError(
            f'{kind.capitalize()} is told in {kind.traits.reason.word} messages only; template "{template.name}" is '
            f"{reason.word}."
        )


def _enabled(schedule: Schedule) -> Schedule:
    return Schedule(
        schedule.schedule_id, schedule.name, schedule.template, schedule.frequency, schedule.starts_on,
        schedule.minute, schedule.ends_on,
    )  # fmt: skip
