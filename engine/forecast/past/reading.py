"""Reads the district's history: tallies that were kept, and what little may be counted anew while somebody waits."""

from engine.forecast.past.history import History
from engine.forecast.past.tally import tally_of
from engine.reports.source.records import Records
from store.forecasts import Tally
from store.keys import id_key
from store.rows import JobRow

DAYS_MAX = 60
"""How far back history goes: habits change with the seasons."""

JOBS_MAX = 300
"""Of those days, the newest."""

CHAINS_ANEW_MAX = 4_000
"""Of jobs that have no tally, those that still run included, so many are looked through: a tenth of a second."""


def read_history(records: Records) -> History:
    """The calls of the last days in their tallies, and what jobs that still run have taught so far."""
    found: list[Tally] = []
    anew = CHAINS_ANEW_MAX
    rows = [row for row, _ in records.jobs() if row.attempts and _is_recent(records, row)]
    for row in sorted(rows, key=lambda row: -row.job_id)[:JOBS_MAX]:
        kept = records.database.tallies.get(records.txn, id_key(row.job_id)) if row.state.ended else None
        if kept is None and anew > 0:
            kept = tally_of(records, row, anew)
            anew -= row.chains
        if kept is not None:
            found.append(kept)
    return History(found)


def _is_recent(records: Records, row: JobRow) -> bool:
    return not row.state.ended or records.today - records.local.day(row.ended_at) <= DAYS_MAX
