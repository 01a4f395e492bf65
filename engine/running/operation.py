"""An engine in operation: its time, its jobs, and what can be seen of them."""

from collections.abc import Callable, Iterator
from pathlib import Path

from actors.runtime.clock import Clock
from engine.reports.counter import count_students
from engine.running.station import Station
from engine.views import JobView, StudentCounts, has_moved, job_views
from store.errors import NotFoundError, RefusedError
from store.rows import JobRow


class Operation:
    """What an engine shows while it runs; `Engine` adds how it begins, what is sent and how it is steered."""

    def __init__(self, clock: Clock, seed: int | None) -> None:
        self.clock = clock
        self._seed = seed
        self._at_work: Station | None = None

    @property
    def station(self) -> Station:
        """What is at work. Raises RefusedError before `start` and after `stop`."""
        if self._at_work is None:
            raise RefusedError("The engine does not run; use it in a `with` block, or call `start` first.")
        return self._at_work

    # -- time, stepped

    def run(self, until: int | None = None) -> None:
        """Stepped: let everything happen up to an instant, or until no job is open any more."""
        dispatcher = self.station.dispatcher
        dispatcher.run_until_idle()
        while (until is not None or self.station.team.floor.runs) and dispatcher.step_time(until):
            dispatcher.run_until_idle()

    def _run_until(self, ready: Callable[[], bool], until: int | None = None) -> None:
        """Stepped: let things happen only until `ready()`; a paused job would never end."""
        dispatcher = self.station.dispatcher
        dispatcher.run_until_idle()
        while not ready() and dispatcher.step_time(until):
            dispatcher.run_until_idle()

    # -- watching

    def jobs(self) -> list[JobView]:
        """Every job ever released, oldest first."""
        return job_views(self.station.database, (row for _, row in sorted(self.station.fold.jobs.items())))

    def job(self, job_id: int) -> JobView:
        """One released job; NotFoundError when there is none."""
        return job_views(self.station.database, [self._row(job_id)])[0]

    def watch(self, job_id: int) -> Iterator[JobView]:
        """The job now and after every change, until it has ended."""
        view = self.job(job_id)
        yield view
        while not view.ended:
            self._wait_for_change(view)
            view = self.job(job_id)
            yield view

    def _wait_for_change(self, seen: JobView) -> None:
        def changed() -> bool:
            return has_moved(self._row(seen.job_id), seen)

        if self._seed is not None:
            self._run_until(changed)
        self.station.wait_for(changed, seconds=None, of_chains=True)

    def wait(self, job_id: int, seconds: float | None = None) -> JobView:
        """Until a job has ended. Raises CallchainError when it has not after `seconds`; stepped, they are virtual."""
        if self._seed is not None:
            until = None if seconds is None else self.clock.now() + int(seconds * 1000)
            self._run_until(lambda: self._row(job_id).state.ended, until)
        self.station.wait_for(lambda: self._row(job_id).state.ended, seconds)
        return self.job(job_id)

    def students(self, job_id: int) -> StudentCounts:
        """Students covered, told and missed (decision 21a). Reads every plan of the job: 0.2 s for 100,000 chains."""
        row = self._row(job_id)
        self.station.flush_tables()
        return count_students(self.station.database, job_id, row.chains)

    # -- itself

    def backup(self, target: Path) -> None:
        """Copy the store while it runs."""
        self.station.database.backup(target)

    @property
    def failed(self) -> bool:
        """An error ended the engine's loop; only a new start helps."""
        return self.station.failed

    @property
    def incarnation(self) -> int:
        """Which opening of the store this is."""
        return self.station.incarnation

    @property
    def lines(self) -> tuple[int, int]:
        """Ordinary and emergency lines."""
        ledger = self.station.team.floor.ledger
        return ledger.lines, ledger.emergency_lines

    @property
    def lines_peak(self) -> int:
        """The most calls ever on lines at once since the start."""
        return self.station.team.floor.ledger.peak

    @property
    def ahead_peak(self) -> int:
        """The most calls that ever waited ahead at the carrier since the start."""
        return self.station.team.floor.ledger.ahead_peak

    # -- inside

    def _row(self, job_id: int) -> JobRow:
        row = self.station.fold.jobs.get(job_id)
        if row is None:
            raise NotFoundError(f"There is no job {job_id}; see `callchain jobs`.")
        return row
