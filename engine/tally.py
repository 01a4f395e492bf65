"""Students covered, told and missed by a job: what the best of their chains came to (decision 21a)."""

from collections.abc import Iterable, Mapping

import msgspec

from engine.views import StudentCounts
from store.checkpoint import ended_chains_of
from store.database import Database
from store.dispositions import Outcome, Reach, reach_of
from store.keys import index_of, pair_key
from store.records import Plan


def students_of(database: Database, job_id: int) -> StudentCounts:
    """Count a job's students; its ended chains must be in their table."""
    decode = msgspec.msgpack.Decoder(Plan).decode
    with database.read() as txn:
        rows = ended_chains_of(database, txn, job_id).values()
        outcomes = {index_of(row.chain_id): Outcome(row.outcome) for row in rows}
        stored = database.plans.scan_raw(txn, pair_key(job_id, 0), pair_key(job_id + 1, 0))
        return count_students((decode(data) for _, data in stored), outcomes)


def count_students(plans: Iterable[Plan], outcomes: Mapping[int, Outcome]) -> StudentCounts:
    """Plans in order of index; a covered chain shares its owner's outcome, one that has not ended counts as missed."""
    best: dict[str, Reach] = {}
    for index, plan in enumerate(plans):
        outcome = outcomes.get(plan.owner if plan.owner >= 0 else index, Outcome.UNREACHABLE)
        reach = reach_of(outcome)
        for student_id in plan.student_ids:
            best[student_id] = max(reach, best.get(student_id, Reach.MISSED))
    counts = [0, 0, 0]
    for reach in best.values():
        counts[reach] += 1
    return StudentCounts(covered=counts[Reach.COVERED], told=counts[Reach.TOLD], missed=counts[Reach.MISSED])
