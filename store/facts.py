"""What happened: the facts the journal is made of. They hold ids, instants and codes, never a name, number or text.

Facts are never rewritten. Tags are never reused, fields are only appended with a default, and an unknown tag is refused
on read; `tests/store/golden` keeps the bytes of every version. A fact happened at its block's instant.
"""

import msgspec

from store.dispositions import Disposition, Expiry, JobState, Outcome
from store.records import Reason


class Fact(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """Base of all facts."""


class StoreOpened(Fact, frozen=True, tag=1):
    """An engine opened the store. `token` is this incarnation's part of every reference it hands out."""

    incarnation: int
    token: int
    generation: int
    restored: bool = False
    """The store is a backup put back: open jobs come up paused."""


class JobPlanned(Fact, frozen=True, tag=2):
    """A job was released. Its plans lie in the vault; `plans_hash` commits to them."""

    job_id: int
    reason: Reason
    opens_at: int
    closes_at: int
    chains: int
    unreachable: int
    covered: int
    students: int
    plans_hash: bytes
    district_end_at: int = 0
    """The district's end on the job's day, 0 for an emergency."""


class JobOpened(Fact, frozen=True, tag=3):
    """The window opened: chains may walk."""

    job_id: int


class JobPaused(Fact, frozen=True, tag=4):
    """No further call of this job until it is resumed."""

    job_id: int


class JobResumed(Fact, frozen=True, tag=5):
    """A paused job goes on."""

    job_id: int


class JobCanceled(Fact, frozen=True, tag=6):
    """No further call of this job, ever."""

    job_id: int


class JobEnded(Fact, frozen=True, tag=7):
    """Every chain of the job has ended; also ERROR → SENT when the last overdue result came in."""

    job_id: int
    state: JobState


class AttemptOpened(Fact, frozen=True, tag=8):
    """The intent to dial: on disk before the carrier hears of it."""

    attempt_id: int
    chain_id: int
    step: int
    round: int
    number_id: int


class AttemptClosed(Fact, frozen=True, tag=9):
    """How an attempt ended: the stored result. Instants are the carrier's, 0 where nothing rang."""

    attempt_id: int
    chain_id: int
    disposition: Disposition
    dialed_at: int = 0
    duration_ms: int = 0


class StepBarred(Fact, frozen=True, tag=10):
    """A step whose number may not be called was passed over; nothing was dialed."""

    chain_id: int
    step: int
    round: int
    disposition: Disposition


class AttemptCorrected(Fact, frozen=True, tag=11):
    """The late result of an attempt that had been closed as `result_overdue` (decision 35)."""

    attempt_id: int
    chain_id: int
    disposition: Disposition
    dialed_at: int = 0
    duration_ms: int = 0


class ChainClosed(Fact, frozen=True, tag=12):
    """A chain ended, with its one outcome."""

    chain_id: int
    outcome: Outcome
    expiry: Expiry = Expiry.NONE


class ChainCorrected(Fact, frozen=True, tag=13):
    """A late result changed the outcome of a chain that had ended."""

    chain_id: int
    outcome: Outcome
    was: Outcome


class AlarmRaised(Fact, frozen=True, tag=14):
    """Something needs a human; `code` is an `Alarm`."""

    code: int


class AlarmCleared(Fact, frozen=True, tag=15):
    """It no longer does."""

    code: int


class CommandTaken(Fact, frozen=True, tag=16):
    """A command was accepted, before it is obeyed. `verb` is a `Verb`, `author_id` a keyed hash of who gave it."""

    command_id: int
    verb: int
    job_id: int = 0
    author_id: int = 0


class EngineStopped(Fact, frozen=True, tag=17):
    """The engine stopped in good order."""


class DayBegan(Fact, frozen=True, tag=18):
    """A local day of the district began (an ordinal): redials are counted anew (decision 21b)."""

    day: int


class DistrictMoved(Fact, frozen=True, tag=19):
    """Today's dialing hours of the district are others now (decision 26)."""

    opens_at: int
    closes_at: int
    day_at: int
    """When the day they belong to began, and when it ends."""
    day_ends_at: int


class CommandRefused(Fact, frozen=True, tag=20):
    """Somebody asked for what they have no right to. `author` is a hash, as in `CommandTaken`."""

    verb: int
    """0: reading, or something that is no command."""
    job_id: int
    author: int
    role: int
    """The role they have, 0 for none."""
    needed: int
    """The role it takes."""
    times: int = 1
    """How often within the same second: a flood of them is one fact."""


AnyFact = (
    StoreOpened
    | JobPlanned
    | JobOpened
    | JobPaused
    | JobResumed
    | JobCanceled
    | JobEnded
    | AttemptOpened
    | AttemptClosed
    | StepBarred
    | AttemptCorrected
    | ChainClosed
    | ChainCorrected
    | AlarmRaised
    | AlarmCleared
    | CommandTaken
    | EngineStopped
    | DayBegan
    | DistrictMoved
    | CommandRefused
)


class Block(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One commit: all its facts in order, encoded once."""

    seq: int
    at: int
    """The instant of the commit, ms UTC: when its facts happened."""
    facts: list[AnyFact]


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Block)

encode_block = _encoder.encode
"""`encode_block(block) -> bytes`."""

decode_block = _decoder.decode
"""`decode_block(data) -> Block`; raises msgspec.ValidationError on a tag or shape this version does not know."""
