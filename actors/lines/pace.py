"""How long calls take of late, and when so many of them will have ended that the call log is worth a look.

A plain object without I/O or clock.
"""

RECENT_SHARE = 1 / 16
"""How much one call counts in the mean: after some fifty calls of another kind it has come round to them."""

FIRST_MEAN_MS = 30_000
"""Taken for the length of a call before one has ended."""

IDLE_SHARE = 1 / 8
"""Of the lines: when so many stand idle for want of news, and chains wait for them, news is fetched."""


class Pace:
    """The mean length of calls, and what follows from it."""

    def __init__(self) -> None:
        self.mean_ms = float(FIRST_MEAN_MS)
        self._calls = 0

    def note(self, duration_ms: int) -> None:
        """A call has ended that kept a line so long."""
        self._calls += 1
        self.mean_ms += (duration_ms - self.mean_ms) * max(RECENT_SHARE, 1 / self._calls)

    def next_reading_ms(self, lines: int, ahead_max: int, waiting: int) -> float:
        """From now until the calls ahead are used up and some lines stand idle, if all lines are busy and chains wait.

        Calls ahead are first refilled from those who wait. With nobody waiting there is no haste: `inf`.
        """
        if not waiting or not lines:
            return float("inf")
        ahead = min(ahead_max, waiting)
        return (ahead / lines + IDLE_SHARE) * self.mean_ms
