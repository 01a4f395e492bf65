"""What an author looks at before anything is sent: a live count, what is heard, a prepared job's very chains."""

from collections.abc import Iterable, Iterator
from typing import Annotated

import msgspec

from engine.acts.act import Act
from engine.acts.desk import Desk
from engine.board.chain_view import masked
from engine.messaging.counting import AudienceCount, CountRequest, count_audience
from engine.messaging.legal import legal_class
from engine.orders import Id, PrepareRequest
from engine.plan_settings import PlanSettings, plan_settings
from engine.speech.length import speech_ms
from engine.speech.speaker import Speaker
from engine.speech.wording import check_text
from engine.views import View
from store.access import Role
from store.errors import InvalidInputError, NotFoundError
from store.keys import pair_key
from store.records import Message, Plan
from store.tables import Txn

PAGE_MAX = 200
"""Chains on one page: more than any screen shows."""

NAMES_PEOPLE_MAX = 200_000
"""People among whom a page's students are looked for by name, some 0.1 s; in a larger roster they stay ids."""

Page = Annotated[int, msgspec.Meta(ge=1, le=PAGE_MAX)]
First = Annotated[int, msgspec.Meta(ge=0, le=2**31)]


class CountAsked(msgspec.Struct, kw_only=True, frozen=True):
    """An audience as far as it is chosen, and what else shall be answered with its count."""

    request: PrepareRequest
    """Of it count the reason, `names_recipient` and the audience."""
    count: bool = True
    """False: nobody is chosen yet."""
    choices: bool = False
    """Also what there is to choose from."""
    find: str = ""
    """Also people whose name holds these words."""


class Heard(View, frozen=True):
    """What is heard of a message in one language."""

    language: str
    people: str
    machines: str
    people_ms: int
    machines_ms: int
    recording_id: str = ""
    """Played between the words of `people`."""


class HeardMessage(View, frozen=True):
    """What is heard of a message, its own language first, and under which rule it is sent."""

    sayings: tuple[Heard, ...]
    legal_class: str
    legal_meaning: str


class PreviewAsked(msgspec.Struct, kw_only=True, frozen=True):
    """Some of a prepared job's chains, in the order in which they are dialed."""

    job_id: Id
    first: First = 0
    count: Page = 20


class PlannedDevice(View, frozen=True):
    """One number of a chain."""

    device: str
    number: str
    """Masked."""


class PlannedChain(View, frozen=True):
    """One chain as it will be walked."""

    index: int
    contact: str
    devices: tuple[PlannedDevice, ...]
    """In the order in which they ring; empty: nothing is dialed."""
    students: tuple[str, ...]
    """Names; ids where nobody of the roster has it, or the roster is very large."""
    language: str
    seconds: int
    """Of speech."""
    owner: int = -1
    """The chain that dials its numbers, -1 for none."""


class JobPreview(View, frozen=True):
    """A page of a prepared job's chains."""

    job_id: int
    chains: int
    """That will be dialed; those after them are covered by another chain, or unreachable."""
    total: int
    page: tuple[PlannedChain, ...]


def _count(desk: Desk, asked: CountAsked, _author: str) -> AudienceCount:
    request, message = asked.request, _message(asked.request)
    with desk.database.read() as txn:
        settings = _settings(desk, txn)
        people = desk.vault.people_count(txn)
    question = CountRequest(
        str(desk.database.path), message, request.whom(), settings, desk.clock.now(),
        asked.count, asked.choices, asked.find,
    )  # fmt: skip
    return count_audience(question, desk.database, people)


def _hear(desk: Desk, request: PrepareRequest, _author: str) -> HeardMessage:
    """Fields nobody can know yet are filled with examples."""
    message, audience = _message(request), request.whom()
    check_text(message, audience.kind)
    with desk.database.read() as txn:
        lengths = desk.vault.recording_lengths(txn)
        settings = msgspec.structs.replace(_settings(desk, txn), recordings=lengths)
        names = {school.school_id: school.name for school in desk.vault.schools(txn)}
    speaker = Speaker(message, settings, names, desk.clock.now())
    school_id = request.school_ids[0] if len(request.school_ids) == 1 and request.school_ids[0] in names else ""
    speaker.check_portal(school_id)
    legal = legal_class(message.reason, audience)
    heard = tuple(_heard(speaker, name, school_id) for name in speaker.sayings)
    return HeardMessage(sayings=heard, legal_class=legal, legal_meaning=legal.meaning)


