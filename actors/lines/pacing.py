"""How many calls may be handed over in a second, evenly: the generic cell rate algorithm.

A plain object without I/O or clock. It keeps one instant, the one at which the next call is due. A call may come early
by the burst, so in no span are there more than the rate times the span and the burst, and one.
"""

BURST_MS = 50
"""Calls of so long a span may go at once, so that a high rate still fills requests to the carrier."""


class Pacing:
    """Asked with monotonic instants in ms. `per_second` 0: no limit."""

    def __init__(self, per_second: float = 0.0) -> None:
        self._due_at = self.interval_ms = 0.0
        self.change(per_second)

    def change(self, per_second: float) -> None:
        """Another rate from now on: the next call is due so long after the last one as it says."""
        before, self.interval_ms = self.interval_ms, 1_000 / per_second if per_second else 0.0
        if before and self.interval_ms:
            self._due_at += self.interval_ms - before
        self._early_ms = max(0.0, BURST_MS - self.interval_ms)

    def wait_ms(self, now: float) -> float:
        """Until one more call may go; 0: it may go now."""
        return max(0.0, self._due_at - self._early_ms - now) if self.interval_ms else 0.0

    def note(self, now: float) -> None:
        """A call goes."""
        if self.interval_ms:
            self._due_at = max(self._due_at, now) + self.interval_ms
