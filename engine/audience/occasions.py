"""What was told already: attendance once per student, school and day, behavior once per event (decision 30).

Each chain that tells of an occasion leaves a key, written with its plans: the occasion, a zero byte, job and index. It
means nothing until the job was sent. It counts once an attempt of that chain was live or left a message, or all rounds
were used; a job that was canceled, expired or failed before that does not count, one that still runs is in hand.
"""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b

import msgspec

from engine.audience.gaps import GapReason
from store.database import Database
from store.dispositions import Outcome
from store.errors import RefusedError
from store.keys import chain_id, id_key, occasion_key, occasion_teller, seq_key
from store.records import Detail, Job, Plan
from store.rows import ChainRow
from store.tables import Txn
from store.vault import SLICE_RECORDS, TxnWrite

OCCASION_BYTES_MAX = 400
"""Of an occasion in a key, which holds 511 bytes; a longer one, of very long ids, is known by its hash."""

COUNTED = frozenset({Outcome.CONFIRMED, Outcome.DELIVERED_UNCONFIRMED, Outcome.EXHAUSTED})
"""Outcomes of a chain that did all it could."""

_DETAILS = b"\0details"
"""In the place of an occasion, for what events said in a job: no occasion begins with a zero byte."""

NUMBER_MAX = 2**32 - 1
"""The greatest job id or index a key has room for."""


class Told:
    """Looks occasions up, each in a short read transaction. The tables must be level with the journal."""

    def __init__(self, database: Database, besides: int = 0) -> None:
        self._database = database
        self._besides = besides
        """A job that does not count, by its id."""

    def __call__(self, occasion: str) -> GapReason | None:
        """Why it need not be told again; None where it must be."""
        with self._database.read() as txn:
            found = {self._of_chain(txn, job_id, index) for job_id, index in self._chains(txn, occasion)}
        return next((why for why in (GapReason.ALREADY_TOLD, GapReason.IN_HAND) if why in found), None)

    def _chains(self, txn: Txn, occasion: str) -> Iterator[tuple[int, int]]:
        # No longer occasion lies between the two: no id holds a zero byte.
        key = _key(occasion)
        first, last = occasion_key(key, 0, 0), occasion_key(key, NUMBER_MAX, NUMBER_MAX)
        return (occasion_teller(key) for key, _ in self._database.occasions.scan_raw(txn, first, last))

    def _of_chain(self, txn: Txn, job_id: int, index: int) -> GapReason | None:
        job = self._database.job_rows.get(txn, id_key(job_id))
        if job is None or job_id == self._besides or index >= job.chains:
            return None
        row = self._row(txn, chain_id(job_id, index))
        if row is not None and _counts(row):
            return GapReason.ALREADY_TOLD
        over = job.state.ended or (row is not None and bool(row.outcome))
        return None if over else GapReason.IN_HAND

    def _row(self, txn: Txn, chain: int) -> ChainRow | None:
        key = seq_key(chain)
        return self._database.ended_chains.get(txn, key) or self._database.open_chains.get(txn, key)


def _counts(row: ChainRow) -> bool:
    """Whether somebody was told, or all was done that could be."""
    return row.outcome in COUNTED or any(tried.disposition.flags.delivered for tried in row.tried())


def check_fresh(database: Database, job: Job, plans: Iterable[bytes]) -> None:
    """Refuse to release a job that tells what another one told, or tells now, since this one was prepared.

    Raises `RefusedError`. A job that repeats another one means to tell again. The tables must be level.
    """
    if job.origin.follows:
        return
    told, decode = Told(database, besides=job.job_id), msgspec.msgpack.Decoder(Plan).decode
    told_of = {one for data in plans for one in decode(data).occasions}
    again = [one for one in told_of if told(one) is not None]
    if again:
        raise RefusedError(
            f"Since job {job.job_id} was prepared another job tells of {len(again)} of its events; prepare it again."
        )


def occasion(*parts: str) -> str:
    """An occasion of these parts: a slash in an id never reads like one between them."""
    return "/".join(part.replace("%", "%25").replace("/", "%2F") for part in parts)


def occasion_writes(database: Database, job_id: int, plans: Sequence[bytes]) -> Iterator[TxnWrite]:
    """The keys of a prepared job's occasions, in slices, from its encoded plans."""
    decode = msgspec.msgpack.Decoder(Plan).decode
    for start in range(0, len(plans), SLICE_RECORDS):
        some = enumerate(map(decode, plans[start : start + SLICE_RECORDS]), start)
        # What a covered chain tells of is told by the chain that dials its numbers.
        tellers = [(index if plan.owner < 0 else plan.owner, plan.occasions) for index, plan in some]
        keys = [occasion_key(_key(told), job_id, index) for index, occasions in tellers for told in occasions]

        def write(txn: Txn, keys: list[bytes] = keys) -> None:
            for key in keys:
                database.occasions.put(txn, key, b"")

        yield write


def details_writes(database: Database, job_id: int, details: Sequence[Detail]) -> Iterator[TxnWrite]:
    """What events said in a job, in slices, so that it can be said again to whom it did not reach."""
    for start in range(0, len(details), SLICE_RECORDS):
        data = msgspec.msgpack.encode(details[start : start + SLICE_RECORDS])

        def write(txn: Txn, start: int = start, data: bytes = data) -> None:
            database.occasions.put(txn, occasion_key(_DETAILS, job_id, start), data)

        yield write


def details_of(database: Database, txn: Txn, job_id: int) -> tuple[Detail, ...]:
    """What events said in a job; empty where it told of none."""
    decode = msgspec.msgpack.Decoder(list[Detail]).decode
    first, last = occasion_key(_DETAILS, job_id, 0), occasion_key(_DETAILS, job_id + 1, 0)
    rows = database.occasions.scan(txn, first, last)
    return tuple(detail for _, data in rows for detail in decode(data))


def _key(occasion: str) -> bytes:
    """The occasion as it stands in a key."""
    data = occasion.encode()
    if len(data) > OCCASION_BYTES_MAX:
        return b"#" + blake2b(data, digest_size=32).hexdigest().encode()
    return data
