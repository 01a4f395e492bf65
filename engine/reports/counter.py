"""Counts a job's students, in a process of its own where that takes long: a busy Python thread slows the loop down."""

from pathlib import Path

from engine.elsewhere import answer_here, ask_elsewhere
from engine.reports.tally import students_of
from engine.views import StudentCounts
from store.database import Database

INLINE_CHAINS_MAX = 5_000
"""Chains of a job up to which counting takes some ten milliseconds and stays in the process."""

COUNTING_SECONDS_MAX = 60
"""For the helper process: ten times what a million chains take."""


def count_students(database: Database, job_id: int, chains: int) -> StudentCounts:
    """Students covered, told and missed; the job's ended chains must be in their table."""
    if chains <= INLINE_CHAINS_MAX:
        return students_of(database, job_id)
    question = (str(database.path), job_id)
    return ask_elsewhere("engine.reports.counter", question, StudentCounts, COUNTING_SECONDS_MAX)


def _counted_here(question: tuple[str, int]) -> StudentCounts:
    path, job_id = question
    return students_of(Database(Path(path), readonly=True), job_id)


if __name__ == "__main__":
    answer_here(tuple[str, int], _counted_here)
