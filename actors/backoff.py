"""How long the dialer waits before it tries a carrier again that failed."""

import random

from actors.gateway import Failure, FailureKind

BACKOFF_MS = (500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000)
"""Waits after the first, second, … failure in a row; the last one stays."""

EMERGENCY_BACKOFF_MAX_MS = 2_000
"""An emergency is offered again at least this often."""

LOGIN_RETRY_MS = 60_000
"""After the carrier refused user name or password."""


class Backoff:
    """Counts failures in a row. The seed draws what is added, so that not everybody comes again at once."""

    def __init__(self, seed: int) -> None:
        self._jitter = random.Random(seed)
        self._failures = 0

    def wait_ms(self, failure: Failure, emergency: bool) -> int:
        """The carrier failed once more: until it is tried again."""
        if failure.kind is FailureKind.AUTH:
            return LOGIN_RETRY_MS
        wait = max(BACKOFF_MS[min(self._failures, len(BACKOFF_MS) - 1)], failure.retry_after_ms or 0)
        self._failures += 1
        if emergency:
            wait = min(wait, EMERGENCY_BACKOFF_MAX_MS)
        return wait + self._jitter.randrange(wait // 4 + 1)

    def over(self) -> None:
        """It answers again."""
        self._failures = 0
