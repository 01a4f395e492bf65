"""How jobs went, group by group: by school, grade or device, with how their calls ended and whom nobody reached."""

from collections.abc import Iterable, Iterator
from enum import StrEnum

import msgspec

from engine.board.chain_view import masked
from engine.reports.dialer import day_activity
from engine.reports.source.plan_parts import PlanBody, decode_body
from engine.reports.source.records import Records
from engine.reports.source.survey import PASSED_OVER, Survey
from engine.tame import tame
from store.dispositions import Disposition, Outcome
from store.keys import chain_id
from store.rows import ChainRow, JobRow, Tried

SEVERAL = "(several)"
"""Stands for a school or grade where a chain is about students of several, or of none that is known."""

NOT_REACHED_MAX = 500
"""Of those nobody reached, so many are named; the export has all."""


class By(StrEnum):
    """What chains are put together by."""

    SCHOOL = "school"
    GRADE = "grade"
    DEVICE = "device"
    """The kind of number that reached somebody; where none did, the first on the plan."""

    @property
    def next(self) -> "By":
        """The one after it, and the first after the last."""
        return list(By)[(list(By).index(self) + 1) % len(By)]


class GroupRow(msgspec.Struct, frozen=True, kw_only=True):
    """Some chains of one or more jobs. Chains are those with something to dial, as in the delivery report."""

    name: str
    chains: int = 0
    confirmed: int = 0
    heard: int = 0
    """Delivered unconfirmed: a person listened to the end and pressed nothing."""
    told: int = 0
    """Delivered unconfirmed: left on a machine."""
    open: int = 0
    missed: int = 0
    """Ended, and nobody heard it."""
    canceled: int = 0
    unreachable: int = 0
    """Beside the chains: nothing to dial."""
    covered: int = 0
    """Beside the chains: another one dials their numbers."""
    first_try: int = 0
    """Chains that their first call confirmed."""
    half_ms: int = 0
    """Within this time of the job's beginning half of those who confirmed had done so; 0: nobody has."""
    most_ms: int = 0
    """The same of nine in ten."""

    @property
    def reached(self) -> int:
        """Chains in which somebody heard the message, or a machine took it."""
        return self.confirmed + self.heard + self.told


class Missed(msgspec.Struct, frozen=True, kw_only=True):
    """A chain that ended, or never began, and nobody heard its message."""

    chain_id: int
    name: str
    group: str
    numbers: tuple[tuple[str, str], ...]
    """(device, masked number)."""
    attempts: int
    last: str = ""
    """How its last call ended, empty where there was none."""
    last_at: int = 0
    outcome: str = ""


class Grouped(msgspec.Struct, frozen=True, kw_only=True):
    """The whole answer. `students` are covered, told, missed and still waiting, each job's added up."""

    by: By
    made_at: int
    total: GroupRow
    groups: tuple[GroupRow, ...]
    """The one with the smallest share of reached chains first."""
    dispositions: dict[str, int]
    """Ended attempts by how they ended, the most frequent first."""
    students: tuple[int, int, int, int]
    not_reached: tuple[Missed, ...]
    not_reached_count: int
    jobs: int = 1


