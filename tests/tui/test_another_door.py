"""Commands for an engine elsewhere: over TCP with a token, and never by accident."""

from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from engine.config import CarrierSettings
from engine.door.door import Door
from engine.service import Engine
from store.access import Role
from store.errors import EngineUnreachableError, InvalidInputError, RefusedError
from tests.engine.door.knocking import TcpDoor, tls_settings, token_for
from tests.engine.test_recovery import no_gateway
from tests.fakes import ScriptedPhones, one_contact, roster_of, settings_of
from tui.cli import app
from tui.door import DoorClient, door_of, zone_of
from tui.door_ways import TcpWay, way_to


@pytest.fixture
def tcp(tmp_path, monkeypatch):
    """A door elsewhere that the environment names, with the token of an administrator."""
    home = tmp_path / "there"
    settings, ca = tls_settings(home, settings_of())
    settings = msgspec.structs.replace(settings, carrier=CarrierSettings(stand_in=True))
    with Engine(home, settings=settings, gateway=no_gateway, sync=False) as engine:
        family, phones = one_contact("Lopez"), ScriptedPhones()
        for phone in family.phones:
            phones.add(phone)
        engine.replace_roster(roster_of(family))
        door = Door(engine)
        door.open()
        ca.cert_pem.write_to_path(tmp_path / "ca.pem")
        monkeypatch.setenv("CALLCHAIN_DOOR", f"https://localhost:{door.port}")
        monkeypatch.setenv("CALLCHAIN_DOOR_CA", str(tmp_path / "ca.pem"))
        monkeypatch.setenv("CALLCHAIN_TOKEN", token_for(engine, Role.ADMINISTRATOR, "remote").token)
        try:
            yield TcpDoor(engine, door, ca)
        finally:
            door.close()


HERE = Path()


def run(*words: str) -> str:
    result = CliRunner().invoke(app, [*words])
    assert result.exit_code == 0, result.output
    return result.output


def test_commands_reach_the_door_the_environment_names_and_no_folder(tcp, tmp_path):
    assert door_of(HERE).health().incarnation == tcp.engine.incarnation
    assert zone_of(HERE) == "America/Chicago"
    assert "\ncc_2_" in run("token", "add", "reports", "--role", "sender")
    assert "reports" in run("token", "list")
    assert "token:remote" in run("audit")
    assert run("jobs", "--json").strip() == "[]"
    assert '"openapi"' in run("door", "openapi")


def test_jobs_of_a_door_elsewhere_are_chosen_there_and_canceled(tcp):
    for reason in ("send", "emergency"):
        run(reason, "School is closed.", "--expect", "1", *(("--subject", "Snow") if reason == "send" else ()))
    said = run("report", "dialer", "--cancel-all")
    assert "Job 1: canceled;" in said
    assert "Job 2 is an emergency and goes on; to cancel it, name it: --cancel 2." in said
    run("report", "dialer", "--cancel", "2")
    assert [job.canceled for job in tcp.engine.station.fold.jobs.values()] == [True, True]


def test_mails_of_a_door_elsewhere_are_listed(tcp):
    assert "0 mails" in run("mails")


@pytest.mark.parametrize("words", [("plan", "Snow"), ("watch", "--plain"), ("doctor",), ("backup", "copy")])
def test_what_looks_at_a_folder_is_refused_where_a_door_elsewhere_is_meant(tcp, tmp_path, monkeypatch, words):
    """It would show one district while commands reach another."""
    monkeypatch.chdir(tmp_path / "there")
    result = CliRunner().invoke(app, [*words])
    assert isinstance(result.exception, InvalidInputError)
    assert "looks at a folder of this machine" in str(result.exception)


def test_a_folder_and_a_door_elsewhere_are_never_both_meant(tcp, tmp_path):
    with pytest.raises(InvalidInputError, match="name one"):
        door_of(tmp_path)


def test_a_folder_that_is_named_is_never_exchanged_for_another_door(tcp, tmp_path):
    with pytest.raises(Exception, match="There is no district"):
        DoorClient(tmp_path).health()


def test_a_revoked_token_is_said_and_nothing_is_done_here_instead(tcp, tmp_path, monkeypatch):
    monkeypatch.setenv("CALLCHAIN_TOKEN", "cc_1_wrong")
    with pytest.raises(RefusedError, match="This takes a token that holds"):
        door_of(HERE).jobs()


def test_a_door_whose_certificate_nobody_trusts_is_not_spoken_to(tcp, tmp_path, monkeypatch):
    monkeypatch.delenv("CALLCHAIN_DOOR_CA")
    with pytest.raises(EngineUnreachableError, match="is not trusted"):
        door_of(HERE).health()


@pytest.mark.parametrize(
    "url", ["http://localhost:1", "localhost:8443", "https://", "https://a:b@host", "https://host/x"]
)
def test_a_url_that_can_be_no_door_is_refused(url, monkeypatch, tmp_path):
    monkeypatch.setenv("CALLCHAIN_DOOR", url)
    monkeypatch.setenv("CALLCHAIN_TOKEN", "cc_1_x")
    with pytest.raises(InvalidInputError, match="CALLCHAIN_DOOR must be"):
        way_to(HERE)


def test_a_door_elsewhere_takes_a_token_and_shows_it_to_nobody(monkeypatch, tmp_path):
    monkeypatch.setenv("CALLCHAIN_DOOR", "https://localhost:1")
    with pytest.raises(InvalidInputError, match="takes a token"):
        way_to(HERE)
    way = TcpWay("https://localhost:1", "cc_1_secret")
    assert "secret" not in repr(way)
    with pytest.raises(EngineUnreachableError, match="No engine answers at https://localhost:1"):
        DoorClient(tmp_path, way).health()
