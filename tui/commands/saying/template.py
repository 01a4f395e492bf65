"""`callchain template`: messages kept to be sent again, with their recipients."""

from typing import Annotated

import typer

from engine.acts.templates import LIST, REMOVE, SAVE, SHOW, ListTemplates, NamedTemplate, SaveTemplate
from engine.doctor.finding import amount
from engine.orders import PrepareRequest
from engine.speech.wording import FIELDS
from store.documents import Template
from store.records import Reason, Saying
from tui.acts import ask
from tui.commands import say
from tui.commands.option_groups import with_groups
from tui.commands.options import HOME, Home, Json
from tui.commands.sending.message_options import Recipients, WindowText, Words, said
from tui.commands.sending.typed_values import known, read_window

template = typer.Typer(help="Messages kept to be sent again, with their recipients.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The template's name.")]
Text = Annotated[str, typer.Argument(help=f"What is said; filled in are {', '.join(f'{{{one}}}' for one in FIELDS)}.")]
ReasonWord = Annotated[
    str,
    typer.Option(
        "--reason", help="general, emergency, attendance, behavior, priority, food_service, teacher or staff."
    ),
]


@template.command("save")
@with_groups
def save(
    *,
    name: Name,
    text: Text = "",
    reason: ReasonWord = Reason.GENERAL.word,
    words: Words,
    recipients: Recipients,
    window: WindowText = "",
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Keep a message and its recipients; an emergency's recipients are chosen anew each time, so none are kept."""
    opens, closes = read_window(window)
    fields = {"subject": name, "text": "", **said(text, words), **recipients.given()}
    request = PrepareRequest(
        reason=known(reason, Reason, "--reason"), **fields, opens_minute=opens, closes_minute=closes
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
        amount(len(kept), "template"),
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
