"""The door over its real Unix socket, with a live engine behind it."""

import http.client
import json
import logging
import socket
import threading
from pathlib import Path

import msgspec
import pytest

from engine.door.door import Door
from engine.orders import SOCKET_NAME, Refusal
from engine.service import Engine
from store.commands import Verb
from store.errors import RefusedError, StoreError
from store.facts import CommandTaken
from store.records import Reason
from tests.engine.test_recovery import no_gateway
from tests.fakes import SoapTown, at, one_contact, roster_of, settings_of, soap_town

EARLY = at("2026-03-02 07:00")
"""Before the district's hours: jobs wait."""


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=20)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


class Caller:
    """Knocks at a town's door."""

    def __init__(self, town: SoapTown) -> None:
        self.town = town

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        connection = _UnixConnection(self.town.home / SOCKET_NAME)
        try:
            connection.request(method, path, body)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def refused(self, method: str, path: str, body: bytes | None = None) -> tuple[int, Refusal]:
        status, answer = self.ask(method, path, body)
        return status, msgspec.json.decode(answer, type=Refusal)

    def order(self, **other: object) -> bytes:
        engine = self.town.engine
        order = {
            "command_id": engine.station.random.getrandbits(62) + 1,
            "expires_at": engine.clock.now() + 60_000,
            "incarnation": engine.incarnation,
        }
        return json.dumps({**order, **other}).encode()


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """Four families before the district's hours, and an open door."""
    families = [one_contact(f"Family{n}") for n in range(4)]
    with soap_town(tmp_path_factory.mktemp("town"), *families, now=EARLY, speed=1) as town:
        door = Door(town.engine)
        door.open()
        yield town
        door.close()


@pytest.fixture
def caller(town):
    return Caller(town)


def taken(town: SoapTown, command_id: int) -> list[CommandTaken]:
    return [fact for fact in town.facts(CommandTaken) if fact.command_id == command_id]


# ---------------------------------------------------------------- what is asked


@pytest.mark.parametrize("verb", ["send", "pause", "resume", "cancel", "refresh"])
@pytest.mark.parametrize(
    "field",
    [
        {"command_id": 2**70},
        {"command_id": 2**63},
        {"command_id": 0},
        {"command_id": -5},
        {"expires_at": 2**70},
        {"expires_at": -1},
        {"incarnation": 2**70},
        {"expect": 2**70},
        {"expect": -1},
    ],
)
def test_a_number_nothing_can_hold_is_refused_and_the_engine_goes_on(town, caller, verb, field):
    job = town.prepare() if verb == "send" else 1
    status, refusal = caller.refused("POST", f"/jobs/{job}/{verb}", caller.order(**field))
    assert (status, refusal.kind) == (422, "InvalidInputError")
    assert "not understood" in refusal.error
    assert not town.engine.failed
    assert caller.ask("GET", "/health")[0] == 200


@pytest.mark.parametrize(("field", "minute"), [("opens_minute", 2**70), ("closes_minute", 1441), ("opens_minute", -2)])
def test_a_window_beyond_the_day_is_refused(caller, field, minute):
    request = {"reason": "general", "subject": "Hello", "text": "Hello.", field: minute}
    status, refusal = caller.refused("POST", "/jobs", json.dumps(request).encode())
    assert (status, refusal.kind) == (422, "InvalidInputError")


@pytest.mark.parametrize("job", ["0", "999999999", "9999999999", "9" * 60])
def test_a_job_there_cannot_be_is_not_found(caller, job):
    for method, path in (("GET", ""), ("GET", "/students"), ("POST", "/cancel"), ("POST", "/send")):
        body = caller.order() if method == "POST" else None
        status, refusal = caller.refused(method, f"/jobs/{job}{path}", body)
        assert (status, refusal.kind) == (404, "NotFoundError")


@pytest.mark.parametrize(
    ("method", "path", "status", "kind"),
    [
        ("GET", "/", 404, "NotFoundError"),
        ("POST", "/jobs/1/explode", 404, "NotFoundError"),
        ("GET", "/jobs/one", 404, "NotFoundError"),
        ("DELETE", "/jobs", 405, "InvalidInputError"),
        ("GET", "/roster", 405, "InvalidInputError"),
    ],
)
def test_an_unknown_path_or_method_is_refused_like_everything_else(caller, method, path, status, kind):
    found, refusal = caller.refused(method, path)
    assert (found, refusal.kind) == (status, kind)
    assert "path" in refusal.error


def test_an_error_nobody_expected_is_one_sentence_and_its_place_is_logged_but_not_its_words(
    town, caller, monkeypatch, caplog
):
    private = "Lopez +16125550123"

    def releases() -> None:
        raise ValueError(private)

    monkeypatch.setattr(town.engine, "releases", releases)
    with caplog.at_level(logging.ERROR):
        status, refusal = caller.refused("GET", "/releases")
    assert (status, refusal.kind) == (500, "CallchainError")
    assert "look at its log" in refusal.error
    assert "ValueError" in caplog.text
    assert "test_door.py" in caplog.text
    assert private not in refusal.error + caplog.text