class _Sums:
    """The sums of one group while chains are counted."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.confirmed_ms: list[int] = []

    def add(self, name: str, by: int = 1) -> None:
        self.counts[name] = self.counts.get(name, 0) + by

    def row(self, name: str) -> GroupRow:
        spans = sorted(self.confirmed_ms)
        return GroupRow(name=name, half_ms=_share_of(spans, 50), most_ms=_share_of(spans, 90), **self.counts)


def group_jobs(records: Records, job_ids: Iterable[int], by: By) -> Grouped:
    """Look once over all chains of some jobs. Raises NotFoundError for a job there is not."""
    grouping = _Grouping(records, by)
    for job_id in job_ids:
        row, _job = records.job(job_id)
        grouping.add_job(row)
    return grouping.answer()


def jobs_of(records: Records, days: int) -> list[int]:
    """The jobs created or dialed on the last days, today included, oldest first."""
    found = {row.job_id for back in range(days) for row, _ in day_activity(records, records.today - back)}
    return sorted(found)


class _Grouping:
    def __init__(self, records: Records, by: By) -> None:
        self._records = records
        self._by = by
        self._names = {school.school_id: school.name for school in records.schools()} if by is By.SCHOOL else {}
        self._grades = _grades(records) if by is By.GRADE else {}
        self._groups: dict[str, _Sums] = {}
        self._total = _Sums()
        self._dispositions: dict[str, int] = {}
        self._students = [0, 0, 0, 0]
        self._missed: list[Missed] = []
        self._missed_count = 0
        self._jobs = 0

    def add_job(self, row: JobRow) -> None:
        self._jobs += 1
        survey = Survey(self._records, row)
        known = (survey.covered, survey.told, survey.missed, survey.waiting)
        self._students = [so_far + more for so_far, more in zip(self._students, known, strict=True)]
        for disposition in Disposition:
            if count := row.dispositions[disposition]:
                self._dispositions[disposition.word] = self._dispositions.get(disposition.word, 0) + count
        begins_at = max(row.opens_at, row.planned_at)
        for index, data, chain in self._records.chains(row):
            plan = decode_body(data)
            group = self._group(plan, chain)
            for sums in (self._groups.setdefault(group, _Sums()), self._total):
                _count(sums, index < row.chains, plan, chain, begins_at)
            if survey.not_reached(index):
                self._missed_count += 1
                if len(self._missed) < NOT_REACHED_MAX:
                    self._missed.append(_missed(row.job_id, index, plan, chain, group))

    def answer(self) -> Grouped:
        rows = [sums.row(name) for name, sums in self._groups.items()]
        ranked = sorted(self._dispositions.items(), key=lambda item: -item[1])
        covered, told, missed, waiting = self._students
        return Grouped(
            by=self._by,
            made_at=self._records.now,
            total=self._total.row("all"),
            groups=tuple(sorted(rows, key=lambda row: (row.reached / max(1, row.chains + row.unreachable), row.name))),
            dispositions=dict(ranked),
            students=(covered, told, missed, waiting),
            not_reached=tuple(self._missed),
            not_reached_count=self._missed_count,
            jobs=self._jobs,
        )

    def _group(self, plan: PlanBody, chain: ChainRow | None) -> str:
        if self._by is By.SCHOOL:
            return tame(self._names.get(plan.school_id, plan.school_id)) or SEVERAL
        if self._by is By.GRADE:
            grades = {self._grades.get(student, "") for student in plan.student_ids}
            return grades.pop() or SEVERAL if len(grades) == 1 else SEVERAL
        tried = _deciding(chain)
        if tried is not None and tried.step < len(plan.steps):
            return plan.steps[tried.step].kind.word
        return plan.steps[0].kind.word if plan.steps else "none"


def _count(sums: _Sums, dialed: bool, plan: PlanBody, chain: ChainRow | None, begins_at: int) -> None:
    if not dialed:
        sums.add("covered" if plan.owner >= 0 else "unreachable")
        return
    sums.add("chains")
    outcome = chain.outcome if chain is not None else 0
    if chain is None or not outcome:
        sums.add("open")
    elif outcome == Outcome.CONFIRMED:
        sums.add("confirmed")
        calls = list(_calls(chain))
        sums.add("first_try", len(calls) == 1)
        if calls:
            confirmed_at = (calls[-1].dialed_at or calls[-1].opened_at) + calls[-1].duration_ms
            sums.confirmed_ms.append(max(0, confirmed_at - begins_at))
    elif outcome == Outcome.DELIVERED_UNCONFIRMED:
        heard = any(tried.disposition is Disposition.LIVE_NO_CONFIRM for tried in chain.tried())
        sums.add("heard" if heard else "told")
    else:
        sums.add("canceled" if outcome == Outcome.CANCELED else "missed")


def _missed(job_id: int, index: int, plan: PlanBody, chain: ChainRow | None, group: str) -> Missed:
    calls = list(_calls(chain)) if chain is not None else []
    outcome = Outcome(chain.outcome).word if chain is not None and chain.outcome else ""
    return Missed(
        chain_id=chain_id(job_id, index),
        name=tame(plan.contact_name),
        group=group,
        numbers=tuple((step.kind.word, masked(step.number)) for step in plan.steps),
        attempts=len(calls),
        last=calls[-1].disposition.word if calls else "",
        last_at=(calls[-1].dialed_at or calls[-1].opened_at) if calls else 0,
        outcome=outcome or (Outcome.COVERED if plan.owner >= 0 else Outcome.UNREACHABLE).word,
    )


def _calls(chain: ChainRow) -> Iterator[Tried]:
    """Attempts; a number that was passed over was none."""
    return (tried for tried in chain.tried() if tried.disposition not in PASSED_OVER)


def _deciding(chain: ChainRow | None) -> Tried | None:
    """The attempt by which somebody was reached, the last of them; None where nobody was."""
    tries = list(chain.tried()) if chain is not None else []
    return next((tried for tried in reversed(tries) if tried.disposition.flags.delivered), None)


def _share_of(spans: list[int], percent: int) -> int:
    """The span within which so many of a hundred lie."""
    return spans[max(0, -(-len(spans) * percent // 100) - 1)] if spans else 0


def _grades(records: Records) -> dict[str, str]:
    return {person.person_id: tame(person.grade) for person in records.people() if person.grade}
