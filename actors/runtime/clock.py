"""Time, handed in: the wall clock, one that runs faster than life, and a virtual one that stands until moved."""

import time
from typing import Protocol

from store.errors import InvalidInputError


class Clock(Protocol):
    """Where instants come from. Windows and due instants are wall time, time-outs are monotonic."""

    def now(self) -> int:
        """The wall clock, ms UTC."""

    def monotonic(self) -> int:
        """A clock that never jumps, ms since some origin."""


class WallClock:
    """Time as it passes."""

    speed = 1.0

    def now(self) -> int:
        """The wall clock, ms UTC."""
        return time.time_ns() // 1_000_000

    def monotonic(self) -> int:
        """The process's monotonic clock, ms."""
        return time.monotonic_ns() // 1_000_000


class FastClock:
    """Time that runs `speed` times faster than life from `starts_at`, which fell on `origin_at` of the wall clock.

    Programs given the same three figures agree on the time.
    """

    def __init__(self, origin_at: int, starts_at: int, speed: float) -> None:
        self.origin_at = origin_at
        self.starts_at = starts_at
        self.speed = speed

    @classmethod
    def parse(cls, text: str) -> "FastClock":
        """A clock from its `spec`. Raises InvalidInputError for anything else."""
        try:
            origin_at, starts_at, speed = text.split(":")
            return cls(int(origin_at), int(starts_at), float(speed))
        except ValueError:
            raise InvalidInputError(f'"{text}" is no clock; write ORIGIN_MS:START_MS:SPEED.') from None

    @property
    def spec(self) -> str:
        """How another program is given the same clock."""
        return f"{self.origin_at}:{self.starts_at}:{self.speed}"

    def now(self) -> int:
        """The accelerated wall clock, ms UTC."""
        return self.starts_at + int((time.time_ns() / 1e6 - self.origin_at) * self.speed)

    def monotonic(self) -> int:
        """An accelerated monotonic clock, ms."""
        return int(time.monotonic_ns() / 1e6 * self.speed)


class VirtualClock:
    """Time that moves only when told to."""

    speed = 1.0

    def __init__(self, now: int = 0) -> None:
        self._now = now

    def now(self) -> int:
        """The instant last moved to."""
        return self._now

    def monotonic(self) -> int:
        """The same, for time-outs."""
        return self._now

    def move_to(self, at: int) -> None:
        """Let time pass until `at`; it never runs backward."""
        self._now = max(self._now, at)
