"""Whoever knocks at a real door in tests: at the socket as anybody, or over TCP with a token."""

import http.client
import json
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import trustme

from engine.acts.desk import LiveDesk
from engine.acts.tokens import ADD, AddToken, TokenMade
from engine.config import Settings
from engine.door.door import Door
from engine.orders import SOCKET_NAME, Refusal
from engine.service import Engine
from engine.service_settings import DoorSettings
from store.access import Role
from store.facts import AnyFact
from store.journal import Journal


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=20)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


class Knocker:
    """Asks a door, over connections of its own."""

    def __init__(self, engine: Engine, connect: Callable[[], http.client.HTTPConnection], token: str = "") -> None:
        self.engine = engine
        self._connect = connect
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Status, and the answer as JSON where it is some."""
        status, answer = self.raw(method, path, None if body is None else _bytes(body))
        try:
            return status, json.loads(answer)
        except ValueError:
            return status, answer

    def refused(self, method: str, path: str, body: object = None) -> tuple[int, Refusal]:
        status, answer = self.raw(method, path, None if body is None else _bytes(body))
        return status, msgspec.json.decode(answer, type=Refusal)

    def raw(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        connection = self._connect()
        try:
            connection.request(method, path, body, self._headers)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def order(self, **other: object) -> dict[str, object]:
        """A command to the engine as it is now."""
        return {
            "command_id": self.engine.station.random.getrandbits(62) + 1,
            "expires_at": self.engine.clock.now() + 60_000,
            "incarnation": self.engine.incarnation,
            **other,
        }


def at_socket(engine: Engine) -> Knocker:
    """Somebody at the socket."""
    return Knocker(engine, lambda: UnixConnection(engine.home / SOCKET_NAME))


def token_for(engine: Engine, role: Role, name: str = "", days: int = 0) -> TokenMade:
    """A new token."""
    asked = AddToken(name=name or role.word, role=role.word, days=days)  # type: ignore[arg-type]
    return ADD.carry_out(LiveDesk(engine), asked, "tests")


class TcpDoor:
    """A door over TCP with TLS on loopback."""

    def __init__(self, engine: Engine, door: Door, ca: trustme.CA) -> None:
        self.engine, self.door, self.ca = engine, door, ca

    def trusting(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        self.ca.configure_trust(context)
        return context

    def with_token(self, token: str) -> Knocker:
        tls, port = self.trusting(), self.door.port
        return Knocker(self.engine, lambda: http.client.HTTPSConnection("127.0.0.1", port, context=tls), token)

    def as_role(self, role: Role, name: str = "") -> Knocker:
        return self.with_token(token_for(self.engine, role, name).token)


def tls_settings(home: Path, settings: Settings) -> tuple[Settings, trustme.CA]:
    """Settings of a door over TCP, with a certificate in the district's folder."""
    ca = trustme.CA()
    issued = ca.issue_cert("127.0.0.1", "localhost")
    home.mkdir(exist_ok=True)
    issued.private_key_pem.write_to_path(home / "door.key")
    for place, blob in enumerate(issued.cert_chain_pems):
        blob.write_to_path(home / "door.pem", append=place > 0)
    door = DoorSettings(listen="127.0.0.1:0", certificate="door.pem", key="door.key")
    return msgspec.structs.replace(settings, door=door), ca


@contextmanager
def open_door(engine: Engine) -> Iterator[Door]:
    """A door while the block lasts."""
    door = Door(engine)
    door.open()
    try:
        yield door
    finally:
        door.close()


def facts_of(engine: Engine, kind: type[AnyFact]) -> list[Any]:
    """All facts of a kind that are on disk."""
    station = engine.station
    station.flush_tables()
    with station.database.read() as txn:
        return [fact for block in Journal(station.database).since(txn, 0) for fact in block.facts if type(fact) is kind]


def _bytes(body: object) -> bytes:
    return body if isinstance(body, bytes) else msgspec.json.encode(body)
