"""Shoutpoint's side of the contract over HTTP or HTTPS: two call centers' end-points in front of one carrier."""

import asyncio
import contextlib
import logging
import re
import signal
import ssl
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from enum import Enum
from pathlib import Path

import trustme
from aiohttp import web

from actors.runtime.clock import Clock
from engine.gateways.codec import Codec, packaged_wsdl
from engine.gateways.shapes import ContractError, Values
from engine.gateways.stand_in.carrier import Carrier
from engine.gateways.stand_in.envelope import FaultError, fault_envelope, read_request, reply_envelope
from engine.gateways.stand_in.operations import CallProvider
from engine.gateways.stand_in.wsse import TokenChecker
from store.errors import NotFoundError

REQUEST_BYTES_MAX = 10 * 1024 * 1024
"""A recording of 7 MB as base64, and its envelope."""
ADVANCE_EVERY_S = 0.05
"""How often the carrier's time moves while nobody asks, so that a request finds little left to do."""
RETRY_AFTER_S = 1
START_S = 10
"""How long `start` waits for the listening socket; it takes milliseconds."""
SHUTDOWN_S = 0.5
"""How long requests still under way are waited for at the end."""

log = logging.getLogger(__name__)


class CenterMode(Enum):
    """How a call center's end-point behaves."""

    UP = "up"
    DROPS = "drops"
    """Closes every connection without a word; nothing is carried out."""
    UNAVAILABLE = "unavailable"
    """Answers HTTP 503."""
    DRAINING = "draining"
    """Answers a retryable ProviderFault."""
    SILENT = "silent"
    """Takes requests and never answers; nothing is carried out."""
    LOSES_ANSWERS = "loses answers"
    """Carries requests out and closes the connection instead of answering."""


class ServerTls:
    """A certificate for this machine from a new authority, whose own certificate is written to `ca_path` as PEM."""

    def __init__(self, ca_path: Path) -> None:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(ca_path))
        self.ca_file = str(ca_path)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        authority.issue_cert("127.0.0.1", "::1", "localhost").configure_cert(self.context)


