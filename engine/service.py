"""The engine: what an embedding program imports."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self

from actors.gateway import Gateway
from actors.messages import Command, Record, RunJob
from actors.runtime.clock import Clock, VirtualClock, WallClock
from actors.runtime.dispatcher import Dispatcher
from engine.config import Settings, load_settings, password
from engine.gateways.shoutpoint import ShoutpointGateway
from engine.home import STORE_FOLDER
from engine.job_record import make_job
from engine.messaging.plan_settings import plan_settings
from engine.messaging.planner import PlanRequest, plan_message
from engine.messaging.windows import Window
from engine.release import author_id, check_release, checked_command_id, checked_job_id, release_facts
from engine.reports.counter import count_students
from engine.roster.comparison import LOSS_PERCENT_MAX, check_loss
from engine.running.station import GatewayMaker, Station
from engine.views import JobView, Prepared, StudentCounts, job_view, prepared_view
from store.commands import Verb
from store.errors import CallchainError, NotFoundError, RefusedError
from store.records import Audience, Message, Roster
from store.rows import JobRow


class Engine:
    """One district, one store, one engine. Use it as a context manager, or `start` and `stop` it.

    Without a `seed` it runs on a thread of its own. With one it is stepped: it moves only inside `run`, `wait` and its
    own acts, on a virtual clock, and the same seed gives the same journal.
    """

    def __init__(
        self,
        home: Path | str,
        *,
        settings: Settings | None = None,
        gateway: GatewayMaker | None = None,
        clock: Clock | None = None,
        seed: int | None = None,
        sync: bool = True,
    ) -> None:
        self.home = Path(home)
        self.settings = settings or load_settings(self.home)
        self.clock: Clock = clock or (WallClock() if seed is None else VirtualClock())
        self._make_gateway = gateway or self._shoutpoint
        self._seed = seed
        self._sync = sync
        self._at_work: Station | None = None
        self._preparing = Lock()
        self._importing = Lock()
        self._releasing = Lock()
        self._released: set[int] = set()
        """Jobs released by this engine, whether or not that is on disk yet."""

    # -- life

    def start(self) -> Self:
        """Open the store, recover what the last engine left, and begin. Raises StoreBusyError if another one runs."""
        self._at_work = Station(self.home, self.settings, self.clock, self._make_gateway, self._seed, self._sync)
        return self

    def stop(self) -> None:
        """Stop in good order; calls at the carrier go on, and the next start finds them. Again it does nothing.

        Raises CallchainError when an error ended the engine before; the store is let go of all the same.
        """
        station, self._at_work = self._at_work, None
        if station is not None:
            station.close()

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop; an error of the block is not hidden behind one of stopping."""
        with suppress(*(() if error is None else (CallchainError,))):
            self.stop()

    def run(self, until: int | None = None) -> None:
        """Stepped: let everything happen up to an instant, or until no job is open any more."""
        dispatcher = self._station.dispatcher
        dispatcher.run_until_idle()
        while (until is not None or self._station.team.floor.runs) and dispatcher.step_time(until):
            dispatcher.run_until_idle()

    def _run_until(self, ready: Callable[[], bool], until: int | None = None) -> None:
        """Stepped: let things happen only until `ready()`; a paused job would never end."""
        dispatcher = self._station.dispatcher
        dispatcher.run_until_idle()
        while not ready() and dispatcher.step_time(until):
            dispatcher.run_until_idle()

    # -- roster

    def replace_roster(self, roster: Roster, *, accept_loss_percent: float = LOSS_PERCENT_MAX) -> int:
        """Put a roster in force, in one step; running jobs keep their snapshot. Returns its version.

        Raises RefusedError when more than that share of people, contacts or phones would vanish (decision 21c).
        """
        station = self._station
        with self._importing:
            with station.database.read() as txn:
                in_force = station.vault.roster(txn)
                version = station.vault.roster_version(txn) + 1
            check_loss(in_force, roster, accept_loss_percent)
            for apply in station.vault.roster_writes(roster, version):
                station.write(apply)
        return version

    # -- sending

    def prepare(self, message: Message, audience: Audience | None = None, window: Window | None = None) -> Prepared:
        """Freeze an audience and its plans; nothing is dialed before `send`.

        Raises AudienceError when nobody matches, InvalidInputError and RefusedError as `planning.plan` does.
        """
        station = self._station
        with station.database.read() as txn:
            settings = plan_settings(self.settings, station.vault.number_key(txn))
            people = station.vault.people_count(txn)
        store_path = str(self.home / STORE_FOLDER)
        request = PlanRequest(store_path, message, audience or Audience(), window, settings, self.clock.now())
        planned = plan_message(request, station.database, people)
        with self._preparing:
            with station.database.read() as txn:
                job = make_job(self.settings, station.vault, txn, request, planned)
            for apply in station.vault.plan_writes(job, planned.plans):
                station.write(apply)
        return prepared_view(job, planned.gaps)

    def send(
        self, prepared: Prepared | int, *, expect: int | None = None, command_id: int | None = None, author: str = ""
    ) -> JobView:
        """Release a prepared job; it is on disk when this returns. `expect` is the count its author confirmed.

        Raises AudienceError on another count, RefusedError when it may not go out.
        """
        station = self._station
        job_id = checked_job_id(prepared if isinstance(prepared, int) else prepared.job_id)
        command_id = self._command_id(command_id)
        with station.database.read() as txn:
            run = station.maker.make(txn, job_id)
        with self._releasing:
            sent = job_id in self._released or job_id in station.fold.jobs
            check_release(run.job, expect, sent, self.clock.now(), self.settings.carrier.stand_in)
            self._released.add(job_id)
        done = station.signal()
        committed = release_facts(run.job, command_id, author)
        released = Record(committed, station.team.pool.ref, RunJob(run, done=done.set), urgent=True)
        station.team.writer.ref.tell_urgently(released)
        station.wait_for(done.is_set)
        return self.job(job_id)

    # -- commands on a running job

    def pause(self, job_id: int, *, author: str = "") -> JobView:
        """No further call until `resume`; what waits at the carrier is withdrawn, answered calls play out."""
        return self.command(Verb.PAUSE, job_id, author=author)

    def resume(self, job_id: int, *, author: str = "") -> JobView:
        """Let a paused job go on."""
        return self.command(Verb.RESUME, job_id, author=author)

    def cancel(self, job_id: int, *, author: str = "") -> JobView:
        """No further call, ever; answered calls play out (decision 38)."""
        return self.command(Verb.CANCEL, job_id, author=author)

    def refresh(self, job_id: int, *, author: str = "") -> JobView:
        """Ask the carrier for results that are overdue (decision 35)."""
        return self.command(Verb.REFRESH, job_id, author=author)

    def command(self, verb: Verb, job_id: int, *, command_id: int | None = None, author: str = "") -> JobView:
        """Give a command; it is on disk and obeyed when this returns. Raises RefusedError when it makes no sense."""
        row = self._row(job_id)
        if row.state.ended and not (row.overdue and verb is Verb.REFRESH):
            raise RefusedError(f"Job {job_id} has ended ({row.state.word}); there is nothing left to {verb.word}.")
        station, answer = self._station, list[CallchainError | None]()

        def answered(error: CallchainError | None) -> None:
            answer.append(error)
            station.wake()

        station.team.pool.ref.tell(Command(verb, job_id, self._command_id(command_id), author_id(author), answered))
        station.wait_for(lambda: bool(answer))
        if answer[0] is not None:
            raise answer[0]
        return self.job(job_id)

    # -- watching

    def jobs(self) -> list[JobView]:
        """Every job ever released, oldest first."""
        return [job_view(row) for _, row in sorted(self._station.fold.jobs.items())]

    def job(self, job_id: int) -> JobView:
        """One released job; NotFoundError when there is none."""
        return job_view(self._row(job_id))

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
            return self.job(seen.job_id) != seen

        if self._seed is not None:
            self._run_until(changed)
        self._station.wait_for(changed, seconds=None, of_chains=True)

    def wait(self, job_id: int, seconds: float | None = None) -> JobView:
        """Until a job has ended. Raises CallchainError when it has not after `seconds`; stepped, they are virtual."""
        if self._seed is not None:
            until = None if seconds is None else self.clock.now() + int(seconds * 1000)
            self._run_until(lambda: self.job(job_id).ended, until)
        self._station.wait_for(lambda: self.job(job_id).ended, seconds)
        return self.job(job_id)

    def students(self, job_id: int) -> StudentCounts:
        """Students covered, told and missed (decision 21a). Reads every plan of the job: 0.2 s for 100,000 chains."""
        row = self._row(job_id)
        self._station.flush_tables()
        return count_students(self._station.database, job_id, row.chains)

    def backup(self, target: Path) -> None:
        """Copy the store while it runs."""
        self._station.database.backup(target)

    @property
    def failed(self) -> bool:
        """An error ended the engine's loop; only a new start helps."""
        return self._station.failed

    @property
    def incarnation(self) -> int:
        """Which opening of the store this is."""
        return self._station.incarnation

    @property
    def lines(self) -> tuple[int, int]:
        """Ordinary and emergency lines."""
        ledger = self._station.team.floor.ledger
        return ledger.lines, ledger.emergency_lines

    @property
    def lines_peak(self) -> int:
        """The most calls ever on lines at once since the start."""
        return self._station.team.floor.ledger.peak

    @property
    def ahead_peak(self) -> int:
        """The most calls that ever waited ahead at the carrier since the start."""
        return self._station.team.floor.ledger.ahead_peak

    # -- inside

    @property
    def _station(self) -> Station:
        if self._at_work is None:
            raise RefusedError("The engine does not run; use it in a `with` block, or call `start` first.")
        return self._at_work

    def _shoutpoint(self, _dispatcher: Dispatcher) -> Gateway:
        carrier = self.settings.carrier
        return ShoutpointGateway(
            carrier.endpoints,
            carrier.user,
            password(self.settings, self.home),
            ca_file=str(self.home / carrier.ca_file) if carrier.ca_file else None,
            deadline_s=carrier.deadline_seconds,
        )

    def _row(self, job_id: int) -> JobRow:
        row = self._station.fold.jobs.get(job_id)
        if row is None:
            raise NotFoundError(f"There is no job {job_id}; see `callchain jobs`.")
        return row

    def _command_id(self, given: int | None) -> int:
        return self._station.random.getrandbits(62) + 1 if given is None else checked_command_id(given)
