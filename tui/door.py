"""A client of the engine's door: the same acts and the same types as the engine itself, from another process."""

import http.client
import os
import pwd
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TypeVar
from urllib.parse import urlencode

import msgspec

from engine.acts.act import Act
from engine.home import settings_in_force
from engine.orders import CommandView, Health, LinesView, Order, PrepareRequest, Refusal
from engine.roster.comparison import LOSS_PERCENT_MAX
from engine.views import JobView, Prepared, ReleaseView, StudentCounts
from store import errors
from store.commands import Verb
from store.people import Roster
from tui.door_ways import SocketWay, Way, is_elsewhere, way_to

ANSWER_SECONDS_MAX = 330.0
"""For one request: planning the largest district takes this long at most."""

ORDER_VALID_MS = 30_000
"""A command that was not carried out after this long never will be."""

PIECE_BYTES = 256 << 10
"""Of a report, read at a time."""

T = TypeVar("T")
Q = TypeVar("Q")
A = TypeVar("A")


class DoorClient:
    """Speaks to one district's engine. Raises what the engine raises, EngineUnreachableError when none runs.

    StoreError where there is no district at all.
    """

    def __init__(self, home: Path, way: Way | None = None) -> None:
        self._way: Way = way or SocketWay(home)

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

    def lines(self) -> LinesView:
        """The lines, and what is on them now."""
        return self._ask("GET", "/lines", LinesView)

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
        """Release a prepared job at once. RefusedError, saying what it waits for, where the ladder has rungs."""
        release = self.ask_to_send(job_id, expect)
        if release.job is None:
            raise errors.RefusedError(_waits(release))
        return release.job

    def ask_to_send(self, job_id: int, expect: int) -> ReleaseView:
        """Want a prepared job sent: released at once where the ladder has no rungs."""
        return self.climb(Verb.SEND, job_id, self.order(expect))

    def approve(self, job_id: int, expect: int) -> ReleaseView:
        """Agree, as the second person."""
        return self.climb(Verb.APPROVE, job_id, self.order(expect))

    def recall(self, job_id: int) -> ReleaseView:
        """Take it back before it has gone out."""
        return self.climb(Verb.RECALL, job_id, self.order())

    def releases(self) -> list[ReleaseView]:
        """What is on the ladder now, oldest first."""
        return self._ask("GET", "/releases", list[ReleaseView])

    def command(self, verb: Verb, job_id: int) -> JobView:
        """Have a job paused, resumed, canceled or refreshed by the engine as it is now."""
        return self.give(verb, job_id, self.order())

    def order(self, expect: int | None = None) -> Order:
        """A command to the engine as it is now; it expires if it is not carried out soon."""
        health = self.health()
        return Order(
            command_id=secrets.randbits(62) + 1,
            expires_at=health.now + int(ORDER_VALID_MS * health.speed),
            incarnation=health.incarnation,
            expect=expect,
        )

    def give(self, verb: Verb, job_id: int, order: Order) -> JobView:
        """Hand over an order about a job that runs; repeating it is harmless."""
        return self._ask("POST", f"/jobs/{job_id}/{verb.word}", JobView, msgspec.json.encode(order))

    def climb(self, verb: Verb, job_id: int, order: Order) -> ReleaseView:
        """Hand over an order to send, approve or recall; repeating it is harmless."""
        return self._ask("POST", f"/jobs/{job_id}/{verb.word}", ReleaseView, msgspec.json.encode(order))

    def what_became(self, command_id: int) -> CommandView:
        """What became of a command."""
        return self._ask("GET", f"/commands/{command_id}", CommandView)

    def replace_roster(self, roster: Roster, accept_loss_percent: float = LOSS_PERCENT_MAX) -> None:
        """Put a roster in force. RefusedError when more than that share of the one in force would vanish."""
        self._ask("PUT", f"/roster?accept_loss={accept_loss_percent:g}", dict[str, int], msgspec.msgpack.encode(roster))

    def act(self, act: Act[Q, A], request: Q) -> A:
        """Have the engine carry out an act."""
        return self._ask("POST", f"/acts/{act.name}", act.answers, msgspec.json.encode(request))

    def report(self, name: str, asked: object, form: str, excel: bool, out: IO[bytes]) -> int:
        """Write a report into a file as it comes; how many rows it has."""
        query = urlencode({"format": form, "excel": str(excel).lower()})
        with self._answer("POST", f"/reports/{name}?{query}", msgspec.json.encode(asked)) as response:
            while piece := response.read(PIECE_BYTES):
                out.write(piece)
            return int(response.headers.get("X-Rows", "0"))

    def document(self) -> bytes:
        """The door's own description, an OpenAPI document."""
        with self._answer("GET", "/openapi.json", None) as response:
            return response.read()

    def _ask(self, method: str, path: str, kind: type[T], body: bytes | None = None) -> T:
        with self._answer(method, path, body) as response:
            data = response.read()
        return msgspec.json.decode(data, type=kind)

    @contextmanager
    def _answer(self, method: str, path: str, body: bytes | None) -> Iterator[http.client.HTTPResponse]:
        """The answer to a request, to be read within the block. Raises what the engine refused it with."""
        connection = self._way.connection(ANSWER_SECONDS_MAX)
        try:
            connection.request(method, path, body, self._way.headers)
            response = connection.getresponse()
            if response.status != 200:
                raise _refusal(response.read())
            yield response
        except (OSError, http.client.HTTPException) as error:
            raise self._way.closed(error) from None
        finally:
            connection.close()


def door_of(home: Path) -> DoorClient:
    """The door that is meant: the one CALLCHAIN_DOOR names, else that of a district's folder."""
    return DoorClient(home, way_to(home))


def zone_of(home: Path) -> str:
    """The time zone of the district that is meant; whoever may not read its settings is told at the door."""
    if not is_elsewhere():
        try:
            return settings_in_force(home).district.time_zone
        except errors.ConfigError:
            if not os.path.exists(home) or os.access(home, os.R_OK):
                raise
    return door_of(home).health().time_zone


def _waits(release: ReleaseView) -> str:
    """What a job waits for before it goes out."""
    if release.needs_second:
        return (
            f"Job {release.job_id} waits for a second person: `callchain approve {release.job_id}`, as somebody else "
            f"than {release.asked_by}."
        )
    return f"Job {release.job_id} is {release.rung}; until it goes out, `callchain recall {release.job_id}` stops it."


def user_name() -> str:
    """Who types this, as the door would know them."""
    return pwd.getpwuid(os.getuid()).pw_name


def _refusal(data: bytes) -> errors.CallchainError:
    """The engine's own error, as if it had been raised here."""
    try:
        refusal = msgspec.json.decode(data, type=Refusal)
    except msgspec.DecodeError:
        return errors.CallchainError("The engine answered with something else than it should; look at its log.")
    kind: type[errors.CallchainError] = getattr(errors, refusal.kind, errors.CallchainError)
    return kind(refusal.error)