class SoapServer:
    """Serves the contract for one user. `urls` are the centers' end-points, known once it listens.

    Calls live on `clock`, which may run faster than life; security tokens are checked against real time.
    """

    def __init__(
        self,
        carrier: Carrier,
        clock: Clock,
        *,
        user: str,
        password: str,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: ServerTls | None = None,
    ) -> None:
        self.provider = CallProvider(carrier, clock, user, password)
        """The service behind the end-points; what it serves from queues is fed there."""
        self.urls: tuple[str, ...] = ()
        self.requests = 0
        """Envelopes taken in so far, at all centers."""
        self._modes = dict.fromkeys(carrier.center_states, CenterMode.UP)
        self._tokens = TokenChecker(user, password)
        self._host = host
        self._port = port
        self._tls = tls
        self._codec = Codec()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None

    # ------------------------------------------------------------ life

    def start(self) -> None:
        """Serve from a thread of its own; listening when this returns. Raises OSError when it cannot listen."""
        ready: Future[None] = Future()
        self._thread = threading.Thread(target=self._serve_in_thread, args=[ready], name="soap-server", daemon=True)
        self._thread.start()
        ready.result(START_S)

    def stop(self) -> None:
        """Close the connections and end; may be called from any thread, and again."""
        if self._loop is not None and self._stopping is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended by itself
                self._loop.call_soon_threadsafe(self._stopping.set)
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def run(self, on_ready: Callable[[tuple[str, ...]], None] = lambda _urls: None) -> None:
        """Serve in the foreground until SIGINT, SIGTERM or `stop`; `on_ready` is told the end-points."""

        async def serve() -> None:
            for name in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(name, self.stop)
            await self._serve(lambda: on_ready(self.urls))

        asyncio.run(serve())

    def _serve_in_thread(self, ready: "Future[None]") -> None:
        try:
            asyncio.run(self._serve(lambda: ready.set_result(None)))
        except Exception as error:
            if ready.done():
                raise
            ready.set_exception(error)

    async def _serve(self, on_ready: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        app = web.Application(client_max_size=REQUEST_BYTES_MAX)
        for center in self._modes:
            app.router.add_route("*", _path(center), self._handler(center))
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_S)
        await runner.setup()
        context = None if self._tls is None else self._tls.context
        try:
            await web.TCPSite(runner, self._host, self._port, ssl_context=context).start()
            scheme = "http" if self._tls is None else "https"
            port = runner.addresses[0][1]
            self.urls = tuple(f"{scheme}://{self._host}:{port}{_path(center)}" for center in self._modes)
            on_ready()
            await self._until_stopped(self._stopping)
        finally:
            await _close(runner)

    async def _until_stopped(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            self.provider.advance()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), ADVANCE_EVERY_S)

    # ------------------------------------------------------------ call centers

    def center_down(self, name: str, mode: CenterMode = CenterMode.DROPS) -> None:
        """Have a center fail in the way of `mode`. Raises NotFoundError for an unknown one."""
        if mode not in (CenterMode.UP, CenterMode.DRAINING, CenterMode.LOSES_ANSWERS):
            self.provider.center_down(name)
        self._set_mode(name, mode)

    def center_up(self, name: str) -> None:
        """Have a center work again. Raises NotFoundError for an unknown one."""
        self.provider.center_up(name)
        self._set_mode(name, CenterMode.UP)

    def _set_mode(self, name: str, mode: CenterMode) -> None:
        if name not in self._modes:
            raise NotFoundError(f"There is no call center {name!r}; there are {', '.join(self._modes)}.")
        self._modes[name] = mode

    # ------------------------------------------------------------ one request

    def _handler(self, center: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            mode = self._modes[center]
            if mode is CenterMode.DROPS:
                return _drop(request)
            if mode is CenterMode.UNAVAILABLE:
                return web.Response(status=503, text="unavailable", headers={"Retry-After": str(RETRY_AFTER_S)})
            if mode is CenterMode.SILENT and self._stopping is not None:
                await self._stopping.wait()
                return _drop(request)
            if request.method != "POST":
                return self._contract(request, center)
            response = await self._answer(request, center)
            return _drop(request) if mode is CenterMode.LOSES_ANSWERS else response

        return handle

    def _contract(self, request: web.Request, center: str) -> web.Response:
        """GET ?wsdl: the contract as it stands, with this end-point as its address."""
        if request.method != "GET" or request.query_string.lower() != "wsdl":
            return web.Response(status=405, headers={"Allow": "GET, POST"})
        address = self.urls[list(self._modes).index(center)]
        wsdl = re.sub(rb'(<soap:address location=")[^"]*', rb"\g<1>" + address.encode(), packaged_wsdl())
        return web.Response(body=wsdl, content_type="text/xml", charset="utf-8")

    async def _answer(self, request: web.Request, center: str) -> web.Response:
        self.requests += 1
        request_id = f"{center}-{self.requests:08d}"
        try:
            body = self._serve_envelope(await _read(request), request.charset, center, request_id)
            return web.Response(body=body, content_type="text/xml", charset="utf-8")
        except FaultError as error:
            fault = error
        except Exception as error:
            # The text of an unforeseen error may hold a number, so only its kind is logged.
            log.error("%s: request failed with %s", request_id, type(error).__name__)  # noqa: TRY400
            fault = FaultError("INTERNAL", "The carrier failed.", party="Server", retryable=True)
        # SOAP 1.1 over HTTP: every fault is a 500.
        body = fault_envelope(self._codec, fault, request_id)
        return web.Response(status=500, body=body, content_type="text/xml", charset="utf-8")

    def _serve_envelope(self, content: bytes, charset: str | None, center: str, request_id: str) -> bytes:
        request = read_request(content, charset)
        self._tokens.check(request.security)
        if request.operation not in self._codec.operations:
            raise FaultError("UNKNOWN_OPERATION", "The contract has no such operation.")
        if self._modes[center] is CenterMode.DRAINING:
            after_ms = RETRY_AFTER_S * 1000
            raise FaultError(
                "DRAINING", "This center takes no more requests.", party="Server", retryable=True, after_ms=after_ms
            )
        try:
            asked: Values = self._codec.decode(request.operation, request.body)
        except ContractError as error:
            raise FaultError("BAD_REQUEST", str(error)) from None
        answer = {"requestId": request_id, **self.provider.serve(request.operation, asked, center)}
        return reply_envelope(self._codec.encode(f"{request.operation}Response", answer))


def _path(center: str) -> str:
    return f"/{center.lower()}/soap"


async def _close(runner: web.AppRunner) -> None:
    """End all connections; a TLS peer that no longer answers is not waited for."""
    connections = [] if runner.server is None else runner.server.connections
    transports = [connection.transport for connection in connections]
    await runner.cleanup()
    for transport in transports:
        if transport is not None:
            transport.abort()
    await asyncio.sleep(0)  # a transport closes its socket in the next turn of the loop


async def _read(request: web.Request) -> bytes:
    """The body of a request. Raises FaultError when it is not XML by its type, or too large."""
    if request.content_type != "text/xml":
        raise FaultError("CONTENT_TYPE", "A SOAP 1.1 request is text/xml.")
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise FaultError("TOO_LARGE", "The request is larger than any in the contract.") from None


def _drop(request: web.Request) -> web.Response:
    """Close the connection at once; what is returned no longer reaches anybody."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=503)
