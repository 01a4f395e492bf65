"""School years and classes of a bundle: one calendar a school and year, and who teaches and sits in each class."""

from collections.abc import Iterator
from datetime import date

from engine.roster.bundle import Bundle
from engine.roster.draft import ClassDraft, PersonDraft, RosterDraft, Span, hull
from engine.roster.problems import shown
from engine.roster.row import Columns, Row, is_active
from store.people import Calendar, SchoolClass

SESSIONS = Columns("academicSessions", ("sourcedId", "title", "type", "startDate", "endDate"), ("status", "schoolYear"))
CLASSES = Columns("classes", ("sourcedId", "title", "schoolSourcedId"), ("status",))
SCHOOL_YEAR = "schoolyear"
OTHER_SESSIONS = ("gradingperiod", "semester", "term")
"""Parts of a school year: nobody is enrolled by them."""


def read_calendars(bundle: Bundle, draft: RosterDraft) -> None:
    """One calendar per school and school year, `101/2027` for the year that ends in 2027. Needs the schools read."""
    for row in bundle.rows(SESSIONS):
        session_id, active = row.identity("sourcedId"), is_active(row)
        if not session_id or not active:
            continue
        kind = row["type"].lower()
        if kind in OTHER_SESSIONS:
            continue
        if kind != SCHOOL_YEAR:
            row.bad("type", f"{shown(row['type'])} is none of schoolYear, semester, term, gradingPeriod")
        elif days := _days(row):
            _take_year(row, days, draft)


def _days(row: Row) -> Span | None:
    """The first and last day of a school year; None, and reported, where one is missing."""
    days = row.span(("startDate",), ("endDate",))
    if days is None:
        return None
    if not all(days):
        row.bad("endDate" if days[0] else "startDate", "is blank")
        return None
    return days


def _take_year(row: Row, days: Span, draft: RosterDraft) -> None:
    year = row["schoolYear"] or str(date.fromordinal(days[1]).year)
    if not (year.isascii() and year.isdigit() and len(year) == 4):
        row.bad("schoolYear", f"{shown(year)} is no year like 2027")
        return
    if any(f"{school_id}/{year}" in draft.calendars for school_id in draft.schools):
        row.bad("schoolYear", f"the school year {year} is there twice")
        return
    for school in draft.schools.values():
        calendar_id = f"{school.school_id}/{year}"
        name = f"{school.name} {row.words('title')} {year}".strip()
        draft.calendars[calendar_id] = Calendar(calendar_id, school.school_id, name, *days)


def read_classes(bundle: Bundle, draft: RosterDraft) -> None:
    """The classes; who is in them stands in enrollments.csv. Needs the schools read."""
    for row in bundle.rows(CLASSES):
        class_id, active = row.identity("sourcedId"), is_active(row)
        if not class_id or active is None:
            continue
        if class_id in draft.classes or class_id in draft.other_classes:
            row.bad("sourcedId", f"{shown(class_id)} is there twice")
            continue
        school_id = row["schoolSourcedId"]
        if active and school_id not in draft.schools and school_id not in draft.other_orgs:
            row.bad("schoolSourcedId", f"{shown(school_id)} is not in orgs.csv" if school_id else "is blank")
        if not active or school_id not in draft.schools:
            draft.other_classes.add(class_id)
            continue
        draft.classes[class_id] = ClassDraft(class_id, school_id, row.words("title") or class_id)


def take_seat(row: Row, person: PersonDraft, span: Span, draft: RosterDraft) -> None:
    """Note who sits in or teaches the class of an enrollment; a bundle may tell of schools only, without classes."""
    class_id = row["classSourcedId"]
    if not class_id or class_id in draft.other_classes or not (draft.classes or draft.other_classes):
        return
    found = draft.classes.get(class_id)
    if found is None:
        row.bad("classSourcedId", f"{shown(class_id)} is not in classes.csv")
        return
    role = row["role"].lower()
    seats = found.students if role == "student" else found.teachers if role == "teacher" else None
    if seats is not None:
        known = seats.get(person.person_id)
        seats[person.person_id] = span if known is None else hull((known, span))


def frozen_classes(draft: RosterDraft) -> Iterator[SchoolClass]:
    """Every class with who is in it, as far as they are somebody to the district."""
    for one in draft.classes.values():
        teachers, students = _somebodies(one.teachers, draft), _somebodies(one.students, draft)
        yield SchoolClass(
            one.class_id,
            one.school_id,
            one.name,
            tuple(teachers),
            tuple(students),
            tuple(teachers.values()) if any(map(any, teachers.values())) else (),
            tuple(students.values()) if any(map(any, students.values())) else (),
        )


def _somebodies(seats: dict[str, Span], draft: RosterDraft) -> dict[str, Span]:
    return {person_id: days for person_id, days in seats.items() if draft.people[person_id].roles}
