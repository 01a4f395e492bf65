"""A district's folder: make it, read it, and change its roster while no engine runs."""

from pathlib import Path

from engine.config import FILE_NAME, Settings, check_settings
from engine.config_text import settings_text
from engine.roster.comparison import LOSS_PERCENT_MAX, check_loss
from engine.views import JobView, job_view
from store.checkpoint import Checkpoint, load
from store.database import Database
from store.engine_lock import EngineLock
from store.errors import InvalidInputError, StoreError
from store.records import Roster
from store.vault import Vault

STORE_FOLDER = "store"


def make_home(home: Path, settings: Settings, password: str = "") -> None:
    """Write the settings, the carrier's password and an empty store.

    Raises InvalidInputError where there is one, ConfigError for settings that could not be read again.
    """
    check_settings(settings)
    if (home / FILE_NAME).exists():
        raise InvalidInputError(f"{home} already holds a district; edit {home / FILE_NAME}, or name another folder.")
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    (home / FILE_NAME).write_text(settings_text(settings), encoding="utf-8")
    secret = home / settings.carrier.password_file
    secret.touch(mode=0o600)
    secret.write_text(f"{password}\n", encoding="utf-8")
    lock = EngineLock(home / STORE_FOLDER)
    database = Database(home / STORE_FOLDER)
    with database.write() as txn:
        Vault(database).make_number_key(txn)
    database.close()
    lock.release()


def read_store(home: Path) -> Database:
    """The store for reading, whether an engine runs or not."""
    _require_store(home)
    return Database(home / STORE_FOLDER, readonly=True)


def replace_roster_offline(home: Path, roster: Roster, accept_loss_percent: float = LOSS_PERCENT_MAX) -> None:
    """Put a roster in force while no engine runs. Raises StoreBusyError when one does.

    RefusedError when it would lose more people, contacts or phones than is accepted (decision 21c).
    """
    _require_store(home)
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


def restore_roster_offline(home: Path) -> bool:
    """Put the previous roster in force again; False when there is none. Raises StoreBusyError while an engine runs."""
    _require_store(home)
    lock = EngineLock(home / STORE_FOLDER)
    database = Database(home / STORE_FOLDER)
    try:
        with database.write() as txn:
            return Vault(database).restore_previous(txn)
    finally:
        database.close()
        lock.release()


def read_jobs(home: Path) -> list[JobView]:
    """Every job ever released, oldest first, whether an engine runs or not."""
    database = read_store(home)
    try:
        with database.read() as txn:
            fold = load(database, Checkpoint(database), txn)
    finally:
        database.close()
    return [job_view(row) for _, row in sorted(fold.jobs.items())]


def _require_store(home: Path) -> None:
    """Opening a store makes one, so whoever means one that stands asks first. Raises StoreError without one."""
    if not (home / STORE_FOLDER).is_dir():
        raise StoreError(f"There is no district in {home}; make one with `callchain init {home}`.")
