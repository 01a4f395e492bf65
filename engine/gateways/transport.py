"""The hardened HTTP transport under the SOAP client: one total deadline, a size cap, no redirects, no surprises."""

import ssl
import threading
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from typing import Any, NamedTuple, NoReturn
from urllib.parse import urlsplit

from lxml import etree
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util import parse_url

from engine.gateways.deadlines import DEADLINE, AnswerError, DeadlineError, TransportClosedError, Watch
from store.errors import ConfigError, GatewayError

HEADERS = {"User-Agent": "callchain", "Accept": "text/xml", "Accept-Encoding": "identity"}

ANSWER_BYTES_MAX = 8 * 1024 * 1024
"""A page of 1000 rows is 0.4 MB; an answer of more than 8 MB is a fault or an attack, and must not fill the memory."""

CHUNK_BYTES = 64 * 1024


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
    """Posts envelopes. Safe for threads; at most `threads` exchanges with one host run at a time, the next ones wait.

    Nothing comes from the environment: no proxy, no other authorities, no credentials. Nothing is repeated, no redirect
    followed, no cookie kept. Raises ConfigError for a `ca_file` that holds no certificates.
    """

    def __init__(self, *, ca_file: str | None, threads: int, deadline_s: float) -> None:
        self._context = _tls_context(ca_file)
        self._threads = threads
        self._timeout = Timeout(connect=deadline_s, read=deadline_s)
        self._watch = Watch(deadline_s)
        self._pools: dict[str, tuple[HTTPConnectionPool, str]] = {}
        self._lock = threading.Lock()

    def post_xml(self, address: str, envelope: etree._Element, headers: Mapping[str, str]) -> Answer:
        """Send one envelope and read the whole answer. Raises AnswerError, or what urllib3 raises."""
        body = etree.tostring(envelope, xml_declaration=True, encoding="utf-8")
        deadline = self._watch.set()
        token = DEADLINE.set(deadline)
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
            DEADLINE.reset(token)

    def load(self, url: str) -> NoReturn:
        """Refused: the contract is packaged, nothing is ever fetched."""
        raise GatewayError(f"The SOAP layer wanted to load {url!r}; the contract is packaged and names no other files.")

    def close(self) -> None:
        """Cut what is under way and give up the connections."""
        self._watch.close()
        with self._lock:
            pools = list(self._pools.values())
        for pool, _ in pools:
            pool.close()

    def _exchange(self, address: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        pool, target = self._pools.get(address) or self._open_pool(address)
        response = pool.urlopen(
            "POST",
            target,
            body=body,
            headers={**HEADERS, **headers},
            timeout=self._timeout,
            retries=False,
            redirect=False,
            preload_content=False,
            decode_content=False,
        )
        try:
            _check_head(response.status, response.headers)
            content = _read(response)
            DEADLINE.get().check()
            return Answer(response.status, response.headers, content)
        finally:
            # An answer that was read to its end has given its connection back already; any other one is cut.
            response.close()
            response.release_conn()

    def _open_pool(self, address: str) -> tuple[HTTPConnectionPool, str]:
        """Connections to an end-point's host, and what is asked for there."""
        url = parse_url(address)
        host, size = url.host or "", self._threads
        with self._lock:
            if address not in self._pools:
                if url.scheme == "https":
                    pool: HTTPConnectionPool = _TlsPool(
                        host, url.port, maxsize=size, block=True, ssl_context=self._context
                    )
                else:
                    pool = _Pool(host, url.port, maxsize=size, block=True)
                self._pools[address] = pool, url.request_uri
            return self._pools[address]


def _tls_context(ca_file: str | None) -> ssl.SSLContext:
    """TLS 1.2 or newer, certificate and host name checked, by the authorities requests brings or by `ca_file` alone."""
    try:
        return ssl.create_default_context(cafile=ca_file or DEFAULT_CA_BUNDLE_PATH)
    except OSError:
        raise ConfigError(
            f"The CA file {ca_file} holds no certificates; give the PEM file of the carrier's authority."
        ) from None


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


def _read(response: BaseHTTPResponse) -> bytes:
    """The whole body; urllib3 itself complains when fewer bytes come than were announced."""
    chunks, size = [], 0
    while chunk := response.read(CHUNK_BYTES, decode_content=False):
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


# ---------------------------------------------------------------- connections


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
