"""Who is next when a line is free: emergencies first, then fair among jobs of one rank, in order inside a job.

A plain object without I/O or clock. Every act is O(log n) in the number of jobs or of chains that wait for an instant.
"""

import heapq
from collections import deque
from collections.abc import Set as AbstractSet
from enum import StrEnum
from itertools import chain, count, islice
from typing import NamedTuple

import msgspec

STALE_ENTRIES_MAX = 64
"""Void entries of jobs that the heap may hold beyond one for each job: sweeping them costs a microsecond each."""


class Waiting(msgspec.Struct, frozen=True, gc=False):
    """A chain that wants a line, and the number it will dial. The garbage collector need not look at it."""

    chain_id: int
    number_id: int
    job_id: int
    redial: bool = False
    """The chain dialed the number before."""


LOOKED_AT_MAX = 100_000
"""Chains that are looked at for the place of a few, of each job and of those that wait: some 5 ms."""


class Place(StrEnum):
    """Where a chain waits."""

    READY = "ready"
    """For a line."""
    LATER = "later"
    """For an instant."""
    PARKED = "parked"
    """Until its number is free."""
    HELD = "held"
    """It has a line, or had one until a moment ago."""
    COMING = "coming"
    """Its job has not brought it to life yet."""
    GONE = "gone"
    """Nowhere: it has ended, or is about to move."""


class Found(NamedTuple):
    """A chain that waits: `at` is how many of its job are before it (READY), or the instant it waits for (LATER)."""

    place: Place
    waiting: Waiting
    at: int = 0


class _JobQueue:
    __slots__ = ("entry", "handed_over", "held", "job_id", "moved", "order", "rank", "ready")

    def __init__(self, job_id: int, rank: int, order: int) -> None:
        self.job_id = job_id
        self.rank = rank
        self.order = order
        self.ready: deque[Waiting] = deque()
        self.handed_over = 0
        self.held = False
        self.entry: tuple[int, int, int, int] | None = None
        """This job's valid entry in the heap of jobs."""
        self.moved = False
        """Its place among the jobs is looked for before anybody is taken out."""


