"""The nouns of a message: why and what it says, whom it is for, and the plan a chain walks.

Every record is a frozen, array-like msgspec struct. Array-like is by position: fields are only ever appended, with a
default, and never reordered. Days are proleptic ordinals (`date.toordinal()`), 0 where the roster gives none; instants
are integer milliseconds UTC.
"""

from enum import IntEnum

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


# ---------------------------------------------------------------- messages and audiences


class Saying(Record, frozen=True):
    """What a message says in one language: text or a recording, and what is left on an answering machine."""

    language: str
    text: str = ""
    machine_text: str = ""
    """Empty: `text`, or the recording, is left."""
    recording_id: str = ""


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
    recording_id: str = ""
    """A stored recording that is played instead of `text`; the text, if any, is what screens show."""
    sayings: tuple[Saying, ...] = ()
    """What is said in other languages; who speaks none of them hears `language` (decision 56)."""


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
    calendar_ids: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    """Only contacts who speak one of these: "Limit Delivery to contacts that speak"."""
    class_ids: tuple[str, ...] = ()
    teacher_id: str = ""
    """Only students of this teacher's own classes (C205)."""
    contact_keys: tuple[str, ...] = ()
    """Only these contacts: a job sent again to whom it did not reach, or a word that follows a job."""
    number: str = ""
    """A single number in E.164, its author's own: a test call, and nobody else."""


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
    opens_at: int = 0
    """Not dialed before this instant, ms UTC: the recipient's own hours (decision 22); 0: no bound of its own."""
    closes_at: int = 0
    """Not dialed at or after it; 0: no bound of its own."""


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
    language: str = ""
    """Which of the message's languages is spoken; empty: the message's own."""
    occasions: tuple[str, ...] = ()
    """What it tells of, so that nobody is told twice: a day of absence or an event (decision 30)."""


class Detail(Record, frozen=True):
    """What an event says of one person at one school: fields of a text, and what must not be told twice."""

    person_id: str
    """The student; of a resolution the member of staff."""
    school_id: str
    occasion: str
    """`attendance/2026-11-24/S1/101` or `behavior/EV77/S1`; empty: it may be told any number of times."""
    fields: tuple[tuple[str, str], ...] = ()
    """Name and plain value (`2026-11-24`, `-12.50`, `early_release`); `engine.speech.event_words` says them."""


class Origin(Record, frozen=True):
    """Where a job comes from."""

    author: str = ""
    notify: str = ""
    """Address that is told when the job is done (C142)."""
    schedule_id: int = 0
    """The schedule that made it, 0 for none, and for which of its instants (decision 30)."""
    fire_at: int = 0
    follows: int = 0
    """The job it repeats or follows up, 0 for none."""


class Spoken(Record, frozen=True):
    """What calls of one language and school play, complete and final, in the order of its fields."""

    language: str
    school_id: str
    """Empty: of no single school."""
    text: str
    """All that people hear, of a recording what they hear after it; empty where each chain has words of its own."""
    machine_text: str = ""
    """The same for answering machines."""
    before: str = ""
    """With a recording: what is said before it."""
    recording_id: str = ""
    machine_before: str = ""
    machine_recording_id: str = ""
    instead: str = ""
    """Of an emergency: what is said where the carrier does not have its recording; empty: nothing can be."""
    machine_instead: str = ""


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
    """Who prepared it; the same as in `origin`."""
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
    scripts: tuple[Spoken, ...] = ()
    """What is played, for each language and school that is spoken of; the first is for everybody else."""
    school_customer_ids: tuple[tuple[str, str], ...] = ()
    """(school id, the carrier's customer id), as far as known; for recognition only (C028)."""
    legal_class: str = ""
    """Under which rule the calls are made; see `engine.messaging.legal`."""
    origin: Origin = Origin()
    confirm_key: str = "0"
    message_ms: int = 0
    """Estimated length of the longest speech."""
    district_end_at: int = 0
    """The district's end on its day as it was when prepared, ms UTC; shown, the gate asks the settings in force."""

    @property
    def dials_until(self) -> int:
        """The instant no dial of it may reach, as the district's hours were when it was prepared."""
        return min(self.closes_at, self.district_end_at) if self.district_end_at else self.closes_at

    @property
    def emergency(self) -> bool:
        """Emergencies skip windows and go first (decisions 19, 27)."""
        return self.message.reason == Reason.EMERGENCY

    @property
    def rank(self) -> int:
        """Place among jobs when lines are short: lower is sooner."""
        return RANKS[self.message.reason]
