"""What a message says, to whom and when, as it is typed, in every command that makes one."""

import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from engine.home import read_store
from store.errors import AudienceError, InvalidInputError
from store.people import Roster
from store.records import Saying
from store.vault import Vault
from tui.cli import app as callchain_app
from tui.commands.drill.drill import Drill
from tui.commands.option_groups import with_groups
from tui.commands.sending.message_options import Recipients, Words, request_of, said
from tui.commands.sending.typed_values import read_ids, read_window
from tui.door import DoorClient

NOON = int(datetime(2026, 3, 2, 18, tzinfo=UTC).timestamp()) * 1000
"""Noon in Chicago, where the sample lives."""
CLOCK = f"{int(time.time() * 1000)}:{NOON}:1"
"""A clock that shows noon now."""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A district with a sample roster of thirty families."""
    folder = tmp_path_factory.mktemp("options")
    for words in (
        ["init", folder / "d", "--stand-in", "--user", "u", "--password", "w", "--endpoint", "http://127.0.0.1:9/soap"],
        ["sample", folder / "roster", "--families", 30, "--seed", 3],
        ["roster", "import", folder / "roster", "--home", folder / "d"],
    ):
        done = CliRunner().invoke(callchain_app, [str(word) for word in words])
        assert done.exit_code == 0, done.output
    return folder / "d"


@pytest.fixture(scope="module")
def drill(tmp_path_factory):
    """A running district of eight families, four hundred times faster than life."""
    with Drill(tmp_path_factory.mktemp("drill"), 8, 3, 400.0, remove=False) as drill:
        yield drill


@pytest.fixture
def plan(callchain, home):
    """A dry run at noon of a school day; what it answered."""

    def ask(*words):
        return callchain.json("plan", "Hello, {students}.", *words, "--home", home, "--clock", CLOCK)

    return ask


def roster(home: Path) -> Roster:
    database = read_store(home)
    try:
        with database.read() as txn:
            return Vault(database).roster(txn)
    finally:
        database.close()


# ---------------------------------------------------------------- whom


def test_a_calendar_a_class_and_a_language_narrow_the_audience(plan, home):
    everybody, one = plan()["students"], roster(home).classes[0]
    calendar = plan("--calendar", f"{one.school_id}/2026")["students"]
    seated = plan("--class", one.class_id)["students"]
    assert 0 < seated <= calendar < everybody
    assert 0 < plan("--contact-language", "es")["students"] < everybody


def test_a_list_of_people_is_read_from_a_file_and_unknown_ids_are_listed(plan, home, tmp_path):
    students = [person.person_id for person in roster(home).people if person.enrollments][:3]
    listed = tmp_path / "ids.txt"
    listed.write_text("\ufeff" + "\n".join([*students, "", "nobody"]) + "\r\n", encoding="utf-8")
    planned = plan("--people-file", listed)
    assert planned["students"] <= 3
    assert ("p:nobody", "unknown_person") in {(gap["contact_key"], gap["reason"]) for gap in planned["gaps"]}


def test_a_comma_ends_an_id_and_a_remark_is_passed_over(tmp_path):
    (tmp_path / "ids.csv").write_text("s1,Anna\r\n# the others\r\ns2 # moved here\r\ns1\r\n")
    assert read_ids(tmp_path / "ids.csv") == ("s1", "s2")


def test_a_file_too_large_for_a_list_of_people_is_not_read(tmp_path):
    with (tmp_path / "huge.txt").open("wb") as huge:
        huge.truncate((64 << 20) + 1)
    with pytest.raises(InvalidInputError, match="larger than 64 MiB"):
        read_ids(tmp_path / "huge.txt")


def test_an_empty_list_of_people_never_means_everybody(tmp_path):
    (tmp_path / "none.txt").write_text("\n \n")
    (tmp_path / "latin.txt").write_bytes("Müller".encode("latin-1"))
    with pytest.raises(AudienceError, match="names nobody"):
        read_ids(tmp_path / "none.txt")
    with pytest.raises(InvalidInputError, match="is not UTF-8 at byte 1"):
        read_ids(tmp_path / "latin.txt")
    with pytest.raises(InvalidInputError, match="cannot be read"):
        read_ids(tmp_path / "nowhere.txt")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--calendar", "org-001/1999"], "The roster has no calendar 'org-001/1999'. Choose among its calendars:"),
        (["--class", "latin"], "The roster has no class 'latin'. Choose among its classes:"),
        (["--school", "nowhere"], "The roster has no school 'nowhere'. Choose among its schools:"),
        (["--audience", "staff", "--staff-type", "cook"], "The roster has no staff type 'cook'."),
        (["--grade", "99"], "The audience is empty"),
        (["--contact-language", "tlh"], "none of its contacts speaks tlh"),
        (["--reason", "attendance", "--window", "13:00-13:29"], "needs at least 30 minutes"),
        (["--reason", "emergency", "--audience", "staff"], "An emergency to staff needs the staff types it is for."),
        (["--teacher", "t000001"], "Teachers may not send messages here"),
        (["--say", "es"], 'write it like es="No hay clases."'),
        (["--template", "none"], 'There is no template "none"'),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_sentence(callchain, home, words, sentence):
    assert callchain("plan", "Hello.", *words, "--home", home, "--clock", CLOCK) in (2, 3, 4, 5)
    assert sentence in callchain.err
    assert len(callchain.err.strip().splitlines()) == 1


# ---------------------------------------------------------------- what


def test_a_message_says_more_than_one_language_recordings_and_machine_texts():
    words = Words(
        say=["es=No hay clases.", "so=Iskuul ma jiro."],
        recording=["abc", "hmn=def"],
        machine_text=["Closed. a=b", "es=Cerrado."],
        subject="Snow",
    )
    assert said("No school.", words) == {
        "text": "No school.", "subject": "Snow", "recording_id": "abc", "machine_text": "Closed. a=b",
        "sayings": (
            Saying("es", "No hay clases.", "Cerrado."), Saying("so", "Iskuul ma jiro."),
            Saying("hmn", recording_id="def"),
        ),
    }  # fmt: skip


def test_what_is_typed_goes_before_what_a_template_keeps(callchain, home):
    assert callchain(
        "template", "save", "Snow", "No school, {students}.", "--reason", "priority", "--school", "org-001",
        "--window", "09:00-17:00", "--home", home,
    ) == 0  # fmt: skip
    kept = request_of(home, "", Words(), Recipients(), template="snow")
    assert (kept.reason, kept.school_ids, kept.opens_minute, kept.text) == (
        "priority", ("org-001",), 540, "No school, {students}.",
    )  # fmt: skip
    typed = request_of(home, "Late.", Words(), Recipients(grade=["05"]), template="snow", window="10:00-11:00")
    assert (typed.text, typed.school_ids, typed.grades, typed.opens_minute) == ("Late.", ("org-001",), ("05",), 600)


def test_the_recipients_of_an_emergency_from_a_template_are_chosen_anew(callchain, home):
    assert callchain("template", "save", "Fire", "Leave.", "--reason", "emergency", "--home", home) == 0
    assert callchain("plan", "--template", "fire", "--home", home) == 3
    assert "recipients are chosen anew each time" in callchain.err
    assert callchain("plan", "--template", "fire", "--school", "org-001", "--home", home) == 0


def test_a_template_kept_for_another_reason_lends_an_emergency_its_words_only(callchain, home):
    words = ("Flood", "Stay home.", "--school", "org-001", "--window", "09:00-17:00")
    assert callchain("template", "save", *words, "--home", home) == 0
    with pytest.raises(AudienceError, match="recipients are chosen anew each time"):
        request_of(home, "", Words(), Recipients(), template="flood", reason="emergency")
    sent = request_of(home, "", Words(), Recipients(grade=["05"]), template="flood", reason="emergency")
    assert (sent.text, sent.school_ids, sent.grades, sent.window()) == ("Stay home.", (), ("05",), None)


def test_a_template_keeps_whatever_a_message_can_say_and_to_whom(callchain, home, tmp_path):
    (tmp_path / "ids.txt").write_text("s1\ns2\n")
    kept = callchain.json(
        "template", "save", "Trip", "Bus late.", "--say", "es=Tarde.", "--machine-text", "es=Buzon.",
        "--people-file", tmp_path / "ids.txt", "--contact-language", "es", "--home", home,
    )  # fmt: skip
    assert (kept["subject"], kept["person_ids"], kept["languages"]) == ("Trip", ["s1", "s2"], ["es"])
    assert [(one["language"], one["text"], one["machine_text"]) for one in kept["sayings"]] == [
        ("es", "Tarde.", "Buzon.")
    ]


def test_a_dry_run_shows_legal_class_speech_and_line_minutes(callchain, home, plan):
    planned = plan()
    assert planned["legal_class"] == "school_mission"
    assert planned["speech_ms"]
    assert planned["line_minutes_most"] >= planned["line_minutes"] > 0
    assert callchain("plan", "Run.", "--reason", "emergency", "--home", home) == 0
    assert "Legal class emergency_purposes: Health and safety" in callchain.out
    assert "line-minutes" in callchain.out


def test_a_window_is_two_times_of_day():
    assert read_window("") == (-1, -1)
    assert read_window("09:00 - 17:30") == (540, 1050)
    with pytest.raises(InvalidInputError, match="write it like 09:00-17:00"):
        read_window("nine")


def test_a_group_of_options_stands_once_and_every_command_has_all_of_it():
    app = typer.Typer()

    @app.command()
    @with_groups
    def ask(words: Words, recipients: Recipients, shout: bool = False) -> None:
        """Ask."""
        typer.echo(f"{words.subject} {recipients.school} {recipients.class_} {shout}")

    runner = CliRunner()
    asked = runner.invoke(app, ["--subject", "S", "--school", "a", "--school", "b", "--class", "c", "--shout"])
    assert asked.output == "S ['a', 'b'] ['c'] True\n"
    assert runner.invoke(app, []).output == " [] [] False\n"


# ---------------------------------------------------------------- through the door


def test_events_are_told_from_a_file_and_the_job_is_followed(drill, callchain, tmp_path, monkeypatch):
    students = [person.person_id for person in roster(drill.home).people if person.enrollments]
    today = date.fromtimestamp(drill_now(drill) / 1000)
    file = tmp_path / "absent.csv"
    rows = "".join(f"{student},{today},absent,unexcused,1\n" for student in students[:4])
    file.write_text(f"studentSourcedId,date,status,excuse,periods\n{rows}ghost,{today},absent,,\nS,never,absent,,\n")
    words = ("notify", "attendance", file, "--date", today, "--home", drill.home)
    assert callchain(*words) == 3
    assert "--expect" in callchain.err
    assert "absent.csv line 7, date" in callchain.out
    assert "ghost" in callchain.out
    count = int(callchain.err.rpartition("--expect ")[2].split(".")[0])
    answer = callchain.json(*words, "--expect", count)
    assert answer["job"]["reason"] == "attendance"
    job_id = answer["job"]["job_id"]
    assert callchain(*words, "--expect", 0) == 3
    assert "in_hand" in callchain.out or "already_told" in callchain.out
    assert callchain("followup", job_id, "All is well.", "--reached", "--everyone", "--home", drill.home) == 2
    assert callchain("followup", job_id, "All is well.", "--home", drill.home, "--expect", 99_999) == 3
    assert "Nothing was sent" in callchain.err
    assert callchain("resend", job_id, "--home", drill.home) == 2
    assert "--not-reached" in callchain.err
    assert callchain("resend", 99, "--not-reached", "--home", drill.home) == 5


def drill_now(drill: Drill) -> int:
    return DoorClient(drill.home).health().now
