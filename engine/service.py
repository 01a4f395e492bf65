"""The engine: what an embedding program imports, and the only place where everything is wired together."""

import random
import secrets
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from actors.clock import Clock, VirtualClock, WallClock
from actors.dispatcher import Dispatcher
from actors.gateway import Gateway
from actors.messages import Command, FlushTables, Record, RunJob, Write
from engine import recovery
from engine.config import Settings, lines_for, load_settings, password
from engine.crew import Station, man_station
from engine.gateways.shoutpoint import ShoutpointGateway
from engine.messaging.encoding import plans_hash
from engine.messaging.windows import Window
from engine.planner import EncodedPlans, PlanRequest, plan_message
from engine.plan_settings import plan_settings
from engine.runs import RunMaker
from engine.views import GapView, JobView, Prepared, StudentCounts, job_view
from engine.tally import students_of
from store import facts
from store.checkpoint import Checkpoint, load
from store.commands import Verb
from store.database import Database
from store.engine_lock import EngineLock
from store.errors import AudienceError, CallchainError, NotFoundError, RefusedError
from store.facts import Block, JobEnded
from store.fold import Fold
from store.records import Audience, Job, Message, Role, Roster
from store.tables import Txn
from store.vault import Vault

STORE_FOLDER = "store"

COMMAND_SECONDS_MAX = 30.0
"""A command that is not on disk after this long is reported as unanswered; it may still be carried out."""

GatewayMaker = Callable[[Dispatcher], Gateway]


