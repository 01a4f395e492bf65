"""Watching without a screen: what happens, a line each, and every so often how things stand."""

from collections.abc import Callable, Iterator
from datetime import tzinfo

from actors.runtime.clock import Clock
from engine.board import Board
from engine.board.views import JobSummary
from engine.orders import Health
from store import facts
from store.database import Database
from store.journal import Journal
from tui.panels.written import counted, share, time_of_day
from tui.plain.sentences import job_words, sentence_of

SUMMARY_MS = 15_000
"""Between two summaries of the same open jobs: as often as results come in, and slow enough to be listened to."""

SILENT_MS = 5_000
"""So long without a block or an answer of the engine, and what was said is old."""

BLOCKS_MAX = 500
"""Read in one look; the rest follows in the next."""


class PlainWatch:
    """`look` a few times a second; it answers the lines to be printed since the last look.

    `health` asks the engine, None when it does not answer. Times are the clock's; lines begin with the district's.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        zone: tzinfo,
        health: Callable[[], Health | None],
        *,
        of_chains: bool = False,
    ) -> None:
        self._database = database
        self._board = Board(database)
        self._board.catch_up()
        self._journal = Journal(database)
        self._clock = clock
        self._speed = float(getattr(clock, "speed", 1.0))
        self._zone = zone
        self._health = health
        self._of_chains = of_chains
        self._seq = self._board.seq
        self._heard_ms = self._real_ms()
        self._summed_ms = self._heard_ms
        self._silent = False
        self._said: dict[int, str] = {}
        """The last summary of each job, so that the same is not said again."""

    def greeting(self) -> Iterator[str]:
        """How things stand at the beginning."""
        health = self._health()
        if health is None:
            yield self._line("No engine answers; this is how it was left.")
        else:
            band = "DRILL: the carrier is make-believe. " if health.stand_in else ""
            lines = counted(health.lines, "ordinary line")
            yield self._line(f"{band}The engine runs with {lines} and {health.emergency_lines:,} for emergencies.")
        for alarm in self._board.alarms:
            yield self._line(f"Alarm since {time_of_day(alarm.since_at, self._zone)}: {alarm.meaning}")
        yield from self._summaries()
        if not self._open_jobs():
            yield self._line("No job is open.")

    def look(self) -> Iterator[str]:
        """What happened since the last look."""
        yield from self._news()
        yield from self._silence()
        if self._real_ms() - self._summed_ms >= SUMMARY_MS:
            self._summed_ms = self._real_ms()
            yield from self._summaries()

    def _news(self) -> Iterator[str]:
        self._board.catch_up()
        with self._database.read() as txn:
            blocks = list(self._journal.since(txn, self._seq, BLOCKS_MAX))
        for block in blocks:
            self._seq = block.seq
            self._heard_ms = self._real_ms()
            for fact in block.facts:
                said = sentence_of(fact, self._board, of_chains=self._of_chains)
                if said is not None:
                    yield self._line(said, block.at)
                if isinstance(fact, facts.JobEnded):
                    yield from self._summary_of(fact.job_id)

    def _silence(self) -> Iterator[str]:
        """Say once that what was said is old, and once that it no longer is."""
        if self._real_ms() - self._heard_ms > SILENT_MS and not self._board.stopped_at and self._health() is not None:
            self._heard_ms = self._real_ms()
        silent = self._real_ms() - self._heard_ms > SILENT_MS and not self._board.stopped_at
        if silent and not self._silent:
            yield self._line("DATA STOPPED: the engine does not answer. What was said before is old.")
        if self._silent and not silent:
            yield self._line("The engine answers again.")
        self._silent = silent

    def _summaries(self) -> Iterator[str]:
        for job in self._open_jobs():
            yield from self._summary_of(job.job_id)

    def _summary_of(self, job_id: int) -> Iterator[str]:
        job = next((job for job in self._board.jobs() if job.job_id == job_id), None)
        if job is None:
            return
        said = self._summary(job)
        if self._said.get(job_id) != said:
            self._said[job_id] = said
            yield self._line(said)

    def _summary(self, job: JobSummary) -> str:
        students, counts = job.students, job.counts
        reached = students.covered + students.told
        need = counts.error + counts.exhausted + counts.expired
        parts = [
            job.state.replace("_", " "),
            f"{reached:,} of {students.total:,} students' families reached, {share(reached, students.total)}",
            f"{counted(counts.at_carrier, 'call')} at the carrier, {counts.waiting + counts.pending:,} chains to go",
        ]
        if need:
            parts.append(f"{need:,} chains reached nobody")
        return f"{job_words(self._board, job.job_id)}: {'; '.join(parts)}."

    def _open_jobs(self) -> list[JobSummary]:
        return [job for job in self._board.jobs() if not job.ended_at]

    def _line(self, text: str, at: int = 0) -> str:
        return f"{time_of_day(at or self._clock.now(), self._zone)} {text}"

    def _real_ms(self) -> int:
        return int(self._clock.monotonic() / self._speed)
