"""Makes the record of a prepared job: everything its calls say and show, frozen with its audience."""

from engine.config import Settings
from engine.messaging.encoding import plans_hash
from engine.messaging.legal import legal_class
from engine.messaging.planner import EncodedPlans, PlanRequest
from engine.roster.numbers import Number, read_number
from store.errors import ConfigError
from store.records import Job
from store.tables import Txn
from store.vault import Vault


def make_job(
    settings: Settings,
    vault: Vault,
    txn: Txn,
    request: PlanRequest,
    planned: EncodedPlans,
    school_ids: tuple[tuple[str, str], ...] = (),
) -> Job:
    """The job of a planned message, under the next free id. `school_ids`: the carrier's customer ids of its schools.

    Raises ConfigError for a caller ID that is no number.
    """
    district = settings.district
    return Job(
        job_id=vault.next_job_id(txn),
        message=request.message,
        audience=request.audience,
        prepared_at=request.now,
        opens_at=planned.opens_at,
        closes_at=planned.message_end_at,
        district_end_at=planned.district_end_at,
        chains=planned.chains,
        unreachable=planned.unreachable,
        covered=planned.covered,
        students=planned.students,
        author=request.origin.author,
        origin=request.origin,
        fictional=planned.fictional,
        plans_hash=plans_hash(planned.plans),
        spoken_name=district.name,
        callback_number=district.callback_number,
        caller_id=_caller_number(district.caller_id),
        caller_ids=_caller_ids(settings, vault, txn),
        school_customer_ids=school_ids,
        ring_s=settings.voice.ring_seconds,
        leave_message=settings.voice.leave_message,
        scripts=planned.scripts,
        confirm_key=settings.voice.confirm_key,
        message_ms=planned.message_ms,
        legal_class=legal_class(request.message.reason, request.audience, request.details),
    )


def _caller_ids(settings: Settings, vault: Vault, txn: Txn) -> tuple[tuple[str, str], ...]:
    """The number each school shows: the one set for it, else its own of the roster (C099)."""
    shown = {school.school_id: school.phone for school in vault.schools(txn) if school.phone}
    shown.update((row.school, _caller_number(row.number)) for row in settings.caller_ids)
    return tuple(sorted(shown.items()))


def _caller_number(text: str) -> str:
    """A caller ID setting as E.164, empty when it is not set (decision 58)."""
    if not text:
        return ""
    number = read_number(text)
    if not isinstance(number, Number):
        raise ConfigError(f"A caller ID of the settings is no number that can be shown ({number}); give ten digits.")
    return number.e164
