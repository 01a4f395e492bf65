"""`recording`, `template`, `say` and `test-call`, as they are typed."""

import pytest

from engine.door.door import Door
from store.errors import InvalidInputError
from store.records import Saying
from tests.engine.messaging.wav import wav
from tests.fakes import one_contact, soap_town
from tui.commands.sending.typed_values import saying_of


@pytest.fixture
def typed(tmp_path, callchain, monkeypatch):
    """Types commands for a new district with a roster."""
    home = tmp_path / "d"
    assert (
        callchain("init", home, "--stand-in", "--user", "u", "--password", "w", "--endpoint", "http://127.0.0.1:9/s")
        == 0
    )
    assert callchain("sample", tmp_path / "roster", "--families", 4, "--seed", 3) == 0
    assert callchain("roster", "import", tmp_path / "roster", "--home", home) == 0
    monkeypatch.setenv("CALLCHAIN_HOME", str(home))
    return callchain


@pytest.fixture
def file(tmp_path):
    """Writes a file; its path."""

    def write(content: bytes, name: str = "snow.wav"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


# ---------------------------------------------------------------- recordings


def test_a_recording_is_added_listed_and_removed_while_no_engine_runs(typed, file):
    kept = typed.json("recording", "add", file(wav(12)))
    assert (kept["name"], kept["duration_ms"]) == ("snow", 12_000)
    assert typed("recording", "list") == 0
    assert "snow" in typed.out
    assert "12.0 s" in typed.out
    assert "not yet" in typed.out
    assert typed("recording", "remove", "snow") == 0
    assert typed.json("recording", "list") == []


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "The recording bad.wav is empty"),
        (b"hello", "is no wav file"),
        (wav()[:-9], "is cut off"),
        (bytes(8 << 20), "The recording bad.wav has more than 7 MB"),
    ],
    ids=["empty", "none", "truncated", "huge"],
)
def test_a_file_that_cannot_be_played_gets_one_sentence(typed, file, content, says):
    assert typed("recording", "add", file(content, "bad.wav"), "--name", "bad.wav") == 2
    assert says in typed.err
    assert len(typed.err.strip().splitlines()) == 1
    assert typed.json("recording", "list") == []


def test_a_file_that_is_not_there_is_told(typed, tmp_path):
    assert typed("recording", "add", tmp_path / "none.wav") == 2
    assert "There is no file" in typed.err
    assert typed("recording", "add", tmp_path) == 2


# ---------------------------------------------------------------- templates


def test_a_template_is_saved_with_its_recipients_and_languages_shown_and_removed(typed):
    words = [
        "Snow day",
        "No school {date}.",
        "--school",
        "org-001",
        "--say",
        "es=No hay clases {date}.",
        "--window",
        "09:00-17:00",
    ]
    assert typed("template", "save", *words) == 0
    assert 'Template "Snow day" is kept: general, contacts of schools org-001.' in typed.out
    assert typed("template", "list") == 0
    assert "en, es" in typed.out
    shown = typed.json("template", "show", "snow day")
    assert (shown["school_ids"], shown["window"]) == (["org-001"], "09:00-17:00")
    assert shown["sayings"][0]["text"] == "No hay clases {date}."
    assert typed("template", "show", "Snow day") == 0
    assert "es: No hay clases {date}." in typed.out
    assert typed("template", "remove", "Snow day") == 0
    assert typed("template", "show", "Snow day") == 5


def test_an_emergency_template_says_that_recipients_are_chosen_each_time(typed):
    assert typed("template", "save", "Fire", "Leave the building.", "--reason", "emergency", "--school", "101") == 0
    assert "recipients chosen each time" in typed.out
    assert typed.json("template", "show", "fire")["school_ids"] == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["Snow", "Dear {nmae}."], "unknown field {nmae}; use {recipient}, {students}"),
        (["Snow", ""], "says nothing"),
        (["Snow", "Hi.", "--reason", "weather"], '--reason is "weather"'),
        (["Snow", "Hi.", "--say", "es"], '--say is "es"'),
        (["Snow", "Hi.", "--say", "en=Hello."], "one language twice"),
        (["Snow", "Hi.", "--window", "9"], '--window is "9"'),
    ],
)
def test_a_template_that_makes_no_sense_is_refused(typed, words, says):
    assert typed("template", "save", *words) == 2
    assert says in typed.err


def test_a_template_for_a_school_the_roster_lacks_is_refused_when_it_is_kept_and_not_at_night(typed):
    assert typed("template", "save", "Snow", "Hi.", "--school", "nope") == 3
    assert "The roster has no school nope; known are org-001" in typed.err


