"""The door: the engine's acts over HTTP on a Unix socket, for whoever may open it."""

import asyncio
import contextlib
import logging
import os
import pwd
import socket
import struct
import threading
import traceback
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

import msgspec
from aiohttp import web

from engine.acts.catalog import ACTS
from engine.acts.desk import LiveDesk
from engine.door.order_book import OrderBook
from engine.orders import SOCKET_NAME, Health, Order, PrepareRequest, Refusal
from engine.roster.comparison import LOSS_PERCENT_MAX
from engine.service import Engine
from engine.views import JobView, Prepared
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
from store.people import Roster
from store.records import Reason

SOCKET_PATH_MAX = 100
"""Bytes; the kernel takes 107."""

JOB = "/jobs/{job_id:[0-9]{1,9}}"
"""The path of a job; no id is longer."""

BODY_BYTES_MAX = 512 << 20
"""A roster of a million people, encoded."""

THREADS = 4
"""Plannings, imports and counts carried out at once; as many acts, which may wait for a silent carrier, and as many
plannings of emergencies, which wait for nobody else."""

COMMAND_THREADS = 32
"""Commands carried out at once. They mostly wait for a commit; some that wait long must not hold back a cancel."""

log = logging.getLogger(__name__)

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
        self._orders = OrderBook(engine)
        self._workers = ThreadPoolExecutor(THREADS, thread_name_prefix="door")
        self._act_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="door-act")
        self._urgent = ThreadPoolExecutor(THREADS, thread_name_prefix="door-emergency")
        self._commanders = ThreadPoolExecutor(COMMAND_THREADS, thread_name_prefix="door-command")
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = asyncio.Event()

    def open(self) -> None:
        """Listen; the socket is there when this returns. Raises StoreError when there cannot be one."""
        ready: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, args=[ready], name="door", daemon=True)
        self._thread.start()
        try:
            ready.result()
        except OSError as error:
            self.close()
            raise StoreError(
                f"The door {self._path} cannot be opened ({error.strerror}); remove what stands there."
            ) from error
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Finish the requests that run, then stop listening; again it does nothing."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended by itself
                self._loop.call_soon_threadsafe(self._stopping.set)
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._workers.shutdown(wait=True)
        self._commanders.shutdown(wait=True)
        self._act_threads.shutdown(wait=True)
        self._urgent.shutdown(wait=True)

    def _run(self, ready: Future[None]) -> None:
        try:
            asyncio.run(self._serve(ready))
        except BaseException as error:
            if ready.done():
                raise
            ready.set_exception(error)

    async def _serve(self, ready: Future[None]) -> None:
        app = web.Application(middlewares=[_answer_errors], client_max_size=BODY_BYTES_MAX)
        app.add_routes(self._routes())
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        try:
            await self._listen(runner)
            self._loop = asyncio.get_running_loop()
            ready.set_result(None)
            await self._stopping.wait()
            self._path.unlink(missing_ok=True)
        finally:
            await runner.cleanup()

    async def _listen(self, runner: web.AppRunner) -> None:
        self._path.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            await web.UnixSite(runner, str(self._path)).start()
        finally:
            os.umask(before)

    def _routes(self) -> list[web.RouteDef]:
        return [
            web.get("/health", self._health),
            web.get("/jobs", self._jobs),
            web.post("/jobs", self._prepare),
            web.get(JOB, self._job),
            web.get(f"{JOB}/students", self._students),
            web.post(JOB + "/{verb:send|pause|resume|cancel|refresh}", self._command),
            web.put("/roster", self._replace_roster),
            web.post("/acts/{name}", self._act),
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
                standing=engine.standing(),
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
            origin = asked.origin(_author(request))
        except KeyError as error:
            raise InvalidInputError(f"There is no {error.args[0].lower()}; see `callchain send --help`.") from None
        threads = self._urgent if message.reason is Reason.EMERGENCY else self._workers

        def prepare() -> Prepared:
            return self._engine.prepare(message, audience, window, origin=origin)

        return _json(await self._in_thread(prepare, threads))

    async def _command(self, request: web.Request) -> web.Response:
        order = _decoded(await request.read(), Order)
        verb, job_id, author = Verb[request.match_info["verb"].upper()], _job_id(request), _author(request)

        def carry_out() -> JobView:
            return self._orders.carry_out(order, verb, job_id, author)

        return _json(await self._in_thread(carry_out, self._commanders))

    async def _act(self, request: web.Request) -> web.Response:
        act, author = ACTS.get(request.match_info["name"]), _author(request)
        if act is None:
            raise NotFoundError("There is no such act; see the README.")
        asked = _decoded(await request.read(), act.asks)

        def carry_out() -> object:
            return act.carry_out(LiveDesk(self._engine), asked, author)

        return _json(await self._in_thread(carry_out, self._act_threads))

    async def _replace_roster(self, request: web.Request) -> web.Response:
        accept, body = _accepted_loss(request), await request.read()

        def replace() -> int:
            try:
                roster = msgspec.msgpack.decode(body, type=Roster)
            except msgspec.DecodeError as error:
                raise InvalidInputError(f"The body is no encoded roster: {error}.") from None
            return self._engine.replace_roster(roster, accept_loss_percent=accept)

        return _json({"version": await self._in_thread(replace)})

    async def _in_thread(self, act: Callable[[], T], threads: ThreadPoolExecutor | None = None) -> T:
        return await asyncio.get_running_loop().run_in_executor(threads or self._workers, act)


@web.middleware
async def _answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every error becomes a sentence and a status."""
    try:
        return await handler(request)
    except CallchainError as error:
        status = next(status for kind, status in _STATUSES if isinstance(error, kind))
        return _json(Refusal(error=str(error), kind=type(error).__name__), status)
    except web.HTTPException as error:
        return _json(_refusal(error), error.status)
    except Exception as error:
        # Only where it happened: what such an error says may be a name or a number.
        where = "".join(traceback.format_tb(error.__traceback__))
        log.error("A request at the door failed with %s:\n%s", type(error).__name__, where)  # noqa: TRY400
        sentence = "The engine could not carry this out for a reason of its own; look at its log."
        return _json(Refusal(error=sentence, kind=CallchainError.__name__), 500)


def _refusal(error: web.HTTPException) -> Refusal:
    """What HTTP itself refuses: a path there is not, a method a path does not take, a body without end."""
    if error.status == 404:
        return Refusal(error="There is nothing at this path; see the README.", kind=NotFoundError.__name__)
    if error.status == 405:
        return Refusal(error="This path does not take that method; see the README.", kind=InvalidInputError.__name__)
    return Refusal(error=f"The request is refused: {error.reason}.", kind=InvalidInputError.__name__)


def _json(value: Any, status: int = 200) -> web.Response:  # noqa: ANN401
    return web.Response(body=msgspec.json.encode(value), status=status, content_type="application/json")


def _decoded(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError as error:
        raise InvalidInputError(f"The request is not understood: {error}.") from None


def _job_id(request: web.Request) -> int:
    return int(request.match_info["job_id"])


def _accepted_loss(request: web.Request) -> float:
    """`?accept_loss=25`: how many percent of the roster in force may vanish."""
    text = request.query.get("accept_loss", str(LOSS_PERCENT_MAX))
    try:
        return float(text)
    except ValueError:
        raise InvalidInputError("accept_loss is no number; give a percentage from 0 to 100.") from None


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
