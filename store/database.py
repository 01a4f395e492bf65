"""The store on disk: open it, read it while an engine writes, back it up while it runs."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import lmdb

from store.access import Identity, Token
from store.documents import ContactStop, Fire, Mail, Mark, NumberBlock, Recording, Schedule, Template
from store.errors import StoreError, StoreVersionError
from store.facts import Block
from store.forecasts import Prediction, Tally
from store.hooks import Delivery, Webhook
from store.people import Calendar, Household, Person, Relationship, School, SchoolClass
from store.records import Job, Plan
from store.releases import Release
from store.rows import ChainRow, JobRow, RedialRow, RestRow
from store.tables import Table, Txn

VERSION = 3
"""Of the layout on disk; a store of a greater version is refused."""

MAP_BYTES = 1 << 40
"""The map is opened at 1 TiB and never grown: growing it would throw every reader out. It costs address space only."""

READERS_MAX = 126
"""Processes and threads that may read at once: LMDB's own default."""

FREE_BYTES_MIN = 64 << 20
"""Below this much free disk the gate closes for all but emergencies: room for some 200,000 more dials."""

_TABLES: dict[str, Any] = {
    "journal": Block,
    "job_rows": JobRow,
    "open_chains": ChainRow,
    "ended_chains": ChainRow,
    "rest": RestRow,
    "jobs": Job,
    "plans": Plan,
    "schools": School,
    "people": Person,
    "households": Household,
    "relationships": Relationship,
    "calendars": Calendar,
    "classes": SchoolClass,
    "templates": Template,
    "schedules": Schedule,
    "fires": Fire,
    "recordings": Recording,
    "blocks": NumberBlock,
    "stops": ContactStop,
    "marks": Mark,
    "mails": Mail,
    "occasions": bytes,
    "redials": RedialRow,
    "tokens": Token,
    "identities": Identity,
    "releases": Release,
    "webhooks": Webhook,
    "deliveries": Delivery,
    "forecasts": Prediction,
    "tallies": Tally,
}


