"""Where the door stands: TLS over TCP, a folder for its group, and who is kept out before anything is asked."""

import grp
import http.client
import os
import socket
import ssl
import stat
from contextlib import suppress

import msgspec
import pytest

from engine.config import Settings, check_settings
from engine.door.door import Door
from engine.door.entrance import porter
from engine.door.entrance.place import listening_socket, socket_path
from engine.orders import SOCKET_NAME
from engine.service import Engine
from engine.service_settings import DoorRole, DoorSettings, LadderSettings, LogSettings
from store.access import Role
from store.errors import ConfigError, RefusedError, StoreError
from tests.engine.door.knocking import UnixConnection, at_socket, open_door, tls_settings
from tests.engine.test_recovery import no_gateway
from tests.fakes import settings_of
from tui.door import DoorClient


def test_over_tcp_a_program_with_a_token_does_what_its_role_may(tcp):
    status, health = tcp.as_role(Role.VIEWER, "over-tcp").ask("GET", "/health")
    assert (status, health["engine"]) == (200, "running")


def test_over_tcp_nothing_is_said_without_tls(tcp):
    with socket.create_connection(("127.0.0.1", tcp.door.port), 10) as plain:
        plain.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"HTTP" not in plain.recv(100)


def test_the_certificate_is_checked_by_who_trusts_another(tcp):
    connection = http.client.HTTPSConnection("127.0.0.1", tcp.door.port, context=ssl.create_default_context())
    with pytest.raises(ssl.SSLCertVerificationError):
        connection.request("GET", "/health")
    connection.close()


def test_old_tls_is_refused(tcp):
    old = tcp.trusting()
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        old.minimum_version = ssl.TLSVersion.TLSv1
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    connection = http.client.HTTPSConnection("127.0.0.1", tcp.door.port, context=old)
    with pytest.raises((ssl.SSLError, OSError)):
        connection.request("GET", "/health")
    connection.close()


@pytest.mark.parametrize("door", [DoorSettings(listen="127.0.0.1:0"), DoorSettings(listen="127.0.0.1:0", key="x.pem")])
def test_tcp_without_a_certificate_is_refused_at_the_start(tmp_path, door):
    settings = msgspec.structs.replace(settings_of(), door=door)
    with pytest.raises(ConfigError, match=r"door\.certificate and door\.key"):
        check_settings(settings)
    with Engine(tmp_path, settings=settings, gateway=no_gateway) as engine, pytest.raises(ConfigError, match="TLS"):
        Door(engine)


def test_a_certificate_that_cannot_be_used_says_which(tmp_path):
    settings, _ = tls_settings(tmp_path, settings_of())
    (tmp_path / "door.key").write_text("no key")
    with (
        Engine(tmp_path, settings=settings, gateway=no_gateway) as engine,
        pytest.raises(ConfigError, match=r"door\.key.*cannot be used together"),
    ):
        Door(engine)


@pytest.mark.parametrize(
    ("part", "sentence"),
    [
        ({"door": DoorSettings(listen="everywhere")}, "write it like"),
        ({"door": DoorSettings(listen="0.0.0.0:99999", certificate="a", key="b")}, "write it like"),
        ({"door_roles": (DoorRole(who="anna", role="king"),)}, "roles are viewer, sender"),
        ({"door_roles": (DoorRole(who="@", role="viewer"),)}, "row 1 must name a user"),
        ({"door_roles": (DoorRole(who="a", role="viewer"), DoorRole(who="a", role="sender"))}, "stands twice"),
        ({"ladder": LadderSettings(second_person="sometimes")}, "never"),
        ({"ladder": LadderSettings(approval_minutes=0)}, "approval_minutes must be above 0"),
        ({"ladder": LadderSettings(recall_seconds=-1)}, "recall_seconds must be 0"),
        ({"log": LogSettings(format="xml")}, "log.format must be one of"),
        ({"log": LogSettings(level="loud")}, "log.level must be one of"),
    ],
)
def test_settings_of_the_door_that_make_no_sense_say_which(part, sentence):
    with pytest.raises(ConfigError, match=sentence.replace("(", r"\(")):
        check_settings(Settings(**part))


# ---------------------------------------------------------------- the socket


def test_without_a_group_folder_and_socket_are_the_own_users(tmp_path):
    listening_socket(tmp_path, "").close()
    assert stat.S_IMODE((tmp_path / SOCKET_NAME).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / SOCKET_NAME).parent.stat().st_mode) == 0o700


