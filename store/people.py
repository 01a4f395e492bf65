"""The nouns of the roster: schools, people and their devices, households, and how they belong together.

Days are proleptic ordinals (`date.toordinal()`), 0 where the roster gives none.
"""

from enum import IntFlag

from store.records import DeviceKind, Record


class School(Record, frozen=True):
    """One school. `phone` is its caller ID in E.164, empty when the roster has none."""

    school_id: str
    name: str
    phone: str = ""


class Device(Record, frozen=True):
    """A number of a person. `number` is E.164; an `extension` is kept but not dialed (decision 51)."""

    kind: DeviceKind
    number: str
    extension: str = ""
    voice_reasons: int = 0
    """Bit mask of `Reason.mask`: the reasons Voice is marked for on this number (C057)."""
    private: bool = False
    """Display and privacy only (decision 52)."""
    text_reasons: int = 0
    """The same mask for texts (C058); kept and shown, texts are not sent yet."""
    refused_reasons: int = 0
    """Reasons Voice was switched off for here, and not only left unmarked: nothing stands in for those (C212)."""


class Email(Record, frozen=True):
    """An address of a person; `reasons` is a mask like a device's. Kept and shown; families get no e-mail yet."""

    address: str
    secondary: bool = False
    reasons: int = 0


class Enrollment(Record, frozen=True):
    """A student's time at one school, half-open in days: `begins_on` ≤ today, and `ends_on` is 0 or ≥ today."""

    school_id: str
    begins_on: int = 0
    ends_on: int = 0


class Role(IntFlag):
    """What a person is to the district; one person may be several."""

    STUDENT = 1
    CONTACT = 2
    STAFF = 4


class Person(Record, frozen=True):
    """A student, a contact or a member of staff."""

    person_id: str
    given_name: str
    family_name: str
    roles: int
    """Bits of `Role`."""
    devices: tuple[Device, ...] = ()
    """In roster order; the household's number is not here but on its `Household`."""
    enrollments: tuple[Enrollment, ...] = ()
    """Of a student."""
    school_ids: tuple[str, ...] = ()
    """Where a member of staff works."""
    staff_types: tuple[str, ...] = ()
    grade: str = ""
    language: str = "en"
    active: bool = True
    emails: tuple[Email, ...] = ()
    time_zone: str = ""
    """IANA name where the roster states one; empty: the district's (decision 22)."""

    @property
    def name(self) -> str:
        """Given and family name as they are spoken."""
        return f"{self.given_name} {self.family_name}".strip()


class Relationship(Record, frozen=True):
    """One contact's link to one student, with the boxes of the Relationships tab (C056)."""

    student_id: str
    contact_id: str
    relation: str = ""
    messenger: bool = False
    guardian: bool = False
    emergency_priority: int = 0
    """1 is first; 0 is none and comes last (decision 5)."""
    begins_on: int = 0
    ends_on: int = 0
    active: bool = True
    mailing: bool = False
    """Kept and shown, like the two below; calls ask for the Messenger box alone."""
    portal: bool = False
    private: bool = False


class Member(Record, frozen=True):
    """A person's time in a household, in days like `Enrollment`."""

    person_id: str
    begins_on: int = 0
    ends_on: int = 0


class Household(Record, frozen=True):
    """People under one roof and the number they share; its preferences apply to all its members (C060)."""

    household_id: str
    name: str
    number: str = ""
    extension: str = ""
    voice_reasons: int = 0
    members: tuple[Member, ...] = ()
    text_reasons: int = 0
    time_zone: str = ""


class Calendar(Record, frozen=True):
    """A school's year: whoever is enrolled at the school within its days, the last one included, is in it."""

    calendar_id: str
    """School id, a slash and the school year: `101/2027`."""
    school_id: str
    name: str
    begins_on: int
    ends_on: int


class SchoolClass(Record, frozen=True):
    """A class: who teaches it and who sits in it. A teacher's message goes to their own classes only (C205)."""

    class_id: str
    school_id: str
    name: str
    teacher_ids: tuple[str, ...] = ()
    student_ids: tuple[str, ...] = ()
    teacher_days: tuple[tuple[int, int], ...] = ()
    """First and last day of each teacher in it, 0 for open; empty: all the time."""
    student_days: tuple[tuple[int, int], ...] = ()

    def teachers_on(self, day: int) -> list[str]:
        """Who teaches it on a day (ordinal)."""
        return _present(self.teacher_ids, self.teacher_days, day)

    def students_on(self, day: int) -> list[str]:
        """Who sits in it on a day (ordinal)."""
        return _present(self.student_ids, self.student_days, day)


class Roster(Record, frozen=True):
    """Everything an import yields, in file order. `fictional` rosters may only be dialed at a stand-in."""

    schools: tuple[School, ...] = ()
    people: tuple[Person, ...] = ()
    households: tuple[Household, ...] = ()
    relationships: tuple[Relationship, ...] = ()
    fictional: bool = False
    defaults_used: tuple[str, ...] = ()
    """Sentences saying which defaults stood in for files the bundle lacked (decisions 3, 4)."""
    calendars: tuple[Calendar, ...] = ()
    classes: tuple[SchoolClass, ...] = ()


def _present(ids: tuple[str, ...], days: tuple[tuple[int, int], ...], day: int) -> list[str]:
    """Those whose days hold a day, the last one included."""
    if not days:
        return list(ids)
    spans = zip(ids, days, strict=True)
    return [one for one, (begins_on, ends_on) in spans if begins_on <= day and (not ends_on or day <= ends_on)]
