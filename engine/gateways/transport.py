"""The hardened HTTP transport under the SOAP client: one total deadline, a size cap, no redirects, no surprises."""

import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from http.cookiejar import DefaultCookiePolicy
from ipaddress import ip_address
from typing import Any, ClassVar, NamedTuple, NoReturn
from urllib.parse import urlsplit

import requests
from lxml import etree
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from store.errors import ConfigError, GatewayError

ANSWER_BYTES_MAX = 8 * 1024 * 1024
"""A page of 1000 rows is 0.4 MB; an answer of more than 8 MB is a fault or an attack, and must not fill the memory."""

CHUNK_BYTES = 64 * 1024


class AnswerError(GatewayError):
    """An HTTP answer that is not used, whatever it holds. Its sentence holds nothing of the answer."""


class DeadlineError(AnswerError):
    """The whole exchange took longer than it may."""


class TransportClosedError(AnswerError):
    """The transport was closed while the exchange was under way, or before."""


class RedirectError(AnswerError):
    """A redirect: following it would hand the password to whoever it names."""


class TooLargeError(AnswerError):
    """More bytes than any answer of the contract has."""


class EncodingError(AnswerError):
    """A compressed answer although none was asked for."""


class ContentTypeError(AnswerError):
    """Not `text/xml`, so not SOAP 1.1."""


class StatusError(AnswerError):
    """An HTTP status that carries no SOAP answer. `retry_after_ms` is what the carrier asks for."""

    def __init__(self, status: int, retry_after_ms: int | None) -> None:
        super().__init__(f"The carrier answered with HTTP status {status}.")
        self.status = status
        self.retry_after_ms = retry_after_ms


class Answer(NamedTuple):
    """What the SOAP layer needs of an HTTP answer, in the words it asks for it."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes
    encoding: str | None = None


class Transport:
    """Posts envelopes. Safe for threads; at most `threads` exchanges run at a time, the next ones wait."""

    def __init__(self, *, ca_file: str | None, threads: int, deadline_s: float) -> None:
        self._deadline_s = deadline_s
        self._lock = threading.Lock()
        self._open: set[Deadline] = set()
        self._closed = False
        self._session = session = requests.Session()
        # Else REQUESTS_CA_BUNDLE would override the CA file, HTTPS_PROXY divert the calls, .netrc add credentials.
        session.trust_env = False
        session.verify = True if ca_file is None else ca_file
        session.headers.update({"User-Agent": "callchain", "Accept": "text/xml", "Accept-Encoding": "identity"})
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        session.adapters.clear()
        for scheme in ("https://", "http://"):
            session.mount(scheme, _Adapter(pool_maxsize=threads, pool_block=True, max_retries=0))

    def post_xml(self, address: str, envelope: etree._Element, headers: Mapping[str, str]) -> Answer:
        """Send one envelope and read the whole answer. Raises AnswerError, or what requests and urllib3 raise."""
        body = etree.tostring(envelope, xml_declaration=True, encoding="utf-8")
        with self._deadline() as deadline:
            try:
                return self._exchange(address, body, headers)
            except (DeadlineError, TransportClosedError):
                raise
            except Exception:
                # A socket that was shut down fails in many ways; whatever it was, the cause is known here.
                deadline.check()
                raise
            finally:
                deadline.end()

    def load(self, url: str) -> NoReturn:
        """Refused: the contract is packaged, nothing is ever fetched."""
        raise GatewayError(f"The SOAP layer wanted to load {url!r}; the contract is packaged and names no other files.")

    def close(self) -> None:
        """Cut what is under way and give up the connections."""
        with self._lock:
            self._closed = True
            under_way = list(self._open)
        for deadline in under_way:
            deadline.strike(TransportClosedError("The gateway was closed while the carrier was being asked."))
        self._session.close()

    def _exchange(self, address: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        with self._session.post(
            address,
            data=body,
            headers=dict(headers),
            stream=True,
            allow_redirects=False,
            timeout=(self._deadline_s, self._deadline_s),
        ) as response:
            _check_head(response.status_code, response.headers)
            content = _read(response.raw)
            DEADLINE.get().check()
            return Answer(response.status_code, response.headers, content)

    @contextmanager
    def _deadline(self) -> "Iterator[Deadline]":
        with self._lock:
            if self._closed:
                raise TransportClosedError("The gateway is closed.")
            deadline = Deadline(self._deadline_s)
            self._open.add(deadline)
        token = DEADLINE.set(deadline)
        try:
            yield deadline
        finally:
            DEADLINE.reset(token)
            with self._lock:
                self._open.discard(deadline)


def _check_head(status: int, headers: Mapping[str, str]) -> None:
    if 300 <= status < 400:
        raise RedirectError("The carrier answered with a redirect, which is never followed.")
    if status not in (200, 500):
        raise StatusError(status, _retry_after_ms(headers.get("Retry-After", "")))
    if headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise EncodingError("The carrier answered compressed although it was asked not to.")
    if headers.get("Content-Type", "").partition(";")[0].strip().lower() != "text/xml":
        raise ContentTypeError("The carrier answered with something that is not text/xml.")
    length = headers.get("Content-Length", "")
    if length.isdigit() and int(length) > ANSWER_BYTES_MAX:
        raise TooLargeError("The carrier announced an answer larger than any in the contract.")


def _read(raw: Any) -> bytes:  # noqa: ANN401
    """The whole body; urllib3 itself complains when fewer bytes come than were announced."""
    chunks, size = [], 0
    while chunk := raw.read(CHUNK_BYTES, decode_content=False):
        size += len(chunk)
        if size > ANSWER_BYTES_MAX:
            raise TooLargeError("The carrier's answer is larger than any in the contract.")
        chunks.append(chunk)
    return b"".join(chunks)


def _retry_after_ms(header: str) -> int | None:
    """Seconds are understood; a date is not worth trusting the carrier's clock."""
    return int(header) * 1000 if header.isascii() and header.isdigit() and len(header) < 6 else None


