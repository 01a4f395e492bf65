"""`callchain test-call`: a message rings its author first."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from engine.acts.templates import SHOW, NamedTemplate
from engine.messaging.templates import from_template
from engine.orders import PrepareRequest
from engine.roster.numbers import Number, read_number
from store.errors import InvalidInputError
from store.records import Reason
from tui.acts import ask
from tui.commands import say
from tui.commands.options import HOME, Home, Json
from tui.commands.sending.typed_values import saying_of
from tui.door import door_of


def ring_author(
    number: Annotated[str, typer.Argument(help="Your own number, ten digits.")],
    text: Annotated[str, typer.Argument(help="What is said; fields are filled with examples.")] = "",
    template: Annotated[str, typer.Option(help="Say what this template says instead.")] = "",
    reason: Annotated[str, typer.Option(help="Which prompts are around the text; any but emergency.")] = "general",
    language: Annotated[str, typer.Option(help="The language of the text.")] = "en",
    recording: Annotated[str, typer.Option(help="The id of a recording to play instead of the text.")] = "",
    also: Annotated[
        list[str], typer.Option("--say", help='In another language: es="No hay clases."; repeatable.')
    ] = [],  # noqa: B006 - typer reads it as "none given"
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Call one number with a message, and nobody else; the district's hours hold."""
    dialed = read_number(number)
    if not isinstance(dialed, Number) or dialed.extension:
        why = "it has an extension" if isinstance(dialed, Number) else dialed
        raise InvalidInputError(f"This number cannot be called ({why}); give ten digits.")
    if bool(template) == bool(text or recording):
        raise InvalidInputError("Give a text, a --recording, or a --template: one of them.")
    if template:
        request = _of_template(home, template)
    else:
        request = PrepareRequest(
            reason=_routine(reason), subject="Test call", text=text, language=language, recording_id=recording,
            sayings=tuple(saying_of(one) for one in also),
        )  # fmt: skip
    _call(msgspec.structs.replace(request, number=dialed.e164, subject="Test call"), home, json)


def _of_template(home: Path, name: str) -> PrepareRequest:
    """What the template says, for nobody yet: its recipients, and its window, are left out."""
    full = from_template(ask(home, SHOW, NamedTemplate(name=name)), given_audience=True)
    emergency = full.reason == Reason.EMERGENCY.word
    return PrepareRequest(
        reason=Reason.GENERAL.word if emergency else full.reason,
        subject=full.subject,
        text=full.text,
        machine_text=full.machine_text,
        language=full.language,
        recording_id=full.recording_id,
        sayings=full.sayings,
    )


def _routine(reason: str) -> str:
    """A test is no emergency, and waits for the district's hours like any other call."""
    words = [one.word for one in Reason if one is not Reason.EMERGENCY]
    if reason not in words:
        raise InvalidInputError(f'--reason is "{reason}"; for a test call known are {", ".join(words)}.')
    return reason


def _call(request: PrepareRequest, home: Path, json: bool) -> None:
    door = door_of(home)
    prepared = door.prepare(request)
    job = door.send(prepared.job_id, prepared.count)
    if json:
        say.json({"prepared": prepared, "job": job})
    else:
        say.line(f"Job {job.job_id} calls {say.masked(request.number)}. See `callchain jobs`.")
