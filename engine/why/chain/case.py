"""One chain as the facts and its plan tell it, and the world around it at one moment: what a cause is found from."""

from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from actors.gate import Gate
from actors.lines.whereabouts import Spot, Whereabouts
from store.records import Plan
from store.rows import ChainRow, JobRow

RING_MS = 30_000
"""How long a phone rings where nobody says."""

READ_MS = 15_000
"""Between two readings of the call log where nobody says (C050)."""


FOREVER = 1 << 62
"""The district is taken for open where nobody knows its hours: then nothing is said of them."""


@dataclass(frozen=True, slots=True)
class Case:
    """`row` is None for a chain that never began. The rows may be the living ones: use it at once."""

    chain_id: int
    job: JobRow
    plan: Plan
    row: ChainRow | None


@dataclass(frozen=True, slots=True)
class Around:
    """What is asked beside the chain itself. Everything but `now` may be left at what is not known."""

    now: int
    """ms UTC."""
    zone: tzinfo = UTC
    running: bool = True
    """Whether an engine runs."""
    gate: Gate = field(default_factory=lambda: Gate(district=(0, FOREVER)))
    """The gate as far as it is known here; with `lines` the line pool has asked its own."""
    lines: Whereabouts | None = None
    """What the line pool said, None where it was not asked."""
    next_opening: int = 0
    """When the district opens next after today, 0 where nobody knows."""
    alarms: frozenset[int] = frozenset()
    """Those that are raised."""
    paused_at: int = 0
    paused_by: str = ""
    """Since when its job is paused, and by whom."""
    gap: str = ""
    """Why it is unreachable, a word of `GapReason`; empty where nobody knows."""
    per_ms: float = 0.0
    """Lines granted in a millisecond of late; 0: too few to tell."""
    stopped: frozenset[tuple[str, str]] = frozenset()
    """(contact, student) pairs of which the one may not be told of the other any more."""
    ring_ms: int = RING_MS
    read_ms: int = READ_MS
    """Between two readings of the call log."""

    def spot(self, chain: int) -> Spot | None:
        """Where the line pool saw a chain."""
        return self.lines.spots.get(chain) if self.lines is not None else None
