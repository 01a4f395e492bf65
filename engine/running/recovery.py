"""What an engine finds when it opens a store: jobs to go on with, chains half-way, attempts nobody settled."""

from collections import defaultdict
from collections.abc import Iterator

from actors.district import DistrictHours
from actors.messages import RunJob
from engine.running.runs import RunMaker
from store import facts
from store.checkpoint import ended_chains_of
from store.database import Database
from store.dispositions import JobState, Outcome
from store.fold import Fold
from store.keys import index_of, job_of
from store.rows import ChainRow, JobRow
from store.tables import Txn
from store.vault import Vault


def open_jobs(fold: Fold) -> list[JobRow]:
    """Jobs that are not over, and those that are still owed results or have a call out, oldest first."""
    orphans = {job_of(chain.chain_id) for chain in fold.chains.values() if chain.outcome and chain.attempt_id}
    jobs = sorted(fold.jobs.items())
    return [row for job_id, row in jobs if not row.state.ended or row.overdue or job_id in orphans]


def abandoned(fold: Fold, vault: Vault, txn: Txn, now: int) -> list[int]:
    """Jobs that were prepared, and not released before their window was over or not prepared to the end."""
    late = [job.job_id for job in vault.jobs(txn) if job.job_id not in fold.jobs and job.dials_until <= now]
    newest = vault.next_job_id(txn) - 1
    return late if newest < 1 or vault.job(txn, newest) is not None else [*late, newest]


def pauses_after_restore(fold: Fold) -> tuple[facts.JobPaused, ...]:
    """After a restore every open job waits for a human: the backup cannot know what happened since (DESIGN, rule 8)."""
    return tuple(facts.JobPaused(row.job_id) for row in open_jobs(fold) if not row.state.ended)


def moved_meanwhile(fold: Fold, hours: DistrictHours, now: int) -> tuple[facts.DistrictMoved, ...]:
    """The district's hours were changed while no engine ran, or the last one died before it had noted it."""
    (since, until), (opens_at, closes_at) = hours.day(now), hours.interval(now)
    today = [row for row in fold.jobs.values() if not row.state.ended and since < row.district_end_at <= until]
    moved = any(row.district_end_at != closes_at for row in today)
    return (facts.DistrictMoved(opens_at, closes_at, since, until),) if moved else ()


def letters(fold: Fold, database: Database, txn: Txn, maker: RunMaker, restored: bool) -> Iterator[RunJob]:
    """One letter for each job to go on with."""
    in_memory = _by_job(fold)
    for row in open_jobs(fold):
        run = maker.make(txn, row.job_id)
        run.opened = row.opened
        run.canceled = row.canceled
        run.paused = restored or row.state is JobState.PAUSED
        run.dialed = row.attempts > 0
        run.overdue = row.overdue
        run.state = row.state if row.state.ended else None
        rows = ended_chains_of(database, txn, row.job_id) | in_memory[row.job_id]
        begun = [chain for chain in rows.values() if not chain.is_over]
        ended = {chain_id: chain for chain_id, chain in rows.items() if chain.outcome}
        run.unreported.update(_unreported(fold, ended))
        yield RunJob(run, tuple(begun), frozenset(index_of(chain_id) for chain_id in ended))


def _by_job(fold: Fold) -> defaultdict[int, dict[int, ChainRow]]:
    """The chains in memory, by job: those that go on, and those that ended and are not in their table yet."""
    rows: defaultdict[int, dict[int, ChainRow]] = defaultdict(dict)
    for chain_id, row in fold.chains.items():
        rows[job_of(chain_id)][chain_id] = row
    return rows


def _unreported(fold: Fold, ended: dict[int, ChainRow]) -> Iterator[tuple[int, Outcome]]:
    owed = set(fold.rest.overdue.values())
    return ((chain_id, Outcome(row.outcome)) for chain_id, row in ended.items() if chain_id in owed)
