"""The nouns of a district: who is in the roster, what a message is, and the plan a chain walks.

Every record is a frozen, array-like msgspec struct. Array-like is by position: fields are only ever appended, with a
default, and never reordered. Days are proleptic ordinals (`date.toordinal()`), 0 where the roster gives none; instants
are integer milliseconds UTC.
"""

from enum import IntEnum, IntFlag

import msgspec


class Record(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """Base of all stored records: small, frozen, never part of a reference cycle."""


# ---------------------------------------------------------------- reasons and devices


class Reason(IntEnum):
    """Why a message is sent; also the column of a contact's preferences (C057, decision 27)."""

    EMERGENCY = 1
    ATTENDANCE = 2
    BEHAVIOR = 3
    GENERAL = 4
    FOOD_SERVICE = 5
    PRIORITY = 6
    TEACHER = 7
    STAFF = 8

    @property
    def mask(self) -> int:
        """The bit of this reason in `Device.voice_reasons`."""
        return 1 << self

    @property
    def word(self) -> str:
        """How the reason is written in files and on screens: `food_service`."""
        return self.name.lower()


ALL_REASONS = sum(reason.mask for reason in Reason)

RANKS: dict[Reason, int] = {
    Reason.EMERGENCY: 0,
    Reason.PRIORITY: 1,
    Reason.ATTENDANCE: 2,
    Reason.BEHAVIOR: 3,
    Reason.GENERAL: 4,
    Reason.STAFF: 4,
    Reason.FOOD_SERVICE: 4,
    Reason.TEACHER: 4,
}
"""Who goes first when lines are short: lower is sooner (decision 27)."""


class DeviceKind(IntEnum):
    """Which of a contact's numbers this is. A person's are walked in the order cell, work, other (decision 3)."""

    HOUSEHOLD = 1
    CELL = 2
    WORK = 3
    OTHER = 4
    PAGER = 5

    @property
    def word(self) -> str:
        """How the kind is written in files and on screens."""
        return self.name.lower()


class Channel(IntEnum):
    """How a step reaches its device. Only voice is dialed today; the number leaves room for texts and e-mail."""

    VOICE = 1


# ---------------------------------------------------------------- the roster


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


class Roster(Record, frozen=True):
    """Everything an import yields, in file order. `fictional` rosters may only be dialed at a stand-in."""

    schools: tuple[School, ...] = ()
    people: tuple[Person, ...] = ()
    households: tuple[Household, ...] = ()
    relationships: tuple[Relationship, ...] = ()
    fictional: bool = False
    defaults_used: tuple[str, ...] = ()
    """Sentences saying which defaults stood in for files the bundle lacked (decisions 3, 4)."""


# ---------------------------------------------------------------- messages and audiences


class Message(Record, frozen=True):
    """What is said. `{recipient}`, `{students}`, `{school}` in a text are filled in for each chain."""

    reason: Reason
    subject: str
    text: str
    machine_text: str = ""
    """Left on an answering machine; empty: `text` is left."""
    language: str = "en"
    names_recipient: bool = False
    """A name-insert tool (POS, Staff, Survey): one chain per recipient, a shared number once (decision 20)."""


class AudienceKind(IntEnum):
    """Which class of people a message is for (C001)."""

    CONTACTS = 1
    STUDENTS = 2
    STAFF = 3


class Audience(Record, frozen=True):
    """Whom a message is about or for. Empty filters let everybody through; several narrow each other."""

    kind: AudienceKind = AudienceKind.CONTACTS
    school_ids: tuple[str, ...] = ()
    grades: tuple[str, ...] = ()
    person_ids: tuple[str, ...] = ()
    """Students for `CONTACTS` and `STUDENTS`, staff for `STAFF`."""
    staff_types: tuple[str, ...] = ()


# ---------------------------------------------------------------- plans


class Step(Record, frozen=True):
    """One number to dial on a plan."""

    kind: DeviceKind
    number: str
    number_id: int
    """A keyed hash of the number (63 bits): what facts, locks and blocks know it by."""
    recipient_id: str
    """The person or household the number belongs to."""
    extension: str = ""
    channel: Channel = Channel.VOICE


class Policy(Record, frozen=True):
    """How a chain goes on when nobody has pressed 0 yet (decisions 9–12, 19). Delays in milliseconds."""

    rounds_max: int = 3
    redial_ms: int = 600_000
    busy_redial_ms: int = 300_000
    leave_message: bool = True
    """Leave the message on an answering machine; off: hang up silently."""
    voicemail_ends_chain: bool = False
    live_ends_chain: bool = False
    """`unconfirmed_live = stop`: a live answer without the key ends the chain."""
    ring_maybe_rung: bool = False
    """Redial a number whose result never came: it may have rung already (decision 37). On for emergencies."""


class Plan(Record, frozen=True):
    """A frozen call chain: one contact, about some students, over an ordered list of numbers."""

    contact_key: str
    """`h:` + household id or `p:` + person id (decision 2)."""
    contact_name: str
    student_ids: tuple[str, ...]
    steps: tuple[Step, ...]
    """Empty for a chain that never starts: see `owner`."""
    opens_at: int
    closes_at: int
    """The message window, half-open; an emergency's `closes_at` is its job cap."""
    policy: Policy
    text: str = ""
    """What this chain's calls say where it differs from the message's own text."""
    machine_text: str = ""
    message_ms: int = 0
    """Estimated length of the speech."""
    school_id: str = ""
    """Whose caller ID is shown; empty: the district's."""
    owner: int = -1
    """Index in the job of the chain that dials this one's numbers (`covered`); -1: none, so `unreachable`."""
    moved: tuple[tuple[int, int], ...] = ()
    """(number_id, owner index) of every number taken away as a duplicate (decisions 17, 20)."""


class Job(Record, frozen=True):
    """One message over its audience, frozen at prepare. Its plans lie beside it, one per chain."""

    job_id: int
    message: Message
    audience: Audience
    prepared_at: int
    opens_at: int
    closes_at: int
    chains: int
    """Chains with something to dial: indexes 0 … chains-1."""
    unreachable: int
    """Chains with nobody to dial, and students without any messenger contact."""
    covered: int
    """Chains whose every number is dialed by another chain."""
    students: int
    """Different students the job is about."""
    author: str = ""
    fictional: bool = False
    plans_hash: bytes = b""
    spoken_name: str = ""
    """Whose message it is, as said before every text."""
    callback_number: str = ""
    """Said after every text; empty: none."""
    caller_id: str = ""
    """The district's, E.164, shown where a school has none."""
    caller_ids: tuple[tuple[str, str], ...] = ()
    """(school id, E.164) of every school that has a number of its own."""
    ring_s: int = 30
    leave_message: bool = True
    """Leave a message on answering machines; off: hang up silently."""

    @property
    def emergency(self) -> bool:
        """Emergencies skip windows and go first (decisions 19, 27)."""
        return self.message.reason == Reason.EMERGENCY

    @property
    def rank(self) -> int:
        """Place among jobs when lines are short: lower is sooner."""
        return RANKS[self.message.reason]
