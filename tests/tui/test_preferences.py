"""Contact preferences, blocks and stopped contacts as they are typed."""

import csv
from typing import Any

import pytest
import typer

from engine.home import read_store
from store.documents import Mark
from tui.commands import say


@pytest.fixture
def district(tmp_path, callchain):
    """A district with a sample roster of eight families, and a function that types `callchain … --home it`."""
    home = tmp_path / "d"
    assert (
        callchain("init", home, "--stand-in", "--user", "u", "--password", "w", "--endpoint", "http://127.0.0.1:9/s")
        == 0
    )
    assert callchain("sample", tmp_path / "roster", "--families", 8, "--seed", 3) == 0
    assert callchain("roster", "import", tmp_path / "roster", "--home", home) == 0
    return home


@pytest.fixture
def type_(district, callchain):
    """Types a command about the district."""
    return lambda *words: callchain(*words, "--home", district)


@pytest.fixture
def read(district, callchain):
    """What a command answers as JSON."""
    return lambda *words: callchain.json(*words, "--home", district)


@pytest.fixture
def pair(tmp_path):
    """A student and a messenger contact of theirs who live in a household."""
    with (tmp_path / "roster" / "contacts.csv").open() as file:
        links = [row for row in csv.DictReader(file) if row["messenger"] == "True"]
    with (tmp_path / "roster" / "households.csv").open() as file:
        members = {row["userSourcedId"] for row in csv.DictReader(file)}
    link = next(row for row in links if row["contactSourcedId"] in members)
    return link["studentSourcedId"], link["contactSourcedId"]


def texts(home) -> list[Mark]:
    database = read_store(home)
    with database.read() as txn:
        found = [mark for _, mark in database.marks.scan(txn) if mark.text]
    database.close()
    return found


def on(matrix: dict[str, Any], point: str, delivery: str = "voice") -> set[str]:
    return {
        reason for row in matrix["rows"] if (row["point"], row["delivery"]) == (point, delivery) for reason in row["on"]
    }


# ---------------------------------------------------------------- golden test 13


@pytest.mark.row("C191", "C207", "C213")
def test_golden_13_the_batch_wizard(district, type_, read, callchain, pair, tmp_path):
    """C191: Text preferences cannot be set here. C207: Household phone change hits every household member in any mode.
    C213: Apply Changes reports how many preferences changed.

    Batch wizard: Off/On/No Change; text untouched; count reported; household change reaches every member; Census/Staff
    without filter refused.
    """
    student, contact = pair
    read("preferences", "set", contact, "cell", "text", "general", "on")
    before = read("preferences", "show", contact)

    choices = ("--set", "cell.teacher=on", "--set", "cell.general=off", "--set", "cell.priority=no-change",
               "--set", "household.general=off", "--set", "household.food_service=on")  # fmt: skip
    preview = read("preferences", "batch", "--mode", "contacts", *choices, "--preview")
    assert not preview["applied"]
    assert read("preferences", "show", contact) == before
    applied = read("preferences", "batch", "--mode", "contacts", *choices, "--yes")
    assert applied["applied"]
    assert applied["changed"] == preview["changed"] == sum(row["changes"] for row in applied["rows"]) > 0

    after = read("preferences", "show", contact)
    assert "teacher" in on(after, "cell")
    assert "general" not in on(after, "cell")
    assert ("priority" in on(after, "cell")) == ("priority" in on(before, "cell"))
    assert on(after, "cell", "text") == {"general"}
    assert len(texts(district)) == 1
    homes = {row["household_id"] for row in after["rows"] if row["household_id"]}
    for member in (student, contact):
        matrix = read("preferences", "show", member)
        assert homes & {row["household_id"] for row in matrix["rows"]}
        assert "food_service" in on(matrix, "household")
        assert "general" not in on(matrix, "household")

    assert type_("preferences", "batch", "--mode", "staff", "--set", "cell.general=off", "--yes") == 2
    assert "demands a filter" in callchain.err
    assert type_("roster", "import", tmp_path / "roster") == 0
    assert read("preferences", "show", contact)["rows"] == after["rows"]
    assert type_("preferences", "undo") == 0
    assert read("preferences", "show", contact)["rows"] == before["rows"]


@pytest.mark.row("C192")
def test_a_batch_over_texts_is_refused_with_the_reason(type_, callchain):
    """C192: Reason: people could be charged for unwanted texts"""
    assert type_("preferences", "batch", "--set", "cell.text.general=on", "--yes") == 2
    assert "people could be charged for texts they do not want" in callchain.err


