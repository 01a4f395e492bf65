"""A roster being put together: people, links and households as the files give them, before they are frozen."""

from dataclasses import dataclass, field

from engine.roster.numbers import Number
from store.people import Calendar, Enrollment, Household, Relationship, Role, School
from store.records import DeviceKind

CONTACT_ROLES = ("guardian", "parent", "relative")
STAFF_ROLES = (
    "administrator", "aide", "counselor", "districtAdministrator", "principal", "proctor", "siteAdministrator",
    "systemAdministrator", "teacher", "faculty", "professor", "staff",
)  # fmt: skip
"""OneRoster 1.1 and 1.2, then what Microsoft SDS adds."""
ROLE_WORDS = {"student": ("student", Role.STUDENT)}
ROLE_WORDS |= {word: (word, Role.CONTACT) for word in CONTACT_ROLES}
ROLE_WORDS |= {word.lower(): (word, Role.STAFF) for word in STAFF_ROLES}
"""Lower case → the word as OneRoster spells it, and what it makes of a person."""

Span = tuple[int, int]
"""(begins_on, ends_on) as day ordinals, 0 for open."""


@dataclass(slots=True)
class PersonDraft:
    """One row of users.csv and what other files add to it."""

    person_id: str
    line: int
    given_name: str
    family_name: str
    active: bool = True
    grade: str = ""
    language: str = "en"
    cell: Number | None = None
    phone: Number | None = None
    """OneRoster's `phone`: the household's where it is shared, else the person's other phone."""
    roles: int = 0
    contact_role: str = ""
    contact_spans: tuple[Span, ...] = ()
    """When the person is a parent, guardian or relative at all, where roles.csv dates it."""
    staff_types: tuple[str, ...] = ()
    school_ids: tuple[str, ...] = ()
    enrollments: tuple[Enrollment, ...] = ()
    emails: tuple[tuple[str, bool], ...] = ()
    """Address, and whether it is the secondary one."""
    listed: tuple[tuple[DeviceKind, Number, bool], ...] = ()
    """Of phones.csv: kind, number, private."""
    time_zone: str = ""

    def take_role(self, word: str, kind: Role, school: School | None, span: Span) -> None:
        """Note one role, at one school where the organization is one."""
        self.roles |= kind
        if kind == Role.STUDENT and school:
            self.enrollments += (Enrollment(school.school_id, *span),)
        elif kind == Role.STAFF:
            self.staff_types += () if word in self.staff_types else (word,)
            if school and school.school_id not in self.school_ids:
                self.school_ids += (school.school_id,)
        elif kind == Role.CONTACT:
            self.contact_spans += (span,)
            # Guardian and parent go before relative, as the words sort.
            self.contact_role = min(self.contact_role or word, word)

    @property
    def word(self) -> str:
        """What a plain link to this person is called: parent, guardian, relative, or a staff type."""
        return self.contact_role or next(iter(self.staff_types), "")


@dataclass(slots=True)
class ClassDraft:
    """One row of classes.csv and who is in it, with the days of each."""

    class_id: str
    school_id: str
    name: str
    teachers: dict[str, Span] = field(default_factory=dict)
    students: dict[str, Span] = field(default_factory=dict)


@dataclass(slots=True)
class RosterDraft:
    """Everything read so far, in file order."""

    schools: dict[str, School] = field(default_factory=dict)
    other_orgs: set[str] = field(default_factory=set)
    """Known organizations that are no schools, and those to be deleted."""
    calendars: dict[str, Calendar] = field(default_factory=dict)
    classes: dict[str, ClassDraft] = field(default_factory=dict)
    other_classes: set[str] = field(default_factory=set)
    """Known classes that are left out: to be deleted, or at no school."""
    people: dict[str, PersonDraft] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    """People to be deleted: known, but left out."""
    links: dict[tuple[str, str], str] = field(default_factory=dict)
    """(student, contact) → what the contact is to the student; of agentSourcedIds and relationships.csv."""
    relationships: list[Relationship] = field(default_factory=list)
    households: list[Household] = field(default_factory=list)
    members_of: dict[str, list[str]] = field(default_factory=dict)
    """Person → household ids."""

    def oriented(self, one: PersonDraft, other: PersonDraft) -> tuple[str, str] | None:
        """The two as (student, contact); None where that cannot be told."""
        for student, contact in ((one, other), (other, one)):
            only_student = student.roles & Role.STUDENT and not student.contact_role
            if only_student and (not contact.roles & Role.STUDENT or contact.contact_role):
                return student.person_id, contact.person_id
        return None

    def join(self, household: Household) -> None:
        """Add a household and note whose it is."""
        self.households.append(household)
        for member in household.members:
            self.members_of.setdefault(member.person_id, []).append(household.household_id)


def hull(spans: tuple[Span, ...]) -> Span:
    """The shortest span around all of them; open where one is open, and where there is none."""
    if not spans:
        return 0, 0
    begins, ends = zip(*spans, strict=True)
    return (min(begins) if all(begins) else 0), (max(ends) if all(ends) else 0)


def common(one: Span, other: Span) -> Span:
    """Where both hold. Spans that never meet give one that has ended before it begins."""
    ends = [day for day in (one[1], other[1]) if day]
    return max(one[0], other[0]), min(ends, default=0)
