"""From a request to its answer: who asks, whether they may, what they ask, and the sentence for what is refused."""

import asyncio
import contextlib
import logging
import traceback
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

import msgspec
from aiohttp import web

from actors.messages import Write
from engine.door.access.identity import NOBODY, Caller, Identities
from engine.door.access.redaction import redacted
from engine.door.access.refusals import Refusals
from engine.door.endpoint import JSON, NUMBERS, Asked, Crew, Endpoint, query_of
from engine.identities import remembering
from engine.orders import Refusal
from engine.service import Engine
from store.access import Role
from store.errors import (
    AudienceError,
    CallchainError,
    GatewayError,
    InvalidInputError,
    NotFoundError,
    RefusedError,
    StoreError,
)

THREADS = 4
"""Of each crew: plannings, acts and emergencies carried out at once."""

STUDY_THREADS = 2
"""Studies at once: each takes a processor for itself for up to 20 s."""

COMMAND_THREADS = 32
"""Commands carried out at once. They mostly wait for a commit; some that wait long must not hold back a cancel."""

BODY_SECONDS_MAX = 60.0
"""A body that takes longer to arrive comes from nobody who means it."""

SEEN_MS = 3_600_000
"""How often it is written down that somebody was seen."""

STATUSES = (
    (NotFoundError, 404),
    (AudienceError, 409),
    (RefusedError, 409),
    (InvalidInputError, 422),
    (GatewayError, 502),
    (StoreError, 503),
    (CallchainError, 500),
)

WITHOUT_TOKEN = "This takes a token that holds."  # noqa: S105

log = logging.getLogger(__name__)

T = TypeVar("T")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Front:
    """Makes a handler of each endpoint."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._crews = {
            Crew.WORK: ThreadPoolExecutor(THREADS, thread_name_prefix="door"),
            Crew.ACT: ThreadPoolExecutor(THREADS, thread_name_prefix="door-act"),
            Crew.STUDY: ThreadPoolExecutor(STUDY_THREADS, thread_name_prefix="door-study"),
            Crew.URGENT: ThreadPoolExecutor(THREADS, thread_name_prefix="door-emergency"),
            Crew.COMMAND: ThreadPoolExecutor(COMMAND_THREADS, thread_name_prefix="door-command"),
        }
        self._identities = Identities(lambda: engine.settings, engine.station.database, engine.clock)
        self._refusals = Refusals(engine, lambda seconds, act: asyncio.get_running_loop().call_later(seconds, act))
        self._seen: dict[str, int] = {}
        """Who was written down as seen, and when."""
        self.streams: set[asyncio.Task[Any]] = set()
        """Answers that would never end by themselves."""

    def close(self) -> None:
        """Let what is being carried out end."""
        for crew in self._crews.values():
            crew.shutdown(wait=True)

    def leave(self) -> None:
        """The door closes: end what has no end, and write down what was refused."""
        for stream in self.streams:
            stream.cancel()
        with contextlib.suppress(CallchainError):  # the engine has ended before its door
            self._refusals.write()

    def handler(self, endpoint: Endpoint) -> Handler:
        """What answers an endpoint's requests."""

        async def handle(request: web.Request) -> web.StreamResponse:
            caller = await self._caller(request, endpoint)
            if endpoint.raw is not None:
                return await self._answer_raw(endpoint.raw, endpoint, request, caller)
            asked = await self._asked(endpoint, request, caller)
            answer = await self._carry_out(endpoint, asked)
            if caller.role is Role.VIEWER:
                answer = redacted(answer)
            return json_response(answer)

        return handle

    # -- who asks

    async def _caller(self, request: web.Request, endpoint: Endpoint) -> Caller:
        """Who asks, if they may. Raises DeniedError."""
        uid = self._identities.peer(request)
        if uid is None:
            caller = self._identities.bearer(request)
        else:
            # The system may take the network to answer.
            known, look_up = self._identities.known(uid), partial(self._identities.look_up, uid)
            caller = await self.apart(look_up, Crew.URGENT) if known is None else known
        if not caller.may(endpoint.role):
            raise self.denied(caller, endpoint, endpoint.role, request)
        return caller

    def denied(self, caller: Caller, endpoint: Endpoint, needed: Role | None, request: web.Request) -> "DeniedError":
        """Write down that somebody has no right, and the error that says so."""
        job = request.match_info.get("job_id", "")
        self._refusals.note(caller, endpoint.verb, int(job) if job else 0, needed or Role.VIEWER)
        if caller is NOBODY:
            return DeniedError(401, WITHOUT_TOKEN)
        if caller.role is None:
            return DeniedError(
                403, f"{caller.name} may do nothing here; an administrator gives roles in [[door_roles]]."
            )
        takes = needed.word.replace("_", " ") if needed is not None else ""
        return DeniedError(403, f"This takes the role {takes}; {caller.name} is {caller.role.word.replace('_', ' ')}.")

    def _remember(self, caller: Caller) -> None:
        """Have the store keep who gives commands, so that facts can be read by name."""
        now = self._engine.clock.now()
        if self._seen.get(caller.name, 0) + SEEN_MS <= now:
            self._seen[caller.name] = now
            station = self._engine.station
            station.team.writer.ref.tell(Write(remembering(station.database, caller.name, now), may_wait=True))

    # -- what they ask, and the answer

    async def _asked(self, endpoint: Endpoint, request: web.Request, caller: Caller) -> Asked:
        query = query_of(request, endpoint.query) if endpoint.query is not None else None
        body = endpoint.read(await body_of(request, endpoint.body_max)) if endpoint.asks is not None else None
        asked = Asked(caller, body, query, request.match_info, request.content_type)
        needed = endpoint.needs(asked) if endpoint.needs is not None else endpoint.role
        if not caller.may(needed):
            raise self.denied(caller, endpoint, needed, request)
        if request.method != "GET":
            self._remember(caller)
        return asked

    async def _carry_out(self, endpoint: Endpoint, asked: Asked) -> Any:  # noqa: ANN401
        carry_out = endpoint.carry_out
        assert carry_out is not None, "it has one where it is not raw"
        crew = endpoint.crew if isinstance(endpoint.crew, Crew) else endpoint.crew(asked)
        return carry_out(asked) if crew is Crew.LOOP else await self.apart(lambda: carry_out(asked), crew)

    async def _answer_raw(
        self, raw: Callable[[web.Request, Caller], Awaitable[web.StreamResponse]], endpoint: Endpoint,
        request: web.Request, caller: Caller,
    ) -> web.StreamResponse:  # fmt: skip
        task = asyncio.current_task()
        if not endpoint.endless or task is None:
            return await raw(request, caller)
        self.streams.add(task)
        try:
            return await raw(request, caller)
        finally:
            self.streams.discard(task)

    async def apart(self, act: Callable[[], T], crew: Crew) -> T:
        """Have something done by a crew."""
        return await asyncio.get_running_loop().run_in_executor(self._crews[crew], act)


