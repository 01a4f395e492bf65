"""A school or a calendar that a report is narrowed to."""

import msgspec
import pytest

from engine.reports.delivery import delivery_report
from engine.reports.source.place import Place
from engine.reports.source.records import Records
from store.people import Calendar, Enrollment, School
from store.records import Audience, AudienceKind, Reason
from tests.engine.reports.conftest import records_of
from tests.engine.reports.reading import rows
from tests.fakes import Family, StaffMember, SteppedTown, roster_of


@pytest.fixture
def town(tmp_path):
    """The Lopez children go to two schools; Ada works at both, Bob at one."""
    family = Family(parents=("Mom",), students=("Son", "Daughter"), household=False)
    ada, bob = StaffMember("staff-1", "Ada"), StaffMember("staff-2", "Bob")
    for phone in (*family.phones, *ada.phones, *bob.phones):
        phone.answers().presses("0").always()
    with SteppedTown(tmp_path, family, ada, bob) as town:
        roster = roster_of(family, ada, bob)
        people = {person.person_id: person for person in roster.people}
        people["Lopez-Son"] = msgspec.structs.replace(people["Lopez-Son"], enrollments=(Enrollment("elm"),))
        people["staff-1"] = msgspec.structs.replace(people["staff-1"], school_ids=("oak", "elm"))
        schools = (*roster.schools, School("elm", "Elm"), School("ash", "Ash"))
        calendars = (Calendar("elm/2026", "elm", "This year", 1, 800_000), Calendar("elm/old", "elm", "Old", 1, 2))
        changed = msgspec.structs.replace(roster, people=tuple(people.values()), schools=schools, calendars=calendars)
        town.engine.replace_roster(changed, accept_loss_percent=100)
        yield town


def whom(records: Records, job: int, school: str) -> set[str]:
    return {row["contact"].split()[0] for row in rows(delivery_report(records, job, school_id=school))}


def test_a_chain_about_students_of_two_schools_belongs_to_both_and_to_no_third(town):
    job = town.send(Reason.EMERGENCY)
    town.wait(job)
    with records_of(town) as records:
        assert {school: whom(records, job, school) for school in ("oak", "elm", "ash")} == {
            "oak": {"Mom"},
            "elm": {"Mom"},
            "ash": set(),
        }


def test_staff_belong_to_every_school_they_work_at(town):
    job = town.send(audience=Audience(kind=AudienceKind.STAFF))
    town.wait(job)
    with records_of(town) as records:
        assert whom(records, job, "oak") == {"Ada", "Bob"}
        assert whom(records, job, "elm") == {"Ada"}


def test_a_message_belongs_to_the_calendars_its_audience_names_and_to_those_of_its_schools_on_their_days(town):
    job = town.send(audience=Audience(school_ids=("elm",)))
    town.wait(job)
    with records_of(town) as records:

        def belongs(audience: Audience, **place: str) -> bool:
            row, stored = records.job(job)
            return Place(records, **place).has_job(row, msgspec.structs.replace(stored, audience=audience))

        elm = Audience(school_ids=("elm",))
        assert belongs(elm)
        assert belongs(elm, school_id="elm")
        assert belongs(elm, calendar_id="elm/2026")
        assert belongs(Audience(calendar_ids=("elm/2026",)), calendar_id="elm/2026")
        assert not belongs(elm, calendar_id="elm/old")
        assert not belongs(Audience(calendar_ids=("oak/2026",)), calendar_id="elm/2026")
        assert not belongs(elm, school_id="oak")
        assert not belongs(Audience(), school_id="oak")
