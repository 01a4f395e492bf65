"""`callchain notify`: messages that tell of events read from a file, each told once."""

from pathlib import Path
from typing import Annotated, NamedTuple

import msgspec
import typer

from engine.acts.notices import NOTIFY, NotifyRequest
from engine.events.kinds import EventKind
from engine.events.notice import bad_row
from engine.events.reading import read_events
from engine.orders import PrepareRequest
from engine.views import Prepared
from store.errors import InvalidInputError
from tui.acts import ask
from tui.commands.option_groups import with_groups
from tui.commands.sending.confirming import send_prepared
from tui.commands.sending.message_options import Recipients, Sending, TemplateName, Words, request_of

notify = typer.Typer(
    help="Tell families of attendance, behavior and balances, and staff of resolutions, from files of events.",
    no_args_is_help=True,
)

EventsFile = Annotated[Path, typer.Argument(help="A CSV file of events; docs/messages.md lists its columns.")]
Said = Annotated[str, typer.Argument(help="What is said; {students}, {date} and the event's own fields are filled in.")]
Day = Annotated[str, typer.Option("--date", help="Only events of this day, like 2026-11-24; today if none is given.")]
RecentDays = Annotated[str, typer.Option("--date", help="Only events of this day; if none is given, of the last week.")]
Types = Annotated[list[str], typer.Option("--event-type", help="Only events of this type; may be repeated.")]


@notify.command()
@with_groups
def attendance(
    *,
    file: EventsFile,
    text: Said = "",
    template: TemplateName = "",
    status: Annotated[list[str], typer.Option(help="Only absent, tardy or early_release; may be repeated.")] = [],  # noqa: B006
    excuse: Annotated[list[str], typer.Option(help="Only excused, unexcused or unknown; may be repeated.")] = [],  # noqa: B006
    minimum_periods: Annotated[str, typer.Option(help="Only who missed at least so many periods.")] = "",
    date: Day = "",
    words: Words,
    recipients: Recipients,
    sending: Sending,
) -> None:
    """Tell families of absent and tardy students, once per student, school and day."""
    filters = _filters(status=status, excuse=excuse, minimum_periods=minimum_periods, date=date)
    _notify(EventKind.ATTENDANCE, file, filters, _Asked(text, template, words, recipients, sending))


@notify.command()
@with_groups
def behavior(
    *,
    file: EventsFile,
    text: Said = "",
    template: TemplateName = "",
    event_type: Types = [],  # noqa: B006
    role: Annotated[list[str], typer.Option(help="Only students with this involvement role; repeatable.")] = [],  # noqa: B006
    date: RecentDays = "",
    words: Words,
    recipients: Recipients,
    sending: Sending,
) -> None:
    """Tell families of behavior events, each once."""
    filters = _filters(event_type=event_type, role=role, date=date)
    _notify(EventKind.BEHAVIOR, file, filters, _Asked(text, template, words, recipients, sending))


@notify.command()
@with_groups
def resolutions(
    *,
    file: EventsFile,
    text: Said = "",
    template: TemplateName = "",
    event_type: Types = [],  # noqa: B006
    date: RecentDays = "",
    words: Words,
    recipients: Recipients,
    sending: Sending,
) -> None:
    """Tell staff who referred a student what was resolved; only who is marked for staff messages."""
    filters = _filters(event_type=event_type, date=date)
    _notify(EventKind.RESOLUTIONS, file, filters, _Asked(text, template, words, recipients, sending))


@notify.command()
@with_groups
def balances(
    *,
    file: EventsFile,
    text: Said = "",
    template: TemplateName = "",
    below: Annotated[str, typer.Option(help="Only balances under this amount, like 0 or 5.00.")] = "",
    date: Annotated[str, typer.Option("--date", help="Only balances of this day; else the newest of each.")] = "",
    words: Words,
    recipients: Recipients,
    sending: Sending,
) -> None:
    """Tell families of food service balances."""
    filters = _filters(below=below, date=date)
    _notify(EventKind.BALANCES, file, filters, _Asked(text, template, words, recipients, sending))


def _filters(**given: str | list[str]) -> tuple[tuple[str, str], ...]:
    """Filters by name, as a schedule keeps them too."""
    pairs = [(name, [value] if isinstance(value, str) else value) for name, value in given.items()]
    return tuple((name, value) for name, values in pairs for value in values if value)


class _Asked(NamedTuple):
    """What every notice is asked with."""

    text: str
    template: str
    words: Words
    recipients: Recipients
    sending: Sending


def _notify(kind: EventKind, file: Path, filters: tuple[tuple[str, str], ...], asked: _Asked) -> None:
    sending, request, found = asked.sending, _request(kind, asked), read_events(kind, file)
    notice = NotifyRequest(kind=kind, events=found.events, name=file.name, filters=filters, request=request)
    prepared: Prepared = ask(sending.home, NOTIFY, notice)
    gaps = (*prepared.gaps, *(bad_row(problem) for problem in found.problems))
    send_prepared(
        sending.home, msgspec.structs.replace(prepared, gaps=gaps), sending.expect, sending.json, sending.follow
    )


def _request(kind: EventKind, asked: _Asked) -> PrepareRequest:
    """The message and its audience, with the kind's own text unless one is typed or a template has one."""
    traits, (text, template, words, recipients, sending) = kind.traits, asked
    told_to = traits.audience.name.lower()
    if recipients.audience and recipients.audience != told_to:
        raise InvalidInputError(f"{kind.capitalize()} is told to {told_to}; leave --audience out.")
    said = text if template else text or traits.text
    reason = "" if template else traits.reason.word
    request = request_of(
        sending.home, said, words, recipients, template=template, reason=reason, window=sending.window,
        notify=sending.notify,
    )  # fmt: skip
    subject = request.subject if template or words.subject else traits.subject
    return msgspec.structs.replace(request, audience=told_to, subject=subject)
