"""Counts what the calls of a job were like, chain by chain, without keeping anybody's name or number."""

from collections.abc import Iterator

from engine.forecast.past.cells import PHONES_SAY, Before, LocalHour, before_of, end_key, hold_key
from engine.reports.source.plan_parts import PlanBody, decode_body
from engine.reports.source.records import Records
from store.dispositions import Disposition
from store.forecasts import Tally
from store.rows import ChainRow, JobRow, Tried

RING_AND_BREATH_MS = 3_000
"""A call that outlasts its message by less was hung up before the end: it rang too, and somebody said hello."""

PLAYS = frozenset({Disposition.CONFIRMED, Disposition.LIVE_NO_CONFIRM, Disposition.MACHINE_MESSAGE_LEFT})
"""Calls that may have played the message to its end."""

_PHONES_SAY = frozenset(PHONES_SAY)


class Sums:
    """The counts of a tally while they grow."""

    def __init__(self, hour: LocalHour) -> None:
        self._hour = hour
        self.calls = 0
        self.first_at = 0
        self.ends: dict[int, int] = {}
        self.holds: dict[int, tuple[int, int]] = {}

    def add(self, plan: PlanBody, row: ChainRow) -> None:
        """Count the ended attempts of one chain."""
        before: dict[int, Before] = {}
        for tried in row.tried():
            if tried.disposition in _PHONES_SAY:
                kind = plan.steps[tried.step].kind
                self._add(kind, before.get(tried.step, Before.NOTHING), tried, plan.message_ms)
                before[tried.step] = before_of(tried.disposition)

    def _add(self, kind: int, before: Before, tried: Tried, message_ms: int) -> None:
        at, disposition = tried.dialed_at or tried.opened_at, tried.disposition
        self.calls += 1
        self.first_at = min(self.first_at or at, at)
        end = end_key(kind, self._hour(at), before, disposition)
        self.ends[end] = self.ends.get(end, 0) + 1
        beside_ms = tried.duration_ms - message_ms
        heard = disposition in PLAYS and beside_ms >= RING_AND_BREATH_MS
        ms = beside_ms if heard else tried.duration_ms
        hold = hold_key(kind, disposition, heard, ms)
        calls, sum_ms = self.holds.get(hold, (0, 0))
        self.holds[hold] = calls + 1, sum_ms + ms

    def tally(self, row: JobRow, day: int) -> Tally:
        """What it comes to."""
        return Tally(row.job_id, row.reason, day, self.calls, self.ends, self.holds)


def tally_of(records: Records, row: JobRow, chains_max: int = 0) -> Tally:
    """The tally of a job; of a larger one than `chains_max`, if that is given, only of chains spread over all of it."""
    every = -(-row.chains // chains_max) if chains_max else 1
    sums = Sums(LocalHour(records.local.name))
    for plan, chain in _dialed(records, row, every):
        sums.add(plan, chain)
    return sums.tally(row, records.local.day(sums.first_at) if sums.first_at else 0)


def _dialed(records: Records, row: JobRow, every: int) -> Iterator[tuple[PlanBody, ChainRow]]:
    for index, data, chain in records.chains(row):
        if chain is not None and chain.history and index % every == 0:
            yield decode_body(data), chain
