"""What a message says, to whom and when, as it is typed: the options of every command that makes one."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from engine.acts.templates import SHOW, NamedTemplate
from engine.messaging.templates import from_template
from engine.orders import COUNT_MAX, PrepareRequest
from engine.speech.wording import FIELDS
from store.errors import AudienceError
from store.records import AudienceKind, Reason, Saying
from tui.acts import ask
from tui.commands.options import HOME, Home, Json
from tui.commands.sending.typed_values import known, read_ids, read_notify, read_window, saying_of

_IN_LANGUAGE = re.compile(r"([A-Za-z]{2,3}(?:-[A-Za-z0-9]+)?)=(.*)", re.DOTALL)

Text = Annotated[
    str, typer.Argument(help=f"What is said; filled in are {', '.join(f'{{{one}}}' for one in FIELDS[:5])}.")
]
ReasonWord = Annotated[
    str,
    typer.Option("--reason", help="general (if none is given), attendance, behavior, priority, food_service, teacher, "
                 "staff."),
]  # fmt: skip
Expect = Annotated[
    int | None,
    typer.Option(min=0, max=COUNT_MAX, help="The number of chains you expect, like 205; another sends nothing."),
]
Follow = Annotated[
    bool, typer.Option("--follow", help="Where the confirmation ladder holds it: wait until it has gone out.")
]
Notify = Annotated[
    str,
    typer.Option(
        "--notify", callback=read_notify, help="Address that is told when the job is done, like office@example.org."
    ),
]
TemplateName = Annotated[
    str, typer.Option("--template", help="A kept message, by name, with its recipients and window.")
]
WindowText = Annotated[
    str, typer.Option("--window", help="Dialing window like 09:00-17:00; else the district's hours.")
]


@dataclass(frozen=True, kw_only=True)
class Words:
    """What is said."""

    subject: Annotated[str, typer.Option(help='A name for the job, never spoken, like "Snow day".')] = ""
    language: Annotated[str, typer.Option(help="The language of the text, like es; en if none is given.")] = ""
    say: Annotated[
        list[str],
        typer.Option("--say", help='In another language: es="No hay clases." or es=recording:ID; repeatable.'),
    ] = field(default_factory=list)
    recording: Annotated[
        list[str], typer.Option("--recording", help="Play a recording instead of the text: ID, or es=ID; repeatable.")
    ] = field(default_factory=list)
    machine_text: Annotated[
        list[str],
        typer.Option("--machine-text", help="What is left on machines, if something else; es=… for --say es=…."),
    ] = field(default_factory=list)
    names_recipient: Annotated[
        bool, typer.Option("--names-recipient", help="One call per number, spoken to one recipient by name.")
    ] = False


@dataclass(frozen=True, kw_only=True)
class Recipients:
    """Whom it is for."""

    audience: Annotated[str, typer.Option(help="contacts (if none is given), students or staff.")] = ""
    school: Annotated[list[str], typer.Option(help="Only this school, by id like org-001; may be repeated.")] = field(
        default_factory=list
    )
    calendar: Annotated[
        list[str], typer.Option(help="Only who is enrolled in this calendar, like org-001/2026; may be repeated.")
    ] = field(default_factory=list)
    grade: Annotated[list[str], typer.Option(help="Only this grade, like 05 or KG; may be repeated.")] = field(
        default_factory=list
    )
    class_: Annotated[
        list[str], typer.Option("--class", help="Only who sits in this class, by id; may be repeated.")
    ] = field(default_factory=list)
    person: Annotated[list[str], typer.Option(help="Only this student or member of staff, by id; may be repeated.")] = (
        field(default_factory=list)
    )
    people_file: Annotated[
        Path | None, typer.Option("--people-file", help="Only these students or staff: a file with one id a line.")
    ] = None
    staff_type: Annotated[
        list[str],
        typer.Option(
            "--staff-type",
            help="Only staff of this type, like teacher; may be repeated. An emergency to staff needs one.",
        ),
    ] = field(default_factory=list)
    contact_language: Annotated[
        list[str],
        typer.Option(
            "--contact-language", help="Limit delivery to contacts that speak this language, like es; may be repeated."
        ),
    ] = field(default_factory=list)
    teacher: Annotated[str, typer.Option(help="Whose message it is: students of their own classes only.")] = ""

    def given(self) -> dict[str, Any]:
        """The fields of a request that were typed; what was not is left to a template, or means everybody."""
        if self.audience:
            known(self.audience, AudienceKind, "--audience")
        people = (*self.person, *(read_ids(self.people_file) if self.people_file else ()))
        typed = {
            "audience": self.audience, "school_ids": tuple(self.school), "calendar_ids": tuple(self.calendar),
            "grades": tuple(self.grade), "class_ids": tuple(self.class_), "person_ids": people,
            "staff_types": tuple(self.staff_type), "languages": tuple(self.contact_language),
            "teacher_id": self.teacher,
        }  # fmt: skip
        return {name: value for name, value in typed.items() if value}


@dataclass(frozen=True, kw_only=True)
class Sending:
    """When it goes out, who confirms it, and where."""

    window: WindowText = ""
    notify: Notify = ""
    expect: Expect = None
    follow: Follow = False
    home: Home = HOME
    json: Json = False


def request_of(
    home: Path,
    text: str,
    words: Words,
    recipients: Recipients,
    *,
    template: str = "",
    reason: str = "",
    window: str = "",
    notify: str = "",
) -> PrepareRequest:
    """The request that was typed; with a template what is typed goes before what it keeps.

    Raises InvalidInputError for what makes no sense, NotFoundError for an unknown template, AudienceError for an
    emergency from a template without recipients chosen anew.
    """
    if not (text or template or words.recording):
        raise typer.BadParameter("the message says nothing: give it a text, a --recording or a --template")
    if reason:
        known(reason, Reason, "--reason")
    whom, opens_closes = recipients.given(), read_window(window)
    if template:
        kept = ask(home, SHOW, NamedTemplate(name=template))
        base = from_template(kept, given_audience=bool(whom))
        if Reason.EMERGENCY.word in (reason, base.reason):
            base = _chosen_anew(base, template, whom)
    else:
        usual = Reason.TEACHER if recipients.teacher else Reason.GENERAL
        base = PrepareRequest(reason=usual.word, subject="", text="")
    typed = {**said(text, words), **whom}
    if reason:
        typed["reason"] = reason
    if window:
        typed["opens_minute"], typed["closes_minute"] = opens_closes
    request = msgspec.structs.replace(base, **typed, notify=notify)
    return msgspec.structs.replace(request, subject=request.subject or request.text[:40] or "Recorded message")


def _chosen_anew(base: PrepareRequest, template: str, whom: dict[str, Any]) -> PrepareRequest:
    """An emergency's recipients and hour are never a template's, whatever reason that was kept for."""
    if not whom:
        raise AudienceError(
            f"An emergency's recipients are chosen anew each time. Say whom {template} is for, with --audience, "
            "--school, --grade or --person."
        )
    nobody = PrepareRequest(reason="", subject="", text="")
    names = ("audience", "school_ids", "grades", "person_ids", "staff_types", "calendar_ids", "languages", "class_ids",
             "teacher_id", "opens_minute", "closes_minute")  # fmt: skip
    return msgspec.structs.replace(base, **{name: getattr(nobody, name) for name in names})


def said(text: str, words: Words) -> dict[str, Any]:
    """The fields of a request that say something, as far as they were typed."""
    sayings = {saying.language: saying for saying in map(saying_of, words.say)}
    own: dict[str, Any] = {"text": text, "subject": words.subject, "language": words.language}
    for given in words.recording:
        language, recording_id = _of_language(given, None)
        if language:
            sayings[language] = msgspec.structs.replace(
                sayings.get(language, Saying(language)), recording_id=recording_id
            )
        else:
            own["recording_id"] = recording_id
    for given in words.machine_text:
        language, machine_text = _of_language(given, sayings)
        if language:
            sayings[language] = msgspec.structs.replace(sayings[language], machine_text=machine_text)
        else:
            own["machine_text"] = machine_text
    own["sayings"], own["names_recipient"] = tuple(sayings.values()), words.names_recipient
    return {name: value for name, value in own.items() if value}


def _of_language(given: str, known_languages: Iterable[str] | None) -> tuple[str, str]:
    """`es=…` as language and rest; without a language, or of one that nothing is said in, the whole."""
    found = _IN_LANGUAGE.fullmatch(given)
    if found is None or (known_languages is not None and found[1] not in known_languages):
        return "", given
    return found[1], found[2].strip()
