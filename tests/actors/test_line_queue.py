"""The line queue against a plain list: who is next when a line is free."""

import random
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.lines.line_queue import STALE_ENTRIES_MAX, LineQueue, Waiting

EMERGENCY, ATTENDANCE, GENERAL = 0, 2, 4


@dataclass
class PlainJob:
    rank: int
    order: int
    handed: int = 0
    held: bool = False
    ready: list[Waiting] = field(default_factory=list)


class PlainQueue:
    """The same by looking at everything every time."""

    def __init__(self) -> None:
        self.jobs: dict[int, PlainJob] = {}
        self.opened = 0
        self.later: list[tuple[int, Waiting]] = []
        self.parked: list[Waiting] = []

    def open_job(self, job: int, rank: int) -> None:
        self.opened += 1
        self.jobs[job] = PlainJob(rank, self.opened)

    def want(self, waiting: Waiting, due_at: int = 0) -> None:
        if due_at:
            self.later.append((due_at, waiting))
        elif waiting.job_id in self.jobs:
            self.jobs[waiting.job_id].ready.append(waiting)

    def next(self, ordinary: bool) -> Waiting | None:
        takes_part = [job for job in self.jobs.values() if job.ready and not job.held]
        best = min(takes_part, key=lambda job: (job.rank, job.handed, job.order), default=None)
        if best is None or (best.rank != EMERGENCY and not ordinary):
            return None
        best.handed += 1
        return best.ready.pop(0)

    def unpark(self, number: int, ordinary_due_at: int) -> None:
        freed = [waiting for waiting in self.parked if waiting.number_id == number and waiting.job_id in self.jobs]
        self.parked = [waiting for waiting in self.parked if waiting.number_id != number]
        for waiting in reversed([one for one in freed if self.jobs[one.job_id].rank == EMERGENCY]):
            self.jobs[waiting.job_id].ready.insert(0, waiting)
        for waiting in freed:
            if self.jobs[waiting.job_id].rank != EMERGENCY:
                self.want(waiting, ordinary_due_at)

    def wake(self, now: int) -> None:
        due = sorted((entry for entry in self.later if entry[0] <= now), key=lambda entry: entry[0])
        self.later = [entry for entry in self.later if entry[0] > now]
        for _, waiting in due:
            self.want(waiting)

    def taking_part(self, emergencies_only: bool = False) -> int:
        ranks = (EMERGENCY,) if emergencies_only else (EMERGENCY, ATTENDANCE, GENERAL)
        return sum(len(job.ready) for job in self.jobs.values() if job.rank in ranks and not job.held)

    def emergency_waits_for(self, number: int) -> bool:
        jobs = [self.jobs.get(waiting.job_id) for waiting in self.parked if waiting.number_id == number]
        return any(job is not None and job.rank == EMERGENCY for job in jobs)

    def __len__(self) -> int:
        aside = [waiting for _, waiting in self.later] + self.parked
        return sum(len(job.ready) for job in self.jobs.values()) + sum(one.job_id in self.jobs for one in aside)


jobs = st.integers(1, 5)
numbers = st.integers(1, 3)
acts = st.lists(
    st.one_of(
        st.tuples(st.just("open"), jobs, st.sampled_from([EMERGENCY, ATTENDANCE, GENERAL])),
        st.tuples(st.just("drop"), jobs),
        st.tuples(st.just("hold"), jobs),
        st.tuples(st.just("release"), jobs),
        st.tuples(st.just("want"), jobs, numbers, st.sampled_from([0, 0, 0, 5, 9, 14])),
        st.tuples(st.just("next"), st.booleans()),
        st.tuples(st.just("next"), st.just(True)),
        st.tuples(st.just("handed"), jobs, st.sampled_from([1, 1, -1])),
        st.tuples(st.just("park"), jobs, numbers),
        st.tuples(st.just("unpark"), numbers, st.sampled_from([3, 8])),
        st.tuples(st.just("wake"), st.integers(0, 15)),
    ),
    max_size=80,
)


