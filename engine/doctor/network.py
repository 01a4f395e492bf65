"""How far towards a server one gets: its name, a connection, TLS; and several tries at once."""

import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Generic, NamedTuple, TypeVar
from urllib.parse import urlsplit

from requests.utils import DEFAULT_CA_BUNDLE_PATH

CONNECT_SECONDS = 3.0
"""A call center answers within a tenth of a second; a firewall that drops packets never does."""

T = TypeVar("T")


class Stage(Enum):
    """Where the way ended."""

    NAME = "name"
    CONNECT = "connect"
    TLS = "TLS"


class Blocked(NamedTuple):
    """Why a server cannot be reached, for people."""

    stage: Stage
    says: str
    todo: str


FIREWALL = "Have the district's firewall permit outgoing HTTPS to it; it needs no other port and nothing inbound."


def way_to(url: str, ca_file: str | None = None) -> Blocked | None:
    """Why no request can reach an end-point, or None when one can (C031, C032). Blocks for a few seconds at most."""
    parts = urlsplit(url)
    host, secure = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    try:
        socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        return Blocked(
            Stage.NAME, f"the name {host} cannot be looked up", "Check the URL End Point and this machine's DNS."
        )
    try:
        with socket.create_connection((host, port), timeout=CONNECT_SECONDS) as connection:
            return _tls(connection, host, ca_file) if secure else None
    except OSError as error:
        return _no_connection(error, f"{host} port {port}")


def _no_connection(error: OSError, where: str) -> Blocked:
    if isinstance(error, TimeoutError):
        says = f"{where} does not answer: a firewall between may be dropping what is sent"
        return Blocked(Stage.CONNECT, says, FIREWALL)
    if isinstance(error, ConnectionRefusedError):
        says = f"{where} refuses the connection: nothing listens there, or a firewall rejects it"
        return Blocked(Stage.CONNECT, says, f"Check the URL End Point. {FIREWALL}")
    says = f"there is no way to {where} ({error.strerror or type(error).__name__})"
    return Blocked(Stage.CONNECT, says, f"Check this machine's network. {FIREWALL}")


def _tls(connection: socket.socket, host: str, ca_file: str | None) -> Blocked | None:
    """Why no secure connection comes about, with the authorities the gateway trusts."""
    try:
        context = ssl.create_default_context(cafile=ca_file or DEFAULT_CA_BUNDLE_PATH)
        context.wrap_socket(connection, server_hostname=host).close()
    except ssl.SSLCertVerificationError as error:
        says = f"the certificate of {host} is not accepted ({error.verify_message})"
        todo = "Check the machine's date and carrier.ca_file; a firewall that opens TLS must let this host pass."
        return Blocked(Stage.TLS, says, todo)
    except OSError as error:
        says = f"no TLS with {host} comes about ({type(error).__name__})"
        return Blocked(Stage.TLS, says, f"Check that the URL End Point is an HTTPS one. {FIREWALL}")
    return None


class Late(Generic[T]):
    """An answer that is on its way, from a thread of its own that nobody waits for at the end of the program."""

    def __init__(self, ask: Callable[[], T]) -> None:
        self._answer: list[T] = []
        self._error: list[BaseException] = []
        self._ask = ask
        self._thread = threading.Thread(target=self._run, name="doctor", daemon=True)
        self._thread.start()

    def answer(self, seconds: float) -> T:
        """It. Raises TimeoutError when it does not come, or what asking raised."""
        self._thread.join(seconds)
        if self._error:
            raise self._error[0]
        if not self._answer:
            raise TimeoutError
        return self._answer[0]

    def _run(self) -> None:
        try:
            self._answer.append(self._ask())
        except BaseException as error:
            self._error.append(error)


def all_at_once(asks: Sequence[Callable[[], T]]) -> list[Late[T]]:
    """Begin all of them."""
    return [Late(ask) for ask in asks]