@pytest.mark.skipif(os.getuid() != 0, reason="only root may give a file to any group")
def test_with_a_group_its_members_get_to_the_door_and_nowhere_else(tmp_path):
    tmp_path.chmod(0o700)
    group = next(one for one in grp.getgrall() if one.gr_gid not in (0, os.getgid()))
    listening_socket(tmp_path, group.gr_name).close()
    found = {name: (tmp_path / name).stat() for name in (".", "door", SOCKET_NAME)}
    assert {name: stat.S_IMODE(one.st_mode) for name, one in found.items()} == {
        ".": 0o710, "door": 0o2750, SOCKET_NAME: 0o660,
    }  # fmt: skip
    assert {one.st_gid for one in found.values()} == {group.gr_gid}
    listening_socket(tmp_path, "").close()
    assert stat.S_IMODE((tmp_path / "door").stat().st_mode) & 0o077 == 0


def test_a_folder_that_leads_elsewhere_is_not_touched(tmp_path):
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    home.mkdir()
    elsewhere.mkdir(mode=0o755)
    (home / "door").symlink_to(elsewhere)
    with pytest.raises(StoreError, match="its folder is a link"):
        listening_socket(home, "")
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o755
    assert list(elsewhere.iterdir()) == []


def test_a_file_where_the_socket_is_to_be_is_kept_and_an_old_socket_is_not_in_the_way(tmp_path):
    listening_socket(tmp_path, "").close()
    listening_socket(tmp_path, "").close()
    path = tmp_path / SOCKET_NAME
    path.unlink()
    path.write_text("somebody's")
    with pytest.raises(StoreError, match="no socket"):
        listening_socket(tmp_path, "")
    assert path.read_text() == "somebody's"


def test_a_group_there_is_not_is_said(tmp_path):
    with pytest.raises(ConfigError, match="no such group"):
        listening_socket(tmp_path, "nobody-of-that-name")


def test_a_group_the_engines_user_is_not_in_is_said(tmp_path, monkeypatch):
    def chown(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "chown", chown)
    with pytest.raises(ConfigError, match="Add it to the group"):
        listening_socket(tmp_path, grp.getgrgid(os.getgid()).gr_name)


def test_a_folder_too_deep_for_a_socket_is_said(tmp_path):
    with pytest.raises(ConfigError, match="too long for a socket"):
        socket_path(tmp_path / ("x" * 100))


# ---------------------------------------------------------------- the porter


def test_those_who_ask_and_leave_take_no_place_however_many_they_are(tcp):
    caller = at_socket(tcp.engine)
    assert {caller.raw("GET", "/healthz")[0] for _ in range(2 * porter.CONNECTIONS_MAX)} <= {200, 503}
    assert caller.raw("GET", "/health")[0] == 200


def test_too_many_are_sent_away_and_come_in_when_others_have_left(tmp_path, monkeypatch):
    monkeypatch.setattr(porter.Porter.__init__, "__defaults__", (0.5, 2, 15.0))
    with Engine(tmp_path, settings=settings_of(), gateway=no_gateway) as engine, open_door(engine):
        inside = [UnixConnection(engine.home / SOCKET_NAME) for _ in range(2)]
        for one in inside:
            one.request("GET", "/health")
            assert one.getresponse().read()
        status, refusal = at_socket(engine).refused("GET", "/health")
        assert (status, "Too many" in refusal.error) == (503, True)
        for one in inside:
            one.close()
        while at_socket(engine).raw("GET", "/health")[0] != 200:
            pass


def test_who_says_nothing_is_sent_away_and_who_has_spoken_stays(tmp_path, monkeypatch):
    monkeypatch.setattr(porter.Porter.__init__, "__defaults__", (0.5, 256, 0.05))
    with Engine(tmp_path, settings=settings_of(), gateway=no_gateway) as engine, open_door(engine):
        spoke = UnixConnection(engine.home / SOCKET_NAME)
        spoke.request("GET", "/health")
        assert spoke.getresponse().read()
        silent = UnixConnection(engine.home / SOCKET_NAME)
        silent.connect()
        silent.sock.sendall(b"GET /health HTTP/1.1\r\nHost:")
        silent.sock.settimeout(10)
        with suppress(ConnectionResetError):
            assert silent.sock.recv(1) == b""
        spoke.request("GET", "/health")
        assert spoke.getresponse().status == 200
        spoke.close()
        silent.close()


@pytest.mark.parametrize(("path", "size"), [("/jobs", (1 << 20) + 1), ("/acts/templates.save", 2 << 20)])
def test_a_body_larger_than_its_path_takes_is_refused(tcp, path, size):
    caller = tcp.as_role(Role.ADMINISTRATOR, f"large-{size}")
    status, refusal = caller.refused("POST", path, b" " * size)
    assert (status, refusal.kind) == (413, "InvalidInputError")


def test_a_closed_door_says_who_may_open_it(tmp_path, monkeypatch):
    def connect(_self: object) -> None:
        raise PermissionError

    monkeypatch.setattr("tui.door_ways._UnixConnection.connect", connect)
    with pytest.raises(RefusedError, match="is not open to you"):
        DoorClient(tmp_path).health()