class Engine:
    """One district, one store, one engine. Use it as a context manager, or `start` and `stop` it.

    Without a `seed` it runs on a thread of its own; with one it is stepped: it moves only inside `run` and inside its
    own calls, on a virtual clock, and the same seed gives the same journal.
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
        self._seed = seed
        self._sync = sync
        self._make_gateway = gateway or self._shoutpoint
        self._news = threading.Condition()
        self._preparing = threading.Lock()

    # -- life

    def start(self) -> Self:
        """Open the store, recover what the last engine left, and begin. Raises StoreBusyError if another one runs."""
        self._lock = EngineLock(self.home / STORE_FOLDER)
        try:
            self._open()
        except BaseException:
            self._lock.release()
            raise
        return self

    def stop(self) -> None:
        """Stop in good order: what is recorded is on disk, calls at the carrier go on and are found again."""
        self._tell_writer(Record((facts.EngineStopped(),)))
        self._flush()
        self._dispatcher.stop()
        self._gateway.close()
        self._database.close()
        self._lock.release()

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    def run(self, until: int | None = None, turns_max: int | None = None) -> None:
        """Stepped: let everything happen up to an instant, or until nothing is left to happen."""
        self._dispatcher.run_until_idle(turns_max)
        while self._dispatcher.step_time(until):
            self._dispatcher.run_until_idle(turns_max)
            if until is None and not self._station.floor.runs:
                return

    # -- roster

    def replace_roster(self, roster: Roster) -> int:
        """Put a roster in force, in one step; running jobs keep their snapshot. Returns its version."""
        with self._preparing:
            with self._database.read() as txn:
                version = self._vault.roster_version(txn) + 1
            for apply in self._vault.roster_writes(roster, version):
                self._write(apply)
        return version

    # -- sending

    def prepare(self, message: Message, audience: Audience | None = None, window: Window | None = None) -> Prepared:
        """Freeze an audience and its plans; nothing is dialed before `send`.

        Raises AudienceError when nobody would be called, InvalidInputError and RefusedError as planning does.
        """
        audience = audience or Audience()
        with self._database.read() as txn:
            settings = plan_settings(self.settings, self._vault.number_key(txn))
            people = self._vault.people_count(txn)
        request = PlanRequest(
            str(self.home / STORE_FOLDER), message, audience, window, settings, self.clock.now()
        )
        planned = plan_message(request, people)
        with self._preparing:
            job = self._job(request, planned)
            for apply in self._vault.plan_writes(job, planned.plans):
                self._write(apply)
        return _prepared(job, planned)

    def send(self, job: Prepared | int, *, expect: int | None = None, author: str = "") -> JobView:
        """Release a prepared job. `expect` is the count its author confirmed; another one refuses."""
        job_id = job if isinstance(job, int) else job.job_id
        with self._database.read() as txn:
            run = self._maker.make(txn, job_id)
        self._check_release(run.job, expect)
        done = threading.Event()
        taken = facts.CommandTaken(self._random.getrandbits(62), Verb.SEND, job_id, _author_id(author))
        self._tell_writer(Record((taken, _planned_fact(run.job)), self._station.pool.ref, RunJob(run, done=done.set)))
        self._await(done.is_set)
        return self.job(job_id)

    def _check_release(self, job: Job, expect: int | None) -> None:
        if job.job_id in self._fold.jobs:
            raise RefusedError(f"Job {job.job_id} was already sent; prepare the message again to send it again.")
        if expect is not None and expect != job.chains:
            raise AudienceError(
                f"The audience is {job.chains}, not {expect}. Nothing was sent; look at the audience again."
            )
        if not job.chains:
            raise AudienceError("Nobody can be called: no chain has a number to dial. Nothing was sent.")
        if job.closes_at <= self.clock.now():
            raise RefusedError(f"The window of job {job.job_id} is over; prepare the message again.")
        if job.fictional and not self.settings.carrier.stand_in:
            raise RefusedError(
                "The roster is stamped fictional and carrier.stand_in is off: these numbers may belong to strangers. "
                "Import the real roster, or point the settings at a stand-in carrier."
            )

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
        """Give a command; it is on disk when this returns. The same `command_id` twice acts once."""
        row = self._row(job_id)
        command_id = self._random.getrandbits(62) if command_id is None else command_id
        answer: list[CallchainError | None] = []
        if row.state.ended and not row.overdue:
            raise RefusedError(f"Job {job_id} has ended ({row.state.word}); there is nothing left to {verb.word}.")
        self._station.pool.ref.tell(Command(verb, job_id, command_id, _author_id(author), answer.append))
        self._await(lambda: bool(answer))
        if answer[0] is not None:
            raise answer[0]
        return self.job(job_id)

    # -- watching

    def jobs(self) -> list[JobView]:
        """Every job ever released, oldest first."""
        return [job_view(row) for _, row in sorted(self._fold.jobs.items())]

    def job(self, job_id: int) -> JobView:
        """One released job; NotFoundError when there is none."""
        return job_view(self._row(job_id))

    def watch(self, job_id: int) -> Iterator[JobView]:
        """The job now and after every change, until it has ended."""
        view = self.job(job_id)
        yield view
        while not view.ended:
            before = view
            self._await(lambda before=before: self.job(job_id) != before, seconds=None)  # type: ignore[misc]
            view = self.job(job_id)
            yield view

    def wait(self, job_id: int, seconds: float | None = None) -> JobView:
        """Until a job has ended; TimeoutError after `seconds`."""
        if self._seed is not None:
            self.run()
        self._await(lambda: self.job(job_id).ended, seconds)
        return self.job(job_id)

    def students(self, job_id: int) -> StudentCounts:
        """Students covered, told and missed (decision 21a). Reads every plan of the job: 0.2 s for 100,000 chains."""
        self._row(job_id)
        self._flush()
        return students_of(self._database, job_id)

    @property
    def lines_peak(self) -> int:
        """The most calls ever with the carrier at once, since the start."""
        return self._station.floor.ledger.peak

    @property
    def lines(self) -> tuple[int, int]:
        """Ordinary and emergency lines."""
        ledger = self._station.floor.ledger
        return ledger.lines, ledger.emergency_lines

    @property
    def incarnation(self) -> int:
        """Which opening of the store this is."""
        return self._incarnation

    def backup(self, target: Path) -> None:
        """Copy the store while it runs."""
        self._database.backup(target)

    # -- wiring

    def _open(self) -> None:
        self._database = Database(self.home / STORE_FOLDER, sync=self._sync)
        self._vault = Vault(self._database)
        checkpoint = Checkpoint(self._database)
        with self._database.read() as txn:
            self._fold = load(self._database, checkpoint, txn)
            restored = bool(self._database.get_meta(txn, "restored"))
            cursor = self._database.get_meta(txn, "cursor").decode()
            people = sum(bool(person.roles & Role.STUDENT) for person in self._vault.people(txn))
        self._random = random.Random(self._seed if self._seed is not None else secrets.randbits(64))
        self._dispatcher = Dispatcher(self.clock, self._seed)
        opened = self._begin_incarnation(restored)
        self._gateway = self._make_gateway(self._dispatcher)
        self._station = man_station(
            self.settings, self._database, checkpoint, self._dispatcher, self._gateway, self._incarnation,
            lines_for(self.settings, people), cursor,
        )  # fmt: skip
        self._maker = RunMaker(self.settings, self._vault, self._fold.rest.tokens)
        self._station.writer.on_commit = self._committed
        self._go_on(opened, restored)

    def _begin_incarnation(self, restored: bool) -> facts.StoreOpened:
        """A new incarnation: what it hands out can never be mistaken for what another one did."""
        rest = self._fold.rest
        self._incarnation = max(rest.tokens, default=0) + 1
        token = self._random.getrandbits(63)
        rest.tokens[self._incarnation] = token
        return facts.StoreOpened(self._incarnation, token, rest.generation + restored, restored)

    def _go_on(self, opened: facts.StoreOpened, restored: bool) -> None:
        """Commit the new incarnation, then go on with the jobs that are open."""
        station = self._station
        paused = recovery.pauses_after_restore(self._fold) if restored else ()
        with self._database.read() as txn:
            jobs = list(recovery.letters(self._fold, self._database, txn, self._maker, restored))
        station.writer.ref.tell(Record((opened, *paused)))
        station.writer.ref.tell(Write(self._first_writes))
        for letter in jobs:
            station.pool.ref.tell(letter)
        if restored:
            station.floor.gate.log_is_read = False
            station.poller.read_now()
        if self._seed is None:
            self._dispatcher.start()
        else:
            self._dispatcher.run_until_idle()

    def _first_writes(self, txn: Txn) -> None:
        self._database.put_meta(txn, "restored", b"")
        if not self._vault.number_key(txn):
            key = None if self._seed is None else self._random.randbytes(32)
            self._vault.make_number_key(txn, key)

    def _shoutpoint(self, _dispatcher: Dispatcher) -> Gateway:
        carrier = self.settings.carrier
        return ShoutpointGateway(
            carrier.endpoints,
            carrier.user,
            password(self.settings, self.home),
            ca_file=str(self.home / carrier.ca_file) if carrier.ca_file else None,
            deadline_s=carrier.deadline_seconds,
        )

    def _job(self, request: PlanRequest, planned: EncodedPlans) -> Job:
        with self._database.read() as txn:
            job_id = self._vault.next_job_id(txn)
        return Job(
            job_id, request.message, request.audience, request.now, planned.opens_at, planned.closes_at, planned.chains,
            planned.unreachable, planned.covered, planned.students,
            fictional=planned.fictional, plans_hash=plans_hash(planned.plans),
        )  # fmt: skip

    # -- crossing to the loop and back

    def _tell_writer(self, letter: Record | Write | FlushTables) -> None:
        self._station.writer.ref.tell_urgently(letter)

    def _write(self, apply: Callable[[Txn], None]) -> None:
        """Have the writer carry out a write, and wait until it is on disk."""
        done = _Done()
        self._tell_writer(Write(apply, done, None))  # type: ignore[arg-type]
        self._await(lambda: done.told)

    def _flush(self) -> None:
        done = threading.Event()
        self._tell_writer(FlushTables(done.set))
        self._await(done.is_set)

    def _await(self, ready: Callable[[], bool], seconds: float | None = COMMAND_SECONDS_MAX) -> None:
        ...

    def _committed(self, block: Block) -> None:
        ...

    def _row(self, job_id: int):
        ...
