"""Acts asked for from the command line, while an engine runs and while none does."""

import pytest

from engine.acts.templates import LIST, ListTemplates
from engine.config import Settings
from engine.home import STORE_FOLDER, make_home
from store.engine_lock import EngineLock
from store.errors import StoreBusyError, StoreError
from tui import acts


@pytest.fixture
def home(tmp_path):
    make_home(tmp_path / "d", Settings())
    return tmp_path / "d"


def test_a_command_waits_until_another_one_lets_go_of_the_store(home, monkeypatch):
    other = EngineLock(home / STORE_FOLDER)
    waits = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        other.release()

    monkeypatch.setattr("tui.acts.time.sleep", wait)
    assert acts.ask(home, LIST, ListTemplates()) == []
    assert waits == [acts.LOOK_SECONDS]


def test_a_store_that_is_not_let_go_of_is_refused(home, monkeypatch):
    monkeypatch.setattr(acts, "BUSY_SECONDS_MAX", -1.0)
    other = EngineLock(home / STORE_FOLDER)
    try:
        with pytest.raises(StoreBusyError, match="already runs"):
            acts.ask(home, LIST, ListTemplates())
    finally:
        other.release()


def test_where_there_is_no_district_an_act_says_so_and_makes_none(tmp_path):
    with pytest.raises(StoreError, match="There is no district"):
        acts.ask(tmp_path / "nowhere", LIST, ListTemplates())
    assert not (tmp_path / "nowhere").exists()
