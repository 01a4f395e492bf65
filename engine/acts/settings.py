"""Voice settings: shown, changed, taken in from the edited file, and who changed what (C020, C047, C097)."""

from collections.abc import Callable
from typing import Literal

import msgspec

from engine.acts.act import Act
from engine.acts.desk import Desk
from engine.config import FILE_NAME, Settings
from engine.district.carrier_access import verified
from engine.district.permission import Permission, Standing, change_permission, permission_of, standing
from engine.district.secret_box import Secret, SecretBox
from engine.district.setting_values import differences, with_row, with_values
from engine.district.settings_store import (
    FROM_FILE,
    Change,
    Changed,
    Kept,
    edited_settings,
    keep,
    kept_settings,
    one_at_a_time,
    write_file,
)
from engine.district.tools import Tool, tools_of
from store.access import Role
from store.commands import Verb
from store.errors import NotFoundError
from store.tables import Txn

AT_NEXT_START = frozenset(
    f"carrier.{key}"
    for key in ("endpoints", "stand_in", "ca_file", "poll_seconds", "poll_soonest_seconds", "deadline_seconds")
) | {f"door.{key}" for key in ("group", "listen", "certificate", "key")}
"""What a running engine reads only when it starts; everything else counts at once."""


class Nothing(msgspec.Struct, frozen=True, kw_only=True):
    """A request that needs no words."""


class SettingsView(msgspec.Struct, frozen=True, kw_only=True):
    """Everything in force; passwords only as far as whether they are kept."""

    version: int
    """How many times they were changed; 0: never taken in by an engine."""
    changed_at: int
    changed_by: str
    settings: Settings
    passwords: dict[str, bool]
    standing: Standing
    customer_id: str
    """The district's at the carrier, for its recognition only (C028)."""
    school_ids: dict[str, str]
    tools: tuple[Tool, ...]


class SetValues(msgspec.Struct, frozen=True, kw_only=True):
    """`district.end_time=17:30` and the like, all or none."""

    values: tuple[str, ...]


class SetRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a table: put in place of the one about the same, or removed."""

    table: Literal["caller_ids", "prompts", "pronunciations", "portals", "door_roles"]
    row: dict[str, str]
    remove: bool = False


class SettingsChanged(msgspec.Struct, frozen=True, kw_only=True):
    """What changed."""

    version: int
    changed: tuple[Changed, ...]
    at_next_start: tuple[str, ...] = ()
    """Settings that a running engine follows only when it starts again."""


def change_settings(
    desk: Desk,
    author: str,
    change: Callable[[Settings], Settings],
    verb: Verb = Verb.SETTINGS,
    password: str = "",
    *writes: Callable[[Txn], None],
) -> SettingsChanged:
    """Put other settings in force at once: file, store and running engine. Raises what `change` raises.

    What was edited in the file and not taken in yet goes along. Where user or end-points change, the carrier is asked
    whether it still knows them (C021), under `password` or the one that is kept.
    """
    with one_at_a_time(desk.home):
        before = desk.settings
        after = change(_with_edits(desk, before))
        again = _verify_again(desk, before, after, password)
        content = write_file(desk.home, after)
        in_force = before if desk.running else None
        kept = keep(desk.database, in_force, after, content, author, desk.clock.now())
        desk.change(verb, author, kept, *again, *writes)
        return _follow(desk, before, after, verified_again=bool(again))


def _with_edits(desk: Desk, settings: Settings) -> Settings:
    with desk.database.read() as txn:
        kept = kept_settings(desk.database, txn)
    if kept is None or not (desk.home / FILE_NAME).exists():
        return settings
    edited = edited_settings(desk.home, kept)
    return settings if edited is None else edited[0]


def _verify_again(desk: Desk, before: Settings, after: Settings, password: str) -> tuple[Callable[[Txn], None], ...]:
    """Have the carrier verify a login that changed; raises GatewayError where it does not know it."""
    new = after.carrier
    if not password and (_login_of(before) == _login_of(after) or not (new.user and new.endpoints)):
        # A secret key that was lost hinders nobody from changing what it has no part in.
        return ()
    known = password or SecretBox(desk.home, desk.database).password(Secret.CARRIER)
    if not known:
        return ()
    customer_id = verified(desk.home, after, known)
    return (change_permission(desk.database, customer_id=customer_id, voice=True, voice_at=desk.clock.now()),)


def _login_of(settings: Settings) -> tuple[str, tuple[str, ...]]:
    return settings.carrier.user, settings.carrier.endpoints


def _follow(desk: Desk, before: Settings, after: Settings, *, verified_again: bool) -> SettingsChanged:
    """Have a running engine follow, and say what changed."""
    pairs = differences(before, after)
    if desk.running:
        desk.engine.apply_settings(after)
        if verified_again or _login_of(before) != _login_of(after):
            _renew_login(desk, after)
    with desk.database.read() as txn:
        kept = kept_settings(desk.database, txn)
    return SettingsChanged(
        version=kept.version if kept is not None else 0,
        changed=tuple(Changed(key=key, before=was, after=now) for key, (was, now) in pairs.items()),
        at_next_start=tuple(sorted(AT_NEXT_START & pairs.keys())) if desk.running else (),
    )


def _renew_login(desk: Desk, settings: Settings) -> None:
    """The next request to the carrier is made under the login that is kept now."""
    from engine.gateways.shoutpoint import ShoutpointGateway  # a running engine has loaded it

    gateway = desk.engine.station.gateway
    if isinstance(gateway, ShoutpointGateway):
        with desk.database.read() as txn:
            customer_id = permission_of(desk.database, txn).customer_id
        password = SecretBox(desk.home, desk.database).password(Secret.CARRIER)
        gateway.renew(settings.carrier.user, password, customer_id)


def take_in(desk: Desk, author: str = FROM_FILE) -> SettingsChanged:
    """Put the edited file in force. Raises ConfigError for one that does not hold; the old settings stay then."""
    with one_at_a_time(desk.home):
        before = desk.settings
        with desk.database.read() as txn:
            kept = kept_settings(desk.database, txn)
        edited = edited_settings(desk.home, kept)
        if edited is None:
            return _follow(desk, before, _kept_or(desk, kept, before), verified_again=False)
        after, content = edited
        again = _verify_again(desk, before, after, "")
        in_force = before if desk.running else None
        write = keep(desk.database, in_force, after, content, author, desk.clock.now())
        desk.change(Verb.SETTINGS, author, write, *again)
        told = before if desk.running or kept is None else kept.in_force()
        return _follow(desk, told, after, verified_again=bool(again))


def _kept_or(desk: Desk, kept: Kept | None, in_force: Settings) -> Settings:
    """What a running engine follows: the store may know settings it does not yet, written while nobody could wait."""
    follows = desk.running and desk.engine.follows_file and kept is not None
    return kept.in_force() if follows and kept is not None else in_force


# ---------------------------------------------------------------- the acts


def standing_of(desk: Desk) -> tuple[Permission, Standing]:
    """What the store says of messenger and voice, and what follows from it."""
    with desk.database.read() as txn:
        said = permission_of(desk.database, txn)
    return said, desk.engine.standing() if desk.running else standing(said, desk.settings)


def _show(desk: Desk, _asked: Nothing, _author: str) -> SettingsView:
    with desk.database.read() as txn:
        kept = kept_settings(desk.database, txn)
    said, now = standing_of(desk)
    newest = kept.history[0] if kept is not None and kept.history else None
    return SettingsView(
        version=kept.version if kept is not None else 0,
        changed_at=newest.at if newest is not None else 0,
        changed_by=newest.author if newest is not None else "",
        settings=desk.settings,
        passwords=SecretBox(desk.home, desk.database).kept(),
        standing=now,
        customer_id=said.customer_id,
        school_ids=said.school_ids,
        tools=tools_of(desk.settings, now),
    )


def _set(desk: Desk, asked: SetValues, author: str) -> SettingsChanged:
    return change_settings(desk, author, lambda settings: with_values(settings, asked.values))


def _row(desk: Desk, asked: SetRow, author: str) -> SettingsChanged:
    if not asked.remove:
        _check_school(desk, asked.row.get("school", ""))
    row = {key: value for key, value in asked.row.items() if value}
    return change_settings(desk, author, lambda settings: with_row(settings, asked.table, row, remove=asked.remove))


def _check_school(desk: Desk, school_id: str) -> None:
    """A row is about a school of the roster in force, where there is one."""
    with desk.database.read() as txn:
        schools = {school.school_id for school in desk.vault.schools(txn)}
    if school_id and schools and school_id not in schools:
        known = ", ".join(sorted(schools)[:10])
        raise NotFoundError(f'The roster has no school "{school_id}"; known are {known}.')


def _history(desk: Desk, _asked: Nothing, _author: str) -> list[Change]:
    with desk.database.read() as txn:
        kept = kept_settings(desk.database, txn)
    return list(kept.history) if kept is not None else []


SHOW = Act("settings.show", Nothing, SettingsView, _show, role=Role.SENDER)
SET = Act("settings.set", SetValues, SettingsChanged, _set, role=Role.ADMINISTRATOR)
ROW = Act("settings.row", SetRow, SettingsChanged, _row, role=Role.ADMINISTRATOR)
RELOAD = Act(
    "settings.reload", Nothing, SettingsChanged, lambda desk, _asked, author: take_in(desk, author),
    role=Role.ADMINISTRATOR,
)  # fmt: skip
HISTORY = Act("settings.history", Nothing, list[Change], _history, role=Role.ADMINISTRATOR)

ACTS = (SHOW, SET, ROW, RELOAD, HISTORY)
