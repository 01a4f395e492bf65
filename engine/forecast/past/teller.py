"""Counts the calls of ended jobs, in a process of its own: 100,000 chains take a second."""

from pathlib import Path

import msgspec

from engine.elsewhere import answer_here, ask_elsewhere
from engine.forecast.past.tally import tally_of
from engine.reports.source.records import Records
from store.database import Database
from store.forecasts import Tally

COUNTING_SECONDS_MAX = 300
"""For the helper process: a hundred times what a large job takes."""


class TallyRequest(msgspec.Struct, array_like=True):
    """Whose calls are to be counted."""

    store_path: str
    time_zone: str
    now: int
    job_ids: tuple[int, ...]


def tallies_of(request: TallyRequest) -> tuple[Tally, ...]:
    """The tallies. Raises NotFoundError for an unknown job."""
    return ask_elsewhere("engine.forecast.past.teller", request, tuple[Tally, ...], COUNTING_SECONDS_MAX)


def count_here(request: TallyRequest) -> tuple[Tally, ...]:
    """The same, in this process."""
    database = Database(Path(request.store_path), readonly=True)
    with database.read() as txn:
        records = Records(database, txn, request.time_zone, request.now)
        counted = tuple(tally_of(records, records.job(job_id)[0]) for job_id in request.job_ids)
    database.close()
    return counted


if __name__ == "__main__":
    answer_here(TallyRequest, count_here)
