"""What a message would say, in words and as sound, before anybody is called."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from engine.plan_settings import PlanSettings
from engine.speech.length import speech_ms
from engine.speech.prompts import base_language
from engine.speech.speaker import Speaker
from engine.speech.wording import LANGUAGE, check_sayings
from store.errors import InvalidInputError, RefusedError
from store.records import Message

PROGRAM = "espeak-ng"
"""The synthesizer a preview is made with; the carrier has its own voice."""

SECONDS_MAX = 60
"""For the synthesizer: it makes an hour of speech in less."""

WORDS_A_MINUTE = 150


class Preview(NamedTuple):
    """What is heard of one message in its own language."""

    language: str
    people: str
    machines: str
    people_ms: int
    machines_ms: int


def preview(
    message: Message, settings: PlanSettings, school_names: Mapping[str, str], school_id: str, now: int
) -> Preview:
    """What families of a school would hear of a text; fields nobody can know yet are filled with examples.

    Raises InvalidInputError for a message that cannot be spoken or a school the roster lacks.
    """
    check_sayings(message)
    if school_id and school_id not in school_names:
        raise InvalidInputError(f"The roster has no school {school_id!r}; choose among the schools it lists.")
    speaker = Speaker(message, settings, school_names, now)
    speaker.check_portal(school_id)
    example = speaker.example("", speaker.frame("", school_id).school, school_id)
    people, machines = speaker.personal("", school_id, example)
    return Preview(message.language, people, machines, speech_ms(people), speech_ms(machines))


def synthesize(text: str, language: str, target: Path) -> None:
    """Write a wav of a text. Raises RefusedError where there is no synthesizer or it fails, InvalidInputError else."""
    program = shutil.which(PROGRAM)
    if program is None:
        raise RefusedError(
            f"A preview needs {PROGRAM}, which is not installed; install it (apt install {PROGRAM}), or read the text."
        )
    if not LANGUAGE.fullmatch(language):
        raise InvalidInputError(f'"{language}" is no language; write it like en, es or zh-Hant.')
    with TemporaryDirectory() as folder:
        made = Path(folder) / "preview.wav"
        _run([program, "-v", base_language(language), "-s", str(WORDS_A_MINUTE), "-w", str(made), "--stdin"], text)
        if not made.is_file() or not made.stat().st_size:
            raise RefusedError(f"{PROGRAM} made no sound; does it know the language {language}?")
        try:
            shutil.copyfile(made, target)
        except OSError as error:
            raise InvalidInputError(f"The preview {target} cannot be written: {error.strerror}.") from error


def _run(command: list[str], text: str) -> None:
    """No shell: the text is handed over on standard input and is never part of a command."""
    try:
        done = subprocess.run(command, input=text.encode(), capture_output=True, timeout=SECONDS_MAX, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise RefusedError(f"{PROGRAM} took longer than {SECONDS_MAX} s; make the text shorter.") from None
    except OSError as error:
        raise RefusedError(f"{PROGRAM} cannot be run: {error.strerror}.") from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise RefusedError(f"{PROGRAM} failed{': ' + said[-1][:200] if said else ''}.")
