"""`callchain schedule`: templates that are sent by themselves, and whether a scheduler is there to do it."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from engine.acts import schedules as acts
from engine.config import minute_of_day
from engine.doctor.finding import amount
from engine.schedules.presence import SchedulerView
from engine.schedules.views import FireView, ScheduleAnswer, ScheduleView
from store.errors import InvalidInputError
from tui.acts import ask
from tui.commands import say
from tui.commands.options import HOME, Home, Json
from tui.commands.sending.typed_values import read_notify
from tui.door import zone_of

ADD, CHANGE, ENABLE, DISABLE, REMOVE, LIST, PREVIEW = acts.ACTS

schedule = typer.Typer(
    help="Send templates by themselves: once, hourly, daily, weekly or monthly.", no_args_is_help=True
)

Name = Annotated[str, typer.Argument(help="The schedule's name.")]
FromDay = Annotated[str, typer.Option("--from", help="First day, like 2026-11-30.")]
UntilDay = Annotated[str, typer.Option("--until", help="Last day, like 2027-06-11.")]
WindowText = Annotated[str, typer.Option("--window", help="Dialing window like 09:00-11:00; else the template's.")]
Events = Annotated[str, typer.Option("--events", help="Tell of events: attendance, behavior, resolutions or balances.")]
EventsFile = Annotated[str, typer.Option("--file", help="The events' CSV file, read anew at each firing.")]
Filters = Annotated[list[str], typer.Option("--filter", help="Only events like status=absent; may be repeated.")]
Calendars = Annotated[list[str], typer.Option("--calendar", help="Only students of this calendar; may be repeated.")]
Notify = Annotated[
    str,
    typer.Option(
        "--notify", callback=read_notify, help="Address that is told when each job is done, like office@example.org."
    ),
]


@schedule.command("add")
def add(
    name: Name,
    template: Annotated[str, typer.Option(help="The template that is sent.")],
    every: Annotated[str, typer.Option(help="once, hourly, daily, weekly or monthly.")],
    at: Annotated[str, typer.Option(help="Time of day like 08:30; hourly: of the day's first firing.")],
    from_day: FromDay = "",
    until: UntilDay = "",
    window: WindowText = "",
    events: Events = "",
    file: EventsFile = "",
    filter_: Filters = [],  # noqa: B006 - typer reads it as "none given"
    calendar: Calendars = [],  # noqa: B006
    notify: Notify = "",
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Add a schedule; `serve` fires it."""
    request = acts.AddSchedule(
        name=name,
        template=template,
        every=every,
        minute=minute_of_day(at, "--at"),
        starts_on=_day(from_day, "--from"),
        ends_on=_day(until, "--until"),
        window=window,
        events=events,
        events_file=_path(file),
        filters=_filters(filter_),
        calendar_ids=tuple(calendar),
        notify=notify,
    )
    _show(ask(home, ADD, request), home, json)