class LineQueue:
    """The chains that wait for a line. Jobs are opened before anything of theirs waits."""

    EMERGENCY_RANK = 0

    def __init__(self) -> None:
        self._jobs: dict[int, _JobQueue] = {}
        self._heap: list[tuple[int, int, int, int]] = []
        """(rank, handed over, order of opening, job id) of jobs with somebody ready."""
        self._moved: list[_JobQueue] = []
        """Jobs whose place among the others has changed since it was last looked for."""
        self._later: dict[int, list[Waiting]] = {}
        """instant → who waits for it, in the order they came: many of one reading of the call log share theirs."""
        self._instants: list[int] = []
        """A heap of those instants."""
        self._parked: dict[int, list[Waiting]] = {}
        self._order = count()

    def __len__(self) -> int:
        """Chains that wait, in any way."""
        ready = sum(len(job.ready) for job in self._jobs.values())
        aside = chain(*self._later.values(), *self._parked.values())
        return ready + sum(waiting.job_id in self._jobs for waiting in aside)

    def open_job(self, job_id: int, rank: int) -> None:
        """Make room for a job's chains."""
        self._jobs[job_id] = _JobQueue(job_id, rank, next(self._order))

    def drop_job(self, job_id: int) -> None:
        """Forget a job and everything of it that waits."""
        del self._jobs[job_id]

    def hold(self, job_id: int) -> None:
        """Pass a job over until `release`."""
        job = self._jobs[job_id]
        job.held = True
        self._move(job)

    def release(self, job_id: int) -> None:
        """Let a held job take part again."""
        job = self._jobs[job_id]
        job.held = False
        self._move(job)

    def want(self, waiting: Waiting, due_at: int = 0) -> None:
        """A chain wants a line, at once or from `due_at` on; it goes behind those of its job that are ready."""
        if due_at:
            together = self._later.get(due_at)
            if together is None:
                self._later[due_at] = [waiting]
                heapq.heappush(self._instants, due_at)
            else:
                together.append(waiting)
        elif (job := self._jobs.get(waiting.job_id)) is not None:
            job.ready.append(waiting)
            if not job.moved:
                self._move(job)

    def ready(self) -> int:
        """How many chains would take a line at once, if there were enough."""
        return sum(len(job.ready) for job in self._jobs.values() if not job.held)

    def next(self, ordinary: bool) -> Waiting | None:
        """Take out the chain that is next, `ordinary` ones only when that is allowed; None when nobody may go.

        Its call counts as handed over: `handed(job, -1)` for one that is not.
        """
        job = self._first()
        if job is None or not (ordinary or job.rank == self.EMERGENCY_RANK):
            return None
        waiting = job.ready.popleft()
        job.handed_over += 1
        if job.ready:
            job.entry = (job.rank, job.handed_over, job.order, job.job_id)
            heapq.heapreplace(self._heap, job.entry)
        else:
            job.entry = None
            heapq.heappop(self._heap)
        return waiting

    def emergencies_ready(self) -> int:
        """How many emergencies would take a line at once."""
        return sum(len(job.ready) for job in self._jobs.values() if job.rank == self.EMERGENCY_RANK and not job.held)

    def _first(self) -> _JobQueue | None:
        """The job whose turn it is."""
        while self._moved:
            self._rank_again(self._moved.pop())
        while self._heap:
            entry = self._heap[0]
            job = self._jobs.get(entry[3])
            if job is not None and job.entry == entry:
                return job
            heapq.heappop(self._heap)
        return None

    def handed(self, job_id: int, change: int) -> None:
        """A call of a job was handed over (+1) or came back (-1): fewest handed over goes first."""
        if (job := self._jobs.get(job_id)) is not None:
            job.handed_over += change
            if not job.moved:
                self._move(job)

    def park(self, waiting: Waiting) -> None:
        """Set a chain aside until its number is free again."""
        self._parked.setdefault(waiting.number_id, []).append(waiting)

    def unpark(self, number_id: int, ordinary_due_at: int) -> None:
        """A number is free: emergencies that wait for it go to the head of their jobs, the others wait out its gap."""
        parked = self._parked.pop(number_id, None)
        if parked is None:
            return
        parked = [waiting for waiting in parked if waiting.job_id in self._jobs]
        urgent = [waiting for waiting in parked if self._is_emergency(waiting)]
        for waiting in reversed(urgent):
            job = self._jobs[waiting.job_id]
            job.ready.appendleft(waiting)
            self._move(job)
        for waiting in parked:
            if not self._is_emergency(waiting):
                self.want(waiting, ordinary_due_at)

    def emergency_waits_for(self, number_id: int) -> bool:
        """Whether an emergency was set aside until a number is free."""
        parked = self._parked.get(number_id, ())
        return any(waiting.job_id in self._jobs and self._is_emergency(waiting) for waiting in parked)

    # -- asked now and then

    def find(self, chains: AbstractSet[int]) -> dict[int, Found]:
        """Where some chains wait; those far back in a very long queue are not found."""
        found: dict[int, Found] = {}
        for job in self._jobs.values():
            for place, waiting in enumerate(islice(job.ready, LOOKED_AT_MAX)):
                if waiting.chain_id in chains:
                    found[waiting.chain_id] = Found(Place.READY, waiting, place)
        for parked in chain.from_iterable(self._parked.values()):
            if parked.chain_id in chains:
                found[parked.chain_id] = Found(Place.PARKED, parked)
        if len(found) < len(chains):
            later = ((due_at, waiting) for due_at, together in self._later.items() for waiting in together)
            for due_at, waiting in islice(later, LOOKED_AT_MAX):
                if waiting.chain_id in chains:
                    found[waiting.chain_id] = Found(Place.LATER, waiting, due_at)
        return found

    def before(self, job_id: int, place: int | None = None) -> int:
        """Chains that get a line before the one of a job at a place, by default its end, if none comes or goes."""
        mine = self._jobs[job_id]
        index = len(mine.ready) if place is None else place
        ahead = index
        for job in self._jobs.values():
            if job is mine or job.held or job.rank > mine.rank:
                continue
            # Of one rank, whoever has fewest handed over is next; the job that was opened first where it is a tie.
            turns = mine.handed_over + index - job.handed_over + (job.order < mine.order)
            ahead += len(job.ready) if job.rank < mine.rank else min(len(job.ready), max(0, turns))
        return ahead

    def _is_emergency(self, waiting: Waiting) -> bool:
        return self._jobs[waiting.job_id].rank == self.EMERGENCY_RANK

    def wake(self, now: int) -> None:
        """Make ready all whose instant has come."""
        while self._instants and self._instants[0] <= now:
            for waiting in self._later.pop(heapq.heappop(self._instants)):
                self.want(waiting)

    def next_due(self) -> int | None:
        """When the next of those who wait for an instant becomes ready."""
        return self._instants[0] if self._instants else None

    def _move(self, job: _JobQueue) -> None:
        """A job's place among the others may be another: many changes of one turn cost one look."""
        if not job.moved:
            job.moved = True
            self._moved.append(job)

    def _rank_again(self, job: _JobQueue) -> None:
        """Give a job its place among the others anew; its former entry in the heap is void."""
        job.moved = False
        if job.held or not job.ready or self._jobs.get(job.job_id) is not job:
            job.entry = None
            return
        entry = (job.rank, job.handed_over, job.order, job.job_id)
        if entry != job.entry:
            job.entry = entry
            heapq.heappush(self._heap, entry)
            if len(self._heap) > 2 * len(self._jobs) + STALE_ENTRIES_MAX:
                self._heap = [each.entry for each in self._jobs.values() if each.entry is not None]
                heapq.heapify(self._heap)
