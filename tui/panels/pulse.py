"""Once-a-second samples of the board, for rates, trends and the chart of lines."""

from collections import deque

from engine.board.state import State
from engine.board.views import LinesInUse, Totals

SAMPLES_MAX = 600
"""Ten minutes."""

TREND_SAMPLES = 60
RATE_SAMPLES = 10


class Pulse:
    """Take a sample a second; the newest is last."""

    def __init__(self) -> None:
        self._samples: deque[tuple[Totals, int]] = deque(maxlen=SAMPLES_MAX)

    def sample(self, totals: Totals, lines: LinesInUse) -> None:
        """Note how things stand now."""
        self._samples.append((totals, lines.all))

    @property
    def lines(self) -> list[int]:
        """Lines in use, oldest first."""
        return [lines for _, lines in self._samples]

    @property
    def attempts_per_second(self) -> float:
        """Attempts opened a second, over the last ten."""
        recent = [totals.attempts for totals, _ in list(self._samples)[-RATE_SAMPLES - 1 :]]
        return max(0, recent[-1] - recent[0]) / (len(recent) - 1) if len(recent) > 1 else 0.0

    def trend(self, state: State) -> int:
        """How many more chains are in a state than a minute ago."""
        if not self._samples:
            return 0
        then = self._samples[max(0, len(self._samples) - 1 - TREND_SAMPLES)][0]
        return self._samples[-1][0].counts.of(state) - then.counts.of(state)
