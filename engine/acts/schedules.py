"""Acts on schedules: add, change, enable, disable, remove, list, preview."""

from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from engine.acts.act import Act
from engine.acts.desk import Desk
from engine.mail.addresses import checked_address
from engine.messaging.windows import local_day
from engine.schedules.book import ScheduleBook
from engine.schedules.checks import TOO_CLOSE_MS, check_schedule, conflicts
from engine.schedules.presence import scheduler_at_work
from engine.schedules.timing import window_settings
from engine.schedules.views import DueView, ScheduleAnswer, ScheduleList, ScheduleView, next_of_all, schedule_view
from engine.setting_checks import time_zone
from store.access import Role
from store.commands import Verb
from store.documents import Frequency, Schedule
from store.errors import InvalidInputError, RefusedError
from store.tables import Txn

FIRINGS_MAX = 200
"""Firings to come that are shown of one schedule."""

NEW = 0
"""The id of a schedule that has none yet."""


class AddSchedule(msgspec.Struct, frozen=True, kw_only=True):
    """A new schedule. Days are ordinals, minutes are since local midnight."""

    name: str
    template: str
    every: str
    minute: int
    starts_on: int = 0
    """0: today."""
    ends_on: int = 0
    """0: for ever."""
    window: str = ""
    events: str = ""
    events_file: str = ""
    filters: tuple[tuple[str, str], ...] = ()
    calendar_ids: tuple[str, ...] = ()
    notify: str = ""


class ChangeSchedule(msgspec.Struct, frozen=True, kw_only=True):
    """What shall be different about a schedule; what is None stays."""

    name: str
    new_name: str | None = None
    template: str | None = None
    every: str | None = None
    minute: int | None = None
    starts_on: int | None = None
    ends_on: int | None = None
    window: str | None = None
    events: str | None = None
    events_file: str | None = None
    filters: tuple[tuple[str, str], ...] | None = None
    calendar_ids: tuple[str, ...] | None = None
    notify: str | None = None


class NameSchedule(msgspec.Struct, frozen=True, kw_only=True):
    """Which schedule."""

    name: str


class ListSchedules(msgspec.Struct, frozen=True, kw_only=True):
    """How many firings to come are shown of each."""

    firings: int = 1


class PreviewSchedules(msgspec.Struct, frozen=True, kw_only=True):
    """How many firings to come are shown, of one schedule or of all."""

    count: int = 10
    name: str = ""


def add(desk: Desk, request: AddSchedule, author: str) -> ScheduleAnswer:
    """Keep a new schedule. Raises what `check_schedule` raises, RefusedError for a name that is taken."""
    book, now = ScheduleBook(desk.database), desk.clock.now()
    with desk.database.read() as txn:
        taken = [one.name.casefold() for one in book.all(txn)]
    if request.name.casefold() in taken:
        raise RefusedError(f'There already is a schedule "{request.name}"; give another name, or change that one.')
    schedule = Schedule(
        NEW, request.name, request.template, _frequency(request.every),
        request.starts_on or local_day(now, _zone(desk)), request.minute, request.ends_on, False, request.window,
        request.events, _absolute(desk.home, request.events_file), request.filters, author,
        _address(request.notify), now, request.calendar_ids,
    )  # fmt: skip
    return _keep(desk, schedule, author)


def change(desk: Desk, request: ChangeSchedule, author: str) -> ScheduleAnswer:
    """Change a schedule. Firings that were due under the old times and not yet fired are let go with them."""
    book = ScheduleBook(desk.database)
    with desk.database.read() as txn:
        before = book.named(txn, request.name)
        names = [one.name.casefold() for one in book.all(txn) if one.schedule_id != before.schedule_id]
    given = {name: value for name, value in msgspec.structs.asdict(request).items() if value is not None}
    del given["name"]
    if "new_name" in given:
        given["name"] = given.pop("new_name")
        if given["name"].casefold() in names:
            raise RefusedError(f'There already is a schedule "{given["name"]}"; give another name.')
    if "every" in given:
        given["frequency"] = _frequency(given.pop("every"))
    if "events_file" in given:
        given["events_file"] = _absolute(desk.home, given["events_file"])
    if "notify" in given:
        given["notify"] = _address(given["notify"])
    after = msgspec.structs.replace(before, **given)
    if _times(after) != _times(before):
        after = msgspec.structs.replace(after, changed_at=desk.clock.now())
    return _keep(desk, after, author)


def enable(desk: Desk, request: NameSchedule, author: str) -> ScheduleAnswer:
    """Let a schedule fire again; what was due meanwhile is not made up for."""
    with desk.database.read() as txn:
        schedule = ScheduleBook(desk.database).named(txn, request.name)
    if schedule.disabled:
        schedule = msgspec.structs.replace(schedule, disabled=False, changed_at=desk.clock.now())
    return _keep(desk, schedule, author)


def disable(desk: Desk, request: NameSchedule, author: str) -> ScheduleAnswer:
    """Stop a schedule; jobs it already sent go on (C132)."""
    book = ScheduleBook(desk.database)
    with desk.database.read() as txn:
        schedule = msgspec.structs.replace(book.named(txn, request.name), disabled=True)
    desk.change(Verb.SCHEDULE, author, lambda txn: book.put(txn, schedule))
    return _answer(desk, schedule)


