"""`callchain why`: somebody's messages in words, on a store no engine runs on."""

import json
from datetime import UTC
from pathlib import Path

import pytest

from engine.district.settings_store import write_file
from engine.why.cause import Basis
from engine.why.words import BASES, ring_words
from store.dispositions import Outcome
from tests.fakes import MINUTE, MONDAY_TEN, SteppedTown, one_contact
from tui.commands.watching.why import why


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A district in which one family was called and one was not."""
    heard, silent = one_contact("Lopez"), one_contact("Kim")
    heard.mom.cell.answers().presses("0").always()
    silent.mom.cell.rings_out().always()
    with SteppedTown(tmp_path, heard, silent) as town:
        town.wait(town.send())
        write_file(town.home, town.settings)
    return tmp_path


def test_it_says_the_cause_of_each_chain_and_what_is_read_off_the_store(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    why("Kim-Son", home=home)
    said = capsys.readouterr().out
    assert "Son Kim (Kim-Son, student, grade 3 oak)" in said
    assert "No engine runs." in said
    assert "exhausted: Nobody was reached in 3 calls" in said


def test_a_name_that_several_have_lists_them(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    why("mom", home=home)
    said = capsys.readouterr().out
    assert "2 people may be meant" in said
    assert "Kim-Mom" in said
    assert "Lopez-Mom" in said


def test_json_has_the_words_of_causes(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    why("Lopez-Mom", home=home, json=True)
    found = json.loads(capsys.readouterr().out)
    (chain,) = found["messages"][0]["chains"]
    assert (chain["cause"], chain["next_ring_at"]) == (Outcome.CONFIRMED.word, None)


def test_every_basis_has_words() -> None:
    assert set(BASES) == set(Basis)


def test_a_ring_is_said_as_exactly_as_it_is_known() -> None:
    at = MONDAY_TEN + 5 * MINUTE
    assert ring_words(at, Basis.DUE, UTC, MONDAY_TEN) == "16:05, its delay is over then"
    assert ring_words(at, Basis.QUEUE, UTC, MONDAY_TEN) == "about 16:05, by its place in the queue"
    assert ring_words(MONDAY_TEN, Basis.LINE, UTC, MONDAY_TEN) == "now, a line is free"
    assert ring_words(None, Basis.NEVER, UTC, MONDAY_TEN) == "never"
