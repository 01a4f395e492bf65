"""The door: the engine's acts over HTTP on a Unix socket, for whoever may open it."""

import asyncio
import os
import pwd
import socket
import struct
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import msgspec
from aiohttp import web

from engine.orders import SOCKET_NAME, Health, Order, PrepareRequest, Refusal
from engine.service import Engine
from engine.views import JobView
from store.commands import Verb
from store.errors import (
    AudienceError,
    CallchainError,
    ConfigError,
    InvalidInputError,
    NotFoundError,
    RefusedError,
    StoreError,
)
from store.records import Roster

SOCKET_PATH_MAX = 100
"""Bytes; the kernel takes 107."""

BODY_BYTES_MAX = 512 << 20
"""A roster of a million people, encoded."""

THREADS = 4
"""Requests carried out at once; each waits for a commit."""

REMEMBERED_MAX = 10_000
"""Commands whose answers are kept, so that the same one twice acts once."""

T = TypeVar("T")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_STATUSES = (
    (NotFoundError, 404),
    (AudienceError, 409),
    (RefusedError, 409),
    (InvalidInputError, 422),
    (StoreError, 503),
    (CallchainError, 500),
)


class Door:
    """Listens on `<home>/door.sock`, which only the engine's own user may open, on a thread of its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._path = engine.home / SOCKET_NAME
        if len(os.fsencode(self._path)) > SOCKET_PATH_MAX:
            raise ConfigError(f"The path {self._path} is too long for a socket; put the district in a shorter folder.")
        self._workers = ThreadPoolExecutor(THREADS, thread_name_prefix="door")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="door", daemon=True)
        self._ready = threading.Event()
        self._answers: dict[int, JobView] = {}
        self._ordering = threading.Lock()

    def open(self) -> None:
        """Listen; the socket is there when this returns."""
        self._thread.start()
        self._ready.wait()

    def close(self) -> None:
        """Finish the requests that run, then stop listening."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._workers.shutdown(wait=True)
        self._path.unlink(missing_ok=True)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        app = web.Application(middlewares=[_answer_errors], client_max_size=BODY_BYTES_MAX)
        app.add_routes(self._routes())
        runner = web.AppRunner(app, access_log=None)
        self._loop.run_until_complete(runner.setup())
        self._path.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            self._loop.run_until_complete(web.UnixSite(runner, str(self._path)).start())
        finally:
            os.umask(before)
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(runner.cleanup())
        self._loop.close()

    def _routes(self) -> list[web.RouteDef]:
        return [
            web.get("/health", self._health),
            web.get("/jobs", self._jobs),
            web.post("/jobs", self._prepare),
            web.get("/jobs/{job_id:\\d+}", self._job),
            web.get("/jobs/{job_id:\\d+}/students", self._students),
            web.post("/jobs/{job_id:\\d+}/{verb:send|pause|resume|cancel|refresh}", self._command),
            web.put("/roster", self._replace_roster),
        ]

    # -- reading

    async def _health(self, _request: web.Request) -> web.Response:
        engine = self._engine
        lines, emergency_lines = engine.lines
        return _json(
            Health(
                engine="running",
                incarnation=engine.incarnation,
                now=engine.clock.now(),
                speed=getattr(engine.clock, "speed", 1.0),
                lines=lines,
                emergency_lines=emergency_lines,
                stand_in=engine.settings.carrier.stand_in,
                lines_peak=engine.lines_peak,
            )
        )

    async def _jobs(self, _request: web.Request) -> web.Response:
        return _json(self._engine.jobs())

    async def _job(self, request: web.Request) -> web.Response:
        return _json(self._engine.job(_job_id(request)))

    async def _students(self, request: web.Request) -> web.Response:
        return _json(await self._in_thread(lambda: self._engine.students(_job_id(request))))

    # -- acting

    async def _prepare(self, request: web.Request) -> web.Response:
        asked = _decoded(await request.read(), PrepareRequest)
        try:
            message, audience, window = asked.message(), asked.whom(), asked.window()
        except KeyError as error:
            raise InvalidInputError(f"There is no {error.args[0].lower()}; see `callchain send --help`.") from None
        return _json(await self._in_thread(lambda: self._engine.prepare(message, audience, window)))

    async def _command(self, request: web.Request) -> web.Response:
        order = _decoded(await request.read(), Order)
        verb, job_id, author = Verb[request.match_info["verb"].upper()], _job_id(request), _author(request)
        return _json(await self._in_thread(lambda: self._obey_once(order, verb, job_id, author)))

    def _obey_once(self, order: Order, verb: Verb, job_id: int, author: str) -> JobView:
        """Carry an order out unless it was before, is too old, or is meant for another incarnation."""
        with self._ordering:
            if (answered := self._answers.get(order.command_id)) is not None:
                return answered
            if order.incarnation != self._engine.incarnation:
                raise RefusedError("The engine was started anew since this command was given; look again, then repeat.")
            if order.expires_at <= self._engine.clock.now():
                raise RefusedError("This command came too late and was not carried out; look again, then repeat.")
            answer = self._obey(order, verb, job_id, author)
            self._answers[order.command_id] = answer
            if len(self._answers) > REMEMBERED_MAX:
                del self._answers[next(iter(self._answers))]
            return answer

    def _obey(self, order: Order, verb: Verb, job_id: int, author: str) -> JobView:
        if verb is Verb.SEND:
            return self._engine.send(job_id, expect=order.expect, author=author)
        return self._engine.command(verb, job_id, command_id=order.command_id, author=author)

    async def _replace_roster(self, request: web.Request) -> web.Response:
        body = await request.read()

        def replace() -> int:
            try:
                roster = msgspec.msgpack.decode(body, type=Roster)
            except msgspec.DecodeError as error:
                raise InvalidInputError(f"The body is no encoded roster: {error}.") from None
            return self._engine.replace_roster(roster)

        return _json({"version": await self._in_thread(replace)})

    async def _in_thread(self, act: Callable[[], T]) -> T:
        return await self._loop.run_in_executor(self._workers, act)


@web.middleware
async def _answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every error of ours becomes a sentence and a status."""
    try:
        return await handler(request)
    except CallchainError as error:
        status = next(status for kind, status in _STATUSES if isinstance(error, kind))
        return _json(Refusal(error=str(error), kind=type(error).__name__), status)


def _json(value: Any, status: int = 200) -> web.Response:  # noqa: ANN401
    return web.Response(body=msgspec.json.encode(value), status=status, content_type="application/json")


def _decoded(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError as error:
        raise InvalidInputError(f"The request is not understood: {error}.") from None


def _job_id(request: web.Request) -> int:
    return int(request.match_info["job_id"])


def _author(request: web.Request) -> str:
    """The user at the other end of the socket, as the kernel knows him."""
    peer = request.transport.get_extra_info("socket") if request.transport else None
    if peer is None:
        return ""
    _pid, uid, _gid = struct.unpack("3i", peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