def remove(desk: Desk, request: NameSchedule, author: str) -> ScheduleAnswer:
    """Take a schedule away. What it fired stays known."""
    book = ScheduleBook(desk.database)
    with desk.database.read() as txn:
        schedule = book.named(txn, request.name)
    answer = _answer(desk, msgspec.structs.replace(schedule, disabled=True))
    desk.change(Verb.SCHEDULE, author, lambda txn: book.remove(txn, schedule.schedule_id))
    return answer


def list_all(desk: Desk, request: ListSchedules, _author: str) -> ScheduleList:
    """Every schedule with what comes next and what came last, and whether a scheduler is at work (C102, C178)."""
    book, zone, now = ScheduleBook(desk.database), _zone(desk), desk.clock.now()
    firings = _count(request.firings)
    with desk.database.read() as txn:
        views = tuple(_view(book, txn, one, zone, now, firings) for one in book.all(txn))
    return ScheduleList(scheduler=scheduler_at_work(desk.home), schedules=views)


def preview(desk: Desk, request: PreviewSchedules, _author: str) -> tuple[DueView, ...]:
    """The next firings, in order, marked where two schedules fire within the same minutes (C103)."""
    book, now = ScheduleBook(desk.database), desk.clock.now()
    with desk.database.read() as txn:
        schedules = [book.named(txn, request.name)] if request.name else book.all(txn)
        with_canceled = [(one, book.canceled(txn, one.schedule_id, now)) for one in schedules]
    return next_of_all(with_canceled, _zone(desk), now, _count(request.count), TOO_CLOSE_MS)


def _keep(desk: Desk, schedule: Schedule, author: str) -> ScheduleAnswer:
    """Check a schedule, keep it, and warn of those that fire with it."""
    book, now = ScheduleBook(desk.database), desk.clock.now()
    with desk.database.read() as txn:
        template, others = book.template(txn, schedule.template), book.all(txn)
    check_schedule(schedule, template, window_settings(desk.settings), now)
    warnings = tuple(conflicts(schedule, others, _zone(desk), now))
    kept: list[Schedule] = []

    def keep(txn: Txn) -> None:
        # Its id is drawn where nobody else draws one.
        new = schedule.schedule_id == NEW
        kept.append(msgspec.structs.replace(schedule, schedule_id=book.next_id(txn)) if new else schedule)
        book.put(txn, kept[-1])

    desk.change(Verb.SCHEDULE, author, keep)
    return _answer(desk, kept[-1], warnings)


def _answer(desk: Desk, schedule: Schedule, warnings: tuple[str, ...] = ()) -> ScheduleAnswer:
    with desk.database.read() as txn:
        view = _view(ScheduleBook(desk.database), txn, schedule, _zone(desk), desk.clock.now(), 1)
    return ScheduleAnswer(schedule=view, warnings=warnings)


def _view(book: ScheduleBook, txn: Txn, schedule: Schedule, zone: ZoneInfo, now: int, firings: int) -> ScheduleView:
    key = schedule.schedule_id
    return schedule_view(schedule, book.newest_fire(txn, key, now), book.canceled(txn, key, now), zone, now, firings)


def _zone(desk: Desk) -> ZoneInfo:
    return time_zone(desk.settings.district.time_zone)


def _frequency(word: str) -> Frequency:
    for frequency in Frequency:
        if frequency.word == word.lower():
            return frequency
    known = ", ".join(frequency.word for frequency in Frequency)
    raise InvalidInputError(f'A schedule cannot fire "{word}"; known are {known}.')


def _times(schedule: Schedule) -> tuple[object, ...]:
    """What decides when it fires."""
    return schedule.frequency, schedule.starts_on, schedule.minute, schedule.ends_on


def _absolute(home: Path, file: str) -> str:
    """A file the engine finds from wherever it was started: what is relative lies in the district's folder."""
    return str((home / file).absolute()) if file else ""


def _address(text: str) -> str:
    return checked_address(text, "The address to notify") if text else ""


def _count(firings: int) -> int:
    if not 0 <= firings <= FIRINGS_MAX:
        raise InvalidInputError(f"Between 0 and {FIRINGS_MAX} firings can be shown.")
    return firings


def role_to_schedule(desk: Desk) -> Role:
    """Messages of a schedule climb no ladder: where a second person must always agree, nobody sends alone this way."""
    return Role.ADMINISTRATOR if desk.settings.ladder.second_person == "always" else Role.SENDER


def _role_to_say(desk: Desk, request: AddSchedule | ChangeSchedule) -> Role:
    """Which file of this machine the engine reads is for whoever runs it to say."""
    return Role.ADMINISTRATOR if request.events_file else role_to_schedule(desk)


ACTS = (
    Act("schedules.add", AddSchedule, ScheduleAnswer, add, role=Role.SENDER, needs=_role_to_say),
    Act("schedules.change", ChangeSchedule, ScheduleAnswer, change, role=Role.SENDER, needs=_role_to_say),
    Act(
        "schedules.enable", NameSchedule, ScheduleAnswer, enable, role=Role.SENDER,
        needs=lambda desk, _request: role_to_schedule(desk),
    ),
    Act("schedules.disable", NameSchedule, ScheduleAnswer, disable, role=Role.SENDER),
    Act("schedules.remove", NameSchedule, ScheduleAnswer, remove, role=Role.SENDER),
    Act("schedules.list", ListSchedules, ScheduleList, list_all, role=Role.SENDER),
    Act("schedules.preview", PreviewSchedules, tuple[DueView, ...], preview, role=Role.SENDER),
)  # fmt: skip
