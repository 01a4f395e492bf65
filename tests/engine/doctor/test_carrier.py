"""The doctor about the way to the carrier: which call center fails, and at which stage of the way."""

import socket
import threading
from pathlib import Path

import pytest

from actors.runtime.clock import Clock, WallClock
from engine.doctor.carrier import center_name
from engine.doctor.finding import Finding, Grade
from engine.gateways.stand_in.carrier import Carrier
from engine.gateways.stand_in.soap_server import CenterMode, SoapServer
from tests.engine.doctor.districts import bad, findings, sound_district, the_problem
from tests.fakes import MINUTE, PASSWORD, ScriptedPhones


class ClockAhead(WallClock):
    def now(self) -> int:
        return super().now() + 5 * MINUTE


def serve(clock: Clock, password: str = PASSWORD) -> SoapServer:
    server = SoapServer(Carrier(ScriptedPhones(), lines=10, emergency_lines=4), clock, user="oak", password=password)
    server.start()
    return server


@pytest.fixture
def centers():
    server = serve(WallClock())
    yield server
    server.stop()


def asked(home: Path) -> list[Finding]:
    return findings(home, "carrier", network=True, now=None)


def test_both_call_centers_are_asked_with_our_credentials(tmp_path, centers):
    found = asked(sound_district(tmp_path / "d", *centers.urls))
    assert [finding.grade for finding in found] == [Grade.OK, Grade.OK]
    for name, finding in zip(("ca", "ny"), found, strict=True):
        assert f"/{name}/soap answers and knows our credentials; 0 of 10 lines are in use" in finding.says


@pytest.mark.parametrize(
    ("mode", "says"),
    [
        (CenterMode.DROPS, "takes a connection but gives no answer"),
        (CenterMode.SILENT, "takes a connection but gives no answer"),
        (CenterMode.UNAVAILABLE, "asks to come back later"),
        (CenterMode.DRAINING, "asks to come back later"),
    ],
)
def test_the_center_that_fails_is_named_while_the_other_is_well(tmp_path, centers, monkeypatch, mode, says):
    monkeypatch.setattr("engine.doctor.carrier.ANSWER_SECONDS", 0.5)
    centers.center_down("NY", mode)
    found = asked(sound_district(tmp_path / "d", *centers.urls))
    ny = next(finding for finding in found if f"{center_name(centers.urls[1])} {says}" in finding.says)
    assert ny.grade in (Grade.WARNING, Grade.PROBLEM)
    assert found[0].grade is Grade.OK


def test_a_wrong_password_is_told_and_not_shown(tmp_path):
    server = serve(WallClock(), "another password")
    try:
        found = asked(sound_district(tmp_path / "d", server.urls[0]))
    finally:
        server.stop()
    problem = the_problem(found)
    assert "refuses our User Name and Password" in problem.says
    assert problem.todo == "Save the right ones with `callchain settings credentials`."
    assert PASSWORD not in repr(found)


@pytest.mark.row("C032")
def test_a_port_where_nothing_listens_may_be_a_firewall_that_rejects(tmp_path, centers):
    """C032: District firewall must permit outgoing traffic (diagnose blocked egress)."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        found = asked(sound_district(tmp_path / "d", centers.urls[0], f"http://127.0.0.1:{port}/ny/soap"))
    problem = the_problem(found)
    assert f"Call center 127.0.0.1:{port}/ny/soap cannot be reached" in problem.says
    assert "refuses the connection" in problem.says
    assert "firewall permit outgoing HTTPS" in problem.todo


@pytest.mark.row("C032")
def test_packets_that_are_dropped_are_told_from_a_server_that_refuses(tmp_path, centers, monkeypatch):
    """C032: District firewall must permit outgoing traffic (diagnose blocked egress)."""

    def dropped(_address, timeout: float) -> socket.socket:
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", dropped)
    problem = the_problem(asked(sound_district(tmp_path / "d", centers.urls[0])))
    assert "a firewall between may be dropping what is sent" in problem.says
    assert "firewall permit outgoing HTTPS" in problem.todo


def test_a_name_that_cannot_be_looked_up_is_told_from_a_network_that_is_down(tmp_path, centers, monkeypatch):
    def unknown(*_asked, **_more):
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    problem = the_problem(asked(sound_district(tmp_path / "d", centers.urls[0])))
    assert "the name 127.0.0.1 cannot be looked up" in problem.says
    assert "DNS" in problem.todo


def test_a_look_up_that_never_ends_keeps_nobody_waiting(tmp_path, centers, monkeypatch):
    monkeypatch.setattr("engine.doctor.carrier.CENTER_SECONDS_MAX", 0.2)
    over = threading.Event()

    def silent(*_asked, **_more):
        over.wait()
        raise socket.gaierror(socket.EAI_AGAIN, "too late")

    monkeypatch.setattr(socket, "getaddrinfo", silent)
    try:
        assert "does not answer within" in the_problem(asked(sound_district(tmp_path / "d", centers.urls[0]))).says
    finally:
        over.set()


def test_a_server_that_does_not_speak_tls_is_told(tmp_path, centers):
    secure = centers.urls[0].replace("http:", "https:")
    problem = the_problem(asked(sound_district(tmp_path / "d", secure)))
    assert "no TLS with 127.0.0.1 comes about" in problem.says


def test_a_wrong_path_is_an_answer_outside_the_contract(tmp_path, centers):
    wrong = centers.urls[0].replace("/ca/", "/nowhere/")
    assert "does not answer as its contract says" in the_problem(asked(sound_district(tmp_path / "d", wrong))).says


def test_a_carrier_whose_clock_is_minutes_ahead_is_a_problem(tmp_path):
    server = serve(ClockAhead())
    try:
        problem = the_problem(asked(sound_district(tmp_path / "d", server.urls[0])))
    finally:
        server.stop()
    assert "seconds ahead of ours: only emergencies are dialed" in problem.says


def test_an_end_point_that_would_show_the_password_is_told_and_the_other_center_is_asked_all_the_same(
    tmp_path, centers, monkeypatch
):
    monkeypatch.setattr("engine.doctor.carrier.way_to", lambda _url, _ca_file: None)
    home = sound_district(tmp_path / "d", centers.urls[0], "http://carrier.example/soap")
    found = asked(home)
    assert found[0].grade is Grade.OK
    assert "Call center carrier.example/soap cannot be asked" in the_problem(found).says
    assert "is not https" in the_problem(found).says


def test_one_end_point_alone_is_worth_a_note_and_none_is_a_problem(tmp_path, centers):
    one = asked(sound_district(tmp_path / "one", centers.urls[0]))
    assert any("Only one URL End Point is set" in finding.says for finding in one if finding.grade is Grade.NOTE)
    assert bad(asked(sound_district(tmp_path / "none"))) == ["No URL End Point is set."]
