"""The district's own history: how calls end and how long they last, by device, hour and reason, thin cells made up.

A cell is (device, hour, reason, what the number did before). It is thickened from above: all its counts, and the shares
of the same cell over all reasons as if that were CELL_WEIGHT calls more; those again with as many of what the stated
priors say of the hour, corrected by how far from them the district's calls to that device were around that hour.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from random import Random

from engine.forecast.past.cells import HOURS, PHONES_SAY, Before, end_of, hold_of
from engine.forecast.past.priors import HOLDS, Shares, prior
from engine.forecast.past.tally import PLAYS
from store.dispositions import Disposition
from store.forecasts import Tally
from store.records import DeviceKind, Reason

CELL_WEIGHT = 100
"""Calls: a cell with as many counts half by itself, a thinner one by what stands above it."""

HOLD_WEIGHT = 30
"""Calls: how many the stated lengths count for."""

DAY_SPREAD = 0.06
"""How much more or less willing than on other days people are to answer today, as a standard deviation of log odds."""

PRIOR_SPREAD = 0.35
"""The same while nothing is known of a district."""

KNOWN_CALLS = 500
"""Calls after which half of what nobody knew of a district is known."""

HOLD_SPREAD = 0.02
"""Of the length of all calls of a day, as a part of it."""

NEXT_HOUR = 0.5
"""How much what is seen at one hour says of the next, of that again of the one after it, and so on."""

_CODES = range(len(PHONES_SAY) + 1)
_ONES = [1.0 for _ in _CODES]
_PEOPLE = (Disposition.CONFIRMED, Disposition.LIVE_NO_CONFIRM, Disposition.HANGUP_EARLY)

Cell = tuple[DeviceKind, int, Reason, Before]
Hold = tuple[float, bool, int]
"""(calls, whether the message was heard to its end, ms)."""


class History:
    """The sum of tallies. `calls` of `days` different days."""

    def __init__(self, tallies: Sequence[Tally]) -> None:
        self.calls = sum(one.calls for one in tallies)
        self.days = len({one.day for one in tallies if one.calls})
        self._ends: defaultdict[tuple[DeviceKind, int, Before], Shares] = defaultdict(_nothing)
        self._by_reason: defaultdict[Cell, Shares] = defaultdict(_nothing)
        self._holds: defaultdict[tuple[DeviceKind, Disposition], list[Hold]] = defaultdict(list)
        for tally in tallies:
            self._add_ends(tally)
        for (kind, disposition, heard), (calls, sum_ms) in _summed(tallies):
            self._holds[kind, disposition].append((calls, heard, sum_ms // calls))
        self._ratios: dict[tuple[DeviceKind, int, Before], Shares] = {}

    def _add_ends(self, tally: Tally) -> None:
        for key, calls in tally.ends.items():
            kind, hour, before, disposition = end_of(key)
            self._ends[kind, hour, before][disposition] += calls
            self._by_reason[kind, hour, tally.reason, before][disposition] += calls

    def weights(self, cell: Cell) -> Shares:
        """How calls of a cell end, by disposition code, as counts: their sum says how much is known."""
        kind, hour, _, before = cell
        ratios = self._ratio(kind, hour, before)
        corrected = [share * ratio for share, ratio in zip(prior(kind, hour, before), ratios, strict=True)]
        of_hour = _mixed(self._ends.get((kind, hour, before)), corrected)
        return _mixed(self._by_reason.get(cell), of_hour)

    def holds(self, kind: DeviceKind, disposition: Disposition) -> list[Hold]:
        """How long such calls keep a line."""
        stated = ((share * HOLD_WEIGHT, heard, ms) for share, heard, ms in HOLDS[disposition])
        own = self._holds.get((kind, disposition), [])
        # Lengths differ little between devices; what one has none of, another may.
        others = own or [hold for (_, end), holds in self._holds.items() if end is disposition for hold in holds]
        return [*others, *stated] if sum(calls for calls, _, _ in others) < HOLD_WEIGHT else others

    @property
    def spread(self) -> float:
        """How unsure it is how willing people are today, as a standard deviation of log odds."""
        return math.hypot(DAY_SPREAD, PRIOR_SPREAD * KNOWN_CALLS / (KNOWN_CALLS + self.calls))

    def _ratio(self, kind: DeviceKind, hour: int, before: Before) -> Shares:
        """How much more often than the priors say calls to a device ended so around an hour."""
        ratios = self._ratios.get((kind, hour, before))
        if ratios is None:
            seen, stated, total = _nothing(), _nothing(), 0.0
            for other in range(HOURS):
                counts = self._ends.get((kind, other, before))
                if counts is not None:
                    near = NEXT_HOUR ** min(abs(hour - other), HOURS - abs(hour - other))
                    calls = sum(counts) * near
                    total += calls
                    for code, share in enumerate(prior(kind, other, before)):
                        seen[code] += counts[code] * near
                        stated[code] += share * calls
            ratios = (
                [_ratio(one, of, CELL_WEIGHT / total) for one, of in zip(seen, stated, strict=True)] if total else _ONES
            )
            self._ratios[kind, hour, before] = ratios
        return ratios


class Usual:
    """The history as most days are."""

    def __init__(self, history: History) -> None:
        self._history = history

    def ends(self, cell: Cell) -> Shares:
        """Shares of one cell by disposition code."""
        weights = self._history.weights(cell)
        whole = sum(weights)
        return [weight / whole for weight in weights]

    def holds(self, kind: DeviceKind, disposition: Disposition) -> list[Hold]:
        """Lengths of calls."""
        return self._history.holds(kind, disposition)


class Drawn(Usual):
    """The history as one day may turn out, within what is known of it."""

    def __init__(self, history: History, random: Random) -> None:
        super().__init__(history)
        self._random = random
        self._willing = math.exp(random.gauss(0, history.spread))
        self._long = max(0.5, random.gauss(1, HOLD_SPREAD))

    def ends(self, cell: Cell) -> Shares:
        """Shares as likely as the counts make them: a draw from their Dirichlet distribution."""
        drawn = [self._random.gammavariate(max(weight, 1e-9), 1) for weight in self._history.weights(cell)]
        for code in _PEOPLE:
            drawn[code] *= self._willing
        drawn[0] = 0.0
        whole = sum(drawn)
        return [weight / whole for weight in drawn]

    def holds(self, kind: DeviceKind, disposition: Disposition) -> list[Hold]:
        """Lengths of calls."""
        long = self._long if disposition in PLAYS else 1
        return [(calls, heard, int(ms * long)) for calls, heard, ms in super().holds(kind, disposition)]


def _ratio(seen: float, stated: float, lent: float) -> float:
    """Of counts, with the stated ones as if they had been seen `lent` times more."""
    return (seen + stated * lent) / (stated * (1 + lent)) if stated else 1.0


def _mixed(counts: Shares | None, above: Shares) -> Shares:
    """Counts with CELL_WEIGHT more, shared out as what stands above them."""
    whole = sum(above)
    lent = [share / whole * CELL_WEIGHT for share in above]
    return lent if counts is None else [one + more for one, more in zip(counts, lent, strict=True)]


def _summed(tallies: Iterable[Tally]) -> Iterator[tuple[tuple[DeviceKind, Disposition, bool], tuple[int, int]]]:
    sums: dict[int, tuple[int, int]] = {}
    for tally in tallies:
        for key, (calls, sum_ms) in tally.holds.items():
            before = sums.get(key, (0, 0))
            sums[key] = before[0] + calls, before[1] + sum_ms
    return ((hold_of(key), sums[key]) for key in sorted(sums))


def _nothing() -> Shares:
    return [0.0 for _ in _CODES]
