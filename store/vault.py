"""The vault: people, plans and messages, kept apart from the facts, which know them by id only."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import TypeVar

from store.database import Database
from store.keys import ID_MAX, id_key, id_of, pair_key
from store.people import Role, Roster, School
from store.records import Job, Plan, Record
from store.tables import Table, Txn

SLICE_RECORDS = 1_000
"""Records written in one transaction beside the commits: 2 ms."""

NUMBER_KEY_BYTES = 32

R = TypeVar("R")
TxnWrite = Callable[[Txn], None]


class Vault:
    """Reads and slices of writes; whoever owns the write transaction carries the writes out."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kinds: dict[str, Table[Record]] = {
            kind: getattr(database, kind)
            for kind in ("schools", "people", "households", "relationships", "calendars", "classes")
        }

    # -- secrets

    def number_key(self, txn: Txn) -> bytes:
        """The key of number ids, empty until there is one. It never leaves the store."""
        return self._database.get_meta(txn, "number_key")

    def make_number_key(self, txn: Txn, key: bytes | None = None) -> None:
        """Write a key, drawn at random unless given."""
        self._database.put_meta(txn, "number_key", key or secrets.token_bytes(NUMBER_KEY_BYTES))

    # -- the roster

    def roster_version(self, txn: Txn) -> int:
        """The version in force, 0 when none was ever imported."""
        return int(self._database.get_meta(txn, "roster_version") or b"0")

    def roster(self, txn: Txn, version: int | None = None) -> Roster:
        """A version of the roster, by default the one in force; empty when there is none."""
        version = self.roster_version(txn) if version is None else version
        found = {kind: tuple(self._records(txn, table, version)) for kind, table in self._kinds.items()}
        stamp = self._database.get_meta(txn, f"roster_stamp_{version}")
        return Roster(**found, fictional=stamp == b"fictional")  # type: ignore[arg-type]

    def schools(self, txn: Txn) -> tuple[School, ...]:
        """The schools of the roster in force."""
        return tuple(self._records(txn, self._database.schools, self.roster_version(txn)))

    def students_count(self, txn: Txn) -> int:
        """Students of the roster in force."""
        version = self.roster_version(txn)
        people = self._records(txn, self._database.people, version)
        return sum(bool(person.roles & Role.STUDENT) for person in people)

    def people_count(self, txn: Txn) -> int:
        """People in all versions kept: a quick measure of how long planning takes."""
        return self._database.people.count(txn)

    def roster_writes(self, roster: Roster, version: int) -> Iterator[TxnWrite]:
        """Everything of a new version, in slices; then it is put in force, and the one before last is let go."""
        # Nothing may shine through from an import that was broken off, or from a roster that was taken back.
        yield from self._removals(pair_key(version, 0), None)
        for kind, table in self._kinds.items():
            yield from _slices(table, version, getattr(roster, kind))
        yield lambda txn: self._put_in_force(txn, version, roster.fictional)
        yield from self._removals(b"", pair_key(max(0, version - 1), 0))

    def restore_previous(self, txn: Txn) -> bool:
        """Put the previous roster in force again; False when there is none."""
        version = self.roster_version(txn)
        previous = version - 1
        if previous < 1 or next(self._records(txn, self._kinds["people"], previous), None) is None:
            return False
        self._database.put_meta(txn, "roster_version", str(previous).encode())
        return True

    def _records(self, txn: Txn, table: Table[R], version: int) -> Iterator[R]:
        return (record for _, record in table.scan(txn, pair_key(version, 0), pair_key(version + 1, 0)))

    def _put_in_force(self, txn: Txn, version: int, fictional: bool) -> None:
        self._database.put_meta(txn, f"roster_stamp_{version}", b"fictional" if fictional else b"real")
        self._database.put_meta(txn, "roster_version", str(version).encode())

    def _removals(self, start: bytes, stop: bytes | None) -> Iterator[TxnWrite]:
        """Remove the roster's records between two keys, in slices."""
        for table in self._kinds.values():
            yield from self._removals_from(table, start, stop)

    def _removals_from(self, table: Table[R], start: bytes, stop: bytes | None) -> Iterator[TxnWrite]:
        with self._database.read() as txn:
            keys = [key for key, _ in table.scan_raw(txn, start, stop)]
        for first in range(0, len(keys), SLICE_RECORDS):
            yield partial(_remove, table, keys[first : first + SLICE_RECORDS])

    # -- recordings

    def recording_lengths(self, txn: Txn) -> tuple[tuple[str, int], ...]:
        """(id, ms) of every recording kept."""
        return tuple((one.recording_id, one.duration_ms) for _, one in self._database.recordings.scan(txn))

    def audio_id(self, txn: Txn, recording_id: str, place: str = "") -> str:
        """What the carrier calls a recording, empty where it was never uploaded, or not to this `place`."""
        uploaded_to, _, audio_id = self._database.get_meta(txn, f"audio/{recording_id}").decode().partition("|")
        return audio_id if place in ("", uploaded_to) else ""

    def put_audio_id(self, txn: Txn, recording_id: str, place: str, audio_id: str) -> None:
        """Remember what a carrier calls a recording; `place` stands for the carrier."""
        self._database.put_meta(txn, f"audio/{recording_id}", f"{place}|{audio_id}".encode())

    # -- jobs and plans

    def next_job_id(self, txn: Txn) -> int:
        """One above the greatest ever used, that of a preparation that was broken off included."""
        job, plan = self._database.jobs.last_key(txn), self._database.plans.last_key(txn)
        return 1 + max(id_of(job) if job else 0, id_of(plan[:4]) if plan else 0)

    def job(self, txn: Txn, job_id: int) -> Job | None:
        """What a job says, to whom and when; None where there is none, or no job can have that id."""
        return self._database.jobs.get(txn, id_key(job_id)) if 0 <= job_id <= ID_MAX else None

    def plan_writes(self, job: Job, plans: Sequence[bytes]) -> Iterator[TxnWrite]:
        """A job's encoded plans, in slices, and the job last: one that is there has all its plans."""
        yield from _raw_slices(self._database.plans, job.job_id, plans)
        yield lambda txn: self._database.jobs.put(txn, id_key(job.job_id), job)

    def plans(self, job_id: int, start: int, count: int) -> list[bytes]:
        """Encoded plans of a job from an index on, read in a short transaction."""
        with self._database.read() as txn:
            rows = self._database.plans.scan_raw(txn, pair_key(job_id, start), pair_key(job_id, start + count))
            return [data for _, data in rows]

    def jobs(self, txn: Txn) -> Iterator[Job]:
        """Every job that was ever prepared, released or not."""
        return (job for _, job in self._database.jobs.scan(txn))

    def forget_plans(self, job_id: int) -> Iterator[TxnWrite]:
        """Let go of a prepared job that was never released, in slices; its id stays taken."""
        return self._removals_from(self._database.plans, pair_key(job_id, 0), pair_key(job_id + 1, 0))


def _remove(table: Table[R], keys: Sequence[bytes], txn: Txn) -> None:
    for key in keys:
        table.delete(txn, key)


def _slices(table: Table[Record], version: int, records: Sequence[Record]) -> Iterator[TxnWrite]:
    remaining = iter(enumerate(records))
    while rows := list(islice(remaining, SLICE_RECORDS)):

        def write(txn: Txn, rows: list[tuple[int, Record]] = rows) -> None:
            for index, record in rows:
                table.put(txn, pair_key(version, index), record)

        yield write


def _raw_slices(table: Table[Plan], owner: int, encoded: Sequence[bytes]) -> Iterator[TxnWrite]:
    remaining = iter(enumerate(encoded))
    while rows := list(islice(remaining, SLICE_RECORDS)):

        def write(txn: Txn, rows: list[tuple[int, bytes]] = rows) -> None:
            for index, data in rows:
                table.put_raw(txn, pair_key(owner, index), data)

        yield write