@pytest.mark.row("C206", "C208", "C209")
def test_the_wizard_asks_step_by_step(type_, callchain, monkeypatch, tmp_path):
    """C206: Pick a mode: Student Messenger Contacts, Students, Census/Staff. C208: Student ad hoc filter optional.
    C209: Census ad hoc filter required in Census/Staff mode.
    """
    monkeypatch.setattr(say, "on_terminal", lambda: True)
    asked: list[str] = []
    answers = {"Mode": "contacts", "general": "off"}

    def prompt(text: str, default: object = None, **_: object) -> object:
        asked.append(text.strip())
        return next((answer for word, answer in answers.items() if text.strip().startswith(word)), default or "")

    def confirm(text: str, default: bool = False, abort: bool = False) -> bool:
        asked.append(text)
        return abort or text == "Change cell?"

    monkeypatch.setattr(typer, "prompt", prompt)
    monkeypatch.setattr(typer, "confirm", confirm)
    assert type_("preferences", "batch") == 0, callchain.err
    assert "preferences changed" in callchain.out
    assert asked[0] == "Mode (contacts, students, staff)"
    assert any(text.startswith("Filter") and "empty: none" in text for text in asked)
    assert "Apply these changes? (Ctrl-C changes nothing)" in asked

    answers["Mode"] = "staff"
    assert type_("preferences", "batch") == 2
    assert "demands a filter" in callchain.err


def test_ctrl_c_at_any_step_changes_nothing(district, type_, monkeypatch):
    monkeypatch.setattr(say, "on_terminal", lambda: True)

    def interrupt(*_: object, **__: object) -> None:
        raise typer.Abort

    monkeypatch.setattr(typer, "confirm", interrupt)
    assert type_("preferences", "batch", "--set", "cell.general=off") == 130
    monkeypatch.setattr(typer, "prompt", interrupt)
    assert type_("preferences", "batch") == 130
    database = read_store(district)
    with database.read() as txn:
        assert database.marks.count(txn) == 0
    database.close()


def test_without_a_terminal_a_batch_says_what_it_needs(type_, callchain):
    assert type_("preferences", "batch") == 2
    assert "give at least one choice" in callchain.err
    assert type_("preferences", "batch", "--set", "cell.general=off") == 4
    assert "say --yes to apply this, or --preview" in callchain.err
    assert "would change" in callchain.out


def test_a_filter_may_be_a_file_of_ids(type_, read, callchain, pair, tmp_path):
    student, _ = pair
    (tmp_path / "some.csv").write_text(f"# chosen by hand\n{student},Esther\n\n")
    found = read("preferences", "batch", "--mode", "students", "--filter", tmp_path / "some.csv", "--set", "*.*=off",
                 "--preview")  # fmt: skip
    assert found["people"] == 1
    (tmp_path / "some.csv").write_text("\n")
    assert type_("preferences", "batch", "--filter", tmp_path / "some.csv", "--set", "*.*=off", "--preview") == 3
    assert "names nobody" in callchain.err
    assert type_("preferences", "batch", "--filter", "nowhere.csv", "--set", "*.*=off", "--preview") == 2
    assert "neither a file nor an expression" in callchain.err


def test_preferences_set_here_may_be_forgotten_with_an_import(type_, read, callchain, pair, tmp_path):
    _, contact = pair
    before = read("preferences", "show", contact)
    read("preferences", "set", contact, "cell", "voice", "all", "off")
    assert type_("roster", "import", tmp_path / "roster", "--forget-preferences") == 0
    assert "1 contact point is as the roster says" in callchain.out
    assert read("preferences", "show", contact) == before


def test_an_administrator_sees_the_matrix_with_numbers_masked(type_, callchain, pair):
    _, contact = pair
    assert type_("preferences", "show", contact) == 0
    assert "household (" in callchain.out
    assert "555-01" not in callchain.out
    assert "messenger" in callchain.out
    assert type_("preferences", "show", "ghost") == 5
    assert "neither a person nor a household" in callchain.err


# ---------------------------------------------------------------- blocks and contacts


def test_blocks_are_added_listed_and_removed(type_, read, callchain):
    assert type_("block", "add", "(612) 555-0123", "--reason", "asked us to", "--except-emergency") == 0
    assert "blocked but for emergencies" in callchain.out
    (listed,) = read("block", "list")
    assert (listed["number"], listed["reason"], listed["except_emergency"]) == ("•••-•••-0123", "asked us to", True)
    assert type_("block", "list") == 0
    assert "asked us to" in callchain.out
    assert type_("block", "remove", "612-555-0123") == 0
    assert read("block", "list") == []
    assert type_("block", "remove", "612-555-0123") == 5
    assert type_("block", "add", "555-0123", "--reason", "x") == 2
    assert "no area code" in callchain.err


def test_contacts_are_stopped_listed_and_allowed(type_, read, callchain, pair):
    student, contact = pair
    assert type_("contact", "stop", contact, student, "--reason", "court order") == 0
    assert "0 chains of open jobs withdrawn" in callchain.out
    assert [one["reason"] for one in read("contact", "list")] == ["court order"]
    matrix = read("preferences", "show", contact)
    assert [one["student_id"] for one in matrix["links"] if one["stopped"]] == [student]
    assert type_("contact", "stop", contact, student, "--reason", "again") == 4
    assert type_("contact", "allow", contact, student) == 0
    assert read("contact", "list") == []
    assert type_("contact", "stop", student, contact, "--reason", "x") == 2
