"""Where acts are carried out: a district's store with what is needed to write it, under a running engine or without."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from actors.runtime.clock import Clock, WallClock
from engine.config import Settings
from engine.district.settings_store import settings_at_rest
from engine.home import STORE_FOLDER, require_store
from engine.identities import remembering
from engine.release import author_id
from engine.service import Engine
from store import facts
from store.checkpoint import Checkpoint, load
from store.commands import Verb
from store.database import Database
from store.engine_lock import EngineLock
from store.errors import RefusedError
from store.fold import Fold
from store.journal import Journal
from store.tables import Txn
from store.vault import Vault

COMMAND_BITS = 62


class Desk(Protocol):
    """What an act may use. Reads are short transactions on `database`; every change goes through `change`."""

    @property
    def home(self) -> Path:
        """The district's folder."""

    @property
    def settings(self) -> Settings:
        """Those in force."""

    @property
    def database(self) -> Database:
        """The store."""

    @property
    def vault(self) -> Vault:
        """People, plans and messages in it."""

    @property
    def clock(self) -> Clock:
        """What tells the time."""

    @property
    def engine(self) -> Engine:
        """The running engine. Raises RefusedError where none runs; acts that need it are `live`."""

    @property
    def running(self) -> bool:
        """Whether an engine runs."""

    def change(self, verb: Verb, author: str, *writes: Callable[[Txn], None]) -> None:
        """Write, and have the journal say who did what (`verb`); on disk when this returns."""

    def fold(self) -> Fold:
        """The state of jobs and chains. Of a running engine it is the living one: read single rows, never iterate."""


class LiveDesk:
    """The desk of a running engine: writes go through its writer."""

    running: bool = True

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.home = engine.home
        self.clock = engine.clock
        self.database = engine.station.database
        self.vault = engine.station.vault

    @property
    def settings(self) -> Settings:
        """Those in force."""
        return self.engine.settings

    def change(self, verb: Verb, author: str, *writes: Callable[[Txn], None]) -> None:
        """Write, and have the journal say who did what."""
        remember = remembering(self.database, author, self.clock.now())
        self.engine.station.change(verb, author, *writes, remember)

    def fold(self) -> Fold:
        """The living state."""
        return self.engine.station.fold


class StoreDesk:
    """The desk of a store no engine runs on; `at_store` opens and closes it."""

    running: bool = False

    def __init__(self, home: Path, database: Database) -> None:
        self.home = home
        self.settings = settings_at_rest(home, database)
        self.database = database
        self.vault = Vault(database)
        self.clock: Clock = WallClock()

    @property
    def engine(self) -> Engine:
        """There is none."""
        raise RefusedError(f"No engine runs; start one with `callchain serve --home {self.home}`.")

    def change(self, verb: Verb, author: str, *writes: Callable[[Txn], None]) -> None:
        """Write, and have the journal say who did what, in one commit."""
        journal = Journal(self.database)
        taken = facts.CommandTaken(secrets.randbits(COMMAND_BITS) + 1, verb, 0, author_id(author))
        with self.database.write() as txn:
            for write in (*writes, remembering(self.database, author, self.clock.now())):
                write(txn)
            newest = journal.newest(txn)
            seq = newest.seq if newest is not None else 0
            journal.append(txn, facts.Block(seq + 1, self.clock.now(), [taken]))

    def fold(self) -> Fold:
        """The state as the store tells it."""
        with self.database.read() as txn:
            return load(self.database, Checkpoint(self.database), txn)


@contextmanager
def at_store(home: Path) -> Iterator[StoreDesk]:
    """The desk of a store while no engine runs. Raises StoreBusyError when one does."""
    require_store(home)
    lock = EngineLock(home / STORE_FOLDER)
    database = Database(home / STORE_FOLDER)
    try:
        yield StoreDesk(home, database)
    finally:
        database.close()
        lock.release()
