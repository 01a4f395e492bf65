"""Whether what is on the screen may be believed: who runs, how old the data is, and what may be commanded."""

from dataclasses import dataclass
from enum import StrEnum

from engine.orders import Health

AGING_MS = 2_000
"""Eight ticks without a sign of life: amber."""

STALE_MS = 5_000
"""Five missed answers of the engine: red, and commands are off."""


class Freshness(StrEnum):
    """From good to bad."""

    FRESH = "fresh"
    CATCHING_UP = "catching up"
    AGING = "aging"
    STALE = "stale"
    STOPPED = "stopped"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Vitals:
    """How things stand between the screen, the store and the engine."""

    now: int
    """The district's clock, ms UTC."""
    age_ms: int
    """Since the last sign of life of the engine: a block, or an answer at the door."""
    behind: int
    """Blocks the board has not folded yet."""
    plans_left: int
    stopped_at: int
    """When the engine stopped in good order, 0 while it may run."""
    begun: bool
    """An engine has run here: its journal is not empty, or it answers."""
    has_door: bool
    health: Health | None
    """The engine's last answer, None before the first."""

    @property
    def freshness(self) -> Freshness:
        """The one word for it."""
        if not self.begun:
            return Freshness.NONE
        if self.stopped_at:
            return Freshness.STOPPED
        if self.age_ms > STALE_MS:
            return Freshness.STALE
        if self.age_ms > AGING_MS:
            return Freshness.AGING
        return Freshness.CATCHING_UP if self.behind or self.plans_left else Freshness.FRESH

    @property
    def old(self) -> bool:
        """The numbers are of the past."""
        return self.freshness in (Freshness.STALE, Freshness.STOPPED, Freshness.NONE)

    @property
    def no_commands(self) -> str:
        """Why no command can be given now, empty when one can."""
        if not self.has_door or self.health is None:
            return "no engine answers at the door"
        if self.stopped_at:
            return "the engine has stopped"
        return f"the data is {self.age_ms // 1000} s old" if self.old else ""