class Both:
    """Does each act to both queues and compares what they say."""

    def __init__(self) -> None:
        self.queue, self.plain = LineQueue(), PlainQueue()
        self.used: set[int] = set()
        self.chains = 0

    def act(self, kind: str, *how: Any) -> None:
        getattr(self, kind)(*how)
        assert len(self.queue) == len(self.plain)
        assert self.queue.next_due() == min((due for due, _ in self.plain.later), default=None)
        assert self.queue.ready() == self.plain.taking_part()
        assert self.queue.emergencies_ready() == self.plain.taking_part(emergencies_only=True)
        for number in range(1, 5):
            assert self.queue.emergency_waits_for(number) == self.plain.emergency_waits_for(number)

    def open(self, job: int, rank: int) -> None:
        if job not in self.used:
            # A job's id is never used again.
            self.used.add(job)
            self.queue.open_job(job, rank)
            self.plain.open_job(job, rank)

    def drop(self, job: int) -> None:
        if job in self.plain.jobs:
            self.queue.drop_job(job)
            del self.plain.jobs[job]

    def hold(self, job: int) -> None:
        if job in self.plain.jobs:
            self.queue.hold(job)
            self.plain.jobs[job].held = True

    def release(self, job: int) -> None:
        if job in self.plain.jobs:
            self.queue.release(job)
            self.plain.jobs[job].held = False

    def want(self, job: int, number: int, due_at: int) -> None:
        if job in self.plain.jobs:
            self.chains += 1
            waiting = Waiting(self.chains, number, job)
            self.queue.want(waiting, due_at)
            self.plain.want(waiting, due_at)

    def next(self, ordinary: bool) -> None:
        assert self.queue.next(ordinary) == self.plain.next(ordinary)

    def handed(self, job: int, change: int) -> None:
        if job in self.plain.jobs:
            self.queue.handed(job, change)
            self.plain.jobs[job].handed += change

    def park(self, job: int, number: int) -> None:
        if job in self.plain.jobs:
            self.chains += 1
            waiting = Waiting(self.chains, number, job)
            self.queue.park(waiting)
            self.plain.parked.append(waiting)

    def unpark(self, number: int, ordinary_due_at: int) -> None:
        self.queue.unpark(number, ordinary_due_at)
        self.plain.unpark(number, ordinary_due_at)

    def wake(self, now: int) -> None:
        self.queue.wake(now)
        self.plain.wake(now)


@settings(max_examples=300, deadline=None)
@given(acts)
def test_the_queue_says_what_a_look_at_everything_says(told: list[tuple[Any, ...]]):
    both = Both()
    for kind, *how in [("open", 1, GENERAL), ("open", 2, GENERAL), *told]:
        both.act(kind, *how)
    for _ in range(both.chains + 1):
        both.act("next", True)


