"""How a message becomes a job, and how the job is released: what a running engine does between the two."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from threading import Lock

import msgspec

from actors.lines.job_run import JobRun
from actors.messages import Record, RunJob, StopChains, Write
from actors.runtime.clock import Clock
from engine.audience.occasions import check_fresh, details_writes, occasion_writes
from engine.config import Settings
from engine.district.permission import Standing, check_permitted
from engine.district.school_ids import SchoolIds
from engine.home import STORE_FOLDER
from engine.job_record import make_job
from engine.mail.addresses import checked_address
from engine.messaging.planner import EncodedPlans, PlanRequest, plan_message
from engine.messaging.windows import Window
from engine.plan_settings import plan_settings
from engine.preferences.stopped_chains import Stopped, overlooked
from engine.release import check_release, release_facts
from engine.running.station import Signal, Station
from engine.running.uploads import Uploads
from engine.views import Prepared, prepared_view
from store import facts
from store.dispositions import Outcome
from store.errors import NotFoundError
from store.keys import index_of
from store.records import Audience, Detail, Job, Message, Origin, Reason
from store.vault import TxnWrite

OFFER_SECONDS_MAX = 3.0
"""An emergency's author waits so long for a recording to go up; its calls speak the text where there is one."""

log = logging.getLogger("callchain")

TOLD_ONCE = frozenset({Reason.ATTENDANCE, Reason.BEHAVIOR})
"""Reasons of messages that tell of events, each event once."""


class Way(msgspec.Struct, frozen=True):
    """What is committed together with a release that came over the confirmation ladder."""

    facts: tuple[facts.AnyFact, ...]
    """Of whoever said the last word, before the release itself."""
    write: TxnWrite
    done: Callable[[], None]
    """Called after the commit."""


Leave = Callable[[], Way | None]
"""Lets a job go: None where no rung lay before it. Raises RefusedError where it may not."""