def test_another_language_is_a_text_or_a_recording():
    assert saying_of("es=No hay clases.") == Saying("es", "No hay clases.")
    assert saying_of("es=recording:ab12") == Saying("es", recording_id="ab12")
    with pytest.raises(InvalidInputError, match="write it like"):
        saying_of("es=")


# ---------------------------------------------------------------- say


def test_say_prints_what_people_and_machines_hear_with_seconds(typed):
    assert typed("say", "No school {date}.", "--school", "org-001") == 0
    people, machines = typed.out.strip().splitlines()
    assert people.startswith("People hear, ")
    assert "To confirm this message, press 0." in people
    assert machines.startswith("Machines hear, ")
    assert "press" not in machines
    heard = typed.json("say", "Hola.", "--language", "es", "--reason", "emergency")
    assert heard["people"].startswith("Este es un mensaje de ")
    assert heard["people_ms"] > heard["machines_ms"]


def test_say_makes_a_wav_where_a_synthesizer_is_installed_and_else_says_so(typed, tmp_path, monkeypatch):
    program = tmp_path / "bin" / "espeak-ng"
    program.parent.mkdir()
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    program.write_text('#!/bin/sh\nwhile [ $# -gt 0 ]; do [ "$1" = -w ] && out=$2; shift; done; cat > "$out"\n')
    program.chmod(0o755)
    assert typed("say", "Closed.", "--preview", tmp_path / "people.wav") == 0
    assert "press 0" in (tmp_path / "people.wav").read_text()
    assert typed("say", "Closed.", "--preview", tmp_path / "machine.wav", "--machine") == 0
    assert (tmp_path / "machine.wav").read_text().endswith("Closed.")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert typed("say", "Closed.", "--preview", tmp_path / "none.wav") == 4
    assert "espeak-ng, which is not installed" in typed.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["Hi.", "--school", "nowhere"], "no school 'nowhere'"),
        (["Hi.", "--reason", "weather"], '--reason is "weather"'),
        (["Hi {nmae}."], "unknown field {nmae}"),
    ],
)
def test_say_refuses_what_could_not_be_sent(typed, words, says):
    assert typed("say", *words) == 2
    assert says in typed.err


# ---------------------------------------------------------------- test-call


def test_a_test_call_rings_its_author_and_nobody_else(tmp_path, callchain):
    family = one_contact()
    family.mom.cell.number = "+12015550199"
    family.mom.cell.answers(talks_s=20).presses("0").always()
    home = tmp_path / "d"
    with soap_town(home, family) as town:
        door = Door(town.engine)
        door.open()
        try:
            words = ["Fire", "{students}: leave.", "--reason", "emergency", "--home", home]
            assert callchain("template", "save", *words) == 0, callchain.err
            sent = callchain.json("test-call", "(201) 555-0199", "--template", "fire", "--home", home)
            assert sent["prepared"]["reason"] == "general"
            assert sent["prepared"]["count"] == 1
            job = sent["job"]["job_id"]
            assert town.wait(job).confirmed == 1
            (plan,) = town.plans(job)
            assert "Alex Sample: leave." in plan.text
            assert plan.contact_name == "Test call"
            assert town.rings(family.mom.cell)
            assert callchain("test-call", "2015550199", "Hello.", "--home", home) == 0
            assert "calls •••-•••-0199" in callchain.out
            assert town.wait(job + 1).confirmed == 1
        finally:
            door.close()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["5550199", "Hi."], "no area code"),
        (["2015550199 x4", "Hi."], "it has an extension"),
        (["2015550199"], "Give a text, a --recording, or a --template"),
        (["2015550199", "Hi.", "--template", "Snow"], "one of them"),
        (["2015550199", "Hi.", "--reason", "emergency"], '--reason is "emergency"'),
    ],
)
def test_a_test_call_that_makes_no_sense_is_refused(callchain, tmp_path, words, says):
    assert callchain("test-call", *words, "--home", tmp_path) == 2
    assert says in callchain.err


# ---------------------------------------------------------------- what others typed


@pytest.mark.parametrize("name", ["Snow [/b] [red]day", "[/]", "[link=x]"])
def test_a_name_with_brackets_is_shown_as_it_is(typed, name):
    assert typed("template", "save", name, "No school.") == 0
    assert typed("template", "list") == 0
    assert name in typed.out


def test_nothing_that_was_typed_steers_the_terminal_it_is_shown_on(typed):
    assert typed("block", "add", "612-555-0125", "--reason", "asked \x1b]0;for it\x07\nso", "--except-emergency") == 0
    assert typed("block", "list") == 0
    assert "asked �]0;for it� so" in typed.out
    assert typed("template", "save", "Two", "One\x1b[2J line.\nAnother.") == 0
    assert typed("template", "show", "Two") == 0
    assert "One�[2J line.\nAnother." in typed.out