# ---------------------------------------------------------------- end-points


def check_endpoints(endpoints: Sequence[str]) -> None:
    """Raise ConfigError unless each is an https URL without credentials; plain http only inside this machine (C035)."""
    if not endpoints:
        raise ConfigError("No carrier end-point is set; give the URL of at least one call center.")
    for endpoint in endpoints:
        parts = urlsplit(endpoint)
        if parts.username or parts.password:
            raise ConfigError("A carrier end-point holds a user name; set user and password apart from the URL.")
        if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts.hostname or "")):
            raise ConfigError(
                f"The carrier end-point on {parts.hostname} is not https; the password would be readable."
            )


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


# ---------------------------------------------------------------- the deadline


class Deadline:
    """Shuts down the connection of one exchange when its time is up.

    A socket's own time-out counts from one byte to the next, so a carrier that drips would never run into it.
    """

    def __init__(self, seconds: float) -> None:
        self._error: AnswerError | None = None
        self._sock: socket.socket | None = None
        late = DeadlineError(f"The carrier did not answer completely within {seconds:g} s.")
        self._timer = threading.Timer(seconds, self.strike, [late])
        self._timer.daemon = True
        self._timer.start()

    def hold(self, sock: socket.socket | None) -> None:
        """The exchange goes on over this socket. Raises the error when it was struck before.

        The socket and not its connection, which forgets it as soon as an answer has no length.
        """
        self._sock = sock
        self.check()

    def strike(self, error: AnswerError) -> None:
        """End the exchange with `error`, from another thread."""
        self._error = self._error or error
        sock = self._sock
        if sock is not None:
            with suppress(OSError):
                # The plain socket's own shutdown: a TLS socket would forget its cipher and go on in clear text.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

    def check(self) -> None:
        """Raise the error that ended the exchange, if one did."""
        if self._error is not None:
            raise self._error from None

    def end(self) -> None:
        """The exchange is over."""
        self._timer.cancel()
        self._sock = None


DEADLINE: ContextVar[Deadline] = ContextVar("deadline")
"""The deadline of the exchange this thread is in: how it reaches the connection that requests picks."""


class _Connection(HTTPConnection):
    def connect(self) -> None:
        super().connect()
        DEADLINE.get().hold(self.sock)

    def request(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        DEADLINE.get().hold(self.sock)
        super().request(*args, **kwargs)


class _TlsConnection(HTTPSConnection):
    def connect(self) -> None:
        super().connect()  # the handshake keeps to the time-out as a whole
        DEADLINE.get().hold(self.sock)

    def request(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        DEADLINE.get().hold(self.sock)
        super().request(*args, **kwargs)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class _Adapter(HTTPAdapter):
    """An adapter whose connections know the deadline of the exchange they serve."""

    pools: ClassVar[dict[str, type[HTTPConnectionPool]]] = {"http": _Pool, "https": _TlsPool}

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self.pools
