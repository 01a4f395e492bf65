"""A district's folder: make it, read it, and change its roster while no engine runs."""

from pathlib import Path

from actors.runtime.clock import WallClock
from engine.config import FILE_NAME, Settings, check_settings, load_settings
from engine.district.permission import change_permission
from engine.district.secret_box import Secret, SecretBox, make_key
from engine.district.settings_store import keep, kept_settings, write_file
from engine.roster.comparison import LOSS_PERCENT_MAX, check_loss
from engine.views import JobView, job_views
from store.checkpoint import Checkpoint, load
from store.database import Database
from store.engine_lock import EngineLock
from store.errors import ConfigError, InvalidInputError, StoreError
from store.people import Roster
from store.vault import Vault

STORE_FOLDER = "store"


def make_home(home: Path, settings: Settings, password: str = "", customer_id: str = "", author: str = "") -> None:
    """Write the settings and a store with nothing in it but them and the carrier's password, encrypted.

    `customer_id`: as the carrier gave it when it verified user and password; only then is voice enabled. Raises
    InvalidInputError where there is one, ConfigError for settings that could not be read again.
    """
    check_settings(settings)
    if (home / FILE_NAME).exists() or (home / STORE_FOLDER).exists():
        raise InvalidInputError(f"{home} already holds a district; edit {home / FILE_NAME}, or name another folder.")
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    content, now = write_file(home, settings), WallClock().now()
    make_key(home)
    lock = EngineLock(home / STORE_FOLDER)
    database = Database(home / STORE_FOLDER)
    with database.write() as txn:
        Vault(database).make_number_key(txn)
        keep(database, None, settings, content, author, now)(txn)
        SecretBox(home, database).keep(Secret.CARRIER, password)(txn)
        if customer_id:
            change_permission(database, customer_id=customer_id, voice=True, voice_at=now)(txn)
    database.close()
    lock.release()


def read_store(home: Path) -> Database:
    """The store for reading, whether an engine runs or not."""
    require_store(home)
    return Database(home / STORE_FOLDER, readonly=True)


def settings_in_force(home: Path) -> Settings:
    """Those of the file, which an engine follows within a second; where they do not hold, those it goes on with.

    Raises ConfigError where neither file nor store has any.
    """
    try:
        return load_settings(home)
    except ConfigError:
        database = read_store(home)
        try:
            with database.read() as txn:
                kept = kept_settings(database, txn)
        finally:
            database.close()
        if kept is None:
            raise
        return kept.in_force()


def replace_roster_offline(home: Path, roster: Roster, accept_loss_percent: float = LOSS_PERCENT_MAX) -> None:
    """Put a roster in force while no engine runs. Raises StoreBusyError when one does.

    RefusedError when it would lose more people, contacts or phones than is accepted (decision 21c).
    """
    require_store(home)
    lock = EngineLock(home / STORE_FOLDER)
    database = Database(home / STORE_FOLDER)
    try:
        vault = Vault(database)
        with database.write() as txn:
            check_loss(vault.roster(txn), roster, accept_loss_percent)
            version = vault.roster_version(txn) + 1
            for apply in vault.roster_writes(roster, version):
                apply(txn)
    finally:
        database.close()
        lock.release()


def read_jobs(home: Path) -> list[JobView]:
    """Every job ever released, oldest first, whether an engine runs or not."""
    database = read_store(home)
    try:
        with database.read() as txn:
            fold = load(database, Checkpoint(database), txn)
        return job_views(database, (row for _, row in sorted(fold.jobs.items())))
    finally:
        database.close()


def require_store(home: Path) -> None:
    """Opening a store makes one, so whoever means one that stands asks first. Raises StoreError without one."""
    if not (home / STORE_FOLDER).is_dir():
        raise StoreError(f"There is no district in {home}; make one with `callchain init {home}`.")
