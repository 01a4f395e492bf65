"""What would be heard, before anybody is called."""

import shutil
import stat
import wave

import pytest

from engine.speech import preview as previews
from engine.speech.preview import PROGRAM, preview, synthesize
from store.errors import InvalidInputError, RefusedError
from store.records import Message, Reason
from tests.engine.messaging.district import MONDAY_TEN, settings

NAMES = {"oak": "Oak Elementary"}


def heard(text: str, language: str = "en", school: str = "oak", **more):
    return preview(Message(Reason.GENERAL, "", text, language=language), settings(**more), NAMES, school, MONDAY_TEN)


def test_people_hear_how_to_confirm_and_machines_never_do():
    said = heard("{students} was absent on {date}.", callback_number="612-555-0100")
    assert said.machines == (
        "This is a message from Oak Elementary. Alex Sample was absent on Monday, March 2. "
        "To call us back, dial 6 1 2 5 5 5 0 1 0 0."
    )
    assert said.people == f"{said.machines} To confirm this message, press 0. To hear it again, press star."
    assert said.people_ms > said.machines_ms > 8_000


def test_a_preview_speaks_the_language_of_its_text():
    assert heard("No hay clases el {date} a las {time}.", "es").machines == (
        "Este es un mensaje de Oak Elementary. No hay clases el lunes 2 de marzo a las 10:00 de la mañana."
    )


def test_a_school_the_roster_lacks_is_refused():
    with pytest.raises(InvalidInputError, match="no school 'elm'"):
        heard("Hi.", school="elm")


@pytest.fixture
def espeak(tmp_path, monkeypatch):
    """A synthesizer that writes down what it was given in the place of a wav; a test may have it do something else."""

    def install(script: str = 'while [ $# -gt 0 ]; do [ "$1" = -w ] && out=$2; shift; done; cat > "$out"') -> None:
        program = tmp_path / "bin" / PROGRAM
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(program.stat().st_mode | stat.S_IEXEC)

    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    install()
    return install


def test_a_wav_is_made_of_the_text_and_no_shell_ever_sees_it(espeak, tmp_path):
    synthesize("$(rm -rf /) `boom` -w other.wav", "es-MX", tmp_path / "out.wav")
    assert (tmp_path / "out.wav").read_text() == "$(rm -rf /) `boom` -w other.wav"


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("echo 'no such voice' >&2; exit 1", "espeak-ng failed: no such voice"),
        ("exit 0", "made no sound; does it know the language en"),
    ],
)
def test_a_synthesizer_that_fails_is_told_in_one_sentence(espeak, tmp_path, script, says):
    espeak(script)
    with pytest.raises(RefusedError, match=says):
        synthesize("Hello.", "en", tmp_path / "out.wav")
    assert not (tmp_path / "out.wav").exists()


def test_a_synthesizer_that_hangs_is_given_up(espeak, tmp_path, monkeypatch):
    monkeypatch.setattr(previews, "SECONDS_MAX", 0.2)
    espeak("exec sleep 5")
    with pytest.raises(RefusedError, match="took longer than"):
        synthesize("Hello.", "en", tmp_path / "out.wav")


def test_what_is_no_language_never_becomes_an_option(espeak, tmp_path):
    with pytest.raises(InvalidInputError, match="is no language"):
        synthesize("Hello.", "--version", tmp_path / "out.wav")


def test_a_place_that_cannot_be_written_is_told(espeak, tmp_path):
    with pytest.raises(InvalidInputError, match="cannot be written"):
        synthesize("Hello.", "en", tmp_path / "nowhere" / "out.wav")


def test_without_a_synthesizer_the_sentence_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RefusedError, match="needs espeak-ng, which is not installed; install it"):
        synthesize("Hello.", "en", tmp_path / "out.wav")


@pytest.mark.skipif(shutil.which(PROGRAM) is None, reason="espeak-ng is not installed")
def test_the_real_synthesizer_speaks_about_as_long_as_was_estimated(tmp_path):
    said = heard("No hay clases mañana por la nieve.", "es")
    synthesize(said.people, "es", tmp_path / "out.wav")
    with wave.open(str(tmp_path / "out.wav")) as made:
        assert said.people_ms / 2 < made.getnframes() * 1000 / made.getframerate() < said.people_ms * 2
