"""`callchain say`: what people and machines would hear of a message, in words and as a wav."""

from pathlib import Path
from typing import Annotated

import typer

from actors.runtime.clock import WallClock
from engine.config import load_settings
from engine.home import read_store
from engine.plan_settings import plan_settings
from engine.speech.preview import Preview, preview, synthesize
from store.errors import InvalidInputError
from store.records import Message, Reason
from store.vault import Vault
from tui.commands import say as printed
from tui.commands.options import HOME, Home, Json


def say(
    text: Annotated[str, typer.Argument(help="What is said; fields are filled with examples.")],
    preview_file: Annotated[
        Path | None, typer.Option("--preview", help="Write what is heard to this wav, with espeak-ng.")
    ] = None,
    machine: Annotated[bool, typer.Option("--machine", help="The wav has what machines hear.")] = False,
    language: Annotated[str, typer.Option(help="The language of the text.")] = "en",
    school: Annotated[str, typer.Option(help="The school, by id, whose message it is; else the district's.")] = "",
    reason: Annotated[str, typer.Option(help="Which prompts are around it.")] = "general",
    machine_text: Annotated[str, typer.Option(help="What is left on answering machines, if something else.")] = "",
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Print what people and answering machines will hear, with seconds, and make a wav of it. Nobody is called."""
    if reason.upper() not in Reason.__members__:
        raise InvalidInputError(f'--reason is "{reason}"; known are {", ".join(one.word for one in Reason)}.')
    heard = _heard(home, Message(Reason[reason.upper()], "", text, machine_text, language), school)
    if json:
        printed.json(heard._asdict())
    else:
        printed.line(f"People hear, {heard.people_ms / 1000:.0f} s: {heard.people}")
        printed.line(f"Machines hear, {heard.machines_ms / 1000:.0f} s: {heard.machines}")
    if preview_file is not None:
        synthesize(heard.machines if machine else heard.people, language, preview_file)
        if not json:
            printed.line(f"The wav is in {preview_file}.")


def _heard(home: Path, message: Message, school_id: str) -> Preview:
    settings = load_settings(home)
    database = read_store(home)
    try:
        vault = Vault(database)
        with database.read() as txn:
            resolved = plan_settings(settings, vault.number_key(txn))
            names = {school.school_id: school.name for school in vault.schools(txn)}
    finally:
        database.close()
    return preview(message, resolved, names, school_id, WallClock().now())
