"""The settings in force, as the store keeps them, and `callchain.toml`, their face that people edit."""

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec

from engine.config import FILE_NAME, Settings, read_file, settings_of_file
from engine.config_text import settings_text
from engine.district.setting_values import checked, differences
from store.database import Database
from store.errors import ConfigError
from store.tables import Txn

META = "settings"

HISTORY_MAX = 50
"""Changes that are remembered: a year of a busy administrator."""

FROM_FILE = FILE_NAME
"""Who is named as the author of what was edited in the file."""


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """One setting that changed."""

    key: str
    before: Any
    after: Any


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One change of the settings: when, by whom, and what."""

    version: int
    at: int
    """ms UTC."""
    author: str
    changed: tuple[Changed, ...] = ()


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What the store keeps of the settings."""

    version: int
    file_hash: str
    """Of the file as it was last taken in or written: another one was edited since."""
    settings: dict[str, Any]
    history: tuple[Change, ...] = ()
    """The newest first."""

    def in_force(self) -> Settings:
        """The settings; keys of another version of the program are passed over."""
        return _tolerant(self.settings)


def kept_settings(database: Database, txn: Txn) -> Kept | None:
    """What the store keeps, None where it was never told."""
    data = database.get_meta(txn, META)
    return msgspec.json.decode(data, type=Kept) if data else None


def keep(
    database: Database, before: Settings | None, settings: Settings, content: bytes, author: str, now: int
) -> Callable[[Txn], None]:
    """The write that has the store keep settings whose file has this content. `before`: what was in force until now."""

    def write(txn: Txn) -> None:
        kept = kept_settings(database, txn)
        old = before or (kept.in_force() if kept is not None else None)
        pairs = {} if old is None else differences(old, settings)
        version, history = (kept.version, kept.history) if kept is not None else (0, ())
        if pairs or kept is None:
            version += 1
            changed = tuple(Changed(key=key, before=was, after=is_) for key, (was, is_) in pairs.items())
            history = (Change(version=version, at=now, author=author, changed=changed), *history)[:HISTORY_MAX]
        raw = msgspec.to_builtins(settings)
        record = Kept(version=version, file_hash=hash_of(content), settings=raw, history=history)
        database.put_meta(txn, META, msgspec.json.encode(record))

    return write


def write_file(home: Path, settings: Settings) -> bytes:
    """Put the settings file in place of the one that stands, whole or not at all. Returns its content.

    Raises ConfigError where it cannot be written.
    """
    content = settings_text(settings).encode()
    beside = home / f".{FILE_NAME}.new"
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(home / FILE_NAME)
    except OSError as error:
        raise _unwritable(home, error) from None
    return content


def edited_settings(home: Path, kept: Kept | None) -> tuple[Settings, bytes] | None:
    """The settings of the file and its content, None where it stands as it was last taken in. Raises ConfigError."""
    content = read_file(home)
    if kept is not None and kept.file_hash == hash_of(content):
        return None
    return checked(settings_of_file(home, content)), content


def settings_at_rest(home: Path, database: Database) -> Settings:
    """What holds while no engine runs: what stands in the file, or in the store where the file was lost."""
    with database.read() as txn:
        kept = kept_settings(database, txn)
    if kept is not None and not (home / FILE_NAME).exists():
        return kept.in_force()
    return checked(settings_of_file(home, read_file(home)))


def hash_of(content: bytes) -> str:
    """What tells one content of the file from another."""
    return hashlib.sha256(content).hexdigest()


@contextmanager
def one_at_a_time(home: Path) -> Iterator[None]:
    """Whoever changes settings does it alone, so that nobody's change is lost: reading, writing, telling the engine."""
    try:
        handle = os.open(home / ".settings.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _unwritable(home, error) from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _unwritable(home: Path, error: OSError) -> ConfigError:
    return ConfigError(f"{home / FILE_NAME} cannot be written: {error.strerror}. Nothing was changed; mend that first.")


def _tolerant(raw: dict[str, Any]) -> Settings:
    """Settings of builtins, without what this version does not know."""
    hints = get_type_hints(Settings)
    known: dict[str, Any] = {}
    for section, value in raw.items():
        if section not in hints:
            continue
        rows = get_args(hints[section])
        fields = get_type_hints(rows[0] if rows else hints[section])
        parts = value if rows else [value]
        pruned = [{key: said for key, said in part.items() if key in fields} for part in parts]
        known[section] = pruned if rows else pruned[0]
    return msgspec.convert(known, Settings, strict=True)
