"""A small district in family language, for tests of planning: `family("Alisa", parents=("Dad", "Mom"))`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from engine.audience.gaps import GapReason
from engine.messaging.planning import Planned, PlanSettings, Window, plan
from store.people import (
    Calendar,
    Device,
    Enrollment,
    Household,
    Member,
    Person,
    Relationship,
    Role,
    Roster,
    School,
    SchoolClass,
)
from store.records import ALL_REASONS, Audience, AudienceKind, Detail, DeviceKind, Message, Plan, Reason

ZONE = ZoneInfo("America/New_York")
SCHOOLS = (School("elm", "Elm Middle"), School("oak", "Oak Elementary", "+16125550100"))


def at(text: str) -> int:
    """A local time of the district, `2026-03-02 10:00`, as ms UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp()) * 1000


def day(text: str) -> int:
    """A date as an ordinal."""
    return datetime.fromisoformat(text).toordinal()


MONDAY_TEN = at("2026-03-02 10:00")


def phone(n: int) -> str:
    """The n-th fictional number."""
    return f"+1{201 + n // 100}55501{n % 100:02d}"


def settings(**changes: Any) -> PlanSettings:
    """A district open from 08:00 to 20:00."""
    values: dict[str, Any] = {"time_zone": "America/New_York", "number_key": b"secret", **changes}
    return PlanSettings(**values)


def device(kind: DeviceKind, number: str, reasons: int = ALL_REASONS, **more: Any) -> Device:
    """A number with Voice marked for all reasons, unless told otherwise."""
    return Device(kind, number, voice_reasons=reasons, **more)


@dataclass
class Family:
    """One family, open to changes until the district is built."""

    name: str
    people: dict[str, Person]
    household: Household
    links: list[Relationship]

    def id(self, given: str) -> str:
        """A member's person id."""
        return self.people[given].person_id

    def number(self, given: str, kind: DeviceKind = DeviceKind.CELL) -> str:
        """A member's number."""
        return next(device.number for device in self.people[given].devices if device.kind == kind)

    def change(self, given: str, **fields: Any) -> "Family":
        """Change a member."""
        self.people[given] = msgspec.structs.replace(self.people[given], **fields)
        return self

    def devices(self, given: str, *devices: Device) -> "Family":
        """Give a member these devices instead of cell, work and other."""
        return self.change(given, devices=devices)

    def link(self, student: str, contact: str, **fields: Any) -> "Family":
        """Change one relationship."""
        pair = (self.id(student), self.id(contact))
        self.links = [
            msgspec.structs.replace(link, **fields) if (link.student_id, link.contact_id) == pair else link
            for link in self.links
        ]
        return self

    def home(self, **fields: Any) -> "Family":
        """Change the household."""
        self.household = msgspec.structs.replace(self.household, **fields)
        return self


_numbers = count(10_000)
"""Of families, beyond those that tests name themselves."""
SCRAMBLED = (DeviceKind.WORK, DeviceKind.OTHER, DeviceKind.CELL)
"""The order in which a family's roster lists its numbers: not the one in which they are walked."""


def family(
    name: str,
    parents: Sequence[str] = ("Dad", "Mom"),
    students: Sequence[str] = ("Daughter", "Son"),
    school: str = "oak",
) -> Family:
    """Messenger parents with cell, work and other each, students without phones, one household number for all."""
    people: dict[str, Person] = {}
    for parent in parents:
        devices = tuple(device(kind, phone(next(_numbers))) for kind in SCRAMBLED)
        people[parent] = Person(f"{name}-{parent}", parent, name, Role.CONTACT, devices)
    for student in students:
        enrolled = (Enrollment(school),)
        people[student] = Person(f"{name}-{student}", student, name, Role.STUDENT, enrollments=enrolled, grade="3")
    links = [
        Relationship(f"{name}-{student}", f"{name}-{parent}", "parent", messenger=True, guardian=True)
        for student in students
        for parent in parents
    ]
    members = tuple(Member(person.person_id) for person in people.values())
    home = Household(f"{name}-home", f"{name} household", phone(next(_numbers)), "", ALL_REASONS, members)
    return Family(name, people, home, links)


