"""All messages of one person: the chains about or to them, each explained, and why there is none in what runs now."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

import msgspec

from engine.audience.directory import Directory
from engine.board.chain_view import masked
from engine.district.permission import Standing, permission_of, standing
from engine.messaging.windows import local_day, zone_of
from engine.plan_settings import PlanSettings, plan_settings
from engine.preferences.owner import bare_id
from engine.tame import tame
from engine.why.cause import Cause
from engine.why.chain.case import Around, Case
from engine.why.chain.explain import explain
from engine.why.person.finder import Found, Question, find
from engine.why.person.left_out import gap_of, why_left_out
from engine.why.person.unsent import why_unsent
from engine.why.source import Source
from engine.why.view import Match, WhyChain, WhyMessage, WhyPerson
from store.errors import NotFoundError
from store.keys import id_key, pair_key
from store.people import Household, Person, Role, Roster
from store.records import Job, Plan
from store.rows import JobRow

RECENT_MS = 24 * 3_600_000
"""Messages that ended no longer ago are named also where the person is in none of their chains."""

ABSENT_MAX = 10
"""Such messages named at most, the newest first."""

MESSAGES_MAX = 100
"""Messages explained at most, the newest first; the others are in `callchain report recipient`."""

_decode_plan = msgspec.msgpack.Decoder(Plan).decode


def why_person(source: Source, who: str) -> WhyPerson:
    """Somebody's messages, or who may be meant. Raises NotFoundError where nobody is."""
    desk = source.desk
    found = find(Question(str(desk.database.path), who), desk.database)
    if found.people_in_all > 1:
        matches = tuple(_match(one) for one in found.people)
        return WhyPerson(
            at=source.now, running=desk.running, matches=matches, matches_in_all=found.people_in_all,
        )  # fmt: skip
    person = found.people[0] if found.people else None
    if person is None and found.home is None and not found.places:
        raise NotFoundError(f"Nobody is called {who!r}, neither by id nor by a part of the name; look the id up.")
    said = Messages(source, found, person)
    return WhyPerson(
        at=source.now,
        running=desk.running,
        person=_match(person) if person is not None else _stranger(who, found.home),
        messages=tuple(said.all()),
        looked_back_to=found.looked_back_to,
    )


