"""Where chains stand in the queue: a place is how many are taken out before it."""

from hypothesis import given
from hypothesis import strategies as st

from actors.lines.line_queue import LineQueue, Place, Waiting

JOBS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 6), st.integers(0, 3)), min_size=1, max_size=5)
"""Of each job its rank, how many chains wait, and how many calls of it are out."""


def queue_of(jobs: list[tuple[int, int, int]]) -> LineQueue:
    queue = LineQueue()
    for job_id, (rank, waiting, out) in enumerate(jobs, 1):
        queue.open_job(job_id, rank)
        queue.handed(job_id, out)
        for index in range(waiting):
            queue.want(Waiting(job_id * 100 + index, index, job_id))
    return queue


@given(JOBS)
def test_a_place_is_how_many_are_taken_out_before_it_if_none_comes_or_goes(jobs: list[tuple[int, int, int]]) -> None:
    queue = queue_of(jobs)
    wanted = {job_id * 100 + index for job_id, (_, waiting, _) in enumerate(jobs, 1) for index in range(waiting)}
    foreseen = {
        chain: queue.before(found.waiting.job_id, found.at) for chain, found in queue.find(frozenset(wanted)).items()
    }
    assert foreseen.keys() == wanted
    taken = 0
    while (waiting := queue.next(ordinary=True)) is not None:
        assert foreseen[waiting.chain_id] == taken
        taken += 1
    assert taken == len(wanted)


def test_chains_are_found_wherever_they_wait() -> None:
    queue = queue_of([(4, 1, 0)])
    queue.want(Waiting(7, 70, 1), due_at=5_000)
    queue.park(Waiting(8, 80, 1))
    found = queue.find(frozenset((100, 7, 8, 9)))
    assert {chain: (one.place, one.at) for chain, one in found.items()} == {
        100: (Place.READY, 0), 7: (Place.LATER, 5_000), 8: (Place.PARKED, 0),
    }  # fmt: skip


def test_a_held_job_takes_nobodys_turn() -> None:
    queue = queue_of([(0, 3, 0), (4, 2, 0)])
    assert queue.before(2, 0) == 3
    queue.hold(1)
    assert queue.before(2, 0) == 0
