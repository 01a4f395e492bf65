"""Makes the record of a prepared job: everything its calls say and show, frozen with its audience."""

from engine.config import Settings
from engine.messaging.encoding import plans_hash
from engine.messaging.planner import EncodedPlans, PlanRequest
from engine.roster.numbers import Number, read_number
from store.errors import ConfigError
from store.records import Job
from store.tables import Txn
from store.vault import Vault


def make_job(settings: Settings, vault: Vault, txn: Txn, request: PlanRequest, planned: EncodedPlans) -> Job:
    """The job of a planned message, under the next free id. Raises ConfigError for a caller ID that is no number."""
    district = settings.district
    return Job(
        job_id=vault.next_job_id(txn),
        message=request.message,
        audience=request.audience,
        prepared_at=request.now,
        opens_at=planned.opens_at,
        closes_at=planned.closes_at,
        chains=planned.chains,
        unreachable=planned.unreachable,
        covered=planned.covered,
        students=planned.students,
        fictional=planned.fictional,
        plans_hash=plans_hash(planned.plans),
        spoken_name=district.name,
        callback_number=district.callback_number,
        caller_id=_caller_number(district.caller_id),
        caller_ids=tuple((school.school_id, school.phone) for school in vault.schools(txn) if school.phone),
        ring_s=settings.voice.ring_seconds,
        leave_message=settings.voice.leave_message,
    )


def _caller_number(text: str) -> str:
    """A caller ID setting as E.164, empty when it is not set (decision 58)."""
    if not text:
        return ""
    number = read_number(text)
    if not isinstance(number, Number):
        raise ConfigError(f"district.caller_id is not a number that can be shown ({number}); give ten digits.")
    return number.e164
