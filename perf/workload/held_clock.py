"""A clock that stands until everything is prepared, then runs with the wall, or goes on standing."""

from time import monotonic_ns

LEAD_MS = 1_000
"""How far before the start it stands: what opens at the start has not opened yet."""


class HeldClock:
    """Both kinds of time are one. `runs`: after `begin` it follows the wall, otherwise it stands at `starts_at`."""

    speed = 1.0

    def __init__(self, starts_at: int, *, runs: bool) -> None:
        self.starts_at = starts_at
        self._runs = runs
        self._begun_ns: int | None = None

    def begin(self) -> None:
        """It is `starts_at` now."""
        self._begun_ns = monotonic_ns()

    def now(self) -> int:
        """The instant, ms UTC."""
        if self._begun_ns is None:
            return self.starts_at - LEAD_MS
        return self.starts_at + ((monotonic_ns() - self._begun_ns) // 1_000_000 if self._runs else 0)

    def monotonic(self) -> int:
        """The same, for time-outs."""
        return self.now()
