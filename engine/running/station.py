"""One engine at work: its store opened and recovered, its actors alive, and the way to them from other threads."""

import random
import secrets
import threading
from collections.abc import Callable
from contextlib import ExitStack
from itertools import chain
from pathlib import Path

from actors.gateway import Gateway
from actors.messages import FlushTables, GoOn, Letter, Record, RulesChanged, StopChains, Write
from actors.runtime.clock import Clock
from actors.runtime.dispatcher import Dispatcher
from engine.config import Settings, lines_for
from engine.home import STORE_FOLDER
from engine.preferences.stopped_chains import overlooked
from engine.release import author_id
from engine.running import logbook, recovery
from engine.running.crew import Team, man, rules_of
from engine.running.runs import RunMaker
from engine.running.supervision.heart import Heart
from store import facts
from store.checkpoint import Checkpoint, load
from store.commands import Verb
from store.database import Database
from store.engine_lock import EngineLock
from store.errors import CallchainError
from store.fold import Fold
from store.records import Job
from store.tables import Txn
from store.vault import Vault

ANSWER_SECONDS_MAX = 30.0
"""A command that is not on disk after this long is reported as unanswered; it may still be carried out."""

_OF_CHAINS = frozenset({facts.AttemptOpened, facts.AttemptClosed, facts.ChainClosed})

GatewayMaker = Callable[[Dispatcher], Gateway]


