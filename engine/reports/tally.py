"""Students covered, told and missed: what the best of the chains about them came to (decision 21a)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from engine.views import StudentCounts
from store.checkpoint import ended_chains_of
from store.database import Database
from store.dispositions import Outcome, Reach, reach_of
from store.keys import index_of, pair_key
from store.records import Plan
from store.tables import Txn


def students_of(database: Database, job_id: int) -> StudentCounts:
    """Count a job's students; its ended chains must be in their table."""
    return students_of_all(database, [job_id])


def students_of_all(database: Database, job_ids: Sequence[int]) -> StudentCounts:
    """Count the students of several jobs together, each once."""
    best: dict[str, Reach] = {}
    with database.read() as txn:
        for job_id in job_ids:
            rows = ended_chains_of(database, txn, job_id).values()
            note_reaches(
                best, _plans(database, txn, job_id), {index_of(row.chain_id): Outcome(row.outcome) for row in rows}
            )
    counts = [0, 0, 0]
    for reach in best.values():
        counts[reach] += 1
    return StudentCounts(covered=counts[Reach.COVERED], told=counts[Reach.TOLD], missed=counts[Reach.MISSED])


def note_reaches(best: dict[str, Reach], plans: Iterable[Plan], outcomes: Mapping[int, Outcome]) -> None:
    """Raise each student to the best of their chains. Plans in order of index.

    A covered chain shares its owner's outcome; one that has not ended counts as missed.
    """
    for index, plan in enumerate(plans):
        outcome = outcomes.get(plan.owner if plan.owner >= 0 else index, Outcome.UNREACHABLE)
        reach = reach_of(outcome)
        for student_id in plan.student_ids:
            best[student_id] = max(reach, best.get(student_id, Reach.MISSED))


def _plans(database: Database, txn: Txn, job_id: int) -> Iterator[Plan]:
    decode = msgspec.msgpack.Decoder(Plan).decode
    stored = database.plans.scan_raw(txn, pair_key(job_id, 0), pair_key(job_id + 1, 0))
    return (decode(data) for _, data in stored)