class Database:
    """The store's environment and its tables. Open one a process; transactions are short and never held."""

    journal: Table[Block]
    job_rows: Table[JobRow]
    open_chains: Table[ChainRow]
    ended_chains: Table[ChainRow]
    rest: Table[RestRow]
    jobs: Table[Job]
    plans: Table[Plan]
    schools: Table[School]
    people: Table[Person]
    households: Table[Household]
    relationships: Table[Relationship]
    calendars: Table[Calendar]
    classes: Table[SchoolClass]
    templates: Table[Template]
    schedules: Table[Schedule]
    fires: Table[Fire]
    recordings: Table[Recording]
    blocks: Table[NumberBlock]
    stops: Table[ContactStop]
    marks: Table[Mark]
    mails: Table[Mail]
    occasions: Table[bytes]
    redials: Table[RedialRow]
    tokens: Table[Token]
    identities: Table[Identity]
    releases: Table[Release]
    webhooks: Table[Webhook]
    deliveries: Table[Delivery]
    forecasts: Table[Prediction]
    tallies: Table[Tally]

    def __init__(self, path: Path, *, readonly: bool = False, sync: bool = True) -> None:
        self.path = path
        if readonly and not (path / "data.mdb").exists():
            raise StoreError(f"There is no store at {path}; make one with `callchain init {path.parent}`.")
        self._env = _open_environment(path, readonly, sync)
        try:
            self._open_meta(readonly)
            self._check_version(readonly)
            self._open_tables(readonly)
        except lmdb.Error as error:
            self.close()
            raise self._damaged(error) from error
        except BaseException:
            self.close()
            raise

    @contextmanager
    def read(self) -> Iterator[Txn]:
        """A read transaction. Close it before waiting for anything: a held one makes the file grow.

        Raises StoreError where the store is damaged.
        """
        try:
            with self._env.begin() as txn:
                yield txn
        except lmdb.Error as error:
            raise self._damaged(error) from error

    @contextmanager
    def write(self) -> Iterator[Txn]:
        """A write transaction, durable when the block ends; nothing of it remains if the block raises."""
        try:
            with self._env.begin(write=True) as txn:
                yield txn
        except (lmdb.CorruptedError, lmdb.PageNotFoundError, lmdb.InvalidError) as error:
            raise self._damaged(error) from error
        except (lmdb.Error, OSError) as error:
            raise StoreError(f"The store at {self.path} cannot be written ({error}). Make room on its disk.") from error

    def get_meta(self, txn: Txn, name: str) -> bytes:
        """A small named value, empty when it was never written."""
        return bytes(txn.get(name.encode(), default=b"", db=self._meta))

    def put_meta(self, txn: Txn, name: str, value: bytes) -> None:
        """Write a small named value."""
        txn.put(name.encode(), value, db=self._meta)

    def has_room(self) -> bool:
        """Whether the disk still has FREE_BYTES_MIN."""
        return shutil.disk_usage(self.path).free >= FREE_BYTES_MIN

    def forget_dead_readers(self) -> int:
        """Let go of what processes read that were killed meanwhile, or the file grows for ever; how many there were."""
        return int(self._env.reader_check())

    def size(self) -> int:
        """Bytes of the data file."""
        return (self.path / "data.mdb").stat().st_size

    def backup(self, target: Path) -> None:
        """Copy the store, compacted, while it runs. An engine that opens the copy knows it for a restored one."""
        if target.exists() and any(target.iterdir()):
            raise StoreError(f"{target} is not empty; name a new folder for the backup.")
        try:
            target.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._env.copy(str(target), compact=True)
            (target / "data.mdb").chmod(0o600)
        except (lmdb.Error, OSError) as error:
            raise StoreError(f"No backup can be written to {target}: {error}. Make room or name another.") from error
        copy = Database(target)
        with copy.write() as txn:
            copy.put_meta(txn, "restored", b"1")
        copy.close()

    def close(self) -> None:
        """Let go of the environment."""
        self._env.close()

    def _open_meta(self, readonly: bool) -> None:
        # On a read-only environment named databases must be opened outside any transaction.
        self._meta = self._env.open_db(b"meta", create=not readonly)

    def _open_tables(self, readonly: bool) -> None:
        for name, record_type in _TABLES.items():
            setattr(self, name, Table(name, self._env.open_db(name.encode(), create=not readonly), record_type))

    def _damaged(self, error: lmdb.Error) -> StoreError:
        return StoreError(f"The store at {self.path} cannot be read ({error}): it is damaged; restore a backup.")

    def _check_version(self, readonly: bool) -> None:
        with self.read() as txn:
            found = self.get_meta(txn, "version")
        if found and not found.isdigit():
            raise StoreError(f"The store at {self.path} has no readable version: it is damaged; restore a backup.")
        if found and int(found) > VERSION:
            raise StoreVersionError(
                f"The store at {self.path} has version {int(found)}, this program knows {VERSION}; update the program."
            )
        if found and int(found) == VERSION:
            return
        if found and readonly:
            raise StoreVersionError(
                f"The store at {self.path} was last opened by an older program; start `callchain serve` once, it is "
                "brought up to date then."
            )
        if not readonly:
            with self.write() as txn:
                self.put_meta(txn, "version", str(VERSION).encode())


def _open_environment(path: Path, readonly: bool, sync: bool) -> lmdb.Environment:
    before = os.umask(0o077)
    try:
        if not readonly:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return lmdb.open(
            str(path),
            map_size=MAP_BYTES if sys.maxsize > 2**32 else 1 << 30,
            max_dbs=len(_TABLES) + 1,
            max_readers=READERS_MAX,
            readonly=readonly,
            sync=sync,
            mode=0o600,
        )
    except (lmdb.Error, OSError) as error:
        raise StoreError(f"The store at {path} cannot be opened: {error}.") from error
    finally:
        os.umask(before)