def test_sweeping_void_entries_out_changes_nothing_of_the_order(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("actors.lines.line_queue.STALE_ENTRIES_MAX", -8)
    for seed in range(30):
        chance, both = random.Random(seed), Both()
        for job in range(1, 6):
            both.act("open", job, chance.choice([EMERGENCY, ATTENDANCE, GENERAL]))
        for _ in range(200):
            job = chance.randint(1, 5)
            both.act("want", job, 1, 0)
            both.act("handed", job, chance.choice([1, 1, -1]))
            both.act("next", chance.random() < 0.9)


def queue_of(**ranks: int) -> LineQueue:
    """Jobs 1, 2, … of these ranks, opened in this order."""
    queue = LineQueue()
    for job_id, rank in enumerate(ranks.values(), 1):
        queue.open_job(job_id, rank)
    return queue


def drained(queue: LineQueue, ordinary: bool = True) -> list[int]:
    """Chains in the order they are given lines, each of which is handed over."""
    order = []
    while (waiting := queue.next(ordinary)) is not None:
        order.append(waiting.chain_id)
    return order


@pytest.mark.row("C041")
def test_an_emergency_goes_before_everything_that_already_waits():
    """Priority over scheduled jobs."""
    queue = queue_of(snow_day=GENERAL, absent=ATTENDANCE, fire=EMERGENCY)
    for chain in (10, 11):
        queue.want(Waiting(chain, chain, 1))
    queue.want(Waiting(20, 20, 2))
    queue.want(Waiting(30, 30, 3))
    assert drained(queue) == [30, 20, 10, 11]


def test_jobs_of_one_rank_share_the_lines_fairly():
    queue = queue_of(one=GENERAL, other=GENERAL)
    for chain in range(4):
        queue.want(Waiting(100 + chain, chain, 1))
        queue.want(Waiting(200 + chain, chain, 2))
    assert drained(queue) == [100, 200, 101, 201, 102, 202, 103, 203]


def test_a_job_that_has_more_calls_out_lets_the_other_catch_up():
    queue = queue_of(one=GENERAL, other=GENERAL)
    for chain in range(3):
        queue.want(Waiting(100 + chain, chain, 1))
    assert drained(queue) == [100, 101, 102]
    queue.want(Waiting(103, 3, 1))
    for chain in range(3):
        queue.want(Waiting(200 + chain, chain, 2))
    assert drained(queue) == [200, 201, 202, 103]


@pytest.mark.row("C015")
def test_when_only_dedicated_lines_are_free_nobody_but_an_emergency_is_next():
    """A number of lines is dedicated to emergencies, per district."""
    queue = queue_of(snow_day=GENERAL, fire=EMERGENCY)
    queue.want(Waiting(1, 1, 1))
    assert queue.next(ordinary=False) is None
    queue.want(Waiting(2, 2, 2))
    assert drained(queue, ordinary=False) == [2]
    assert drained(queue, ordinary=True) == [1]


def test_a_held_emergency_does_not_stand_in_the_way_of_others():
    queue = queue_of(snow_day=GENERAL, fire=EMERGENCY)
    queue.want(Waiting(1, 1, 1))
    queue.want(Waiting(2, 2, 2))
    queue.hold(2)
    assert drained(queue) == [1]
    queue.release(2)
    assert drained(queue) == [2]


def test_emergencies_that_waited_for_a_number_go_before_the_rest_of_their_job_in_the_order_they_came():
    queue = queue_of(lockdown=EMERGENCY)
    queue.want(Waiting(1, 7, 1))
    for chain in (2, 3):
        queue.park(Waiting(chain, 7, 1))
    queue.unpark(7, 500)
    assert drained(queue) == [2, 3, 1]
    queue.unpark(7, 500)
    assert (drained(queue), queue.next_due()) == ([], None)


def test_ordinary_chains_that_waited_for_a_number_wait_out_its_gap_in_the_order_they_came():
    queue = queue_of(snow_day=GENERAL)
    queue.want(Waiting(1, 7, 1))
    for chain in (2, 3):
        queue.park(Waiting(chain, 7, 1))
    queue.unpark(7, 500)
    assert (drained(queue), queue.next_due()) == ([1], 500)
    queue.wake(500)
    assert drained(queue) == [2, 3]


def test_a_chain_waits_for_its_instant_and_goes_behind_those_that_are_ready():
    queue = queue_of(snow_day=GENERAL)
    queue.want(Waiting(1, 1, 1), due_at=500)
    queue.want(Waiting(2, 2, 1), due_at=400)
    queue.want(Waiting(3, 3, 1))
    assert (queue.next_due(), len(queue)) == (400, 3)
    queue.wake(399)
    assert queue.next_due() == 400
    queue.wake(500)
    assert (queue.next_due(), drained(queue)) == (None, [3, 2, 1])


def test_of_a_dropped_job_nobody_waits_any_more():
    queue = queue_of(snow_day=GENERAL)
    queue.want(Waiting(1, 1, 1))
    queue.want(Waiting(2, 2, 1), due_at=10)
    queue.park(Waiting(3, 3, 1))
    queue.drop_job(1)
    assert len(queue) == 0
    queue.wake(10)
    queue.unpark(3, 500)
    queue.handed(1, -1)
    queue.want(Waiting(4, 4, 1))
    assert (len(queue), queue.next(ordinary=True)) == (0, None)


def test_the_queue_does_not_grow_with_the_number_of_calls():
    queue = queue_of(one=GENERAL, other=GENERAL)
    for chain in range(20_000):
        job = 1 + chain % 2
        queue.want(Waiting(chain, chain, job))
        assert queue.next(ordinary=True) is not None
        # All lines are taken: nobody asks who is next until one comes back.
        queue.want(Waiting(chain, chain, job))
        queue.handed(job, -1)
    assert len(queue._heap) <= 2 * 2 + STALE_ENTRIES_MAX
