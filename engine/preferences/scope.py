"""Whose preferences a batch sets: people found through enrollments in a school or calendar, and their households."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from engine.audience.directory import Directory, is_current
from engine.preferences.choices import Mode
from engine.preferences.people_filter import PeopleFilter
from store.errors import AudienceError, InvalidInputError
from store.people import Calendar, Household, Person, Role, Roster


class Scope(NamedTuple):
    """The people and households of a batch, each once, by id."""

    people: tuple[Person, ...]
    households: tuple[Household, ...]


class ScopeRequest(NamedTuple):
    """Which of them: a school or a calendar (or neither: the whole district), and a filter."""

    mode: Mode
    school_id: str = ""
    calendar_id: str = ""
    expression: str = ""
    ids: tuple[str, ...] = ()


def scope_of(roster: Roster, asked: ScopeRequest, today: int) -> Scope:
    """The people of a mode (C193-C196, C206-C209).

    Contacts are those with the Messenger box for a student enrolled there; the filter is of students in the first two
    modes, of staff in the third, where it is demanded. Raises AudienceError where nobody is left.
    """
    if asked.mode is Mode.STAFF and not asked.expression and not asked.ids:
        raise InvalidInputError(
            "The mode staff demands a filter, a file of ids or an expression such as `type=teacher`: without one "
            "everybody's preferences in the district would be changed."
        )
    people_filter = PeopleFilter(asked.expression, asked.mode).narrowed(asked.ids)
    directory = Directory(roster, today)
    _check(roster, asked, people_filter)
    if asked.mode is Mode.STAFF:
        found = {person.person_id: person for person in _staff(roster, asked, people_filter)}
    else:
        calendar = next((one for one in roster.calendars if one.calendar_id == asked.calendar_id), None)
        students = [one for one in roster.people if _is_enrolled(one, asked, calendar, today)]
        found = dict(_reached(directory, filter(people_filter.passes, students), asked.mode))
    if not found:
        raise AudienceError("Nobody is found there; look at school, calendar and filter.")
    return Scope(tuple(found[key] for key in sorted(found)), tuple(_homes(roster, found.keys(), today)))


def _check(roster: Roster, asked: ScopeRequest, people_filter: PeopleFilter) -> None:
    """Nothing asked for may be unknown: a slip of the pen would leave people out in silence."""
    if asked.school_id and asked.school_id not in {school.school_id for school in roster.schools}:
        raise AudienceError(f"The roster has no school {asked.school_id!r}; choose among the schools it lists.")
    if asked.calendar_id and asked.calendar_id not in {one.calendar_id for one in roster.calendars}:
        raise AudienceError(f"The roster has no calendar {asked.calendar_id!r}; choose among those it lists.")
    if unknown := people_filter.ids - {person.person_id for person in roster.people}:
        raise AudienceError(f"The roster has no person {min(unknown)!r}, whom the filter names; mend its file.")


def _staff(roster: Roster, asked: ScopeRequest, people_filter: PeopleFilter) -> Iterator[Person]:
    """Active staff with a district assignment: a staff role at a school (C196)."""
    calendar = next((one for one in roster.calendars if one.calendar_id == asked.calendar_id), None)
    at = {word for word in (asked.school_id, calendar.school_id if calendar else "") if word}
    for person in roster.people:
        if person.active and is_assigned(person) and at <= set(person.school_ids) and people_filter.passes(person):
            yield person


def is_assigned(person: Person) -> bool:
    """Whether somebody has a district assignment (C196, C201)."""
    return bool(person.roles & Role.STAFF and person.school_ids)


def _is_enrolled(student: Person, asked: ScopeRequest, calendar: Calendar | None, today: int) -> bool:
    """Whether a student is enrolled there: today, or on the day of the calendar that is nearest to today."""
    if not student.active or not student.roles & Role.STUDENT:
        return False
    day = today if calendar is None else min(max(today, calendar.begins_on), calendar.ends_on or today)
    at = {word for word in (asked.school_id, calendar.school_id if calendar else "") if word}
    return any(is_current(one, day) and at <= {one.school_id} for one in student.enrollments)


def _reached(directory: Directory, students: Iterable[Person], mode: Mode) -> Iterator[tuple[str, Person]]:
    for student in students:
        if mode is Mode.STUDENTS:
            yield student.person_id, student
        else:
            for contact in directory.contacts_of(student.person_id):
                yield contact.person.person_id, contact.person


def _homes(roster: Roster, person_ids: Iterable[str], today: int) -> Iterator[Household]:
    """The households any of them lives in today: their phone is changed for all its members (C207)."""
    wanted = set(person_ids)
    for household in sorted(roster.households, key=lambda one: one.household_id):
        if any(member.person_id in wanted and is_current(member, today) for member in household.members):
            yield household
