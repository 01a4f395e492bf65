"""The school, or the calendar of one, that a report is narrowed to."""

from functools import cached_property

from engine.reports.source.plan_parts import PlanBody, PlanHead, decode_head
from engine.reports.source.records import Records
from store.errors import InvalidInputError, NotFoundError
from store.people import Calendar
from store.records import Audience, Job
from store.rows import JobRow

NAMED_MAX = 5
"""Ids named in a sentence that says what there is."""


class Place:
    """Which jobs and chains belong to one school; with a calendar also its days count. Without either all do."""

    def __init__(self, records: Records, school_id: str = "", calendar_id: str = "") -> None:
        self._records = records
        self._calendar = _calendar(records, calendar_id) if calendar_id else None
        if self._calendar is not None and school_id not in ("", self._calendar.school_id):
            raise InvalidInputError(
                f"The calendar {calendar_id} is not of the school {school_id}; give one of the two."
            )
        self.school_id = self._calendar.school_id if self._calendar is not None else school_id
        if self.school_id and self._calendar is None:
            _check_school(records, self.school_id)

    def has_job(self, row: JobRow, job: Job) -> bool:
        """Whether a message is about this place. Where its audience leaves that open, its plans are looked through."""
        if not self.school_id:
            return True
        audience, calendar = job.audience, self._calendar
        if calendar is not None:
            if audience.calendar_ids and calendar.calendar_id not in audience.calendar_ids:
                return False
            if not calendar.begins_on <= self._records.local.day(row.opens_at) <= calendar.ends_on:
                return False
        if audience.school_ids and self.school_id not in audience.school_ids:
            return False
        return any(self.has_plan(decode_head(data)) for data in self._records.plans(row.job_id))

    def may_concern(self, audience: Audience) -> bool:
        """Whether a message whose recipients are not known yet may be about this place."""
        return not self.school_id or not audience.school_ids or self.school_id in audience.school_ids

    def has_plan(self, plan: PlanHead | PlanBody) -> bool:
        """Whether a chain is about somebody of this place; one about several schools belongs to each."""
        if not self.school_id or plan.school_id == self.school_id:
            return True
        if plan.school_id:
            return False
        about = plan.student_ids or (plan.contact_key.partition(":")[2],)
        return not self._people.isdisjoint(about)

    @cached_property
    def _people(self) -> frozenset[str]:
        """Students and staff of the school in the roster in force."""
        school = self.school_id
        return frozenset(
            person.person_id
            for person in self._records.people()
            if school in person.school_ids or any(one.school_id == school for one in person.enrollments)
        )


def _calendar(records: Records, calendar_id: str) -> Calendar:
    calendars = {calendar.calendar_id: calendar for calendar in records.calendars()}
    if calendar_id not in calendars:
        raise NotFoundError(f"There is no calendar {calendar_id}; {_known('calendar', list(calendars))}.")
    return calendars[calendar_id]


def _check_school(records: Records, school_id: str) -> None:
    schools = [school.school_id for school in records.schools()]
    if school_id not in schools:
        raise NotFoundError(f"There is no school {school_id}; {_known('school', schools)}.")


def _known(what: str, ids: list[str]) -> str:
    if not ids:
        return f"the roster in force has no {what} at all"
    more = f" and {len(ids) - NAMED_MAX:,} more" if len(ids) > NAMED_MAX else ""
    return f"the roster in force knows {', '.join(ids[:NAMED_MAX])}{more}"
