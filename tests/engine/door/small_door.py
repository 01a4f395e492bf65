"""A door with only some endpoints, on loopback, inside the test's own loop: what is asked there comes with a role."""

import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from engine.door.access.identity import Caller
from engine.door.endpoint import Endpoint, Raw
from engine.door.front import answer_errors
from engine.door.metrics import TRAFFIC, Traffic, count_requests
from store.access import Role


class Hall:
    """What a test asks; every request is the given role's."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.session = session
        self.role = Role.ADMINISTRATOR

    async def get(self, path: str) -> tuple[int, bytes]:
        async with self.session.get(path, headers={"X-Role": self.role.word}) as response:
            return response.status, await response.read()

    @asynccontextmanager
    async def listen(self, path: str = "/events", last_id: int | None = None) -> AsyncIterator["Listener"]:
        headers = {"X-Role": self.role.word}
        if last_id is not None:
            headers["Last-Event-ID"] = str(last_id)
        async with self.session.get(path, headers=headers) as response:
            assert response.status == 200, await response.read()
            assert response.content_type == "text/event-stream"
            yield Listener(response)


class Heard:
    """One thing that came: an event, or a comment alone."""

    def __init__(self, text: str) -> None:
        fields: dict[str, str] = {}
        for line in text.split("\n"):
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
        self.event = fields.get("event", "")
        self.seq = int(fields["id"]) if "id" in fields else None
        self.data: Any = json.loads(fields["data"]) if "data" in fields else None
        self.comment = fields.get("", "")


class Listener:
    """Reads a stream, as a browser would: the last id is kept whatever it came with."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._content = response.content
        self.last_id: int | None = None

    @property
    def is_over(self) -> bool:
        """The door has ended the stream, and all of it was read."""
        return self._content.at_eof()

    async def next(self) -> Heard:
        heard = Heard((await self._content.readuntil(b"\n\n")).decode().rstrip("\n"))
        self.last_id = self.last_id if heard.seq is None else heard.seq
        return heard

    async def event(self, *names: str) -> Heard:
        """The next event of some names."""
        while (heard := await self.next()).event not in names:
            pass
        return heard

    async def blocks_until(self, seq: int) -> list[Heard]:
        """Blocks up to one."""
        found: list[Heard] = []
        while not found or found[-1].data["seq"] < seq:
            found.append(await self.event("block"))
        return found


@asynccontextmanager
async def small_door(endpoints: Iterable[Endpoint], **raw: Raw) -> AsyncIterator[Hall]:
    """A hall while the block lasts. `raw`: a handler in place of an endpoint's own, by the last word of its path."""
    app = web.Application(middlewares=[count_requests, answer_errors])
    app[TRAFFIC] = Traffic()
    for endpoint in endpoints:
        handler = raw.get(endpoint.path.rpartition("/")[2]) or endpoint.raw
        assert handler is not None
        app.router.add_route(endpoint.method, endpoint.path, _as_role(handler))
    server = TestServer(app, socket_factory=_narrow_socket)
    await server.start_server()
    try:
        async with aiohttp.ClientSession(server.make_url("/")) as session:
            yield Hall(session)
    finally:
        await server.close()


def _narrow_socket(host: str, port: int, family: socket.AddressFamily = socket.AF_INET) -> socket.socket:
    """Whoever does not read is noticed after some kilobytes: connections inherit it."""
    sock = socket.socket(family)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
    sock.bind((host, port))
    return sock


def _as_role(handler: Raw) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        return await handler(request, caller_of(request))

    return handle


def caller_of(request: web.Request) -> Caller:
    """Who sends a request, as it says itself."""
    return Caller("anna", Role[request.headers.get("X-Role", "viewer").upper()])
