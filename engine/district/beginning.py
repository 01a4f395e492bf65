"""What an engine begins with: the settings that are in force and the login at the carrier, from file and store."""

import logging
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from engine.config import FILE_NAME, Settings, load_settings, read_file
from engine.district.carrier_access import Login
from engine.district.permission import permission_of
from engine.district.secret_box import Secret, SecretBox
from engine.district.settings_store import FROM_FILE, edited_settings, keep, kept_settings, write_file
from engine.home import STORE_FOLDER
from store.database import Database
from store.engine_lock import EngineLock
from store.errors import ConfigError

PLAIN_FILE = "carrier.password"
"""Where older versions kept the carrier's password as it is; such a file is taken over and removed."""

log = logging.getLogger(__name__)


class Beginning(NamedTuple):
    """What is in force when an engine starts."""

    settings: Settings
    login: Login


def begin(home: Path, given: Settings | None, now: int, *, logs_in: bool = True, sync: bool = True) -> Beginning:
    """What is in force now. `given`: an embedding program brings its own settings; the file is not looked at then.

    The file wins where it was edited since it was last taken in, else the store. Raises StoreBusyError while another
    engine runs, ConfigError for a file or a key that cannot be used.
    """
    with _store(home, sync) as database:
        _take_over_plain_file(home, database)
        settings = given or _in_force(home, database, now)
        with database.read() as txn:
            customer_id = permission_of(database, txn).customer_id
        password = SecretBox(home, database).password(Secret.CARRIER) if logs_in else ""
        return Beginning(settings, Login(password, customer_id))


def settings_before(home: Path) -> Settings:
    """The file's settings, for an engine that has not begun; defaults where only the file was lost (see `begin`)."""
    lost = (home / STORE_FOLDER).is_dir() and not (home / FILE_NAME).exists()
    return Settings() if lost else load_settings(home)


def keep_password(home: Path, secret: Secret, password: str) -> None:
    """Keep a password while no engine runs; the store is made where there is none."""
    with _store(home, sync=True) as database, database.write() as txn:
        SecretBox(home, database).keep(secret, password)(txn)


def _in_force(home: Path, database: Database, now: int) -> Settings:
    with database.read() as txn:
        kept = kept_settings(database, txn)
    if kept is not None and not (home / FILE_NAME).exists():
        # The file is the face of what the store keeps; one that was lost is written anew.
        settings = kept.in_force()
        content = write_file(home, settings)
    else:
        edited = edited_settings(home, kept)
        if edited is None:
            assert kept is not None
            return kept.in_force()
        settings, content = edited
    with database.write() as txn:
        keep(database, None, settings, content, FROM_FILE, now)(txn)
    return settings


def _take_over_plain_file(home: Path, database: Database) -> None:
    """A password in a plain file goes encrypted into the store, and the file goes away."""
    path = home / _plain_name(home)
    if not path.is_file():
        return
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    box = SecretBox(home, database)
    password = lines[0].strip() if lines else ""
    if password and not box.kept()[Secret.CARRIER.value]:
        with database.write() as txn:
            box.keep(Secret.CARRIER, password)(txn)
    path.unlink()
    log.warning("The carrier's password was taken from %s, encrypted into the store; the file was removed.", path)


def _plain_name(home: Path) -> str:
    """As an older version's settings name it."""
    try:
        section = tomllib.loads(read_file(home).decode()).get("carrier", {})
        return Path(section["password_file"]).name
    except (ConfigError, ValueError, LookupError, TypeError, AttributeError):  # whoever loads the file complains of it
        return PLAIN_FILE


@contextmanager
def _store(home: Path, sync: bool) -> Iterator[Database]:
    lock = EngineLock(home / STORE_FOLDER)
    try:
        database = Database(home / STORE_FOLDER, sync=sync)
        try:
            yield database
        finally:
            database.close()
    finally:
        lock.release()
