"""Writes down how a run on paper goes: from its committed facts, and with a look at the lines now and then."""

from collections.abc import Mapping

from actors.lines.floor import Floor
from engine.forecast.course import Course, Use, course_of
from engine.forecast.happened import Happened
from store import facts
from store.dispositions import Outcome
from store.keys import index_of, job_of

LOOK_MS = 15_000
"""Between two looks at the lines: the rhythm in which the call log is read."""


class Scribe:
    """Of one job; `schools` are those of its chains that are walked, by index."""

    def __init__(self, job_id: int, schools: Mapping[int, str], so_far: Happened) -> None:
        self._job_id = job_id
        self._schools = schools
        self._happened = Happened(
            {index: at for index, at in so_far.reached.items() if index in schools},
            {index: at for index, at in so_far.last_calls.items() if index in schools},
        )
        self._calls = self._people = self._line_ms = self._vain_ms = self._expired = 0
        self._short_ms = self._waiting_ms = 0
        self._looked_at = 0
        self.over = False

    def committed(self, block: facts.Block) -> None:
        """Take note of what the writer committed."""
        for fact in block.facts:
            kind = fact.__class__
            if kind is facts.AttemptClosed:
                self._closed(fact)  # type: ignore[arg-type]
            elif kind is facts.ChainClosed:
                if fact.outcome is Outcome.EXPIRED and job_of(fact.chain_id) == self._job_id:  # type: ignore[union-attr]
                    self._expired += 1
            elif kind is facts.JobEnded and fact.job_id == self._job_id:  # type: ignore[union-attr]
                self.over = True

    def _closed(self, fact: facts.AttemptClosed) -> None:
        if not fact.dialed_at or job_of(fact.chain_id) != self._job_id:
            return
        flags = fact.disposition.flags
        self._calls += 1
        self._people += flags.human
        self._line_ms += fact.duration_ms
        self._vain_ms += 0 if flags.delivered else fact.duration_ms
        self._happened.call(index_of(fact.chain_id), fact.dialed_at + fact.duration_ms, flags.delivered)

    def look(self, floor: Floor, now: int) -> None:
        """See what keeps the job from being done: it waits for lines, or for its next rounds."""
        run = floor.runs.get(self._job_id)
        if now - self._looked_at < LOOK_MS or run is None or not run.opened:
            return
        since, self._looked_at = self._looked_at or now, now
        if floor.queue.ready():
            self._short_ms += now - since
        elif floor.ledger.out < floor.ledger.lines:
            self._waiting_ms += now - since

    def course(self, share: float, *, usual: bool) -> Course:
        """How it went."""
        use = Use(
            self._calls, self._people, self._line_ms, self._vain_ms, self._short_ms, self._waiting_ms, self._expired
        )
        return course_of(self._happened, self._schools, use, share, usual=usual)
