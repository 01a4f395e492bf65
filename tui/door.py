"""A client of the engine's door: the same acts and the same types as the engine itself, from another process."""

import http.client
import os
import pwd
import secrets
import socket
from pathlib import Path
from typing import TypeVar

import msgspec

from engine.acts.act import Act
from engine.home import require_store
from engine.orders import SOCKET_NAME, Health, Order, PrepareRequest, Refusal
from engine.roster.comparison import LOSS_PERCENT_MAX
from engine.views import JobView, Prepared, StudentCounts
from store import errors
from store.commands import Verb
from store.people import Roster

ANSWER_SECONDS_MAX = 330.0
"""For one request: planning the largest district takes this long at most."""

ORDER_VALID_MS = 30_000
"""A command that was not carried out after this long never will be."""

T = TypeVar("T")
Q = TypeVar("Q")
A = TypeVar("A")


class DoorClient:
    """Speaks to one district's engine. Raises what the engine raises, EngineUnreachableError when none runs.

    StoreError where there is no district at all.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._path = home / SOCKET_NAME

    def is_open(self) -> bool:
        """Whether an engine answers."""
        try:
            self.health()
        except errors.EngineUnreachableError:
            return False
        return True

    def health(self) -> Health:
        """How the engine is."""
        return self._ask("GET", "/health", Health)

    def jobs(self) -> list[JobView]:
        """Every job ever released."""
        return self._ask("GET", "/jobs", list[JobView])

    def job(self, job_id: int) -> JobView:
        """One job."""
        return self._ask("GET", f"/jobs/{job_id}", JobView)

    def students(self, job_id: int) -> StudentCounts:
        """Students covered, told and missed by a job."""
        return self._ask("GET", f"/jobs/{job_id}/students", StudentCounts)

    def prepare(self, request: PrepareRequest) -> Prepared:
        """Freeze an audience; nothing is dialed."""
        return self._ask("POST", "/jobs", Prepared, msgspec.json.encode(request))

    def send(self, job_id: int, expect: int) -> JobView:
        """Release a prepared job."""
        return self.command(Verb.SEND, job_id, expect)

    def command(self, verb: Verb, job_id: int, expect: int | None = None) -> JobView:
        """Give a command to the engine as it is now; it expires if it is not carried out soon."""
        health = self.health()
        valid_ms = int(ORDER_VALID_MS * health.speed)
        order = Order(
            command_id=secrets.randbits(62) + 1,
            expires_at=health.now + valid_ms,
            incarnation=health.incarnation,
            expect=expect,
        )
        return self.give(verb, job_id, order)

    def give(self, verb: Verb, job_id: int, order: Order) -> JobView:
        """Hand an order over; repeating it is harmless."""
        return self._ask("POST", f"/jobs/{job_id}/{verb.word}", JobView, msgspec.json.encode(order))

    def replace_roster(self, roster: Roster, accept_loss_percent: float = LOSS_PERCENT_MAX) -> None:
        """Put a roster in force. RefusedError when more than that share of the one in force would vanish."""
        self._ask("PUT", f"/roster?accept_loss={accept_loss_percent:g}", dict[str, int], msgspec.msgpack.encode(roster))

    def act(self, act: Act[Q, A], request: Q) -> A:
        """Have the engine carry out an act."""
        return self._ask("POST", f"/acts/{act.name}", act.answers, msgspec.json.encode(request))

    def _ask(self, method: str, path: str, kind: type[T], body: bytes | None = None) -> T:
        connection = _UnixConnection(self._path)
        try:
            connection.request(method, path, body)
            response = connection.getresponse()
            data = response.read()
        except (OSError, http.client.HTTPException):
            require_store(self._home)
            raise errors.EngineUnreachableError(
                f"No engine answers for {self._home}; start one with `callchain serve --home {self._home}`."
            ) from None
        finally:
            connection.close()
        if response.status != 200:
            raise _refusal(data)
        return msgspec.json.decode(data, type=kind)


def user_name() -> str:
    """Who types this, as the door would know them."""
    return pwd.getpwuid(os.getuid()).pw_name


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=ANSWER_SECONDS_MAX)
        self._path = path

    def connect(self) -> None:
        """Open the socket."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def _refusal(data: bytes) -> errors.CallchainError:
    """The engine's own error, as if it had been raised here."""
    try:
        refusal = msgspec.json.decode(data, type=Refusal)
    except msgspec.DecodeError:
        return errors.CallchainError("The engine answered with something else than it should; look at its log.")
    kind: type[errors.CallchainError] = getattr(errors, refusal.kind, errors.CallchainError)
    return kind(refusal.error)
