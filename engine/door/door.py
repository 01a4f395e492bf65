"""The door: what an engine can do, over HTTP, at a Unix socket and where it is set over TCP with TLS."""

import asyncio
import contextlib
import threading
from concurrent.futures import Future

from aiohttp import web
from aiohttp.typedefs import Middleware

from engine.door.entrance.place import BACKLOG, listening_socket, refused, socket_path, tls_context
from engine.door.entrance.porter import Porter
from engine.door.front import Front, Handler, answer_errors, pattern_of
from engine.door.metrics import TRAFFIC, Traffic, count_requests
from engine.door.routes.table import endpoints
from engine.service import Engine
from engine.setting_checks import tcp_address

KEEP_ALIVE_SECONDS = 60.0
"""A connection that asks nothing for so long is closed."""

CLOSING_SECONDS_MAX = 10.0
"""What is being answered when the door closes may take so long."""

LINGER_SECONDS_MAX = 1.0
"""Who was refused while sending a large body is listened to so long, that they may read why."""

HANDSHAKE_SECONDS_MAX = 10.0


class Door:
    """Listens at `<home>/door/door.sock`, and over TCP where `door.listen` is set, on a thread of its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._path = socket_path(engine.home)
        self._settings = engine.settings.door
        self._tls = tls_context(engine.home, self._settings) if self._settings.listen else None
        self._silent: set[asyncio.BaseProtocol] = set()
        """Connections that have not said a request yet."""
        self._front = Front(engine)
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = asyncio.Event()
        self.port = 0
        """Where it listens over TCP, once it is open; 0: it does not."""

    def open(self) -> None:
        """Listen; the socket is there when this returns. Raises StoreError when there cannot be one.

        ConfigError where the settings name a group, an address or a certificate that cannot be used.
        """
        ready: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, args=[ready], name="door", daemon=True)
        self._thread.start()
        try:
            ready.result()
        except OSError as error:
            self.close()
            raise refused(self._path, error) from error
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
        self._front.close()

    def _run(self, ready: Future[None]) -> None:
        try:
            asyncio.run(self._serve(ready))
        except BaseException as error:
            if ready.done():
                raise
            ready.set_exception(error)

    async def _serve(self, ready: Future[None]) -> None:
        runner = web.AppRunner(
            self._app(), access_log=None, keepalive_timeout=KEEP_ALIVE_SECONDS,
            shutdown_timeout=CLOSING_SECONDS_MAX, lingering_time=LINGER_SECONDS_MAX,
            auto_decompress=False,
        )  # fmt: skip
        await runner.setup()
        servers: list[asyncio.Server] = []
        try:
            await self._listen(runner, servers)
            self._loop = asyncio.get_running_loop()
            ready.set_result(None)
            await self._stopping.wait()
        finally:
            for server in servers:
                server.close()
            if servers:
                self._path.unlink(missing_ok=True)
            self._front.leave()
            await runner.cleanup()

    async def _listen(self, runner: web.AppRunner, servers: list[asyncio.Server]) -> None:
        loop, server = asyncio.get_running_loop(), runner.server
        assert server is not None, "the runner was set up"
        at_socket = listening_socket(self._engine.home, self._settings.group)
        servers.append(await loop.create_unix_server(Porter(server, self._silent), sock=at_socket, backlog=BACKLOG))
        address = tcp_address(self._settings.listen)
        if address is not None:
            over_tcp = await loop.create_server(
                Porter(server, self._silent, HANDSHAKE_SECONDS_MAX), *address, ssl=self._tls, backlog=BACKLOG,
                ssl_handshake_timeout=HANDSHAKE_SECONDS_MAX,
            )  # fmt: skip
            servers.append(over_tcp)
            self.port = over_tcp.sockets[0].getsockname()[1]

    def _app(self) -> web.Application:
        app = web.Application(middlewares=[self._hear(), count_requests, answer_errors])
        app[TRAFFIC] = Traffic()
        app.add_routes(
            web.route(endpoint.method, pattern_of(endpoint.path), self._front.handler(endpoint))
            for endpoint in endpoints(self._engine, self._front)
        )
        return app

    def _hear(self) -> Middleware:
        silent = self._silent

        @web.middleware
        async def hear(request: web.Request, handler: Handler) -> web.StreamResponse:
            silent.discard(request.protocol)
            return await handler(request)

        return hear
