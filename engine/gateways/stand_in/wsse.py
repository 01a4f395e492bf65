"""WS-Security UsernameToken 1.0 as a server checks it: user and password, in clear or as a digest, never twice."""

import hashlib
import hmac

from lxml import etree

from actors.runtime.clock import Clock, WallClock
from engine.gateways.simple_types import read_base64, read_time
from engine.gateways.stand_in.envelope import WSSE, FaultError

PROFILE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0"
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"

CREATED_WINDOW_MS = 5 * 60 * 1000
"""How far a token's Created may be from our time: clocks differ, and nonces need not be kept for longer."""
NONCES_MAX = 200_000
"""Nonces kept at once: 300 requests a second for the ten minutes a token can be good for."""
NONCE_BYTES_MAX = 64
"""The profile suggests 16; more than this is only a way to fill the memory."""


class TokenChecker:
    """Checks tokens against one user and password. Not safe for threads.

    `wall` is real time even where calls live on an accelerated clock: clients stamp their tokens with real time.
    """

    def __init__(self, user: str, password: str, wall: Clock | None = None) -> None:
        self._user = user.encode()
        self._password = password.encode()
        self._wall = WallClock() if wall is None else wall
        self._nonces: dict[bytes, int] = {}
        """Nonces seen, each with the instant from which its token is too old anyway; oldest first."""

    def check(self, security: etree._Element | None) -> None:
        """Raise FaultError AUTH unless the header holds one good token."""
        tokens = [] if security is None else security.findall(f"{{{WSSE}}}UsernameToken")
        if len(tokens) != 1:
            raise FaultError("AUTH", "The request carries no user name token.")
        token = tokens[0]
        user = _text(token, WSSE, "Username").encode()
        password = token.find(f"{{{WSSE}}}Password")
        if password is None:
            raise FaultError("AUTH", "The user name token holds no password.")
        kind = password.get("Type", f"{PROFILE}#PasswordText")
        given = (password.text or "").encode()
        # Both are compared whatever comes of the first, so that the time taken says nothing.
        known = hmac.compare_digest(user, self._user)
        if kind == f"{PROFILE}#PasswordText":
            good = hmac.compare_digest(given, self._password)
        elif kind == f"{PROFILE}#PasswordDigest":
            good = self._check_digest(token, given)
        else:
            raise FaultError("AUTH", "The password is of an unknown type.")
        if not (known and good):
            raise FaultError("AUTH", "User name or password is wrong.")
        if kind.endswith("Digest"):
            self._spend(token)

    def _check_digest(self, token: etree._Element, given: bytes) -> bool:
        nonce, created = _nonce(token), _text(token, WSU, "Created").encode()
        digest = hashlib.sha1(nonce + created + self._password, usedforsecurity=False).digest()
        try:
            return hmac.compare_digest(read_base64(given.decode()), digest)
        except ValueError:
            return False

    def _spend(self, token: etree._Element) -> None:
        """Refuse a token that is old, of the future, or seen before."""
        now = self._wall.now()
        try:
            created = read_time(_text(token, WSU, "Created"))
        except ValueError:
            raise FaultError("AUTH", "The token's Created is not a time with a zone.") from None
        if abs(now - created) > CREATED_WINDOW_MS:
            raise FaultError("AUTH", "The token was not created now; set the clock of the sender.")
        self._forget(now)
        nonce = _nonce(token)
        if nonce in self._nonces:
            raise FaultError("AUTH", "The token was used before.")
        if len(self._nonces) >= NONCES_MAX:
            raise FaultError(
                "BUSY", "Too many requests in a short time.", party="Server", retryable=True, after_ms=1000
            )
        # A token of the future stays good for up to twice the window.
        self._nonces[nonce] = now + 2 * CREATED_WINDOW_MS

    def _forget(self, now: int) -> None:
        while self._nonces:
            oldest = next(iter(self._nonces))
            if self._nonces[oldest] >= now:
                return
            del self._nonces[oldest]


def _nonce(token: etree._Element) -> bytes:
    try:
        nonce = read_base64(_text(token, WSSE, "Nonce"))
    except ValueError:
        raise FaultError("AUTH", "The token's nonce is not base64.") from None
    if not 0 < len(nonce) <= NONCE_BYTES_MAX:
        raise FaultError("AUTH", "The token has no nonce, or too long a one.")
    return nonce


def _text(token: etree._Element, namespace: str, name: str) -> str:
    return token.findtext(f"{{{namespace}}}{name}", "")