@schedule.command("change")
def change(
    name: Name,
    new_name: Annotated[str | None, typer.Option("--name", help="Its new name.")] = None,
    template: Annotated[str | None, typer.Option(help="Another template.")] = None,
    every: Annotated[str | None, typer.Option(help="once, hourly, daily, weekly or monthly.")] = None,
    at: Annotated[str | None, typer.Option(help="Another time of day.")] = None,
    from_day: Annotated[str | None, typer.Option("--from", help="Another first day.")] = None,
    until: Annotated[str | None, typer.Option("--until", help='Another last day; "" for none.')] = None,
    window: Annotated[str | None, typer.Option("--window", help='Another window; "" for the template\'s.')] = None,
    file: Annotated[str | None, typer.Option("--file", help="Another file of events.")] = None,
    notify: Annotated[str | None, typer.Option("--notify", help='Another address; "" for none.')] = None,
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Change a schedule; what is left out stays as it is."""
    request = acts.ChangeSchedule(
        name=name,
        new_name=new_name,
        template=template,
        every=every,
        minute=None if at is None else minute_of_day(at, "--at"),
        starts_on=None if from_day is None else _day(from_day, "--from"),
        ends_on=None if until is None else _day(until, "--until"),
        window=window,
        events_file=None if file is None else _path(file),
        notify=notify,
    )
    _show(ask(home, CHANGE, request), home, json)


@schedule.command("enable")
def enable(name: Name, home: Home = HOME, json: Json = False) -> None:
    """Let a schedule fire again, from now on."""
    _show(ask(home, ENABLE, acts.NameSchedule(name=name)), home, json)


@schedule.command("disable")
def disable(name: Name, home: Home = HOME, json: Json = False) -> None:
    """Stop a schedule; jobs it already sent go on."""
    _show(ask(home, DISABLE, acts.NameSchedule(name=name)), home, json)


@schedule.command("remove")
def remove(name: Name, home: Home = HOME, json: Json = False) -> None:
    """Take a schedule away; what it sent stays known."""
    answer = ask(home, REMOVE, acts.NameSchedule(name=name))
    if json:
        say.json(answer)
    else:
        say.line(f'Schedule "{answer.schedule.name}" is gone.')


@schedule.command("list")
def list_schedules(
    firings: Annotated[int, typer.Option(min=0, help="Firings to come shown of each.")] = 1,
    home: Home = HOME,
    json: Json = False,
) -> None:
    """List schedules: when they fire next, what came of the last firing, and whether a scheduler is at work."""
    answer = ask(home, LIST, acts.ListSchedules(firings=firings))
    if json:
        say.json(answer)
        return
    zone, active = zone_of(home), answer.scheduler.active
    say.line(_scheduler_line(answer.scheduler, zone))
    say.table(
        amount(len(answer.schedules), "schedule"),
        ("", "NAME", "TEMPLATE", "EVERY", "AT", "NEXT", "LAST"),
        (_row(one, active, zone) for one in answer.schedules),
    )


@schedule.command("preview")
def preview(
    count: Annotated[int, typer.Argument(min=1, help="How many firings.")] = 10,
    name: Annotated[str, typer.Option("--name", help="Only of this schedule.")] = "",
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Print the next firings in order, and which of them fall together."""
    due = ask(home, PREVIEW, acts.PreviewSchedules(count=count, name=name))
    if json:
        say.json(due)
        return
    zone = zone_of(home)
    say.table(
        f"The next {amount(len(due), 'firing')}",
        ("WHEN", "NAME", "TEMPLATE", ""),
        ((say.clock(one.at, zone), one.name, one.template, "shares its minutes" if one.shares else "") for one in due),
    )


def _show(answer: ScheduleAnswer, home: Path, json: bool) -> None:
    if json:
        say.json(answer)
        return
    one, zone = answer.schedule, zone_of(home)
    state = "is disabled" if one.disabled else f"fires next {_next(one, zone)}"
    say.line(f'Schedule "{one.name}" ({one.every}, template "{one.template}") {state}.')
    for warning in answer.warnings:
        say.note(f"Warning: {warning}")


def _scheduler_line(scheduler: SchedulerView, zone: str) -> str:
    if scheduler.active:
        since = say.clock(scheduler.since, zone)
        return f"● The scheduler is at work: process {scheduler.pid} on {scheduler.host}, since {since}."
    return f"○ The scheduler is off: nothing is sent by itself. {scheduler.note}"


def _row(one: ScheduleView, active: bool, zone: str) -> tuple[str, ...]:
    at = f"{one.minute // 60:02d}:{one.minute % 60:02d}"
    light = "●" if active and not one.disabled else "○"
    return light, one.name, one.template, one.every, at, _next(one, zone), _last(one.last, zone)


def _next(one: ScheduleView, zone: str) -> str:
    if one.disabled:
        return "disabled"
    return ", ".join(say.clock(at, zone) for at in one.next_at) or "never again"


def _last(last: FireView | None, zone: str) -> str:
    if last is None:
        return "-"
    what = f"job {last.job_id}" if last.job_id else last.note if last.done_at else "under way"
    return f"{say.clock(last.fire_at, zone)} {'failed: ' if last.failed else ''}{what}"


def _day(text: str, option: str) -> int:
    """An ordinal, 0 for an empty text."""
    if not text:
        return 0
    try:
        return date.fromisoformat(text).toordinal()
    except ValueError:
        raise InvalidInputError(f'{option} is "{text}", which is no day; write it like 2026-11-30.') from None


def _path(text: str) -> str:
    """The engine may run elsewhere: a file is named from the root."""
    return str(Path(text).absolute()) if text else ""


def _filters(texts: list[str]) -> tuple[tuple[str, str], ...]:
    pairs = []
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name or not value:
            raise InvalidInputError(f'--filter is "{text}"; write it like status=absent.')
        pairs.append((name, value))
    return tuple(pairs)
