"""Messages that were prepared and never sent: nothing is dialed for them."""

from collections.abc import Collection

from engine.board.views import View
from engine.tame import tame
from store.database import Database
from store.keys import id_key, id_of

LOOKED_AT = 30
"""Job ids looked at, the newest: what was prepared before that many others nobody waits for any more."""


class PreparedJob(View, frozen=True):
    """One of them."""

    job_id: int
    subject: str
    reason: str
    prepared_at: int
    chains: int
    author: str


def prepared_jobs(database: Database, sent: Collection[int], since_at: int) -> list[PreparedJob]:
    """Those prepared since an instant, newest first; `sent` are the ids of all jobs that were ever released."""
    with database.read() as txn:
        newest = database.jobs.last_key(txn)
        if newest is None:
            return []
        first = max(0, id_of(newest) - LOOKED_AT + 1)
        jobs = [job for _, job in database.jobs.scan(txn, id_key(first))]
    return [
        PreparedJob(
            job.job_id, tame(job.message.subject), job.message.reason.word, job.prepared_at, job.chains,
            tame(job.author or job.origin.author),
        )
        for job in reversed(jobs)
        if job.job_id not in sent and job.prepared_at >= since_at
    ]  # fmt: skip
