"""What the board answers: frozen summaries of jobs, lines and chains, ready to be shown or encoded."""

import msgspec

from engine.board.state import State


class View(msgspec.Struct, frozen=True, gc=False):
    """Base of everything the board hands out."""


class Students(View, frozen=True):
    """Students by what their families know (decision 21a). A student counts once in each job."""

    covered: int = 0
    """A chain about them was confirmed."""
    told: int = 0
    """No chain was confirmed, but one ended delivered unconfirmed."""
    missed: int = 0
    """Neither, and no chain about them goes on."""
    open: int = 0
    """Neither yet: a chain about them still goes on."""

    @property
    def total(self) -> int:
        """Different students."""
        return self.covered + self.told + self.missed + self.open

    def __add__(self, other: "Students") -> "Students":
        return Students(
            self.covered + other.covered, self.told + other.told, self.missed + other.missed, self.open + other.open
        )


class ChainCounts(View, frozen=True):
    """Chains by state."""

    pending: int = 0
    waiting: int = 0
    at_carrier: int = 0
    confirmed: int = 0
    delivered_unconfirmed: int = 0
    exhausted: int = 0
    expired: int = 0
    canceled: int = 0
    error: int = 0
    unreachable: int = 0
    covered: int = 0

    @property
    def live(self) -> int:
        """Chains that have not ended."""
        return self.pending + self.waiting + self.at_carrier

    def of(self, state: State) -> int:
        """How many chains are in a state."""
        return int(getattr(self, state.word))


class JobSummary(View, frozen=True):
    """One job, as far as it has come."""

    job_id: int
    subject: str
    reason: str
    state: str
    emergency: bool
    planned_at: int
    opens_at: int
    closes_at: int
    ended_at: int
    chains: int
    """Chains with something to dial."""
    ended: int
    """Of those, how many have ended."""
    attempts: int
    overdue: int
    """Results still owed by the carrier."""
    counts: ChainCounts
    students: Students
    complete: bool
    """All plans are read: names and students are whole."""
    canceling: bool = False
    """Canceled, and its last chains are ending."""
    dispositions: dict[str, int] = {}
    """Ended attempts by how they ended, only those that occurred."""
    author: str = ""
    """Who sent it."""


class Totals(View, frozen=True):
    """Everything on the board together."""

    jobs: int
    chains: int
    attempts: int
    counts: ChainCounts
    students: Students
    dispositions: dict[str, int]


class LinesInUse(View, frozen=True):
    """Attempts that are open at the carrier now, and the most the board has seen at the end of any refresh."""

    ordinary: int = 0
    emergency: int = 0
    peak: int = 0
    ahead: int = 0
    """Open attempts for which there is no line yet, once it is known how many there are: see `of`."""

    def of(self, whole: int) -> "LinesInUse":
        """The same, of so many lines: what goes beyond them waits in the carrier's queue, ordinary calls last."""
        emergency = min(self.emergency, whole)
        ordinary = min(self.ordinary, whole - emergency)
        return LinesInUse(ordinary, emergency, min(self.peak, whole), self.all - emergency - ordinary)

    @property
    def all(self) -> int:
        """Ordinary and emergency together."""
        return self.ordinary + self.emergency


class RaisedAlarm(View, frozen=True):
    """An alarm that stands."""

    word: str
    meaning: str
    since_at: int


class Refreshed(View, frozen=True):
    """What a refresh did, and how much is left."""

    blocks: int
    """Blocks folded."""
    behind: int
    """Blocks that are in the journal and not on the board yet."""
    plans_left: int
    """Plans whose names and students are not read yet."""

    @property
    def level(self) -> bool:
        """The board shows all there is."""
        return not self.behind and not self.plans_left
