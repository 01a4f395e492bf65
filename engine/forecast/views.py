"""What a forecast says: typed, frozen answers, the same for an embedding program and at the door."""

from enum import StrEnum

from engine.views import View


class Verdict(StrEnum):
    """Whether it will be over before its window is."""

    ON_TIME = "on_time"
    AT_RISK = "at_risk"
    """Most likely, but not in nine of ten cases."""
    LATE = "late"
    """The window ends before everybody could be tried."""
    STALLED = "stalled"
    """It is paused, or nothing has come of it for long."""

    @property
    def shown(self) -> str:
        """On screens."""
        return self.name.replace("_", " ")


class Cause(StrEnum):
    """What it takes longest for."""

    NOTHING = ""
    LINES = "lines"
    """Chains wait for a line."""
    CALL_BACKS = "call_backs"
    """Lines are free, and chains wait until their numbers are tried again."""
    WINDOW = "window"
    """It waits for its window to open, or the window ends before it."""
    FEW_ANSWERS = "few_answers"
    """Chains wait for lines, most of which ring where nobody answers."""


class Instant(View, frozen=True):
    """When something comes to pass: as likely before as after `p50`, nine times in ten by `p90`. ms UTC; 0: never."""

    p50: int = 0
    p90: int = 0


class CurvePoint(View, frozen=True):
    """Which share of its chains is reached by an instant; in nine of ten cases at least `p90`."""

    at: int
    p50: float
    p90: float


class SchoolForecast(View, frozen=True):
    """The part of one school; without an id, chains about several schools."""

    school_id: str
    chains: int
    reached: int
    half_at: Instant
    nine_in_ten_at: Instant
    last_call_at: Instant


class Basis(View, frozen=True):
    """What it rests on."""

    lines: int
    answer_rate: float
    """Of calls a person takes."""
    hold_seconds: float
    """How long a call keeps a line, on average."""
    calls: int
    """Of the district's own that were counted."""
    days: int
    """On which they were made; 0: nothing but stated priors."""
    runs: int
    """How often the job was walked on paper."""
    sampled: bool
    """Only a part of it was: a first answer."""


class Forecast(View, frozen=True):
    """How a message will go. Nobody is named in it."""

    job_id: int
    """0: it is not prepared yet."""
    made_at: int
    starts_at: int
    closes_at: int
    chains: int
    reached: int
    """Chains it is expected to reach: the message is heard, or left on a machine."""
    unreached: int
    reached_now: int
    half_at: Instant
    """When half of all chains are reached."""
    nine_in_ten_at: Instant
    last_call_at: Instant
    verdict: Verdict
    cause: Cause
    curve: tuple[CurvePoint, ...]
    schools: tuple[SchoolForecast, ...]
    basis: Basis
