"""What a district keeps beside roster and jobs: templates, schedules, recordings, blocks, marks and mail.

Records like those of `store.records`: array-like, frozen, fields only appended. Each lies in a table of its own, see
`store.database`.
"""

from enum import IntEnum

from store.records import Audience, Message, Record


class Template(Record, frozen=True):
    """A message kept to be sent again, with its recipients (an emergency's are chosen anew each time)."""

    name: str
    message: Message
    audience: Audience = Audience()
    window: str = ""
    """Like `09:00-17:00`; empty: the district's hours."""
    author: str = ""
    changed_at: int = 0


class Frequency(IntEnum):
    """How often a schedule fires (C135). The numbers are stored: append only."""

    ONCE = 1
    HOURLY = 2
    DAILY = 3
    WEEKLY = 4
    MONTHLY = 5

    @property
    def word(self) -> str:
        """How it is written."""
        return self.name.lower()


class Schedule(Record, frozen=True):
    """When a template is sent by itself, and from which events."""

    schedule_id: int
    name: str
    template: str
    """By name; read at each firing, so that a changed template is sent as it is then."""
    frequency: Frequency
    starts_on: int
    """First day, an ordinal."""
    minute: int
    """Minutes since local midnight of its first firing on a day."""
    ends_on: int = 0
    """Last day, 0 for none."""
    disabled: bool = False
    window: str = ""
    """Dialing window; empty: the template's."""
    events: str = ""
    """Which events it tells of: attendance, behavior, resolutions or balances; empty: none."""
    events_file: str = ""
    """Where they are read at each firing."""
    filters: tuple[tuple[str, str], ...] = ()
    """Filters of the events, by name: status, excuse, minimum_periods, event_type, role, below, …"""
    author: str = ""
    notify: str = ""
    """Address that gets the confirmation (C142)."""
    changed_at: int = 0
    """Instants up to here are not its business any more: it was made, changed or enabled then."""
    calendar_ids: tuple[str, ...] = ()
    """Only students of these calendars; empty: the template's (C136)."""


class Fire(Record, frozen=True):
    """One firing of a schedule: there is never a second one for the same (schedule, instant) (decision 30)."""

    schedule_id: int
    fire_at: int
    job_id: int = 0
    """0: it made no job; `note` says why."""
    note: str = ""
    done_at: int = 0
    """0: it has begun, and nobody knows yet how it ended."""
    failed: bool = False
    """Something went wrong that somebody must know of: the error list is told (C183)."""


class Recording(Record, frozen=True):
    """A recorded message. Its id is a hash of its content, so it is kept and uploaded once."""

    recording_id: str
    name: str
    media_type: str
    duration_ms: int
    content: bytes
    author: str = ""
    added_at: int = 0


class NumberBlock(Record, frozen=True):
    """A number nobody may call (decision 21d)."""

    number: str
    number_id: int
    except_emergency: bool
    reason: str
    author: str
    at: int


class ContactStop(Record, frozen=True):
    """A relationship that ended at once, whatever the roster says (decision 21d)."""

    person_id: str
    student_id: str
    reason: str
    author: str
    at: int


class Point(IntEnum):
    """A contact point of the preferences matrix (C058). The first five are the numbers of `DeviceKind`; append only."""

    HOUSEHOLD = 1
    CELL = 2
    WORK = 3
    OTHER = 4
    PAGER = 5
    EMAIL = 6
    SECONDARY_EMAIL = 7

    @property
    def word(self) -> str:
        """How it is written in files and on screens."""
        return self.name.lower()

    @property
    def is_email(self) -> bool:
        """Whether it is an address; it has one delivery of its own, `mail`."""
        return self >= Point.EMAIL


class Mark(Record, frozen=True):
    """Preferences set here for one contact point: they hold over what an import brings, bit by bit (decision 21c).

    `on` and `off` never share a bit. A batch keeps what stood before it, so that it can be taken back whole.
    """

    owner: str
    """`p:` + person id or `h:` + household id."""
    point: Point
    text: bool = False
    """Of texts; else of voice, or of mail where the point is an address."""
    on: int = 0
    """Reasons switched on, bits of `Reason.mask`."""
    off: int = 0
    """Reasons switched off."""
    author: str = ""
    at: int = 0
    by_hand: int = 0
    """Reasons of both that somebody set one by one, not a batch (C190)."""
    batch: int = 0
    """The last batch that set any of them, 0 for none."""
    batch_bits: int = 0
    """Reasons that batch set and nobody has set since."""
    was_on: int = 0
    """What `on`, `off` and `by_hand` were for those reasons before the batch."""
    was_off: int = 0
    was_by_hand: int = 0
    was_author: str = ""
    """Who set it last but for that batch, and when."""
    was_at: int = 0


class Mail(Record, frozen=True):
    """An e-mail on its way out: it stays until a server has taken it or it is given up."""

    mail_id: int
    to: tuple[str, ...]
    subject: str
    text: str
    job_id: int = 0
    made_at: int = 0
    tries: int = 0
    next_at: int = 0
    sent_at: int = 0
    """0 until a server has taken it."""
    failed: str = ""
    """Why it was given up."""
    occasion: str = ""
    """What it tells of, and whom: `job/12/done/…`. There is one mail for an occasion, ever; its id is a hash of it."""
    trouble: str = ""
    """What the server said to the last try that came to nothing."""
