"""`callchain template`: messages kept to be sent again, with their recipients."""

from typing import Annotated

import typer

from engine.acts.templates import LIST, REMOVE, SAVE, SHOW, ListTemplates, NamedTemplate, SaveTemplate
from engine.config import minute_of_day
from engine.orders import PrepareRequest
from engine.speech.wording import FIELDS
from store.documents import Template
from store.errors import InvalidInputError
from store.records import AudienceKind, Reason, Saying
from tui.acts import ask
from tui.commands import say
from tui.commands.options import HOME, Home, Json

template = typer.Typer(help="Messages kept to be sent again, with their recipients.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The template's name.")]
Words = Annotated[str, typer.Argument(help=f"What is said; filled in are {', '.join(f'{{{one}}}' for one in FIELDS)}.")]
ReasonWord = Annotated[str, typer.Option("--reason", help="general, emergency, attendance, behavior, priority, …")]
AudienceWord = Annotated[str, typer.Option("--audience", help="contacts, students or staff.")]
Sayings = Annotated[
    list[str], typer.Option("--say", help='In another language: es="No hay clases." or es=recording:ID; repeatable.')
]
Schools = Annotated[list[str], typer.Option("--school", help="Only this school, by id; may be repeated.")]
Grades = Annotated[list[str], typer.Option("--grade", help="Only this grade; may be repeated.")]
People = Annotated[list[str], typer.Option("--person", help="Only this student or member of staff, by id.")]
StaffTypes = Annotated[list[str], typer.Option("--staff-type", help="Only staff of this type.")]
Calendars = Annotated[list[str], typer.Option("--calendar", help="Only who is enrolled in this calendar, by id.")]
Languages = Annotated[list[str], typer.Option("--contact-language", help="Only contacts that speak this language.")]
Classes = Annotated[list[str], typer.Option("--class", help="Only who sits in this class, by id.")]

RECORDING = "recording:"
"""How a recording is named where a text could stand."""


