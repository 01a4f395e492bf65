"""Who stands at the door: a user of the system at the socket, or a program with a token, each with a role."""

import grp
import hmac
import os
import pwd
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from actors.runtime.clock import Clock
from engine.config import Settings
from engine.door.access.token_text import digest_of, id_in
from engine.service_settings import DoorRole
from store.access import Role
from store.database import Database
from store.keys import seq_key

GROUPS_SECONDS = 10.0
"""So long it is believed who belongs to which groups of the system: asking for it may take the network."""

USERS_MAX = 1_000
"""Users remembered; beyond that all are looked up anew."""

BEARER = "bearer "

ROOT = 0

_PEER = struct.Struct("3i")


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody at the door."""

    name: str
    """`anna`, or `token:reports`; empty: nobody knows."""
    role: Role | None
    """None: they may nothing."""

    def may(self, role: Role | None) -> bool:
        """Whether they have a role, or one above it."""
        return role is None or (self.role is not None and self.role >= role)


NOBODY = Caller("", None)


@dataclass(frozen=True, slots=True)
class User:
    """A user of the system, as it says now."""

    name: str
    groups: frozenset[str]
    until: float
    """Monotonic; after this it is asked again."""


class Identities:
    """Tells who sends a request. Settings and tokens count from the next request on."""

    def __init__(self, settings: Callable[[], Settings], database: Database, clock: Clock) -> None:
        self._settings = settings
        self._database = database
        self._clock = clock
        self._users: dict[int, User] = {}

    def peer(self, request: web.Request) -> int | None:
        """The user id at the other end of the socket, as the kernel knows it; None over TCP."""
        peer = request.transport.get_extra_info("socket") if request.transport else None
        if peer is None or peer.family != socket.AF_UNIX:
            return None
        return int(_PEER.unpack(peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))[1])

    def known(self, uid: int) -> Caller | None:
        """A user at the socket; None where the system must be asked first, with `look_up`."""
        user = self._users.get(uid)
        if user is None or user.until < time.monotonic():
            return None
        everything = uid in (os.getuid(), ROOT)
        return Caller(user.name, Role.ADMINISTRATOR if everything else role_of(user, self._settings().door_roles))

    def look_up(self, uid: int) -> Caller:
        """The same, asking the system; it may block."""
        if len(self._users) >= USERS_MAX:
            self._users.clear()
        self._users[uid] = _user(uid)
        return self.known(uid) or NOBODY

    def bearer(self, request: web.Request) -> Caller:
        """A program by its token, NOBODY where there is none, or none that holds (any more)."""
        header = request.headers.get("Authorization", "")
        if header[: len(BEARER)].lower() != BEARER:
            return NOBODY
        text = header[len(BEARER) :].strip()
        with self._database.read() as txn:
            token = self._database.tokens.get(txn, seq_key(id_in(text)))
        # Compared even where there is none, so that the time it takes says nothing.
        same = hmac.compare_digest(digest_of(text), token.digest if token is not None else bytes(32))
        if token is None or not same or token.revoked_at or 0 < token.ends_at <= self._clock.now():
            return NOBODY
        return Caller(f"token:{token.name}", token.role)


def role_of(user: User, rows: tuple[DoorRole, ...]) -> Role | None:
    """What the settings say somebody may: their own row goes before those of groups, of which the greatest counts."""
    for row in rows:
        if row.who == user.name:
            return Role[row.role.upper()]
    of_groups = (Role[row.role.upper()] for row in rows if row.who[:1] == "@" and row.who[1:] in user.groups)
    return max(of_groups, default=None)


def _user(uid: int) -> User:
    """What the system says of a user, supplementary groups included; one it does not know belongs to none."""
    until = time.monotonic() + GROUPS_SECONDS
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return User(str(uid), frozenset(), until)
    groups = set()
    for gid in os.getgrouplist(entry.pw_name, entry.pw_gid):
        try:
            groups.add(grp.getgrgid(gid).gr_name)
        except KeyError:
            groups.add(str(gid))
    return User(entry.pw_name, frozenset(groups), until)
