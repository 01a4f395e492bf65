"""What is said at the door: typed requests, the same for every client."""

from enum import StrEnum
from typing import Annotated

import msgspec

from engine.district.permission import Standing
from engine.messaging.windows import Window
from engine.views import JobView, ReleaseView, View
from store.records import Audience, AudienceKind, Message, Origin, Reason, Saying

SOCKET_NAME = "door/door.sock"
"""The door's socket, in the district's folder: in a folder of its own, which a group may enter and no other."""


NUMBER_MAX = 2**63 - 1
"""The greatest id or instant there is: facts hold 64 bits with a sign."""

COUNT_MAX = 2**32 - 1
"""More chains than any job has room for."""

Id = Annotated[int, msgspec.Meta(ge=1, le=NUMBER_MAX)]
Instant = Annotated[int, msgspec.Meta(ge=0, le=NUMBER_MAX)]
Count = Annotated[int, msgspec.Meta(ge=0, le=COUNT_MAX)]
Minute = Annotated[int, msgspec.Meta(ge=-1, le=24 * 60)]


class Order(msgspec.Struct, kw_only=True, frozen=True):
    """A command. Given twice under one id it acts once; after `expires_at`, or to a later incarnation, never."""

    command_id: Id
    expires_at: Instant
    """ms UTC, on the engine's clock."""
    incarnation: Id
    """The engine the command is meant for, as `GET /health` names it."""
    expect: Count | None = None
    """With `send`: the count its author confirmed."""


class CommandState(StrEnum):
    """How far a command has come."""

    QUEUED = "queued"
    """It was received."""
    ACCEPTED = "accepted"
    """The engine has it; it is not known yet what becomes of it."""
    APPLIED = "applied"
    """It is a fact, on disk and obeyed."""
    REJECTED = "rejected"
    """It made no sense, or was not allowed; repeated, it is tried again."""
    EXPIRED = "expired"
    """It came too late, or was meant for an engine that has ended: it never acts."""


class CommandView(View, frozen=True):
    """A command and what became of it."""

    command_id: int
    verb: str
    job_id: int
    state: CommandState
    author: str
    """Empty: nobody named, or not known any more."""
    at: int
    """When it came to this state, ms UTC."""
    why: str = ""
    """Why it was rejected, expired, or is still accepted."""
    job: JobView | None = None
    release: ReleaseView | None = None
    """Of a command of the ladder."""


class PrepareRequest(msgspec.Struct, kw_only=True, frozen=True):
    """A message, whom it is for, and when."""

    reason: str
    subject: str
    text: str
    machine_text: str = ""
    language: str = "en"
    names_recipient: bool = False
    recording_id: str = ""
    sayings: tuple[Saying, ...] = ()
    """What is said in other languages."""
    audience: str = "contacts"
    school_ids: tuple[str, ...] = ()
    grades: tuple[str, ...] = ()
    person_ids: tuple[str, ...] = ()
    staff_types: tuple[str, ...] = ()
    calendar_ids: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    class_ids: tuple[str, ...] = ()
    teacher_id: str = ""
    number: str = ""
    """A test call to this one number, and nobody else."""
    notify: str = ""
    """Address that is told when the job is done (C142)."""
    opens_minute: Minute = -1
    """Minutes since local midnight; -1: no window of its own."""
    closes_minute: Minute = -1

    def message(self) -> Message:
        """What is said. Raises KeyError for a reason there is not."""
        return Message(
            Reason[self.reason.upper()],
            self.subject,
            self.text,
            self.machine_text,
            self.language,
            self.names_recipient,
            self.recording_id,
            self.sayings,
        )

    def whom(self) -> Audience:
        """Whom it is for. Raises KeyError for a class of people there is not."""
        return Audience(
            AudienceKind[self.audience.upper()], self.school_ids, self.grades, self.person_ids, self.staff_types,
            self.calendar_ids, self.languages, self.class_ids, self.teacher_id, number=self.number,
        )  # fmt: skip

    def origin(self, author: str) -> Origin:
        """Who asks, and who is told when it is done."""
        return Origin(author=author, notify=self.notify)

    def window(self) -> Window | None:
        """When it may be dialed, None for the district's own hours."""
        if self.opens_minute < 0 and self.closes_minute < 0:
            return None
        return Window(opens_minute=self.opens_minute, closes_minute=self.closes_minute)


class Health(msgspec.Struct, kw_only=True, frozen=True):
    """How the engine is."""

    engine: str
    incarnation: int
    now: int
    """The engine's clock, ms UTC."""
    speed: float
    """How many times faster than life that clock runs; 1 but in a demonstration."""
    lines: int
    emergency_lines: int
    stand_in: bool
    """The carrier is make-believe."""
    lines_peak: int = 0
    """The most that were in use at once."""
    standing: Standing | None = None
    """Whether messenger and voice are on; None: not told."""
    district: str = ""
    time_zone: str = ""
    """IANA name; all times of day are in it."""


class LinesView(View, frozen=True):
    """The lines to the carrier, and what is on them now."""

    lines: int
    """Ordinary ones."""
    emergency_lines: int
    out: int
    """Calls the carrier holds for us, those of emergencies included."""
    emergencies: int
    ahead: int
    """Ordinary calls that wait for a line at the carrier."""
    lines_peak: int
    """The most on lines at once since the start."""
    ahead_peak: int


class Refusal(msgspec.Struct, kw_only=True, frozen=True):
    """Why a request was not carried out. `kind` names an error of `store.errors`."""

    error: str
    kind: str
