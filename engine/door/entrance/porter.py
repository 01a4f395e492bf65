"""The porter: lets connections in, so many at once, and sends away who says nothing."""

import asyncio

from aiohttp import web

CONNECTIONS_MAX = 256
"""At the socket, and as many over TCP: strangers cannot take the places of those in the house, nor all files."""

HEAD_SECONDS_MAX = 15.0
"""Until the first request has been said; who needs longer holds a place for nothing."""

ARRIVING_SECONDS_MAX = 0.5
"""At the socket a connection is made at once."""

LEAVING_SECONDS_MAX = 1.0
"""Who was told that there is no place, and asks nothing, is hung up on after this."""

_SENTENCE = b'{"error":"Too many are at the door; come back in a second.","kind":"CallchainError"}'

FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nConnection: close\r\nRetry-After: 1\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (len(_SENTENCE), _SENTENCE)
)


class Porter:
    """Makes the protocol of each connection; one porter a listening socket. `silent`: who has said no request yet."""

    def __init__(
        self,
        server: web.Server,
        silent: set[asyncio.BaseProtocol],
        arriving_s: float = ARRIVING_SECONDS_MAX,
        most: int = CONNECTIONS_MAX,
        head_s: float = HEAD_SECONDS_MAX,
    ) -> None:
        self._server = server
        self._silent = silent
        self._arriving_s = arriving_s
        """So long a connection may take until it counts as made: over TCP, the handshake."""
        self._most = most
        self._head_s = head_s
        self._inside: dict[asyncio.BaseProtocol, float] = {}
        """And when each came."""
        self._leaving: set[asyncio.BaseProtocol] = set()
        """Those that are told that there is no place."""

    def __call__(self) -> asyncio.BaseProtocol:
        """The protocol of a new connection."""
        loop = asyncio.get_running_loop()
        now, made = loop.time(), set[asyncio.BaseProtocol](self._server.connections)
        arriving = {one for one in self._silent if now - self._inside.get(one, 0) < self._arriving_s}
        self._inside = {one: came for one, came in self._inside.items() if one in made or one in arriving}
        if len(self._inside) >= self._most:
            return _SendAway(self._leaving, self._most)
        protocol: asyncio.BaseProtocol = self._server()
        self._inside[protocol] = now
        self._silent.add(protocol)
        loop.call_later(self._head_s, self._look, protocol)
        return protocol

    def _look(self, protocol: asyncio.BaseProtocol) -> None:
        if protocol in self._silent:
            self._silent.discard(protocol)
            transport = getattr(protocol, "transport", None)
            if transport is not None:
                transport.abort()


class _SendAway(asyncio.Protocol):
    """There is no place left: says so, and hangs up once it was asked something.

    Who hung up at once would break off the asking, and whoever asks would never read why.
    """

    def __init__(self, leaving: set[asyncio.BaseProtocol], most: int) -> None:
        self._leaving = leaving
        self._most = most

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say so."""
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport
        transport.write(FULL)
        if len(self._leaving) >= self._most:
            transport.close()
            return
        self._leaving.add(self)
        asyncio.get_running_loop().call_later(LEAVING_SECONDS_MAX, transport.close)

    def data_received(self, _data: bytes) -> None:
        """It was asked, and what it says is on its way."""
        self._transport.close()

    def connection_lost(self, _error: Exception | None) -> None:
        """It has gone."""
        self._leaving.discard(self)
