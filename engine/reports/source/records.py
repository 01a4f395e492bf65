"""What reports read: one read transaction over a store, in a process of its own, whether an engine runs or not."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from engine.home import read_store
from engine.reports.source.local_time import LocalTime
from engine.reports.source.plan_parts import PlanBody, decode_body
from store.checkpoint import Checkpoint, load
from store.database import Database
from store.errors import NotFoundError
from store.fold import Fold
from store.keys import chain_id, id_key, pair_key, seq_key
from store.people import Calendar, Household, Person, School
from store.records import Job
from store.rows import ChainRow, JobRow
from store.tables import Table, Txn
from store.vault import Vault

OWNERS_KEPT = 4_096
"""Chains that were looked up because another's number went to them; those of one family lie close together."""


class Records:
    """The store at one moment. Chains come in the order of their plans, never all at once."""

    def __init__(self, database: Database, txn: Txn, time_zone: str, now: int) -> None:
        self.database = database
        self.txn = txn
        self.now = now
        self.local = LocalTime(time_zone)
        self._vault = Vault(database)
        self._fold = load(database, Checkpoint(database), txn)
        self.chain = lru_cache(OWNERS_KEPT)(self._chain)
        self.body = lru_cache(OWNERS_KEPT)(self._body)

    @property
    def today(self) -> int:
        """The district's local day, an ordinal."""
        return self.local.day(self.now)

    @property
    def fold(self) -> Fold:
        """The state of all jobs, and of the chains that are open or ended just now."""
        return self._fold

    # -- jobs

    def jobs(self) -> Iterator[tuple[JobRow, Job]]:
        """Every job that was released, oldest first."""
        rows = self._fold.jobs
        return ((rows[job.job_id], job) for job in self._vault.jobs(self.txn) if job.job_id in rows)

    def job(self, job_id: int) -> tuple[JobRow, Job]:
        """One released job. Raises NotFoundError."""
        row = self._fold.jobs.get(job_id)
        job = self.database.jobs.get(self.txn, id_key(job_id)) if row is not None else None
        if row is None or job is None:
            raise NotFoundError(f"There is no job {job_id}; `callchain jobs` lists those that were sent.")
        return row, job

    # -- chains

    def plans(self, job_id: int) -> Iterator[bytes]:
        """A job's plans, encoded, in order of index."""
        stored = self.database.plans.scan_raw(self.txn, pair_key(job_id, 0), pair_key(job_id + 1, 0))
        return (data for _, data in stored)

    def chains(self, row: JobRow) -> Iterator[tuple[int, bytes, ChainRow | None]]:
        """Index, encoded plan and row of every chain of a job; None for one that has not begun or never will."""
        first = chain_id(row.job_id, 0)
        stored = self.database.ended_chains.scan(self.txn, seq_key(first), seq_key(chain_id(row.job_id + 1, 0)))
        open_, ended = self._fold.chains, next(stored, None)
        for index, data in enumerate(self.plans(row.job_id)):
            found = open_.get(first + index)
            if ended is not None and ended[1].chain_id == first + index:
                # What the fold still holds is newer than the table.
                found, ended = found or ended[1], next(stored, None)
            yield index, data, found

    def _chain(self, job_id: int, index: int) -> ChainRow | None:
        """The row of one chain."""
        chain = chain_id(job_id, index)
        return self._fold.chains.get(chain) or self.database.ended_chains.get(self.txn, seq_key(chain))

    def _body(self, job_id: int, index: int) -> PlanBody | None:
        """The plan of one chain."""
        data = self.database.plans.raw(self.txn, pair_key(job_id, index))
        return None if data is None else decode_body(data)

    # -- the roster in force

    def schools(self) -> Iterator[School]:
        """Its schools."""
        return self._in_force(self.database.schools)

    def calendars(self) -> Iterator[Calendar]:
        """Its calendars."""
        return self._in_force(self.database.calendars)

    def people(self) -> Iterator[Person]:
        """Everybody in it."""
        return self._in_force(self.database.people)

    def households(self) -> Iterator[Household]:
        """Its households."""
        return self._in_force(self.database.households)

    def _in_force(self, table: Table) -> Iterator:  # type: ignore[type-arg]
        version = self._vault.roster_version(self.txn)
        return (record for _, record in table.scan(self.txn, pair_key(version, 0), pair_key(version + 1, 0)))


@contextmanager
def read_records(home: Path, time_zone: str, now: int) -> Iterator[Records]:
    """A district's records. Write what is made of them to a disk, never to somebody who reads slowly.

    `now` is ms UTC. Raises StoreError where there is no store.
    """
    database = read_store(home)
    try:
        with database.read() as txn:
            yield Records(database, txn, time_zone, now)
    finally:
        database.close()
