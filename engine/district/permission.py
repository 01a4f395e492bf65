"""Whether a district may phone at all: messenger enabled by contract, voice by verified credentials (C002, C022)."""

from collections.abc import Callable

import msgspec

from engine.config import CarrierSettings, Settings
from engine.setting_checks import is_loopback
from store.database import Database
from store.errors import RefusedError
from store.tables import Txn

META = "permission"


class Permission(msgspec.Struct, frozen=True, kw_only=True):
    """What the store says of it, and the customer ids the carrier gave. None: nothing was ever said."""

    messenger: bool | None = None
    """Set by the operator who hosts the district, never by the district (C003)."""
    contract: str = ""
    """Reference of the approved contract."""
    messenger_by: str = ""
    messenger_at: int = 0
    voice: bool | None = None
    """True once the carrier has verified user name and password."""
    voice_at: int = 0
    customer_id: str = ""
    """The district's, for the carrier's recognition only (C028)."""
    school_ids: dict[str, str] = {}
    """School id → the carrier's customer id for it (C026)."""


def permission_of(database: Database, txn: Txn) -> Permission:
    """What the store says now."""
    data = database.get_meta(txn, META)
    return msgspec.json.decode(data, type=Permission) if data else Permission()


def change_permission(database: Database, **fields: object) -> Callable[[Txn], None]:
    """The write that changes some fields, whatever the others are by then."""

    def write(txn: Txn) -> None:
        changed = msgspec.structs.replace(permission_of(database, txn), **fields)
        database.put_meta(txn, META, msgspec.json.encode(changed))

    return write


def add_school_ids(database: Database, found: dict[str, str]) -> Callable[[Txn], None]:
    """The write that adds customer ids of schools."""

    def write(txn: Txn) -> None:
        known = permission_of(database, txn)
        changed = msgspec.structs.replace(known, school_ids={**known.school_ids, **found})
        database.put_meta(txn, META, msgspec.json.encode(changed))

    return write


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Whether messenger and voice are on, and why messenger is."""

    messenger: bool
    voice: bool
    drill: bool
    """Nothing was said, and the calls reach nobody: a stand-in, or an embedding program's own carrier."""


def standing(
    said: Permission, settings: Settings, own_carrier: bool = False, called: CarrierSettings | None = None
) -> Standing:
    """What holds where nothing was said: off, but on for make-believe carriers, which need no contract.

    `own_carrier`: an embedding program brings its own gateway and answers for it. A stand-in counts only on this
    machine: a district cannot enable itself by calling the real carrier one, nor by naming another end-point while a
    running engine still calls the one it started with (`called`).
    """
    urls = (*settings.carrier.endpoints, *(called.endpoints if called else ()))
    drill = own_carrier or (settings.carrier.stand_in and all(is_loopback(url) for url in urls))
    return Standing(
        messenger=drill if said.messenger is None else said.messenger,
        voice=drill if said.voice is None else said.voice,
        drill=drill,
    )


def check_permitted(now: Standing) -> None:
    """Raise RefusedError, with the way to enable it, where the district may not phone (C022, C174, C175)."""
    if not now.messenger:
        raise RefusedError(
            "Messenger is not enabled for this district. Once its contract is approved, the operator enables it with "
            "`callchain messenger enable --contract REFERENCE`. Nothing was sent."
        )
    if not now.voice:
        raise RefusedError(
            "Voice is not enabled: the carrier has not verified this district's credentials. Save them with "
            "`callchain settings credentials`. Nothing was sent."
        )