class DeniedError(CallchainError):
    """Who asks is nobody (401), or has not the right (403)."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


async def body_of(request: web.Request, most: int) -> bytes:
    """The body. Raises what HTTP refuses: one that is too large, or too slow."""
    if (request.content_length or 0) > most:
        raise web.HTTPRequestEntityTooLarge(most, request.content_length or 0)
    pieces, size = [], 0
    try:
        async with asyncio.timeout(BODY_SECONDS_MAX):
            while piece := await request.content.readany():
                pieces.append(piece)
                size += len(piece)
                if size > most:
                    raise web.HTTPRequestEntityTooLarge(most, size)
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    return b"".join(pieces)


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every error becomes a sentence and a status."""
    try:
        return await handler(request)
    except DeniedError as error:
        refusal = json_response(Refusal(error=str(error), kind=RefusedError.__name__), error.status)
        if error.status == 401:
            refusal.headers["WWW-Authenticate"] = "Bearer"
        return refusal
    except CallchainError as error:
        status = next(status for kind, status in STATUSES if isinstance(error, kind))
        return json_response(Refusal(error=str(error), kind=type(error).__name__), status)
    except web.HTTPException as error:
        refusal = json_response(_refusal(error), error.status)
        if isinstance(error, web.HTTPMethodNotAllowed):
            refusal.headers["Allow"] = ",".join(sorted(error.allowed_methods))
        return refusal
    except ConnectionError:
        raise  # whoever asked has left
    except Exception as error:
        # Only where it happened: what such an error says may be a name or a number.
        where = "".join(traceback.format_tb(error.__traceback__))
        log.error("A request at the door failed with %s:\n%s", type(error).__name__, where)  # noqa: TRY400
        sentence = "The engine could not carry this out for a reason of its own; look at its log."
        return json_response(Refusal(error=sentence, kind=CallchainError.__name__), 500)


def _refusal(error: web.HTTPException) -> Refusal:
    """What HTTP itself refuses: a path there is not, a method a path does not take, a body without end."""
    if error.status == 404:
        return Refusal(error="There is nothing at this path; see GET /openapi.json.", kind=NotFoundError.__name__)
    if error.status == 405:
        sentence = "This path does not take that method; see GET /openapi.json."
        return Refusal(error=sentence, kind=InvalidInputError.__name__)
    return Refusal(error=f"The request is refused: {error.reason}.", kind=InvalidInputError.__name__)


_encode = msgspec.json.Encoder().encode


def json_response(value: Any, status: int = 200) -> web.Response:  # noqa: ANN401
    """A value as JSON."""
    return web.Response(body=_encode(value), status=status, content_type=JSON)


def pattern_of(path: str) -> str:
    """An endpoint's path as aiohttp reads it: numbers in it are digits and no more of them than any id has."""
    for name, digits in NUMBERS.items():
        path = path.replace(f"{{{name}}}", f"{{{name}:[0-9]{{1,{digits}}}}}")
    return path
