"""`callchain settings`, `messenger` and `init`: what they print, what they refuse, and that no password is seen."""

import json

import pytest

from actors.runtime.clock import WallClock
from engine.district.secret_box import KEY_FILE, KEY_VARIABLE
from engine.gateways.stand_in.carrier import Carrier
from engine.gateways.stand_in.phone_network import SeededNetwork
from engine.gateways.stand_in.soap_server import SoapServer

PASSWORD = "hush-hush-9"


@pytest.fixture
def carrier():
    """A carrier that knows user `oak`; its end-points as options."""
    server = SoapServer(
        Carrier(SeededNetwork(1), lines=4, emergency_lines=1), WallClock(), user="oak", password=PASSWORD
    )
    server.start()
    yield [word for url in server.urls for word in ("--endpoint", url)]
    server.stop()


@pytest.fixture
def home(tmp_path, callchain):
    """A district without credentials."""
    assert callchain("init", tmp_path / "d") == 0
    return tmp_path / "d"


@pytest.mark.row("C076")
def test_credentials_are_called_as_the_carriers_papers_call_them_and_the_password_is_never_shown(
    home, carrier, callchain, monkeypatch
):
    """C076: Credential fields are named User Name, Password, URL End Point"""
    monkeypatch.setenv("CALLCHAIN_PASSWORD", PASSWORD)
    assert callchain("settings", "credentials", "--user", "oak", *carrier, "--home", home) == 0
    assert "The carrier has verified the credentials" in callchain.out
    assert "Voice is enabled; messenger itself is not" in callchain.out
    assert callchain("settings", "--home", home) == 0
    shown = callchain.out
    for label in ("User Name", "Password (carrier)", "kept, encrypted", "URL End Point 1", "URL End Point 2"):
        assert label in shown
    assert PASSWORD not in shown
    assert PASSWORD not in json.dumps(callchain.json("settings", "show", "--home", home))


def test_a_wrong_password_and_an_unreachable_carrier_have_a_sentence_each(home, carrier, callchain, monkeypatch):
    monkeypatch.setenv("CALLCHAIN_PASSWORD", "guessed")
    assert callchain("settings", "credentials", "--user", "oak", *carrier, "--home", home) == 7
    assert "does not know this User Name and Password" in callchain.err
    nowhere = ("--endpoint", "http://127.0.0.1:9/soap")
    assert callchain("settings", "credentials", "--user", "oak", *nowhere, "--home", home) == 7
    assert "could not be asked about the credentials: No connection to the carrier could be made." in callchain.err
    assert callchain.json("settings", "show", "--home", home)["passwords"]["carrier"] is False


def test_a_script_without_a_password_is_told_where_to_put_it(home, callchain, monkeypatch):
    monkeypatch.delenv("CALLCHAIN_PASSWORD", raising=False)
    assert callchain("settings", "credentials", "--user", "oak", "--home", home) == 2
    assert "CALLCHAIN_PASSWORD" in callchain.err


def test_init_verifies_where_the_carrier_answers_and_says_so_where_it_does_not(
    tmp_path, carrier, callchain, monkeypatch
):
    monkeypatch.setenv("CALLCHAIN_PASSWORD", PASSWORD)
    assert callchain("init", tmp_path / "a", "--user", "oak", *carrier) == 0
    status = callchain.json("messenger", "status", "--home", tmp_path / "a")
    assert (status["voice"], status["messenger"], status["drill"]) == (True, False, False)
    assert status["customer_id"].startswith("D-")

    assert callchain("init", tmp_path / "b", "--user", "oak", "--endpoint", "http://127.0.0.1:9/soap") == 0
    assert "Voice is not enabled until `callchain settings credentials" in callchain.err
    assert callchain.json("settings", "show", "--home", tmp_path / "b")["passwords"]["carrier"] is False

    monkeypatch.setenv("CALLCHAIN_PASSWORD", "guessed")
    assert callchain("init", tmp_path / "c", "--user", "oak", *carrier) == 7
    assert "does not know" in callchain.err
    assert not (tmp_path / "c").exists(), "the same command can be given again"


