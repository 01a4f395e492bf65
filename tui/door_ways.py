"""The ways to a door: the socket in a district's folder, or TCP with TLS and a token, as the environment says."""

import http.client
import os
import socket
import ssl
from pathlib import Path
from typing import Annotated, Protocol
from urllib.parse import urlsplit

import typer

from engine.home import require_store
from engine.orders import SOCKET_NAME
from store import errors

DOOR, TOKEN, CA_FILE = "CALLCHAIN_DOOR", "CALLCHAIN_TOKEN", "CALLCHAIN_DOOR_CA"
"""Variables of the environment: URL of a door elsewhere, the token it is shown, and a certificate to trust it by."""

PORT = 8443
"""Where the URL names none."""


FOLDER_ONLY = frozenset({"plan", "watch", "doctor", "backup"})
"""Commands on a folder: what they say of one district must not be taken for what is so in another."""


class Way(Protocol):
    """How a door is reached."""

    def connection(self, seconds: float) -> http.client.HTTPConnection:
        """A connection, not opened yet."""

    @property
    def headers(self) -> dict[str, str]:
        """What goes with each request."""

    def closed(self, error: BaseException) -> errors.CallchainError:
        """What is said where nobody opens."""


class SocketWay:
    """Through the socket of a district on this machine: the kernel says who asks."""

    def __init__(self, home: Path) -> None:
        self._home = home

    @property
    def headers(self) -> dict[str, str]:
        """None."""
        return {}

    def connection(self, seconds: float) -> http.client.HTTPConnection:
        """A connection, not opened yet."""
        return _UnixConnection(self._home / SOCKET_NAME, seconds)

    def closed(self, error: BaseException) -> errors.CallchainError:
        """What is said where nobody opens. Raises StoreError where there is no district at all."""
        if isinstance(error, PermissionError):
            return errors.RefusedError(
                f"The door of {self._home} is not open to you; its administrator names a group in door.group, and "
                "roles in [[door_roles]]."
            )
        require_store(self._home)
        return errors.EngineUnreachableError(
            f"No engine answers for {self._home}; start one with `callchain serve --home {self._home}`."
        )


class TcpWay:
    """Over TCP with TLS, to a door that `door.listen` opened; the token says who asks."""

    def __init__(self, url: str, token: str, ca_file: str = "") -> None:
        parts = urlsplit(url)
        if parts.scheme != "https" or not parts.hostname or parts.path.strip("/") or parts.username:
            raise errors.InvalidInputError(f"{DOOR} must be a URL like https://callchain.district.example:{PORT}.")
        try:
            self._host, self._port = parts.hostname, parts.port or PORT
            self._tls = ssl.create_default_context(cafile=ca_file or None)
        except (ValueError, OSError) as error:
            raise errors.InvalidInputError(f"The door {url} cannot be asked: {error}.") from None
        self._token = token
        if not token:
            raise errors.InvalidInputError(f"A door elsewhere takes a token: put it into {TOKEN}.")

    def __repr__(self) -> str:
        return f"TcpWay({self._host!r}, {self._port})"

    def connection(self, seconds: float) -> http.client.HTTPConnection:
        """A connection, not opened yet."""
        return http.client.HTTPSConnection(self._host, self._port, timeout=seconds, context=self._tls)

    @property
    def headers(self) -> dict[str, str]:
        """The token."""
        return {"Authorization": f"Bearer {self._token}"}

    def closed(self, error: BaseException) -> errors.CallchainError:
        """What is said where nobody opens."""
        where = f"https://{self._host}:{self._port}"
        if isinstance(error, ssl.SSLCertVerificationError):
            return errors.EngineUnreachableError(
                f"The certificate of {where} is not trusted ({error.verify_message}); name the one to trust it by in "
                f"{CA_FILE}."
            )
        return errors.EngineUnreachableError(f"No engine answers at {where}: {error or type(error).__name__}.")


def is_elsewhere() -> bool:
    """Whether another door is meant than that of a folder on this machine."""
    return bool(os.environ.get(DOOR))


def way_to(home: Path) -> Way:
    """The way to the door that is meant. Raises InvalidInputError for a URL or token that can be none.

    Also where both a door elsewhere and a folder here are named: nobody shall send at one what he meant for the other.
    """
    url = os.environ.get(DOOR, "")
    if url and home != Path():
        raise errors.InvalidInputError(
            f"{DOOR} (or --door) names an engine elsewhere, --home (or CALLCHAIN_HOME) the folder {home}; name one."
        )
    return TcpWay(url, os.environ.get(TOKEN, ""), os.environ.get(CA_FILE, "")) if url else SocketWay(home)


def another_door(
    ctx: typer.Context,
    url: Annotated[str, typer.Option("--door", envvar=DOOR, help="URL of the door of an engine elsewhere.")] = "",
    ca_file: Annotated[str, typer.Option("--door-ca", envvar=CA_FILE, help="Certificate to trust it by.")] = "",
) -> None:
    """What stands before every command: which door is meant. The token for one elsewhere is in CALLCHAIN_TOKEN."""
    for name, value in ((DOOR, url), (CA_FILE, ca_file)):
        if value:
            os.environ[name] = value
    if url and ctx.invoked_subcommand in FOLDER_ONLY:
        raise errors.InvalidInputError(
            f"`callchain {ctx.invoked_subcommand}` looks at a folder of this machine, and {DOOR} (or --door) names an "
            "engine elsewhere; unset that, or run this where the engine is."
        )


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path, seconds: float) -> None:
        super().__init__("localhost", timeout=seconds)
        self._path = path

    def connect(self) -> None:
        """Open the socket."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))