class Sending:
    """Prepares and releases on one station; any thread may ask."""

    def __init__(
        self,
        home: Path,
        clock: Clock,
        station: Station,
        settings: Callable[[], Settings],
        standing: Callable[[], Standing],
    ) -> None:
        self._store_path = str(home / STORE_FOLDER)
        self._clock = clock
        self._station = station
        self._settings = settings
        """Those in force."""
        self._begun_as_stand_in = settings().carrier.stand_in
        """Calls reach the carrier the engine began with until it starts again, whatever is said of it since."""
        self._standing = standing
        """Whether messenger and voice are on."""
        self._schools = SchoolIds(clock, station.database, station.write)
        self._preparing = Lock()
        self.releasing = Lock()
        """Held while it is decided what is released, asked for or recalled, and told to the writer; never longer."""
        self._telling = Lock()
        """One at a time of the jobs that must not tell what another one tells: no emergency waits for it."""
        self._released: set[int] = set()
        """Jobs released by this engine, whether or not that is on disk yet."""

    def prepare(
        self, message: Message, audience: Audience, window: Window | None, origin: Origin, details: tuple[Detail, ...]
    ) -> Prepared:
        """Freeze an audience and its plans; see `Engine.prepare`."""
        station = self._station
        if origin.notify:
            checked_address(origin.notify, "The address to be told when it is done")
        if details:
            # What was told before is looked up in the tables.
            station.flush_tables()
        with station.database.read() as txn:
            settings = plan_settings(self._settings(), station.vault.number_key(txn))
            people = station.vault.people_count(txn)
        now = self._clock.now()
        request = PlanRequest(self._store_path, message, audience, window, settings, now, origin, details)
        planned = plan_message(request, station.database, people)
        job = self._keep(request, planned)
        self._offer(job)
        return prepared_view(job, planned)

    def _offer(self, job: Job) -> None:
        """Upload the recordings of a job, best effort; an emergency waits for it no longer than a moment."""
        if not job.emergency:
            self._uploads().offer(job)
        elif any(spoken.recording_id for spoken in job.scripts):
            uploading = threading.Thread(target=self._uploads().offer, args=[job], daemon=True)
            uploading.start()
            uploading.join(OFFER_SECONDS_MAX)

    def _keep(self, request: PlanRequest, planned: EncodedPlans) -> Job:
        """Write a planned message into the vault, under the next free id."""
        station = self._station
        school_ids = self._school_ids(planned, urgent=request.message.reason == Reason.EMERGENCY)
        with self._preparing:
            with station.database.read() as txn:
                job = make_job(self._settings(), station.vault, txn, request, planned, school_ids)
            for apply in self._writes(job, request, planned):
                station.write(apply)
        return job

    def _writes(self, job: Job, request: PlanRequest, planned: EncodedPlans) -> Iterator[TxnWrite]:
        """The plans, what they tell of, and the job last: one that is there is whole."""
        database = self._station.database
        *plans, record = self._station.vault.plan_writes(job, planned.plans)
        yield from plans
        if request.details:
            yield from occasion_writes(database, job.job_id, planned.plans)
            yield from details_writes(database, job.job_id, request.details)
        yield record

    def permitted(self, job_id: int) -> Job:
        """A prepared job, if the district may phone at all. Raises RefusedError, and NotFoundError without one."""
        check_permitted(self._standing())
        with self._station.database.read() as txn:
            job = self._station.vault.job(txn, job_id)
        if job is None:
            raise NotFoundError(f"There is no job {job_id}; see `callchain jobs`.")
        return job

    def bring(self, job: Job) -> None:
        """Have the carrier given what the job plays. Raises RefusedError where that fails."""
        self._uploads().bring(job)

    def check(self, job: Job, expect: int | None) -> None:
        """Refuse what could not go out now; see `check_release`."""
        sent = job.job_id in self._released or job.job_id in self._station.fold.jobs
        stand_in = self._begun_as_stand_in and self._settings().carrier.stand_in
        check_release(job, expect, sent, self._clock.now(), stand_in)

    def send(self, job: Job, expect: int | None, command_id: int, author: str, leave: Leave) -> None:
        """Release a permitted job; it is on disk when this returns. See `Engine.send`.

        `leave` is asked when nothing else can hold the job back: it raises RefusedError where the ladder does.
        """
        station = self._station
        self.bring(job)
        with station.database.read() as txn:
            run = station.maker.make(txn, job.job_id)
        done = station.signal()
        with self._telling if run.job.message.reason in TOLD_ONCE else nullcontext():
            self._check_fresh(run.job)
            ended = self._release(run, expect, (command_id, author), leave, done)
        station.wait_for(done.is_set)
        # Whoever was stopped while it went out was looked for in neither place.
        late = tuple(chain.chain_id for chain in self._overlooked(run.job) if index_of(chain.chain_id) not in ended)
        if late:
            station.tell_pool(StopChains(late))
        log.info("job %d is called under the legal class %s", job.job_id, run.job.legal_class or "unknown")

    def _release(
        self, run: JobRun, expect: int | None, command: tuple[int, str], leave: Leave, done: Signal
    ) -> frozenset[int]:
        """Have a job's release committed, unless it may not go out; the chains that never begin, by index."""
        with self.releasing:
            self.check(run.job, expect)
            stopped = self._stopped_since(run.job)
            ended = frozenset(index_of(fact.chain_id) for fact in stopped)
            way = leave()
            committed = (*(way.facts if way else ()), *release_facts(run.job, *command), *stopped)
            self._tell(committed, way, RunJob(run, ended=ended, done=done.set))
            self._released.add(run.job_id)
        return ended

    def _tell(self, committed: tuple[facts.AnyFact, ...], way: Way | None, letter: RunJob) -> None:
        """Have the writer commit a release with the way it came; then the line pool takes the job in."""
        pool, writer = self._station.team.pool.ref, self._station.team.writer.ref
        if way is None:
            writer.tell_urgently(Record(committed, pool, letter, urgent=True))
            return

        def taken_in() -> None:
            way.done()
            pool.tell(letter)

        writer.tell_urgently(Write(way.write, taken_in, urgent=True, facts=committed))

    def _check_fresh(self, job: Job) -> None:
        """Refuse what another job has told since this one was prepared (decision 30)."""
        if job.message.reason in TOLD_ONCE:
            self._station.flush_tables()
            check_fresh(self._station.database, job, self._station.vault.plans(job.job_id, 0, job.chains))

    def _school_ids(self, planned: EncodedPlans, *, urgent: bool) -> tuple[tuple[str, str], ...]:
        """The carrier's customer ids of a job's schools; asked for before a school's first job (C026)."""
        now = self._standing()
        asks = now.messenger and now.voice and not urgent
        return self._schools.of_job(self._station.gateway, self._settings(), planned.plans, ask=asks)

    def _stopped_since(self, job: Job) -> tuple[facts.ChainClosed, ...]:
        """The end of chains that tell somebody who was stopped since the job was prepared: they never begin."""
        return tuple(facts.ChainClosed(chain.chain_id, Outcome.CANCELED) for chain in self._overlooked(job))

    def _overlooked(self, job: Job) -> list[Stopped]:
        today = self._station.team.floor.hours.day_number(self._clock.now())
        return overlooked(self._station.database, [job], today)

    def _uploads(self) -> Uploads:
        return Uploads(self._station.gateway, self._station.database, self._station.write, self._settings().carrier)