def _heard(speaker: Speaker, name: str, school_id: str) -> Heard:
    saying = speaker.sayings[name]
    filled = speaker.example(name, speaker.frame(name, school_id).school, school_id)
    people, machines = speaker.personal(name, school_id, filled)
    if not saying.recording_id:
        return Heard(language=saying.language, people=people, machines=machines, people_ms=speech_ms(people),
                     machines_ms=speech_ms(machines))  # fmt: skip
    spoken = speaker.script(name, school_id)
    played = f"{spoken.before} ♪ {spoken.text}".strip()
    left = machines or f"{spoken.machine_before} ♪ {spoken.machine_text}".strip()
    length = speaker.length_ms(spoken)
    return Heard(language=saying.language, people=played, machines=left, people_ms=length,
                 machines_ms=speech_ms(machines) if machines else length, recording_id=saying.recording_id)  # fmt: skip


def _preview(desk: Desk, asked: PreviewAsked, _author: str) -> JobPreview:
    with desk.database.read() as txn:
        job = desk.vault.job(txn, asked.job_id)
    if job is None:
        raise NotFoundError(f"There is no job {asked.job_id}; prepare it again.")
    decode = msgspec.msgpack.Decoder(Plan).decode
    plans = [decode(data) for data in desk.vault.plans(asked.job_id, asked.first, asked.count)]
    names = _names(desk, {student for plan in plans for student in plan.student_ids})
    page = tuple(
        PlannedChain(
            index=index, contact=plan.contact_name or plan.contact_key, devices=tuple(_devices(plan)),
            students=tuple(names.get(student, student) for student in plan.student_ids),
            language=plan.language or job.message.language,
            seconds=round(plan.message_ms / 1000), owner=plan.owner,
        )
        for index, plan in enumerate(plans, asked.first)
    )  # fmt: skip
    total = job.chains + job.covered + job.unreachable
    return JobPreview(job_id=job.job_id, chains=job.chains, total=total, page=page)


def _devices(plan: Plan) -> Iterator[PlannedDevice]:
    for step in plan.steps:
        yield PlannedDevice(device=step.kind.word, number=masked(step.number))


class _Named(msgspec.Struct, array_like=True):
    """The head of a `Person`: the rest is skipped, which is five times as fast."""

    person_id: str
    given_name: str
    family_name: str


def _names(desk: Desk, wanted: Iterable[str]) -> dict[str, str]:
    """The names of some people of the roster, by id."""
    missing, found = set(wanted), dict[str, str]()
    decode, table = msgspec.msgpack.Decoder(_Named).decode, desk.database.people
    with desk.database.read() as txn:
        version = desk.vault.roster_version(txn)
        if desk.vault.people_count(txn) > NAMES_PEOPLE_MAX:
            return found
        for _, data in table.scan_raw(txn, pair_key(version, 0), pair_key(version + 1, 0)):
            if not missing:
                break
            person = decode(data)
            if person.person_id in missing:
                missing.discard(person.person_id)
                found[person.person_id] = f"{person.given_name} {person.family_name}".strip()
    return found


def _settings(desk: Desk, txn: Txn) -> PlanSettings:
    return plan_settings(desk.settings, desk.vault.number_key(txn))


def _message(request: PrepareRequest) -> Message:
    """The message of a request whose audience can be read, too."""
    try:
        request.whom()
        return request.message()
    except KeyError as error:
        raise InvalidInputError(f"There is no {str(error.args[0]).lower()}; see `callchain send --help`.") from None


COUNT = Act("audience.count", CountAsked, AudienceCount, _count, role=Role.SENDER)
HEAR = Act("messages.hear", PrepareRequest, HeardMessage, _hear, role=Role.SENDER)
PREVIEW = Act("jobs.preview", PreviewAsked, JobPreview, _preview, role=Role.SENDER)
ACTS = (COUNT, HEAR, PREVIEW)