def test_a_drill_enables_itself_whether_its_stand_in_answers_yet_or_not(tmp_path, callchain, monkeypatch):
    monkeypatch.setenv("CALLCHAIN_PASSWORD", PASSWORD)
    words = ("--stand-in", "--user", "oak", "--endpoint", "http://127.0.0.1:9/soap")
    assert callchain("init", tmp_path / "d", *words) == 0
    assert "does not answer yet" in callchain.err
    status = callchain.json("messenger", "status", "--home", tmp_path / "d")
    assert (status["voice"], status["messenger"], status["drill"]) == (True, True, True)
    assert callchain("messenger", "status", "--home", tmp_path / "d") == 0
    assert "a drill" in callchain.out


def test_settings_are_set_all_or_none_and_what_changed_is_said(home, callchain):
    assert callchain("settings", "set", "district.end_time=17:30", "lines.ordinary=40", "--home", home) == 0
    assert "district.end_time: 20:00 → 17:30" in callchain.out
    assert callchain("settings", "set", "lines.ordinary=50", "district.time_zone=Mars", "--home", home) == 2
    assert "no IANA time zone" in callchain.err
    assert callchain("settings", "set", "lines.ordinry=50", "--home", home) == 2
    assert "Did you mean lines.ordinary?" in callchain.err
    assert callchain("settings", "set", "lines.ordinary=40", "--home", home) == 0
    assert "Nothing changed" in callchain.out
    history = callchain.json("settings", "history", "--home", home)
    assert [one["version"] for one in history] == [2, 1]
    assert callchain("settings", "history", "--home", home) == 0
    assert "lines.ordinary: 0 → 40" in callchain.out


def test_rows_are_set_and_removed_by_commands_of_their_own(home, callchain):
    assert callchain("settings", "caller-id", "oak", "612-555-0100", "--callback", "612-555-0101", "--home", home) == 0
    assert callchain("settings", "prompt", "--language", "es", "--intro", "Habla {school}.", "--home", home) == 0
    assert callchain("settings", "pronounce", "Nguyen", "win", "--home", home) == 0
    shown = callchain.json("settings", "show", "--home", home)["settings"]
    assert shown["caller_ids"] == [{"school": "oak", "number": "612-555-0100", "callback": "612-555-0101"}]
    assert [(row["language"], row["intro"]) for row in shown["prompts"]] == [("es", "Habla {school}.")]
    assert [(row["word"], row["say"]) for row in shown["pronunciations"]] == [("Nguyen", "win")]
    for words in (("caller-id", "oak"), ("prompt", "--language", "es"), ("pronounce", "Nguyen")):
        assert callchain("settings", *words, "--remove", "--home", home) == 0
        assert callchain("settings", *words, "--remove", "--home", home) == 5
        assert "no row for" in callchain.err
    assert callchain("settings", "caller-id", "oak", "555-0100", "--home", home) == 2
    assert "7 digits: no area code" in callchain.err
    assert callchain("settings", "caller-id", "oak", "--home", home) == 2
    assert callchain("settings", "prompt", "--home", home) == 2
    assert "says nothing" in callchain.err


def test_an_edited_file_is_taken_in_by_reload(home, callchain):
    path = home / "callchain.toml"
    path.write_text(path.read_text().replace('end_time = "20:00"', 'end_time = "16:00"'))
    assert callchain("settings", "reload", "--home", home) == 0
    assert "district.end_time: 20:00 → 16:00" in callchain.out
    path.write_text(path.read_text().replace('end_time = "16:00"', 'end_time = "4 pm"'))
    assert callchain("settings", "reload", "--home", home) == 2
    assert 'is "4 pm"' in callchain.err


def test_messenger_is_enabled_and_disabled_by_whoever_has_the_key(home, callchain, monkeypatch):
    assert callchain("messenger", "status", "--home", home) == 0
    assert "Messenger is not enabled" in callchain.out
    assert callchain("messenger", "enable", "--contract", " ", "--home", home) == 2
    assert callchain("messenger", "enable", "--contract", "C-7", "--home", home) == 0
    assert "Messenger is enabled (contract C-7)." in callchain.out
    assert callchain("messenger", "disable", "--home", home) == 0
    assert "Messenger is not enabled" in callchain.out
    assert callchain("messenger", "enable", "--contract", "C-7", "--home", home.parent) == 6
    monkeypatch.setenv(KEY_VARIABLE, "no key at all")
    assert callchain("messenger", "enable", "--contract", "C-7", "--home", home) == 2
    assert "32 bytes in URL-safe base64" in callchain.err
    assert (home / KEY_FILE).stat().st_mode & 0o777 == 0o600
