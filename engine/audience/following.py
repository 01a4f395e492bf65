"""Whom a job reached and whom not: the audience of a job that repeats or follows another, contacts by key."""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import msgspec

from engine.audience.selection import pair_key
from engine.elsewhere import answer_here, ask_elsewhere
from store.database import Database
from store.dispositions import Outcome
from store.errors import AudienceError
from store.keys import CHAIN_BITS, chain_id, seq_key
from store.records import Audience, AudienceKind, Job, Plan
from store.tables import Txn
from store.vault import Vault

INLINE_CHAINS_MAX = 5_000
"""Chains of a job up to which reading its plans takes some ten milliseconds and stays in the process."""

READING_SECONDS_MAX = 60
"""For the helper process: ten times what a million chains take."""


class Meant(NamedTuple):
    """Whom a following job is for."""

    people: tuple[str, ...]
    keys: tuple[str, ...]
    """Of their contacts."""
    occasions: tuple[str, ...]
    """What they were, or were not, told of."""


REACHED_OUTCOMES = frozenset({Outcome.CONFIRMED, Outcome.DELIVERED_UNCONFIRMED})


class Whom(StrEnum):
    """Which contacts of a job are meant."""

    NOT_REACHED = "not_reached"
    """Their chains ended neither confirmed nor delivered: exhausted, expired, canceled, failed, never started."""
    REACHED = "reached"
    EVERYONE = "everyone"


class Followed(NamedTuple):
    """One contact of a job, about whom, and how that ended; 0: it has not."""

    contact_key: str
    student_ids: tuple[str, ...]
    outcome: int
    occasions: tuple[str, ...]


class After(NamedTuple):
    """Whom a job that follows another is for."""

    audience: Audience
    occasions: frozenset[str] = frozenset()
    """What their chains told, or were to tell, of; empty where the job told of nothing that must not be told twice."""


def audience_after(database: Database, job: Job, whom: Whom) -> After:
    """The contacts of a job that are meant, for planning with today's roster. The tables must be level.

    Raises AudienceError where that is nobody: an audience without contacts would mean everybody.
    """
    if job.audience.number:
        return After(job.audience)
    if job.chains <= INLINE_CHAINS_MAX:
        people, keys, occasions = contacts_meant(database, job, whom)
    else:
        question = (str(database.path), job.job_id, whom)
        people, keys, occasions = ask_elsewhere("engine.audience.following", question, Meant, READING_SECONDS_MAX)
    if not keys:
        raise AudienceError(f"Nobody is left: job {job.job_id} has no contact that was {whom.replace('_', ' ')}.")
    audience = Audience(
        kind=job.audience.kind,
        school_ids=job.audience.school_ids,
        person_ids=people,
        staff_types=job.audience.staff_types,
        teacher_id=job.audience.teacher_id,
        contact_keys=keys,
    )
    return After(audience, frozenset(occasions))


def contacts_meant(database: Database, job: Job, whom: Whom) -> Meant:
    """The people of the contacts that are meant, students or staff, their own keys, and of what they were told."""
    meant = [one for one in followed(database, job) if _is_meant(one, whom)]
    staff = job.audience.kind is AudienceKind.STAFF
    people = {one.contact_key[2:] for one in meant} if staff else {s for one in meant for s in one.student_ids}
    occasions = {occasion for one in meant for occasion in one.occasions}
    keys = {key for one in meant for key in _keys(one)}
    return Meant(tuple(sorted(people)), tuple(sorted(keys)), tuple(sorted(occasions)))


def followed(database: Database, job: Job) -> Iterator[Followed]:
    """Every contact of a job with the outcome of its chain; of a covered one that of the chain that dialed for it."""
    decode = msgspec.msgpack.Decoder(Plan).decode
    plans = [decode(data) for data in Vault(database).plans(job.job_id, 0, 1 << CHAIN_BITS)]
    with database.read() as txn:
        for index, plan in enumerate(plans):
            dialer = index if plan.owner < 0 else plan.owner
            outcome = _outcome(database, txn, job, dialer)
            yield Followed(plan.contact_key, plan.student_ids, outcome, plan.occasions)


def _outcome(database: Database, txn: Txn, job: Job, index: int) -> int:
    if index >= job.chains:
        return Outcome.UNREACHABLE
    key = seq_key(chain_id(job.job_id, index))
    row = database.ended_chains.get(txn, key) or database.open_chains.get(txn, key)
    return row.outcome if row is not None else 0


def _is_meant(one: Followed, whom: Whom) -> bool:
    if whom is Whom.EVERYONE:
        return True
    reached = one.outcome in REACHED_OUTCOMES
    return reached if whom is Whom.REACHED else bool(one.outcome) and not reached


def _keys(one: Followed) -> Iterator[str]:
    """The contact about each of its students, so that nobody hears again what they heard of another child."""
    if not one.student_ids or one.contact_key.startswith("s:"):
        yield one.contact_key
    for student_id in one.student_ids:
        if not one.contact_key.startswith("s:"):
            yield pair_key(one.contact_key, student_id)


def _meant_here(question: tuple[str, int, Whom]) -> Meant:
    path, job_id, whom = question
    database = Database(Path(path), readonly=True)
    with database.read() as txn:
        job = Vault(database).job(txn, job_id)
    assert job is not None, "whoever asks has read it"
    return contacts_meant(database, job, whom)


if __name__ == "__main__":
    answer_here(tuple[str, int, Whom], _meant_here)
