"""One district under examination: its settings, its store and its engine, everything read once."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from engine.config import Settings
from engine.district.permission import Permission, permission_of
from engine.orders import Health
from engine.preferences.in_force import roster_in_force
from store.checkpoint import Checkpoint, load
from store.database import Database
from store.documents import Fire, Mail, Schedule
from store.facts import Block
from store.fold import Fold
from store.journal import Journal
from store.lease import LOCK_FILE, Lease, read_lease
from store.people import Roster
from store.tables import Txn


class Watch:
    """The district's clock as seen from outside: the engine's, which runs faster in a drill, else the machine's."""

    def __init__(self, health: Health | None = None, now: int | None = None) -> None:
        """`now`: where the clock stands, ms UTC, in place of the machine's."""
        self._speed = health.speed if health else 1.0
        self._at = health.now if health else (now if now is not None else time.time_ns() // 1_000_000)
        self._read_at = time.monotonic()

    def now(self) -> int:
        """The instant it is, ms UTC."""
        return self._at + int((time.monotonic() - self._read_at) * 1000 * self._speed)


@dataclass
class Patient:
    """What the checks look at. Reading may raise StoreError; whoever runs the checks makes a finding of it."""

    home: Path
    settings: Settings
    database: Database
    health: Health | None
    """What the engine says of itself, None where none answers."""
    watch: Watch

    @property
    def runs(self) -> bool:
        """Whether an engine answers."""
        return self.health is not None

    @property
    def now(self) -> int:
        """The instant it is, ms UTC."""
        return self.watch.now()

    @cached_property
    def zone(self) -> ZoneInfo:
        """The district's time zone."""
        return ZoneInfo(self.settings.district.time_zone)

    @cached_property
    def today(self) -> int:
        """The district's local day, an ordinal."""
        return datetime.fromtimestamp(self.now / 1000, self.zone).date().toordinal()

    @cached_property
    def fold(self) -> Fold:
        """The state of jobs and open chains."""
        with self.database.read() as txn:
            return load(self.database, Checkpoint(self.database), txn)

    @cached_property
    def roster(self) -> Roster:
        """The one in force."""
        with self.database.read() as txn:
            return roster_in_force(self.database, txn)

    @cached_property
    def permission(self) -> Permission:
        """Whether messenger and voice are enabled."""
        with self.database.read() as txn:
            return permission_of(self.database, txn)

    @cached_property
    def lease(self) -> Lease | None:
        """Who holds the store, or held it last."""
        return read_lease(self.database.path / LOCK_FILE)

    def schedules(self) -> list[Schedule]:
        """All of them."""
        with self.database.read() as txn:
            return [schedule for _, schedule in self.database.schedules.scan(txn)]

    def fires(self) -> list[Fire]:
        """Every firing that was recorded."""
        with self.database.read() as txn:
            return [fire for _, fire in self.database.fires.scan(txn)]

    def mails(self) -> list[Mail]:
        """Every e-mail that is kept."""
        with self.database.read() as txn:
            return [mail for _, mail in self.database.mails.scan(txn)]

    def blocks_since(self, txn: Txn, at: int) -> Iterator[Block]:
        """The journal from an instant on, oldest first; found by halving, for there may be millions before."""
        journal = Journal(self.database)
        low, high = 0, journal.last_seq(txn)
        while low < high:
            middle = (low + high) // 2
            block = next(journal.since(txn, middle, 1))
            low, high = (middle + 1, high) if block.at < at else (low, middle)
        return journal.since(txn, low)

    def clock(self, at: int) -> str:
        """An instant as the district's clocks show it: `2026-11-24 16:05`."""
        return datetime.fromtimestamp(at / 1000, UTC).astimezone(self.zone).strftime("%Y-%m-%d %H:%M")
