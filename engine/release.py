"""The release of a prepared job: what must hold before it, and the facts it leaves."""

from hashlib import blake2b

from store import facts
from store.commands import Verb
from store.errors import AudienceError, InvalidInputError, NotFoundError, RefusedError
from store.records import Job

JOB_ID_MAX = 2**32 - 1
"""A job's key has 32 bits."""

COMMAND_ID_MAX = 2**63 - 1
"""A fact's numbers have 64 bits with a sign."""


def wrong_count(count: int, given: int) -> AudienceError:
    """What is said to whoever confirms another count than the audience has."""
    return AudienceError(f"The audience is {count}, not {given}. Nothing was sent; look at it again.")


def check_release(job: Job, expect: int | None, sent: bool, now: int, stand_in: bool) -> None:
    """Raise AudienceError on another count than `expect`, RefusedError when the job may not go out at `now` (ms UTC).

    `sent`: it went out before. `stand_in`: the carrier is make-believe, so that make-believe numbers may be dialed.
    """
    if sent:
        raise RefusedError(f"Job {job.job_id} was already sent; prepare the message again to send it again.")
    if expect is not None and expect != job.chains:
        raise wrong_count(job.chains, expect)
    if not job.chains:
        raise AudienceError("Nobody can be called: no chain has a number to dial. Nothing was sent.")
    if job.dials_until <= now:
        raise RefusedError(f"The window of job {job.job_id} is over; prepare the message again.")
    if job.fictional and not stand_in:
        raise RefusedError(
            "The roster is stamped fictional and carrier.stand_in is off: these numbers may belong to strangers. "
            "Import the real roster, or point the settings at a stand-in carrier."
        )


def release_facts(job: Job, command_id: int, author: str) -> tuple[facts.CommandTaken, facts.JobPlanned]:
    """What the journal says of a release, under the id of the command that asked for it."""
    taken = facts.CommandTaken(command_id, Verb.SEND, job.job_id, author_id(author))
    planned = facts.JobPlanned(
        job.job_id, job.message.reason, job.opens_at, job.closes_at, job.chains, job.unreachable, job.covered,
        job.students, job.plans_hash, job.district_end_at,
    )  # fmt: skip
    return taken, planned


def checked_job_id(job_id: int) -> int:
    """The id, if a job can have it. Raises NotFoundError."""
    if not 1 <= job_id <= JOB_ID_MAX:
        raise NotFoundError(f"There is no job {job_id}; see `callchain jobs`.")
    return job_id


def checked_command_id(command_id: int) -> int:
    """The id, if a fact can hold it. Raises InvalidInputError."""
    if not 1 <= command_id <= COMMAND_ID_MAX:
        raise InvalidInputError("A command's id is a number from 1 to 2^63 - 1; draw another.")
    return command_id


def author_id(author: str) -> int:
    """Who gave a command, as facts know them: a hash, 0 for nobody named."""
    return int.from_bytes(blake2b(author.encode(), digest_size=7).digest()) if author else 0