class Messages:
    """Of one person or one household."""

    def __init__(self, source: Source, found: Found, person: Person | None) -> None:
        self._source = source
        self._person = person
        self._family = found.family
        self._places: dict[int, list[int]] = defaultdict(list)
        for job_id, index in found.places:
            self._places[job_id].append(index)
        desk = source.desk
        with desk.database.read() as txn:
            self._jobs = [job for job in desk.vault.jobs(txn) if job.job_id >= found.looked_back_to]
            self._settings: PlanSettings = plan_settings(desk.settings, desk.vault.number_key(txn) or b"-")
            said = permission_of(desk.database, txn)
        self._standing: Standing = desk.engine.standing() if desk.running else standing(said, desk.settings)
        self._directory: Directory | None = None

    def all(self) -> Iterator[WhyMessage]:
        """The newest first."""
        wanted = self._wanted()
        cases = {job.job_id: self._cases(job) for job, row in wanted if row is not None}
        around = self._source.around([case for some in cases.values() for case in some])
        for job, row in wanted:
            if row is None:
                yield self._unsent(job, around)
            else:
                yield self._sent(job, row, cases[job.job_id], around)

    def _wanted(self) -> list[tuple[Job, JobRow | None]]:
        """Their messages, and what is open or ended today without them, as far as it can be explained."""
        wanted: list[tuple[Job, JobRow | None]] = []
        absent = 0
        for job in sorted(self._jobs, key=lambda job: -job.job_id):
            row = self._source.job_row(job.job_id)
            theirs = job.job_id in self._places
            if not theirs:
                if self._person is None or row is None or not self._is_recent(row) or absent == ABSENT_MAX:
                    continue
                absent += 1
            wanted.append((job, row))
        return wanted[:MESSAGES_MAX]

    def _is_recent(self, row: JobRow) -> bool:
        return not row.state.ended or row.ended_at > self._source.now - RECENT_MS

    def _cases(self, job: Job) -> list[Case]:
        row = self._source.released(job.job_id)
        return [self._source.case(row, index) for index in self._places.get(job.job_id, ())]

    # -- sent

    def _sent(self, job: Job, row: JobRow, cases: list[Case], around: Around) -> WhyMessage:
        around = self._source.of_job(around, row)
        chains = tuple(self._explained(job, case, around) for case in cases)
        cause, sentence = ("", "") if chains or self._person is None else self._left_out(job, self._person, around)
        return _message(job, row, chains=chains, cause=cause, sentence=sentence)

    def _explained(self, job: Job, case: Case, around: Around) -> WhyChain:
        if not case.plan.steps and case.plan.owner < 0:
            around = replace(around, gap=gap_of(job, case.plan.contact_key, self._family, self._settings))
        return explain(case, around)

    def _left_out(self, job: Job, person: Person, around: Around) -> tuple[str, str]:
        cause, sentence = why_left_out(job, person, self._family, self._as_it_stands(), around.stopped)
        return cause.value, tame(sentence)

    def _as_it_stands(self) -> Directory:
        """The family in the district of today; classes and calendars are read once, when somebody asks."""
        if self._directory is None:
            desk = self._source.desk
            with desk.database.read() as txn:
                version = desk.vault.roster_version(txn)
                span = pair_key(version, 0), pair_key(version + 1, 0)
                roster: Roster = msgspec.structs.replace(
                    self._family,
                    schools=desk.vault.schools(txn),
                    calendars=tuple(one for _, one in desk.database.calendars.scan(txn, *span)),
                    classes=tuple(one for _, one in desk.database.classes.scan(txn, *span)),
                )
            today = local_day(self._source.now, zone_of(self._settings))
            self._directory = Directory(roster, today, include_inactive=self._settings.include_inactive)
        return self._directory

    # -- not sent

    def _unsent(self, job: Job, around: Around) -> WhyMessage:
        database = self._source.desk.database
        with database.read() as txn:
            release = database.releases.get(txn, id_key(job.job_id))
            data = [(i, database.plans.raw(txn, pair_key(job.job_id, i))) for i in self._places[job.job_id]]
        why = why_unsent(job, release, self._standing, around)
        plans = [_decode_plan(encoded) for _, encoded in data if encoded is not None]
        names = ", ".join(dict.fromkeys(tame(plan.contact_name) for plan in plans))
        numbers = ", ".join(dict.fromkeys(masked(step.number) for plan in plans for step in plan.steps))
        whom = f" It would call {names} ({numbers})." if numbers else f" It would not reach {names}." if names else ""
        return msgspec.structs.replace(
            _message(job, None, cause=why.cause.value, sentence=why.sentence + whom),
            next_ring_at=why.next_ring_at,
            next_ring_basis=why.basis.value,
        )


def _message(
    job: Job, row: JobRow | None, *, chains: tuple[WhyChain, ...] = (), cause: str = "", sentence: str = ""
) -> WhyMessage:
    return WhyMessage(
        job_id=job.job_id,
        subject=tame(job.message.subject),
        reason=job.message.reason.word,
        state=row.state.word if row is not None else Cause.PREPARED.value,
        author=tame(job.author or job.origin.author),
        prepared_at=job.prepared_at,
        opens_at=job.opens_at,
        closes_at=row.dials_until if row is not None else job.dials_until,
        chains=chains,
        cause=cause,
        sentence=sentence,
    )


def _match(person: Person) -> Match:
    schools = [one.school_id for one in person.enrollments] + list(person.school_ids)
    grade = f"grade {person.grade}" if person.grade and person.roles & Role.STUDENT else ""
    return Match(
        person_id=person.person_id,
        name=tame(person.name),
        roles=tuple(role.name.lower() for role in Role if role.name and person.roles & role),
        about=" ".join(filter(None, [grade, *dict.fromkeys(schools)])),
    )


def _stranger(who: str, home: Household | None) -> Match:
    """A household, or somebody the roster does not know any more."""
    if home is not None:
        return Match(person_id=f"h:{home.household_id}", name=tame(home.name), roles=("household",))
    return Match(person_id=bare_id(who), name="", roles=())
