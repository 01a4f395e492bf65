"""A small neighborhood for tests of preferences: two families, a school each, two teachers and a clerk without one."""

from datetime import date

import msgspec

from store.people import (
    Calendar,
    Device,
    Email,
    Enrollment,
    Household,
    Member,
    Person,
    Relationship,
    Role,
    Roster,
    School,
)
from store.records import DeviceKind, Reason

TODAY = date(2026, 11, 24).toordinal()
GENERAL, EMERGENCY, TEACHER = Reason.GENERAL.mask, Reason.EMERGENCY.mask, Reason.TEACHER.mask


def phone(kind: DeviceKind, last: int, voice: int = GENERAL) -> Device:
    """A fictional number with Voice on for general messages."""
    return Device(kind, f"+161255501{last:02d}", voice_reasons=voice)


def student(person_id: str, school_id: str, grade: str, *devices: Device, **more: object) -> Person:
    """A student enrolled at one school."""
    enrollments = (Enrollment(school_id),)
    return msgspec.structs.replace(
        Person(person_id, person_id.title(), "Lee", Role.STUDENT, devices, enrollments, grade=grade), **more
    )


MOM = Person(
    "mom", "Mom", "Lee", Role.CONTACT,
    (phone(DeviceKind.CELL, 1), phone(DeviceKind.WORK, 2, EMERGENCY | GENERAL), phone(DeviceKind.PAGER, 3, 0)),
    emails=(Email("mom@example.org", False, GENERAL), Email("lee@example.org", True)),
)  # fmt: skip
DAD = Person("dad", "Dad", "Lee", Role.CONTACT, (phone(DeviceKind.CELL, 4),))
AUNT = Person("aunt", "Aunt", "May", Role.CONTACT)
SON = student("son", "oak", "03", phone(DeviceKind.CELL, 5))
DAUGHTER = student("daughter", "elm", "07")
NEIGHBOR = student("neighbor", "elm", "03")
COACH = Person(
    "coach", "Omar", "Hale", Role.STAFF, (phone(DeviceKind.CELL, 6),), school_ids=("oak",), staff_types=("teacher",)
)
NURSE = Person(
    "nurse", "Ida", "Wells", Role.STAFF, (phone(DeviceKind.CELL, 7),), school_ids=("elm",), staff_types=("staff",)
)
CLERK = Person("clerk", "No", "School", Role.STAFF, (phone(DeviceKind.CELL, 8),), staff_types=("teacher",))
HOME = Household("home", "Lee household", "+16125550110", "", GENERAL, tuple(map(Member, ("mom", "dad", "son"))))


def link(student_id: str, contact_id: str, **more: object) -> Relationship:
    """A messenger relationship."""
    return msgspec.structs.replace(Relationship(student_id, contact_id, "parent", messenger=True), **more)


ROSTER = Roster(
    schools=(School("oak", "Oak"), School("elm", "Elm")),
    people=(MOM, DAD, AUNT, SON, DAUGHTER, NEIGHBOR, COACH, NURSE, CLERK),
    households=(HOME,),
    relationships=(link("son", "mom"), link("son", "dad"), link("daughter", "mom"), link("neighbor", "aunt")),
    calendars=(
        Calendar("oak/2027", "oak", "26-27", TODAY - 90, TODAY + 180),
        Calendar("oak/2028", "oak", "27-28", TODAY + 270, TODAY + 540),
    ),
)


def person(roster: Roster, person_id: str) -> Person:
    """Somebody by id."""
    return next(one for one in roster.people if one.person_id == person_id)
