"""The engine: what an embedding program imports."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self

from actors.messages import Command
from actors.runtime.clock import Clock, VirtualClock, WallClock
from engine.config import Settings, check_settings
from engine.district.beginning import begin, settings_before
from engine.district.carrier_access import gateway_maker
from engine.district.permission import Standing, permission_of, standing
from engine.messaging.windows import Window
from engine.release import author_id, checked_command_id, checked_job_id
from engine.reports.counter import count_students
from engine.roster.comparison import LOSS_PERCENT_MAX, check_loss
from engine.running.station import GatewayMaker, Station
from engine.sending import Sending
from engine.views import JobView, Prepared, StudentCounts, has_moved, job_views
from store.commands import Verb
from store.errors import CallchainError, NotFoundError, RefusedError
from store.people import Roster
from store.records import Audience, Detail, Message, Origin
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
        self._given = settings
        self.follows_file = settings is None
        """Whether it lives by the settings of file and store, and not by those of an embedding program."""
        self.settings = settings or settings_before(self.home)
        self._called = self.settings.carrier
        """The carrier as it was when the gateway was made: calls reach that one until the next start."""
        self.clock: Clock = clock or (WallClock() if seed is None else VirtualClock())
        self._own_gateway = gateway
        self._seed = seed
        self._sync = sync
        self._at_work: Station | None = None
        self._importing = Lock()

    # -- life

    def start(self) -> Self:
        """Open the store, recover what the last engine left, and begin. Raises StoreBusyError if another one runs."""
        gateway = self._own_gateway
        if gateway is None or self._given is None:
            logs_in, now = gateway is None, self.clock.now()
            begun = begin(self.home, self._given, now, logs_in=logs_in, sync=self._sync)
            self.settings = begun.settings
            gateway = gateway or gateway_maker(self.home, begun.settings, begun.login)
        self._called = self.settings.carrier
        self._at_work = Station(self.home, self.settings, self.clock, gateway, self._seed, self._sync)
        self._sending_there = Sending(self.home, self.clock, self._at_work, lambda: self.settings, self.standing)
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

    # -- roster

    def replace_roster(self, roster: Roster, *, accept_loss_percent: float = LOSS_PERCENT_MAX) -> int:
        """Put a roster in force, in one step; running jobs keep their snapshot. Returns its version.

        Raises RefusedError when more than that share of people, contacts or phones would vanish (decision 21c).
        """
        station = self.station
        with self._importing:
            with station.database.read() as txn:
                in_force = station.vault.roster(txn)
                version = station.vault.roster_version(txn) + 1
            check_loss(in_force, roster, accept_loss_percent)
            for apply in station.vault.roster_writes(roster, version):
                station.write(apply)
        return version

    # -- sending

    def prepare(
        self,
        message: Message,
        audience: Audience | None = None,
        window: Window | None = None,
        *,
        origin: Origin | None = None,
        details: tuple[Detail, ...] = (),
    ) -> Prepared:
        """Freeze an audience and its plans; nothing is dialed before `send`.

        `details`: what events say of each student. Raises AudienceError when nobody matches, InvalidInputError and
        RefusedError as `planning.plan` does.
        """
        return self._sending.prepare(message, audience or Audience(), window, origin or Origin(), details)

    def send(
        self, prepared: Prepared | int, *, expect: int | None = None, command_id: int | None = None, author: str = ""
    ) -> JobView:
        """Release a prepared job; it is on disk when this returns. `expect` is the count its author confirmed.

        Raises AudienceError on another count, RefusedError when it may not go out.
        """
        job_id = checked_job_id(prepared if isinstance(prepared, int) else prepared.job_id)
        self._sending.send(job_id, expect, self._command_id(command_id), author)
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
        station, answer = self.station, list[CallchainError | None]()

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

    def apply_settings(self, settings: Settings) -> None:
        """Follow other settings from now on; running jobs keep their plans, the gate follows at once (decision 26).

        Raises ConfigError for settings that do not hold. The carrier's end-points and login count at the next start.
        """
        check_settings(settings)
        station = self.station
        self.settings = settings
        station.apply(settings)

    def standing(self) -> Standing:
        """Whether messenger and voice are on for this district (C002, C022)."""
        with self.station.database.read() as txn:
            said = permission_of(self.station.database, txn)
        return standing(said, self.settings, self._own_gateway is not None, self._called)

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

    @property
    def station(self) -> Station:
        """What is at work. Raises RefusedError before `start` and after `stop`."""
        if self._at_work is None:
            raise RefusedError("The engine does not run; use it in a `with` block, or call `start` first.")
        return self._at_work

    @property
    def _sending(self) -> Sending:
        assert self.station, "it was made with the station"
        return self._sending_there

    def _row(self, job_id: int) -> JobRow:
        row = self.station.fold.jobs.get(job_id)
        if row is None:
            raise NotFoundError(f"There is no job {job_id}; see `callchain jobs`.")
        return row

    def _command_id(self, given: int | None) -> int:
        return self.station.random.getrandbits(62) + 1 if given is None else checked_command_id(given)
