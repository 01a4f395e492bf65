"""School years and classes of a bundle."""

from datetime import date

from engine.roster.importer import import_bundle
from engine.roster.sample import write_sample
from store.people import Calendar, SchoolClass
from tests.engine.roster.bundles import FAMILY, USERS_HEADER, family, home, person, told

SESSIONS = "sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear\n"
CLASSES = (
    "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,schoolSourcedId\n"
)
ENROLLMENTS = (
    "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate\n"
)
YEAR = "y1,active,,School year,schoolYear,2025-08-25,2026-06-10,,2026\n"
ART = "art,active,,Art,,,,,,oak\n"


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def test_every_school_has_a_calendar_for_every_school_year(tmp_path):
    found = family(
        tmp_path, academicSessions=SESSIONS + YEAR + "s1,active,,Fall,semester,2025-08-25,2025-12-19,y1,2026\n"
    )
    assert told(found) == []
    assert found.roster.calendars == tuple(
        Calendar(f"{school}/2026", school, f"{name} School year 2026", day("2025-08-25"), day("2026-06-10"))
        for school, name in (("elm", "Elm Elementary"), ("oak", "Oak High"))
    )


def test_a_year_without_its_number_has_that_of_its_last_day_and_bad_ones_are_reported(tmp_path):
    found = family(
        tmp_path,
        academicSessions=SESSIONS
        + YEAR.replace(",2026\n", ",\n")
        + "y2,active,,Again,schoolYear,2025-09-01,2026-06-01,,2026\n"
        + "y3,active,,Endless,schoolYear,2026-08-25,,,2027\n"
        + "y4,active,,Odd,schoolYear,2026-08-25,2027-06-10,,26/27\n"
        + "y5,active,,Odd,decade,2026-08-25,2027-06-10,,2027\n"
        + "y6,active,,Reversed,schoolYear,2027-08-25,2026-06-10,,2028\n"
        + "y7,tobedeleted,,Gone,schoolYear,2026-08-25,2027-06-10,,2029\n",
    )
    assert [one.calendar_id for one in found.roster.calendars] == ["elm/2026", "oak/2026"]
    assert told(found) == [
        "academicSessions.csv line 3, schoolYear: the school year 2026 is there twice",
        "academicSessions.csv line 4, endDate: is blank",
        "academicSessions.csv line 5, schoolYear: '26/27' is no year like 2027",
        "academicSessions.csv line 6, type: 'decade' is none of schoolYear, semester, term, gradingPeriod",
        "academicSessions.csv line 7, endDate: ends before it begins",
    ]


def test_a_class_knows_its_teachers_and_students_and_their_days(tmp_path):
    rows = (
        "e1,active,,art,oak,coach,teacher,true,,\n"
        "e2,active,,art,oak,son,student,,2025-08-25,2026-01-31\n"
        "e3,active,,art,oak,daughter,student,,,\n"
        "e4,tobedeleted,,art,oak,aunt,teacher,,,\n"
    )
    found = family(tmp_path, classes=CLASSES + ART, enrollments=ENROLLMENTS + rows)
    assert told(found) == []
    (art,) = found.roster.classes
    days = ((day("2025-08-25"), day("2026-01-31")), (0, 0))
    assert art == SchoolClass("art", "oak", "Art", ("coach",), ("son", "daughter"), (), days)
    assert art.students_on(day("2026-01-31")) == ["son", "daughter"]
    assert art.students_on(day("2026-02-01")) == ["daughter"]
    assert art.teachers_on(day("2030-01-01")) == ["coach"]


def test_bad_classes_and_seats_are_reported_and_the_rest_is_loaded(tmp_path):
    classes = (
        CLASSES
        + ART
        + ART
        + "gym,active,,Gym,,,,,,nowhere\n"
        + "old,tobedeleted,,Old,,,,,,oak\n"
        + ",active,,No id,,,,,,oak\n"
    )
    rows = "e1,active,,art,oak,son,student,,,\ne2,active,,latin,oak,son,student,,,\ne3,active,,old,oak,son,student,,,\n"
    found = family(tmp_path, classes=classes, enrollments=ENROLLMENTS + rows)
    assert [(one.class_id, one.student_ids) for one in found.roster.classes] == [("art", ("son",))]
    assert told(found) == [
        "classes.csv line 3, sourcedId: 'art' is there twice",
        "classes.csv line 4, schoolSourcedId: 'nowhere' is not in orgs.csv",
        "classes.csv line 6, sourcedId: is blank",
        "enrollments.csv line 3, classSourcedId: 'latin' is not in classes.csv",
    ]


def test_a_bundle_without_classes_is_not_reproached_for_its_enrollments(tmp_path):
    found = family(tmp_path, enrollments=ENROLLMENTS + "e1,active,,art,oak,son,student,,,\n")
    assert (told(found), found.roster.classes) == ([], ())


def test_people_and_households_may_state_their_time_zone(tmp_path):
    header = USERS_HEADER.replace("grades,password", "grades,password,metadata.msgr.timeZone")
    users = header + FAMILY.removeprefix(USERS_HEADER).replace(",\n", ",,\n").replace(
        "(612) 555-0111,612-555-0100,daughter,,,", "(612) 555-0111,612-555-0100,daughter,,,America/Denver"
    ).replace("612-555-0115,,son,,,", "612-555-0115,,son,,,Mars/Olympus")
    households = (
        "householdId,name,phone,userSourcedId,timeZone\nh1,Anderson,612-555-0100,son,\nh1,,,dad,America/Boise\n"
    )
    found = family(tmp_path, users=users, households=households)
    assert person(found, "dad").time_zone == "America/Denver"
    assert person(found, "mom").time_zone == ""
    assert home(found, "dad").time_zone == "America/Boise"
    assert "users.csv line 7, metadata.msgr.timeZone: 'Mars/Olympus' is no time zone like America/Chicago" in told(
        found
    )


def test_the_sample_has_calendars_and_classes_with_teachers(tmp_path):
    write_sample(tmp_path / "d", 20, 4)
    roster = import_bundle(tmp_path / "d").roster
    years = {one.calendar_id.rpartition("/")[2] for one in roster.calendars}
    assert years == {str(year) for year in range(2026, 2032)}
    assert len(roster.calendars) == len(years) * len(roster.schools)
    assert all(len(one.teacher_ids) == 1 for one in roster.classes)
    seated = {student_id for one in roster.classes for student_id in one.student_ids}
    enrolled = {one.person_id for one in roster.people for e in one.enrollments if not e.ends_on}
    assert seated == enrolled
