"""Messages that tell of events, and jobs that repeat or follow another: prepared here, sent like any other."""

from collections.abc import Iterable

import msgspec

from engine.acts.act import Act
from engine.acts.desk import Desk
from engine.audience.following import Whom, audience_after
from engine.audience.occasions import details_of
from engine.audience.tellings import WORD_FOR_SCHOOL
from engine.events.event import Event
from engine.events.notice import Notice, prepare_notice
from engine.messaging.windows import Window
from engine.orders import Id, Minute, PrepareRequest
from engine.views import Prepared
from store.access import Role
from store.errors import InvalidInputError, NotFoundError
from store.records import Audience, Detail, Job, Message, Origin, Reason

EVENTS_BYTES_MAX = 128 << 20
"""Of a file of events, the largest that is read, as JSON."""


class NotifyRequest(msgspec.Struct, kw_only=True, frozen=True):
    """Events that were read from a file, and the message that tells of them."""

    kind: str
    events: tuple[Event, ...]
    name: str = ""
    """What the file is called."""
    filters: tuple[tuple[str, str], ...] = ()
    request: PrepareRequest


class ResendRequest(msgspec.Struct, kw_only=True, frozen=True):
    """The same message again, to the contacts a job did not reach."""

    job_id: Id
    notify: str = ""
    opens_minute: Minute = -1
    closes_minute: Minute = -1


class FollowUpRequest(msgspec.Struct, kw_only=True, frozen=True):
    """Another message to the contacts of a job."""

    job_id: Id
    whom: Whom
    request: PrepareRequest
    """What is said, and when; its audience is not asked. An empty reason: the job's own."""


def _notify(desk: Desk, asked: NotifyRequest, author: str) -> Prepared:
    message, request = _message(asked.request), asked.request
    notice = Notice(
        kind=asked.kind, events=asked.events, name=asked.name, filters=asked.filters, message=message,
        audience=request.whom(), window=request.window(), origin=request.origin(author),
    )  # fmt: skip
    return prepare_notice(desk.engine, notice)


def _resend(desk: Desk, asked: ResendRequest, author: str) -> Prepared:
    job = _sent_job(desk, asked.job_id)
    audience, missed = audience_after(desk.database, job, Whom.NOT_REACHED)
    with desk.database.read() as txn:
        details = details_of(desk.database, txn, job.job_id)
    window = None
    if asked.opens_minute >= 0 or asked.closes_minute >= 0:
        window = Window(opens_minute=asked.opens_minute, closes_minute=asked.closes_minute)
    origin = Origin(author=author, notify=asked.notify, follows=job.job_id)
    if not details:
        return desk.engine.prepare(job.message, audience, window, origin=origin)
    again = _not_heard(details, audience, missed)
    return desk.engine.prepare(job.message, audience, window, origin=origin, details=again)


def _follow_up(desk: Desk, asked: FollowUpRequest, author: str) -> Prepared:
    job = _sent_job(desk, asked.job_id)
    audience, _ = audience_after(desk.database, job, asked.whom)
    reason = asked.request.reason or job.message.reason.word
    request = msgspec.structs.replace(asked.request, reason=reason)
    origin = msgspec.structs.replace(request.origin(author), follows=job.job_id)
    return desk.engine.prepare(_message(request), audience, request.window(), origin=origin)


def _not_heard(details: Iterable[Detail], audience: Audience, missed: frozenset[str]) -> tuple[Detail, ...]:
    """What is said again: who heard of one event of a child is not told of it once more with the next."""
    # A row without a school was told about each school the student is at.
    without_school = {one.rpartition(WORD_FOR_SCHOOL)[0] + WORD_FOR_SCHOOL for one in missed}
    people = frozenset(audience.person_ids)
    return tuple(
        detail
        for detail in details
        if detail.person_id in people
        and (not detail.occasion or detail.occasion in missed or detail.occasion in without_school)
    )


def role_to_send(reason: str) -> Role:
    """The role it takes to send a message of a reason, as it was typed."""
    return Role.EMERGENCY_SENDER if reason.upper() == Reason.EMERGENCY.name else Role.SENDER


def _role_for_job(desk: Desk, job_id: int) -> Role:
    with desk.database.read() as txn:
        job = desk.vault.job(txn, job_id)
    if job is None:
        # Said here: by the time it is carried out there may be an emergency of that number.
        raise NotFoundError(f"There is no job {job_id}; see `callchain jobs`.")
    return role_to_send(job.message.reason.name)


def _role_to_follow(desk: Desk, asked: FollowUpRequest) -> Role:
    return role_to_send(asked.request.reason) if asked.request.reason else _role_for_job(desk, asked.job_id)


def _message(request: PrepareRequest) -> Message:
    try:
        return request.message()
    except KeyError as error:
        raise InvalidInputError(f"There is no {str(error.args[0]).lower()}; see `callchain send --help`.") from None


def _sent_job(desk: Desk, job_id: int) -> Job:
    """A released job, with the tables level so that its chains can be read. Raises NotFoundError."""
    desk.engine.job(job_id)
    desk.engine.station.flush_tables()
    with desk.database.read() as txn:
        job = desk.vault.job(txn, job_id)
    if job is None:
        raise NotFoundError(f"There is no job {job_id}; see `callchain jobs`.")
    return job


NOTIFY = Act(
    "notices.prepare", NotifyRequest, Prepared, _notify, live=True, role=Role.SENDER,
    needs=lambda _desk, asked: role_to_send(asked.request.reason), body_max=EVENTS_BYTES_MAX,
)  # fmt: skip
RESEND = Act(
    "jobs.resend", ResendRequest, Prepared, _resend, live=True, role=Role.SENDER,
    needs=lambda desk, asked: _role_for_job(desk, asked.job_id),
)  # fmt: skip
FOLLOW_UP = Act(
    "jobs.followup", FollowUpRequest, Prepared, _follow_up, live=True, role=Role.SENDER, needs=_role_to_follow,
)  # fmt: skip
ACTS = (NOTIFY, RESEND, FOLLOW_UP)
