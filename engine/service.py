"""The engine: what an embedding program imports."""

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
from engine.ladder.ladder import Ladder
from engine.ladder.release_view import out_at_once, release_view
from engine.ladder.rungs import stands
from engine.messaging.windows import Window
from engine.release import author_id, checked_command_id, checked_job_id
from engine.roster.comparison import LOSS_PERCENT_MAX, check_loss
from engine.running.operation import Operation
from engine.running.station import GatewayMaker, Station
from engine.sending import Sending
from engine.views import JobView, Prepared, ReleaseView, job_view
from store.commands import Verb
from store.errors import CallchainError, RefusedError
from store.people import Roster
from store.records import Audience, Detail, Message, Origin
from store.releases import Release


class Engine(Operation):
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
        super().__init__(clock or (WallClock() if seed is None else VirtualClock()), seed)
        self._own_gateway = gateway
        self._sync = sync
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
        self._sending = Sending(self.home, self.clock, self._at_work, lambda: self.settings, self.standing)
        self._ladder = Ladder(
            self._at_work, self._sending, lambda: self.settings.ladder, lambda: self._command_id(None),
            stepped=self._seed is not None,
        )  # fmt: skip
        try:
            self._ladder.begin()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop in good order; calls at the carrier go on, and the next start finds them. Again it does nothing.

        Raises CallchainError when an error ended the engine before; the store is let go of all the same.
        """
        if self._at_work is not None:
            self._ladder.close()
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
        assert self.station, "what prepares was made with the station"
        return self._sending.prepare(message, audience or Audience(), window, origin or Origin(), details)

    def send(
        self, prepared: Prepared | int, *, expect: int | None = None, command_id: int | None = None, author: str = ""
    ) -> JobView:
        """Release a prepared job; it is on disk when this returns. `expect` is the count its author confirmed.

        Raises AudienceError on another count, RefusedError when it may not go out. Where the confirmation ladder has
        rungs for it, it is asked for and that stands; the RefusedError then says what it waits for.
        """
        job_id = prepared if isinstance(prepared, int) else prepared.job_id
        release = self.ask_to_send(job_id, expect=expect, command_id=command_id, author=author)
        if release.job is None:
            raise RefusedError(stands(self._ladder.release(job_id), self.clock.now()))
        return release.job

    def ask_to_send(
        self, job_id: int, *, expect: int | None, command_id: int | None = None, author: str = ""
    ) -> ReleaseView:
        """Want a prepared job sent; on disk when this returns. It is out at once where no rung lies before it.

        Else it waits for a second person or counts down, by the settings of this moment: those that are changed later
        count for jobs that are asked for later. Raises AudienceError on another count, RefusedError when it may not go
        out, was asked for before, or `author` must be named and is not.
        """
        job_id = checked_job_id(job_id)
        release = self._climb.ask(job_id, expect, self._command_id(command_id), author)
        return out_at_once(self.job(job_id), author, self.clock.now()) if release is None else self._shown(release)

    def approve(
        self, job_id: int, *, expect: int | None, command_id: int | None = None, author: str = ""
    ) -> ReleaseView:
        """Agree, as another person than who asked; without a countdown it is out when this returns.

        Raises AudienceError on another count than the one frozen, RefusedError for who may not agree, and for what
        nobody waits for or may not go out; it goes on waiting then.
        """
        release = self._climb.approve(checked_job_id(job_id), expect, self._command_id(command_id), author)
        return self._shown(release)

    def recall(self, job_id: int, *, command_id: int | None = None, author: str = "") -> ReleaseView:
        """Take a job off the ladder, until the very moment it goes out; it is never sent. RefusedError after that."""
        return self._shown(self._climb.recall(checked_job_id(job_id), self._command_id(command_id), author))

    def releases(self) -> list[ReleaseView]:
        """What is on the confirmation ladder, and what was on it of the newest jobs; oldest job first."""
        return [self._shown(release) for release in self._climb.releases()]

    def release(self, job_id: int) -> ReleaseView:
        """Where a job stands on the ladder; NotFoundError when it never was there."""
        return self._shown(self._climb.release(checked_job_id(job_id)))

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

    # -- inside

    @property
    def _climb(self) -> Ladder:
        assert self.station, "the ladder was made with the station"
        return self._ladder

    def _shown(self, release: Release) -> ReleaseView:
        job_id, station = release.job_id, self.station
        with station.database.read() as txn:
            job = station.vault.job(txn, job_id)
        row = station.fold.jobs.get(job_id)
        return release_view(release, job, None if row is None else job_view(row, job))

    def _command_id(self, given: int | None) -> int:
        return self.station.random.getrandbits(62) + 1 if given is None else checked_command_id(given)
