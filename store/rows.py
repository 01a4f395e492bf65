"""The rows the fold keeps: a chain, a job and the rest, as the facts tell them."""

import struct
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import msgspec

from store.dispositions import Disposition, JobState, Outcome
from store.records import Reason

REST = 0
"""The row id of `RestRow`; chains are known by their id, jobs by minus theirs, shelves below those of all jobs."""

_BELOW_JOBS = -(1 << 33)

REDIAL_SHELVES = 64
"""With 100,000 numbers redialed on a day a shelf is 17 KB, which is encoded in a tenth of a millisecond."""

_TRIED = struct.Struct("<BBBxqii")
_INT32_MAX = 2**31 - 1


class Tried(NamedTuple):
    """One ended attempt in a chain's history. Instants in ms UTC, 0 where nothing rang."""

    step: int
    round: int
    disposition: Disposition
    opened_at: int
    dialed_at: int
    duration_ms: int


class ChainRow(msgspec.Struct, array_like=True, gc=False):
    """A chain as the facts tell it. No open attempt and no outcome: it waits."""

    chain_id: int
    seq: int = 0
    attempt_id: int = 0
    """The open attempt, 0 for none."""
    step: int = 0
    round: int = 0
    number_id: int = 0
    opened_at: int = 0
    """Of the open or last attempt."""
    closed_at: int = 0
    """Of the last ended attempt."""
    outcome: int = 0
    expiry: int = 0
    history: bytes = b""
    """Packed `Tried` rows, oldest first."""
    owed: tuple[int, ...] = ()
    """Attempts whose result is overdue, in the order of their rows in the history."""

    @property
    def is_over(self) -> bool:
        """It has ended, and no call of it is out: the call of a chain whose actor died may outlive it."""
        return bool(self.outcome) and not self.attempt_id

    def note(self, step: int, round_: int, disposition: Disposition, opened_at: int, dialed_at: int, ms: int) -> None:
        """Add an ended attempt to the history."""
        self.history += _packed(step, round_, disposition, opened_at, dialed_at, ms)

    def correct(self, attempt_id: int, disposition: Disposition, dialed_at: int, ms: int) -> None:
        """Put a result that came late in the place its attempt has in the history."""
        if attempt_id not in self.owed:
            return
        tries = enumerate(self.tried())
        overdue = [(place, tried) for place, tried in tries if tried.disposition is Disposition.RESULT_OVERDUE]
        place, tried = overdue[self.owed.index(attempt_id)]
        start = place * _TRIED.size
        late = _packed(tried.step, tried.round, disposition, tried.opened_at, dialed_at, ms)
        self.history = self.history[:start] + late + self.history[start + _TRIED.size :]
        self.owed = tuple(owed for owed in self.owed if owed != attempt_id)

    def tried(self) -> Iterator[Tried]:
        """The ended attempts, oldest first."""
        for step, round_, disposition, opened_at, delay, duration in _TRIED.iter_unpack(self.history):
            dialed_at = opened_at + delay if delay >= 0 else 0
            yield Tried(step, round_, Disposition(disposition), opened_at, dialed_at, duration)


class JobRow(msgspec.Struct, array_like=True, gc=False):
    """A job as the facts tell it."""

    job_id: int
    seq: int
    state: JobState
    reason: Reason
    planned_at: int
    opens_at: int
    closes_at: int
    chains: int
    unreachable: int
    covered: int
    students: int
    ended: int = 0
    """Chains that have ended."""
    outcomes: list[int] = msgspec.field(default_factory=lambda: [0] * (len(Outcome) + 1))
    """Ended chains by `Outcome`."""
    dispositions: list[int] = msgspec.field(default_factory=lambda: [0] * (len(Disposition) + 1))
    """Ended attempts by `Disposition`."""
    attempts: int = 0
    """Attempts opened."""
    overdue: int = 0
    """Results that are still owed after their attempt was given up."""
    ended_at: int = 0
    plans_hash: bytes = b""
    canceled: bool = False
    opened: bool = False
    district_end_at: int = 0
    """The district's end on the job's day, ms UTC, as it is now; 0 for an emergency, which has none."""

    @property
    def emergency(self) -> bool:
        """Emergencies skip windows and go first."""
        return self.reason == Reason.EMERGENCY

    @property
    def live(self) -> int:
        """Chains that have not ended."""
        return self.chains - self.ended

    @property
    def dials_until(self) -> int:
        """The instant no dial of it may reach: the earlier of its window's end and the district's."""
        return min(self.closes_at, self.district_end_at) if self.district_end_at else self.closes_at


class RedialRow(msgspec.Struct, array_like=True, gc=False):
    """How often some numbers were redialed on a day, in all routine jobs together (decision 21b).

    A row for each number would scatter over the pages of its table and be ten times as many bytes written.
    """

    shelf: int
    """Which numbers: those of this `shelf_of`."""
    seq: int
    day: int
    """Local day of the district, an ordinal."""
    counts: dict[int, int] = msgspec.field(default_factory=dict)
    """number_id → its redials."""


class RestRow(msgspec.Struct, array_like=True, gc=False):
    """What is neither chain nor job."""

    seq: int = 0
    at: int = 0
    generation: int = 0
    tokens: dict[int, int] = msgspec.field(default_factory=dict)
    """incarnation → its token."""
    overdue: dict[int, int] = msgspec.field(default_factory=dict)
    """attempt → chain, for results still owed."""
    alarms: dict[int, int] = msgspec.field(default_factory=dict)
    """alarm → since when."""
    day: int = 0
    """The district's local day, an ordinal, and the block that says it began."""
    day_seq: int = 0


def shelf_of(number_id: int) -> int:
    """The shelf on which a number's redials are counted."""
    return number_id % REDIAL_SHELVES


def redials_of(shelves: Mapping[int, RedialRow], number_id: int) -> int:
    """How often a number was redialed today."""
    row = shelves.get(number_id % REDIAL_SHELVES)
    return row.counts.get(number_id, 0) if row is not None else 0


def redial_row_id(shelf: int) -> int:
    """The row id of a shelf of redials."""
    return _BELOW_JOBS - shelf


def shelf_of_row(row_id: int) -> int | None:
    """The shelf a row id means; None where it means something else."""
    return _BELOW_JOBS - row_id if row_id <= _BELOW_JOBS else None


def _packed(step: int, round_: int, disposition: int, opened_at: int, dialed_at: int, ms: int) -> bytes:
    delay = dialed_at - opened_at if dialed_at else -1
    if dialed_at and not 0 <= delay <= _INT32_MAX:
        delay = max(0, min(delay, _INT32_MAX))
    return _TRIED.pack(step, round_, disposition, opened_at, delay, ms if ms < _INT32_MAX else _INT32_MAX)