class Station:
    """Everything between opening a store and closing it again. Raises StoreBusyError if another engine runs on it."""

    def __init__(
        self, home: Path, settings: Settings, clock: Clock, make_gateway: GatewayMaker, seed: int | None, sync: bool
    ) -> None:
        self._seed = seed
        self._settings = settings
        self._news = threading.Condition()
        self.observers: list[Callable[[facts.AnyFact], None]] = []
        """Told of every committed fact that is not of a single chain, on the loop: they must only take note of it."""
        self._chain_watchers = 0
        """Threads that wait for something of single chains."""
        self._lock = EngineLock(home / STORE_FOLDER)
        self._given_back = ExitStack()
        """What is given back at the end, whatever happened, the last taken first."""
        self._given_back.callback(self._lock.release)
        try:
            self._open_store(home, sync, clock.now())
            self._begin(clock, make_gateway)
        except BaseException:
            self._given_back.close()
            raise

    # -- opening

    def _open_store(self, home: Path, sync: bool, now: int) -> None:
        self.database = Database(home / STORE_FOLDER, sync=sync)
        self._given_back.callback(self.database.close)
        self.vault = Vault(self.database)
        self._checkpoint = Checkpoint(self.database)
        with self.database.read() as txn:
            self.fold: Fold = load(self.database, self._checkpoint, txn)
            self._restored = bool(self.database.get_meta(txn, "restored"))
            self._cursor = self.database.get_meta(txn, "cursor").decode()
            self._students = self.vault.students_count(txn)
            abandoned = recovery.abandoned(self.fold, self.vault, txn, now)
        for apply in chain.from_iterable(map(self.vault.forget_plans, abandoned)):
            with self.database.write() as txn:
                apply(txn)

    def _begin(self, clock: Clock, make_gateway: GatewayMaker) -> None:
        self.dispatcher = Dispatcher(clock, self._seed)
        opened = self._new_incarnation()
        self.maker = RunMaker(self.vault, self.fold.rest.tokens)
        self.gateway = make_gateway(self.dispatcher)
        self._given_back.callback(self.gateway.close)
        self._given_back.callback(self.dispatcher.stop)
        self._heart = Heart(self.dispatcher, self._lock, self.database)
        self._given_back.callback(self._heart.stop)
        lines = lines_for(self._settings, self._students)
        self.team: Team = man(
            self._settings, self.database, self._checkpoint, self.dispatcher, self.gateway,
            self.incarnation, lines, self._cursor,
        )  # fmt: skip
        self.team.writer.on_commit = self._committed
        self.dispatcher.on_failure = self.wake
        self._go_on(opened)

    def _new_incarnation(self) -> facts.StoreOpened:
        """A new incarnation: what it hands out can never be mistaken for what another one did."""
        rest = self.fold.rest
        self.incarnation = max(rest.tokens, default=0) + 1
        # Stepped, each incarnation draws other numbers than the one before: a reference is never used twice.
        self.random = random.Random(secrets.randbits(64) if self._seed is None else f"{self._seed}/{self.incarnation}")
        token = self.random.getrandbits(63)
        rest.tokens[self.incarnation] = token
        return facts.StoreOpened(self.incarnation, token, rest.generation + self._restored, self._restored)

    def _go_on(self, opened: facts.StoreOpened) -> None:
        """Commit the new incarnation, then go on with the jobs that are open."""
        team, restored = self.team, self._restored
        paused = recovery.pauses_after_restore(self.fold) if restored else ()
        moved = recovery.moved_meanwhile(self.fold, team.floor.hours, self.dispatcher.clock.now())
        with self.database.read() as txn:
            jobs = list(recovery.letters(self.fold, self.database, txn, self.maker, restored))
        # Urgent, so that nothing else is in an earlier block.
        team.writer.ref.tell_urgently(Write(self._first_writes))
        team.writer.ref.tell_urgently(Record((opened, *moved, *paused), urgent=True))
        team.floor.gate.log_is_read = not restored
        team.pool.on_log_read = lambda: team.writer.ref.tell(Write(self._restore_is_over))
        if restored or jobs:
            # What ended while no engine ran is known at once.
            team.poller.read_now()
        team.pool.ref.tell(GoOn(jobs))
        team.pool.ref.tell(StopChains(self._stopped_meanwhile([letter.run.job for letter in jobs])))
        if self._seed is None:
            self._heart.start(self.incarnation)
            self.dispatcher.start()
        else:
            self.dispatcher.run_until_idle()

    def _stopped_meanwhile(self, jobs: list[Job]) -> tuple[int, ...]:
        """Chains that tell somebody who was stopped while no engine ran, or whose stop the last one never obeyed."""
        today = self.team.floor.hours.day_number(self.dispatcher.clock.now())
        return tuple(stopped.chain_id for stopped in overlooked(self.database, jobs, today))

    def _restore_is_over(self, txn: Txn) -> None:
        self.database.put_meta(txn, "restored", b"")

    def _first_writes(self, txn: Txn) -> None:
        if not self.vault.number_key(txn):
            self.vault.make_number_key(txn, None if self._seed is None else self.random.randbytes(32))

    def close(self) -> None:
        """Stop in good order: what is recorded is on disk; calls at the carrier go on and are found again."""
        with self._given_back:
            self.record(facts.EngineStopped())
            self.flush_tables()

    # -- the way to the actors from other threads

    def record(self, *committed: facts.AnyFact) -> None:
        """Have facts committed, after all that was recorded before."""
        self.team.writer.ref.tell(Record(committed))

    def write(self, apply: Callable[[Txn], object]) -> None:
        """Have the writer carry out a write, and wait until it is on disk."""
        done = self.signal()
        self.team.writer.ref.tell_urgently(Write(apply, done.set, urgent=True))
        self.wait_for(done.is_set)

    def change(self, verb: Verb, author: str, *writes: Callable[[Txn], None]) -> None:
        """Have something written that is neither job nor chain, and who did it; on disk when this returns."""
        taken = facts.CommandTaken(self.random.getrandbits(62) + 1, verb, 0, author_id(author))
        self.team.writer.ref.tell_urgently(Record((taken,), urgent=True))
        self.write(lambda txn: [write(txn) for write in writes])

    def tell_pool(self, letter: Letter) -> None:
        """A letter to the line pool about what has changed: a block, settings, chains to stop."""
        self.team.pool.ref.tell(letter)

    def apply(self, settings: Settings) -> None:
        """What may change under running jobs follows these settings from now on (decision 26)."""
        lines = lines_for(settings, self._students)
        self.tell_pool(RulesChanged(rules_of(settings, self.gateway, lines)))
        if self._seed is not None:
            self.dispatcher.run_until_idle()

    def flush_tables(self) -> None:
        """Bring the tables level with all that was recorded, and wait for it."""
        done = self.signal()
        self.team.writer.ref.tell(FlushTables(done.set))
        self.wait_for(done.is_set)

    def signal(self) -> "Signal":
        """Something an actor can set and this thread can wait for."""
        return Signal(self.wake)

    def wait_for(
        self, ready: Callable[[], bool], seconds: float | None = ANSWER_SECONDS_MAX, *, of_chains: bool = False
    ) -> None:
        """Until `ready()`; it is asked again after every signal and every commit that says something of a job.

        `of_chains`: after every commit at all. Stepped, everything happens in here. Raises CallchainError when nothing
        came within `seconds`.
        """
        if self._seed is not None:
            self.dispatcher.run_until_idle()
        with self._news:
            self._chain_watchers += of_chains
            came = self._news.wait_for(lambda: ready() or self.failed, 0 if self._seed is not None else seconds)
            self._chain_watchers -= of_chains
            if self.failed:
                raise CallchainError("The engine stopped by an error; start it again, it recovers from its store.")
            if not came:
                raise CallchainError("The engine did not answer in time; look at its log and at `callchain jobs`.")

    def _committed(self, block: facts.Block) -> None:
        """Wake whoever waits: a wake-up costs as much as a dial, and most blocks tell of single chains only."""
        notable = [fact for fact in block.facts if fact.__class__ not in _OF_CHAINS]
        for fact in notable:
            logbook.write(fact)
            for observe in self.observers:
                observe(fact)
        if notable or self._chain_watchers:
            self.wake()

    @property
    def restored(self) -> bool:
        """The store is a backup that was put back, opened for the first time since."""
        return self._restored

    @property
    def failed(self) -> bool:
        """An error ended the engine's loop."""
        return self.dispatcher.failure is not None

    def wake(self) -> None:
        """Have whoever waits look again."""
        with self._news:
            self._news.notify_all()


class Signal:
    """Set once, by an actor; wakes whoever waits at the station."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._set = False
        self._wake = wake

    def set(self) -> None:
        """Set it."""
        self._set = True
        self._wake()

    def is_set(self) -> bool:
        """Whether it was set."""
        return self._set