# ---------------------------------------------------------------- orders


def test_the_journal_knows_an_order_by_its_own_id(town, caller):
    job = town.prepare()
    for command_id, verb in ((501, "send"), (502, "pause"), (503, "cancel")):
        status, answer = caller.ask("POST", f"/jobs/{job}/{verb}", caller.order(command_id=command_id))
        assert status == 200, answer
        (fact,) = taken(town, command_id)
        assert (Verb(fact.verb).word, fact.job_id) == (verb, job)
        assert fact.author_id


def test_the_same_order_twice_acts_once(town, caller):
    job, order = town.prepare(), caller.order(command_id=601)
    assert caller.ask("POST", f"/jobs/{job}/send", order) == caller.ask("POST", f"/jobs/{job}/send", order)
    assert len(taken(town, 601)) == 1


def test_an_id_that_was_used_is_refused_for_another_verb_or_job(town, caller):
    job, other = town.send(), town.send()
    order = caller.order(command_id=701)
    assert caller.ask("POST", f"/jobs/{job}/pause", order)[0] == 200
    for path in (f"/jobs/{job}/cancel", f"/jobs/{other}/pause"):
        status, refusal = caller.refused("POST", path, order)
        assert (status, refusal.kind) == (409, "RefusedError")
        assert f"used to pause job {job}" in refusal.error
    town.until(lambda: town.job(job).state == "paused")
    assert len(taken(town, 701)) == 1


def test_commands_that_stall_hold_back_neither_an_emergency_nor_a_cancel(town, caller, monkeypatch):
    job, emergency = town.send(), town.prepare(Reason.EMERGENCY)
    go_on, stalled, command = threading.Event(), threading.Semaphore(0), town.engine.command

    def slow(verb: Verb, job_id: int, **more: object):
        if verb is Verb.PAUSE:
            stalled.release()
            go_on.wait(20)
            raise RefusedError("It came too late.")
        return command(verb, job_id, **more)

    monkeypatch.setattr(town.engine, "command", slow)
    threads = [
        threading.Thread(target=caller.ask, args=["POST", f"/jobs/{job}/pause", caller.order()]) for _ in range(8)
    ]
    try:
        for thread in threads:
            thread.start()
        for _ in threads:
            assert stalled.acquire(timeout=10)
        for one in town.parts:
            one.mom.cell.answers().presses("0").always()
        assert caller.ask("POST", f"/jobs/{emergency}/send", caller.order())[0] == 200
        assert caller.ask("POST", f"/jobs/{job}/cancel", caller.order())[0] == 200
        assert town.engine.wait(job, 10).state == "canceled"
    finally:
        go_on.set()
        for thread in threads:
            thread.join(10)
    town.engine.cancel(emergency)


# ---------------------------------------------------------------- the roster


def test_a_roster_that_loses_too_much_is_refused_at_the_door_until_the_loss_is_accepted(town, caller):
    whole, half = (msgspec.msgpack.encode(roster_of(*parts)) for parts in (town.parts, town.parts[:2]))
    status, refusal = caller.refused("PUT", "/roster", half)
    assert (status, refusal.kind) == (409, "RefusedError")
    assert "4 of 8 people" in refusal.error
    assert "--accept-loss 50" in refusal.error
    for loss in ("nan", "-1", "101", "much"):
        assert caller.refused("PUT", f"/roster?accept_loss={loss}", half)[0] == 422
    assert caller.refused("PUT", "/roster?accept_loss=49.9", half)[0] == 409
    assert json.loads(caller.ask("PUT", "/roster?accept_loss=50", half)[1]) == {"version": 2}
    assert json.loads(caller.ask("PUT", "/roster", whole)[1]) == {"version": 3}


# ---------------------------------------------------------------- life


def test_a_door_that_cannot_be_opened_says_so_and_closing_it_is_harmless(tmp_path):
    (tmp_path / SOCKET_NAME).mkdir(parents=True)
    with Engine(tmp_path, settings=settings_of(), gateway=no_gateway) as engine:
        door = Door(engine)
        with pytest.raises(StoreError, match=r"door\.sock cannot be opened"):
            door.open()
        door.close()
        assert engine.jobs() == []
    assert (tmp_path / SOCKET_NAME).is_dir()


def test_the_socket_is_its_users_own_and_gone_when_the_door_is_closed(tmp_path):
    with Engine(tmp_path, settings=settings_of(), gateway=no_gateway) as engine:
        door = Door(engine)
        door.open()
        assert (tmp_path / SOCKET_NAME).stat().st_mode & 0o777 == 0o600
        door.close()
        door.close()
        assert not (tmp_path / SOCKET_NAME).exists()
        never_opened = Door(engine)
        never_opened.close()