@template.command("save")
def save(
    name: Name,
    text: Words = "",
    reason: ReasonWord = "general",
    subject: Annotated[str, typer.Option(help="A name for its jobs, never spoken.")] = "",
    machine_text: Annotated[str, typer.Option(help="What is left on answering machines, if something else.")] = "",
    language: Annotated[str, typer.Option(help="The language of the text.")] = "en",
    recording: Annotated[str, typer.Option(help="The id of a recording to play instead of the text.")] = "",
    also: Sayings = [],  # noqa: B006 - typer reads it as "none given"
    audience: AudienceWord = "contacts",
    school: Schools = [],  # noqa: B006
    grade: Grades = [],  # noqa: B006
    person: People = [],  # noqa: B006
    staff_type: StaffTypes = [],  # noqa: B006
    calendar: Calendars = [],  # noqa: B006
    contact_language: Languages = [],  # noqa: B006
    classes: Classes = [],  # noqa: B006
    window: Annotated[str, typer.Option(help="Dialing window like 09:00-17:00; else the district's hours.")] = "",
    names_recipient: Annotated[bool, typer.Option("--names-recipient", help="One call per number, by name.")] = False,
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Keep a message and its recipients; an emergency's recipients are chosen anew each time, so none are kept."""
    opens, closes = _window(window)
    request = PrepareRequest(
        reason=_known(reason, Reason, "--reason"),
        subject=subject or name,
        text=text,
        machine_text=machine_text,
        language=language,
        names_recipient=names_recipient,
        recording_id=recording,
        sayings=tuple(saying_of(one) for one in also),
        audience=_known(audience, AudienceKind, "--audience"),
        school_ids=tuple(school),
        grades=tuple(grade),
        person_ids=tuple(person),
        staff_types=tuple(staff_type),
        calendar_ids=tuple(calendar),
        languages=tuple(contact_language),
        class_ids=tuple(classes),
        opens_minute=opens,
        closes_minute=closes,
    )
    kept = ask(home, SAVE, SaveTemplate(name=name, request=request))
    if json:
        say.json(template_row(kept))
    else:
        say.line(f'Template "{kept.name}" is kept: {kept.message.reason.word}, {_whom(kept)}.')


@template.command("list")
def list_templates(home: Home = HOME, json: Json = False) -> None:
    """List the templates by name."""
    kept = ask(home, LIST, ListTemplates())
    if json:
        say.json([template_row(one) for one in kept])
        return
    say.table(
        f"{len(kept)} templates" if len(kept) != 1 else "1 template",
        ("NAME", "REASON", "LANGUAGES", "RECIPIENTS", "WINDOW", "BY"),
        (
            (one.name, one.message.reason.word, ", ".join(_languages(one)), _whom(one), one.window, one.author)
            for one in kept
        ),
    )


@template.command("show")
def show(name: Name, home: Home = HOME, json: Json = False) -> None:
    """Show what a template says, and to whom."""
    kept = ask(home, SHOW, NamedTemplate(name=name))
    if json:
        say.json(template_row(kept))
        return
    say.line(f'Template "{kept.name}": {kept.message.reason.word}, {_whom(kept)}.')
    own = Saying(kept.message.language, kept.message.text, kept.message.machine_text, kept.message.recording_id)
    for saying in (own, *kept.message.sayings):
        recorded = f"[recording {saying.recording_id}]" if saying.recording_id else ""
        say.line(f"{saying.language}: {recorded or saying.text}")
        if saying.machine_text:
            say.line(f"{saying.language}, machines: {saying.machine_text}")


@template.command("remove")
def remove(name: Name, home: Home = HOME, json: Json = False) -> None:
    """Let go of a template; what was sent from it stays as it was."""
    gone = ask(home, REMOVE, NamedTemplate(name=name))
    if json:
        say.json(template_row(gone))
    else:
        say.line(f'Template "{gone.name}" is removed.')


def template_row(one: Template) -> dict[str, object]:
    """A template as JSON has it."""
    message, audience = one.message, one.audience
    return {
        "name": one.name, "reason": message.reason.word, "subject": message.subject, "text": message.text,
        "machine_text": message.machine_text, "language": message.language, "recording_id": message.recording_id,
        "names_recipient": message.names_recipient,
        "sayings": [
            {"language": saying.language, "text": saying.text, "machine_text": saying.machine_text,
             "recording_id": saying.recording_id}
            for saying in message.sayings
        ],
        "audience": audience.kind.name.lower(), "school_ids": audience.school_ids, "grades": audience.grades,
        "person_ids": audience.person_ids, "staff_types": audience.staff_types,
        "calendar_ids": audience.calendar_ids, "languages": audience.languages, "class_ids": audience.class_ids,
        "window": one.window, "author": one.author, "changed_at": one.changed_at,
    }  # fmt: skip


def saying_of(text: str) -> Saying:
    """What `--say es="No hay clases."` or `--say es=recording:ID` means."""
    language, equals, said = text.partition("=")
    if not equals or not language.strip() or not said.strip():
        raise InvalidInputError(f'--say is "{text}"; write it like es="No hay clases." or es=recording:ID.')
    if said.startswith(RECORDING):
        return Saying(language.strip(), recording_id=said.removeprefix(RECORDING).strip())
    return Saying(language.strip(), said)


def _languages(one: Template) -> list[str]:
    return [one.message.language, *(saying.language for saying in one.message.sayings)]


def _whom(one: Template) -> str:
    """Its recipients in a few words."""
    if one.message.reason is Reason.EMERGENCY:
        return "recipients chosen each time"
    audience = one.audience
    narrowed = [
        f"{label} {', '.join(ids)}"
        for label, ids in (
            ("schools", audience.school_ids), ("grades", audience.grades), ("people", audience.person_ids),
            ("staff types", audience.staff_types), ("calendars", audience.calendar_ids),
            ("speaking", audience.languages), ("classes", audience.class_ids),
        )
        if ids
    ]  # fmt: skip
    return f"{audience.kind.name.lower()}{' of ' + '; '.join(narrowed) if narrowed else ''}"


def _known(word: str, kind: type[Reason] | type[AudienceKind], option: str) -> str:
    words = [member.name.lower() for member in kind]
    if word not in words:
        raise InvalidInputError(f'{option} is "{word}"; known are {", ".join(words)}.')
    return word


def _window(text: str) -> tuple[int, int]:
    if not text:
        return -1, -1
    opens, dash, closes = text.partition("-")
    if not dash:
        raise InvalidInputError(f'--window is "{text}"; write it like 09:00-17:00.')
    return minute_of_day(opens.strip(), "--window"), minute_of_day(closes.strip(), "--window")
