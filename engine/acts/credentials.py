"""The passwords of a district: the carrier's is verified before anything is stored (C020 – C024, decision 33)."""

from collections.abc import Callable
from typing import Literal

import msgspec

from engine.acts.act import Act
from engine.acts.desk import Desk
from engine.acts.settings import change_settings, standing_of
from engine.config import Settings
from engine.district.secret_box import Secret, SecretBox
from engine.district.tools import tools_of
from store.access import Role
from store.commands import Verb
from store.errors import InvalidInputError

DIAL_IN_DIGITS = range(4, 13)
"""A dial-in password is typed on a phone."""


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """A password, and with the carrier's the user name and end-points it goes with."""

    secret: Literal["carrier", "email", "dial-in"] = "carrier"  # noqa: S105
    user: str = ""
    """Empty: as it is."""
    endpoints: tuple[str, ...] = ()
    """Empty: as they are."""
    password: str

    def __repr__(self) -> str:
        return f"Credentials(secret={self.secret!r}, user={self.user!r})"

    def __rich_repr__(self) -> list[tuple[str, object]]:
        return [("secret", self.secret)]


class Saved(msgspec.Struct, frozen=True, kw_only=True):
    """What was saved, and what is still missing before somebody can be phoned."""

    secret: str
    customer_id: str = ""
    """The district's at the carrier."""
    messenger: bool = False
    voice: bool = False
    unconfigured: tuple[str, ...] = ()
    """Tools that stand on their defaults (C096)."""
    at_next_start: tuple[str, ...] = ()


def _save(desk: Desk, asked: Credentials, author: str) -> Saved:
    if not asked.password.strip():
        raise InvalidInputError("The password is empty; nothing was stored.")
    if asked.secret == "dial-in":  # noqa: S105
        _check_dial_in(asked.password)
    secret = Secret(asked.secret)
    carrier = secret is Secret.CARRIER
    write = SecretBox(desk.home, desk.database).keep(secret, asked.password)
    changed = change_settings(desk, author, _change(asked), Verb.CREDENTIALS, asked.password if carrier else "", write)
    said, now = standing_of(desk)
    return Saved(
        secret=asked.secret,
        customer_id=said.customer_id if carrier else "",
        messenger=now.messenger,
        voice=now.voice,
        unconfigured=tuple(tool.name for tool in tools_of(desk.settings, now) if not tool.configured),
        at_next_start=changed.at_next_start,
    )


def _change(asked: Credentials) -> Callable[[Settings], Settings]:
    """The settings that go with the password."""

    def change(settings: Settings) -> Settings:
        if asked.secret == "email":  # noqa: S105
            email = msgspec.structs.replace(settings.email, user=asked.user or settings.email.user)
            return msgspec.structs.replace(settings, email=email)
        if asked.secret == "dial-in":  # noqa: S105
            return settings
        carrier = msgspec.structs.replace(
            settings.carrier,
            user=asked.user or settings.carrier.user,
            endpoints=asked.endpoints or settings.carrier.endpoints,
        )
        return msgspec.structs.replace(settings, carrier=carrier)

    return change


def _check_dial_in(password: str) -> None:
    if not (password.isascii() and password.isdigit() and len(password) in DIAL_IN_DIGITS):
        raise InvalidInputError("The dial-in password is typed on a phone; give 4 to 12 digits. Nothing was stored.")


SAVE = Act("settings.credentials", Credentials, Saved, _save, role=Role.ADMINISTRATOR)

ACTS = (SAVE,)
