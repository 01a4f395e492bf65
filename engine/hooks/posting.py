"""One delivery posted over HTTP: within a time, to that address and no other, its answer's body never read."""

import http.client
import socket
import ssl
import threading
from contextlib import suppress
from typing import Protocol
from urllib.parse import urlsplit

import msgspec

from engine.setting_checks import is_loopback, is_url, names_user
from store.errors import InvalidInputError

SECONDS_MAX = 10.0
"""For one whole exchange; a receiver has to note what it hears and work on it later."""

URL_MAX = 2_000
"""Characters; servers refuse longer ones."""

REST_MS_MAX = 3_600_000
"""A receiver that asks for more rest than an hour gets an hour."""

_LATER = frozenset({408, 425, 429})
"""Refusals that speak of now and not of what was said."""


class Answer(msgspec.Struct, frozen=True):
    """What became of one try."""

    heard: bool = False
    gone: bool = False
    """It says that it never wants to hear again (410)."""
    of_receiver: bool = False
    """It could not hear anything now: others that wait for it need not be tried."""
    rest_ms: int = 0
    """How long it asks to be left alone."""
    note: str = ""
    """What happened, without anything it said."""


class Post(Protocol):
    """Posts a body; tests have their own."""

    def __call__(self, url: str, headers: dict[str, str], body: bytes) -> Answer:
        """What became of it. Raises nothing."""


def checked_url(url: str) -> str:
    """The address, if a webhook may have it. Raises InvalidInputError, whose sentence does not repeat it."""
    if not is_url(url) or len(url) > URL_MAX or not url.isprintable() or " " in url or not url.isascii():
        raise InvalidInputError("The address is no URL like https://host/path.")
    if names_user(url) or urlsplit(url).fragment:
        raise InvalidInputError("The address holds a user name or a fragment; leave them out, deliveries are signed.")
    if urlsplit(url).scheme == "http" and not is_loopback(url):
        raise InvalidInputError("Plain http is for this machine only; give an address that begins with https://.")
    return url


def host_of(url: str) -> str:
    """What of an address may stand in a log: behind the host may lie somebody's key."""
    return urlsplit(url).hostname or ""


class HttpPost:
    """The real thing. Addresses of the district's own network are as good as others: an administrator gives them."""

    def __init__(self, context: ssl.SSLContext | None = None, seconds: float = SECONDS_MAX) -> None:
        self._context = context
        """Made when the first https address is posted to: reading the system's authorities takes a while."""
        self._seconds = seconds
        self._under_way: set[http.client.HTTPConnection] = set()

    def __call__(self, url: str, headers: dict[str, str], body: bytes) -> Answer:
        """Post, and say what became of it."""
        connection = self._connection(url)
        # A socket's own time-out counts from one byte to the next; a receiver that drips would never run into it.
        late = threading.Timer(self._seconds, _cut, [connection])
        late.daemon = True
        late.start()
        self._under_way.add(connection)
        try:
            connection.request("POST", _target(url), body, {"Content-Type": "application/json", **headers})
            answer = connection.getresponse()
            return _judged(answer.status, answer.getheader("Retry-After", ""))
        except TimeoutError:
            return Answer(of_receiver=True, note=f"no answer within {self._seconds:g} s")
        except (OSError, http.client.HTTPException) as error:
            # What such an error says may hold what the receiver said.
            return Answer(of_receiver=True, note=f"not reached ({type(error).__name__})")
        finally:
            late.cancel()
            self._under_way.discard(connection)
            connection.close()

    def close(self) -> None:
        """Cut off whatever is under way, from another thread: the process ends, and does not wait for it."""
        for connection in list(self._under_way):
            _cut(connection)

    def _connection(self, url: str) -> http.client.HTTPConnection:
        parts = urlsplit(url)
        if parts.scheme == "https":
            self._context = self._context or ssl.create_default_context()
            return http.client.HTTPSConnection(host_of(url), parts.port, timeout=self._seconds, context=self._context)
        return http.client.HTTPConnection(host_of(url), parts.port, timeout=self._seconds)


def _target(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _cut(connection: http.client.HTTPConnection) -> None:
    sock = connection.sock
    if sock is not None:
        with suppress(OSError):
            socket.socket.shutdown(sock, socket.SHUT_RDWR)


def _judged(status: int, retry_after: str) -> Answer:
    """2xx is heard; a redirection is not followed, so it is a refusal like any other."""
    if 200 <= status < 300:
        return Answer(heard=True, note=f"answered {status}")
    seconds = int(retry_after) if retry_after.isascii() and retry_after.isdigit() and len(retry_after) < 10 else 0
    return Answer(
        gone=status == 410,
        of_receiver=status >= 500 or status in _LATER,
        rest_ms=min(seconds * 1000, REST_MS_MAX),
        note=f"answered {status}",
    )
