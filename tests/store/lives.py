"""Random but valid lives of a store: what an engine might have committed, block by block."""

import random
from collections.abc import Iterator

from store import facts
from store.dispositions import Disposition, Expiry, JobState, Outcome
from store.facts import AnyFact, Block
from store.keys import attempt_id, chain_id
from store.records import Reason

JOBS_MAX = 3
CHAINS_MAX = 5
STEPS = 3
NUMBERS = 9
PAUSE_MAX_MS = 25_000
"""Between two blocks, so that some calls are longer than the memory of locks and most are not."""


class Life:
    """Draws facts that could follow from all before them."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.now = 1_700_000_000_000
        self.seq = 0
        self.incarnation = 0
        self.day = 739_000
        self.counter = 0
        self.jobs: dict[int, int] = {}
        self.open: dict[int, int] = {}
        """chain → its open attempt."""
        self.idle: set[int] = set()
        self.ended: dict[int, Outcome] = {}
        self.owed: dict[int, int] = {}
        """attempt → chain, results overdue."""
        self.alarms: set[int] = set()

    def blocks(self, count: int) -> Iterator[Block]:
        """The next blocks of this life."""
        for _ in range(count):
            self.seq += 1
            self.now += self.random.randrange(PAUSE_MAX_MS)
            acts = self.random.randint(1, 4)
            yield Block(self.seq, self.now, [fact for _ in range(acts) for fact in self._act()])

    def _act(self) -> list[AnyFact]:
        acts = [self._plan_job, self._open_attempt, self._open_attempt, self._close_attempt, self._close_attempt,
                self._close_attempt, self._bar_step, self._close_chain, self._correct, self._correct, self._job_news,
                self._alarm, self._open_store, self._end_job, self._new_day, self._move_district]  # fmt: skip
        if not self.incarnation:
            return self._open_store()
        return self.random.choice(acts)()

    def _open_store(self) -> list[AnyFact]:
        if self.incarnation and self.random.random() < 0.7:
            return [facts.EngineStopped(), facts.CommandTaken(self.seq, 1, 1, 9)]
        self.incarnation += 1
        return [facts.StoreOpened(self.incarnation, self.random.getrandbits(63), self.random.randrange(3))]

    def _plan_job(self) -> list[AnyFact]:
        if len(self.jobs) >= JOBS_MAX:
            return []
        job_id = len(self.jobs) + 1
        self.jobs[job_id] = self.random.randint(1, CHAINS_MAX)
        self.idle.update(chain_id(job_id, index) for index in range(self.jobs[job_id]))
        reason = self.random.choice(list(Reason))
        planned = facts.JobPlanned(
            job_id, reason, self.now, self.now + 9_000_000, self.jobs[job_id], 1, 2, 3, self.random.randbytes(8),
            0 if reason is Reason.EMERGENCY else self.now + 8_000_000,
        )  # fmt: skip
        return [planned, facts.JobOpened(job_id)] if self.random.random() < 0.5 else [planned]

    def _job_news(self) -> list[AnyFact]:
        if not self.jobs:
            return []
        job_id = self.random.choice(list(self.jobs))
        news: list[AnyFact] = [
            facts.JobOpened(job_id), facts.JobPaused(job_id), facts.JobResumed(job_id), facts.JobCanceled(job_id)
        ]  # fmt: skip
        return [self.random.choice(news)]

    def _new_day(self) -> list[AnyFact]:
        if self.random.random() < 0.7:
            return []
        self.day += 1
        return [facts.DayBegan(self.day)]

    def _move_district(self) -> list[AnyFact]:
        ends_at = self.now + self.random.randrange(9_000_000)
        return [facts.DistrictMoved(self.now, ends_at, self.now - 9_000_000, self.now + 9_000_000)]

    def _end_job(self) -> list[AnyFact]:
        if not self.jobs:
            return []
        state = JobState.ERROR if self.owed else JobState.SENT
        return [facts.JobEnded(self.random.choice(list(self.jobs)), state)]

    def _open_attempt(self) -> list[AnyFact]:
        if not self.idle:
            return []
        chain = self.random.choice(sorted(self.idle))
        self.idle.discard(chain)
        self.counter += 1
        attempt = self.open[chain] = attempt_id(self.incarnation, self.counter)
        step, round_ = self.random.randrange(STEPS), self.random.randrange(2)
        return [facts.AttemptOpened(attempt, chain, step, round_, self.random.randint(1, NUMBERS))]

    def _close_attempt(self) -> list[AnyFact]:
        if not self.open:
            return []
        chain = self.random.choice(sorted(self.open))
        attempt = self.open.pop(chain)
        self.idle.add(chain)
        overdue = self.random.random() < 0.3
        disposition = Disposition.RESULT_OVERDUE if overdue else self._result()
        if overdue:
            self.owed[attempt] = chain
        dialed_at = self.now + self.random.randrange(-900, 900) if self.random.random() < 0.7 else 0
        closed = facts.AttemptClosed(attempt, chain, disposition, dialed_at, self.random.randrange(90_000))
        return [closed, *(self._end(chain) if self.random.random() < 0.3 else [])]

    def _result(self) -> Disposition:
        return self.random.choice([kind for kind in Disposition if kind is not Disposition.RESULT_OVERDUE])

    def _end(self, chain: int) -> list[AnyFact]:
        self.idle.discard(chain)
        self.ended[chain] = self.random.choice([Outcome.CONFIRMED, Outcome.EXHAUSTED, Outcome.EXPIRED])
        expiry = Expiry.MESSAGE_WINDOW if self.ended[chain] is Outcome.EXPIRED else Expiry.NONE
        return [facts.ChainClosed(chain, self.ended[chain], expiry)]

    def _close_chain(self) -> list[AnyFact]:
        return self._end(self.random.choice(sorted(self.idle))) if self.idle and self.random.random() < 0.5 else []

    def _bar_step(self) -> list[AnyFact]:
        if not self.idle:
            return []
        chain = self.random.choice(sorted(self.idle))
        return [facts.StepBarred(chain, self.random.randrange(STEPS), 0, Disposition.BLOCKED)]

    def _correct(self) -> list[AnyFact]:
        """A result comes late, most often of a chain that has ended and was let go."""
        if not self.owed:
            return []
        attempt = self.random.choice(sorted(self.owed))
        chain = self.owed.pop(attempt)
        corrected = facts.AttemptCorrected(attempt, chain, self._result(), self.now - 5_000, 4_000)
        was = self.ended.get(chain)
        if was is None or was is Outcome.CONFIRMED:
            return [corrected]
        self.ended[chain] = Outcome.CONFIRMED
        return [corrected, facts.ChainCorrected(chain, Outcome.CONFIRMED, was)]

    def _alarm(self) -> list[AnyFact]:
        code = self.random.randint(1, 3)
        self.alarms ^= {code}
        return [facts.AlarmRaised(code) if code in self.alarms else facts.AlarmCleared(code)]


def life(seed: int, blocks: int) -> list[Block]:
    """A whole life."""
    return list(Life(seed).blocks(blocks))
