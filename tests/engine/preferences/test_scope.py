"""Whose preferences a batch sets."""

import msgspec
import pytest

from engine.preferences.choices import Mode
from engine.preferences.scope import Scope, ScopeRequest, scope_of
from store.errors import AudienceError, InvalidInputError
from store.people import Enrollment
from tests.engine.preferences.neighborhood import ROSTER, SON, TODAY, link


def found(mode: Mode = Mode.CONTACTS, **asked: str | tuple[str, ...]) -> list[str]:
    return ids(scope_of(ROSTER, ScopeRequest(mode, **asked), TODAY))  # type: ignore[arg-type]


def ids(scope: Scope) -> list[str]:
    return [person.person_id for person in scope.people] + [home.household_id for home in scope.households]


@pytest.mark.row("C206")
def test_there_are_three_modes():
    """C206: Pick a mode: Student Messenger Contacts, Students, Census/Staff"""
    assert found(Mode.CONTACTS) == ["aunt", "dad", "mom", "home"]
    assert found(Mode.STUDENTS) == ["daughter", "neighbor", "son", "home"]
    assert found(Mode.STAFF, expression="type=teacher,staff") == ["coach", "nurse"]


@pytest.mark.row("C193", "C194")
def test_people_are_found_through_enrollments_in_the_school_or_calendar():
    """C193: Scope = school and calendar in the toolbar. C194: Guardians found through Enrollments in that
    school/calendar.
    """
    assert found(school_id="oak") == ["dad", "mom", "home"]
    assert found(school_id="elm") == ["aunt", "mom", "home"]
    assert found(Mode.STUDENTS, calendar_id="oak/2027") == ["son", "home"]
    assert found(calendar_id="oak/2027") == ["dad", "mom", "home"]


def test_a_calendar_that_has_not_begun_counts_who_is_enrolled_on_its_first_day():
    leaving = msgspec.structs.replace(SON, enrollments=(Enrollment("oak", 0, TODAY + 200),))
    people = tuple(leaving if one is SON else one for one in ROSTER.people)
    roster = msgspec.structs.replace(ROSTER, people=people)
    assert ids(scope_of(roster, ScopeRequest(Mode.STUDENTS, calendar_id="oak/2027"), TODAY)) == ["son", "home"]
    with pytest.raises(AudienceError, match="Nobody"):
        scope_of(roster, ScopeRequest(Mode.STUDENTS, calendar_id="oak/2028"), TODAY)


def test_ended_relationships_and_those_without_the_messenger_box_count_for_nobody():
    links = (link("son", "mom", ends_on=TODAY - 1), link("son", "dad", messenger=False), link("neighbor", "aunt"))
    roster = msgspec.structs.replace(ROSTER, relationships=links)
    assert ids(scope_of(roster, ScopeRequest(Mode.CONTACTS), TODAY)) == ["aunt"]


@pytest.mark.row("C196", "C201")
def test_staff_without_a_district_assignment_are_left_out():
    """C196: Census/Staff update needs a district assignment. C201: Only people with a District Assignments record."""
    assert "clerk" in {person.person_id for person in ROSTER.people}
    assert found(Mode.STAFF, expression="type=teacher") == ["coach"]
    with pytest.raises(AudienceError, match="Nobody"):
        found(Mode.STAFF, ids=("clerk",))


@pytest.mark.row("C208")
def test_students_may_be_filtered_in_the_first_two_modes():
    """C208: Student ad hoc filter optional"""
    assert found(expression="grade=3") == ["aunt", "dad", "mom", "home"]
    assert found(expression="grade=3 school=elm") == ["aunt"]
    assert found(Mode.STUDENTS, expression="grade=07,08") == ["daughter"]
    assert found(Mode.STUDENTS, ids=("neighbor",)) == ["neighbor"]
    assert found(ids=("son",)) == ["dad", "mom", "home"]


@pytest.mark.row("C209")
def test_census_staff_without_a_filter_is_refused():
    """C209: Census ad hoc filter required in Census/Staff mode"""
    with pytest.raises(InvalidInputError, match="demands a filter"):
        found(Mode.STAFF)
    with pytest.raises(InvalidInputError, match="demands a filter"):
        found(Mode.STAFF, school_id="oak")
    assert found(Mode.STAFF, school_id="oak", expression="type=teacher") == ["coach"]


def test_filters_that_are_not_understood_or_name_strangers_are_refused():
    for expression in ("grade", "grade=", "shoe=44", "type=teacher"):
        with pytest.raises(InvalidInputError, match="is not understood"):
            found(expression=expression)
    with pytest.raises(AudienceError, match="no person 'ghost'"):
        found(ids=("son", "ghost"))
    with pytest.raises(AudienceError, match="no school 'ash'"):
        found(school_id="ash")
    with pytest.raises(AudienceError, match="no calendar 'oak/1999'"):
        found(calendar_id="oak/1999")