def staff(person_id: str, *devices: Device, types: Iterable[str] = ("teacher",), school: str = "oak") -> Person:
    """A member of staff."""
    return Person(
        person_id, person_id.title(), "Staff", Role.STAFF, devices, school_ids=(school,), staff_types=tuple(types)
    )


TEACHER = "ms-frizzle"
"""Who teaches `taught` classes."""


def taught(roster: Roster) -> Roster:
    """The roster with a teacher and one class of hers, in which every student sits."""
    students = tuple(person.person_id for person in roster.people if person.roles & Role.STUDENT)
    people = (*roster.people, Person(TEACHER, "Valerie", "Frizzle", Role.STAFF, staff_types=("teacher",)))
    classes = (*roster.classes, SchoolClass("science", "oak", "Science", (TEACHER,), students))
    return msgspec.structs.replace(roster, people=people, classes=classes)


def calendar(school: str, first: str, last: str) -> Calendar:
    """A school's year, `oak/2026` where its last day is in 2026."""
    return Calendar(f"{school}/{last[:4]}", school, f"{school} {last[:4]}", day(first), day(last))


def with_years(roster: Roster, *calendars: Calendar) -> Roster:
    """The roster with these school years."""
    return msgspec.structs.replace(roster, calendars=calendars)


def with_classes(roster: Roster, *classes: SchoolClass) -> Roster:
    """The roster with these classes."""
    return msgspec.structs.replace(roster, classes=classes)


def district(*parts: Family | Person) -> Roster:
    """A roster of these families and members of staff."""
    families = [part for part in parts if isinstance(part, Family)]
    others = [part for part in parts if isinstance(part, Person)]
    return Roster(
        schools=SCHOOLS,
        people=(*[person for each in families for person in each.people.values()], *others),
        households=tuple(each.household for each in families),
        relationships=tuple(link for each in families for link in each.links),
    )


def send(
    roster: Roster,
    reason: Reason = Reason.GENERAL,
    *,
    text: str = "School is closed.",
    names: bool = False,
    to: AudienceKind = AudienceKind.CONTACTS,
    about: Sequence[str] = (),
    audience: Audience | None = None,
    window: Window | None = None,
    now: int = MONDAY_TEN,
    details: Sequence[Detail] = (),
    seen: dict[str, GapReason] | None = None,
    **changes: Any,
) -> Planned:
    """Plan a message; `about` are person ids, `changes` are settings, `seen` is what was told before.

    A teacher's message is a teacher's with leave to send, unless the audience names another.
    """
    message = Message(reason, "Subject", text, names_recipient=names)
    whom = audience or Audience(to, person_ids=tuple(about))
    if reason is Reason.TEACHER and not whom.teacher_id:
        roster, whom = taught(roster), msgspec.structs.replace(whom, teacher_id=TEACHER)
        changes = {"teachers_may_send": True, **changes}
    return plan(roster, message, whom, window, settings(**changes), now, details, (seen or {}).get)


def dialed(planned: Planned) -> list[Plan]:
    """The chains that are dialed."""
    return planned.plans[: planned.chains]


def told(plans: Iterable[Plan]) -> list[str]:
    """Chains as the documents write them: `Mom > Son and Daughter`, without family names."""
    return [
        f"{chain.contact_key.rpartition('-')[2]} > {' and '.join(s.rpartition('-')[2] for s in chain.student_ids)}"
        for chain in plans
    ]


def walk(chain: Plan) -> list[str]:
    """The devices of a chain in order."""
    return [step.kind.word for step in chain.steps]


def chain_of(planned: Planned, contact: str) -> Plan:
    """The one plan of a contact, by the last part of its key."""
    (found,) = [plan for plan in planned.plans if plan.contact_key.endswith(contact)]
    return found
