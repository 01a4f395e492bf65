"""One run of a job on paper: the engine's own actors, from when they would take the job in until the job is over."""

from collections.abc import Callable
from random import Random

import msgspec

from actors.lines.job_run import JobRun
from actors.messages import GoOn, Record, RunJob
from actors.runtime.clock import VirtualClock
from actors.runtime.dispatcher import Dispatcher
from engine.config import Lines, Settings
from engine.forecast.course import Course
from engine.forecast.paper.phones import DrawnPhones
from engine.forecast.paper.scene import Scene
from engine.forecast.paper.scribe import Scribe
from engine.forecast.paper.store import PaperStore
from engine.forecast.paper.wordless import PaperRuns
from engine.forecast.past.history import Drawn, Usual
from engine.gateways.stand_in.carrier import Carrier
from engine.gateways.stand_in.in_process import InProcessGateway
from engine.gateways.stand_in.phone_network import PhoneNetwork
from engine.release import release_facts
from engine.running import recovery
from engine.running.crew import Team, man
from store.keys import index_of
from store.records import Plan

BLOCK_CHAINS = 16
"""Chains of a sample come in blocks of the plans' order: households stand together, and share numbers."""

TURNS_MAX = 50_000_000
"""A run that takes more turns of its actors never ends."""


def is_usual(seed: int) -> bool:
    """Every third run is a day as most are: they say what to expect, the others how far it may be off."""
    return seed % 3 == 1


def walk(scene: Scene, seed: int, share: float = 1.0, phones: PhoneNetwork | None = None) -> Course:
    """Walk the scene's job to its end, or a share of it on as large a share of the lines.

    Without `phones` they are drawn from the history, anew for every seed.
    """
    return _Walk(scene, seed, share, phones).to_the_end()


class _Walk:
    def __init__(self, scene: Scene, seed: int, share: float, phones: PhoneNetwork | None) -> None:
        lines = max(1, round(scene.lines[0] * share))
        self._share = share = min(1.0, lines / scene.lines[0]) if share < 1 else 1.0
        self._lines = lines, round(scene.lines[1] * share)
        self._scene, self._seed = scene, seed
        self._drawn: DrawnPhones | None = None
        if phones is None:
            day = Usual(scene.history) if is_usual(seed) else Drawn(scene.history, Random(seed))
            phones = self._drawn = DrawnPhones(day, scene.zone, seed)
        self._network = phones
        walked = {index: school for index, school in scene.schools.items() if self._is_walked(index)}
        self.scribe = Scribe(scene.job.job_id, walked, scene.so_far)
        self._begin()

    def _begin(self) -> None:
        scene = self._scene
        paper = PaperStore(scene.database)
        self._clock = VirtualClock(scene.now)
        self._dispatcher = Dispatcher(self._clock)
        checkpoint = scene.state.copy(paper)
        tokens = checkpoint.fold.rest.tokens
        incarnation = max(tokens, default=0) + 1
        tokens[incarnation] = Random(f"{self._seed}/{incarnation}").getrandbits(63)
        settings = scaled(scene.settings, self._share)
        self._team = team = man(
            settings, paper, checkpoint, self._dispatcher, self._gateway(), incarnation, self._lines, ""
        )
        team.writer.on_commit = self.scribe.committed
        maker = PaperRuns(scene, self._drawn, tokens)
        with scene.database.read() as txn:
            jobs = [self._sampled(one) for one in recovery.letters(checkpoint.fold, scene.database, txn, maker, False)]
            self._take_in(team, jobs, None if scene.released else maker.make(txn, scene.job.job_id))

    def _gateway(self) -> InProcessGateway:
        carrier = Carrier(self._network, lines=self._lines[0], emergency_lines=self._lines[1])

        def later(at: int, act: Callable[[], None]) -> None:
            self._dispatcher.timer.at(at, ACTS, act)

        return InProcessGateway(carrier, self._clock, later)

    def _take_in(self, team: Team, jobs: list[RunJob], new: JobRun | None) -> None:
        """As an engine does that begins: what is open goes on; then the job is released that was only prepared."""
        for letter in jobs:
            if letter.run.job_id == self._scene.job.job_id:
                letter.run.paused = False  # what would be if it went on now
            self._note_calls_out(letter)
        if jobs:
            team.poller.read_now()
        team.pool.ref.tell(GoOn(jobs))
        if new is not None:
            released = release_facts(new.job, 1, "")
            letter = self._sampled(RunJob(new))
            team.writer.ref.tell_urgently(Record(released, team.pool.ref, letter, urgent=True))

    def _note_calls_out(self, letter: RunJob) -> None:
        """Calls that are out have rung for a while: those on lines, which were handed over first."""
        if self._drawn is None:
            return
        out = sorted((row.opened_at, row.chain_id, row.step) for row in letter.begun if row.attempt_id)
        for opened_at, chain, step in out[: sum(self._lines)]:
            plan = decode(letter.run.plans(index_of(chain), 1)[0])
            self._drawn.since[plan.steps[step].number] = self._scene.now - opened_at

    def _is_walked(self, index: int) -> bool:
        """Whether a chain is in the sample: so many blocks of all, others for every seed."""
        if self._share == 1:
            return True
        place = index // BLOCK_CHAINS + self._seed * 0.37
        return int((place + 1) * self._share) > int(place * self._share)

    def _sampled(self, letter: RunJob) -> RunJob:
        """A job of which only the sample walks: the others count as ended before."""
        if self._share == 1:
            return letter
        left_out = {index for index in range(letter.run.job.chains) if not self._is_walked(index)}
        begun = tuple(row for row in letter.begun if index_of(row.chain_id) not in left_out)
        return RunJob(letter.run, begun, letter.ended | left_out, letter.done)

    def to_the_end(self) -> Course:
        dispatcher, floor, scribe = self._dispatcher, self._team.floor, self.scribe
        turns = dispatcher.run_until_idle()
        while not scribe.over and turns < TURNS_MAX and dispatcher.step_time():
            turns += dispatcher.run_until_idle()
            scribe.look(floor, self._clock.now())
        return scribe.course(self._share, usual=self._drawn is None or is_usual(self._seed))


class _Acts:
    """An addressee for callbacks: telling it one runs it, so that a reply comes as a later event of the timer."""

    def tell(self, message: Callable[[], None]) -> None:
        message()


ACTS = _Acts()

decode = msgspec.msgpack.Decoder(Plan).decode


def scaled(settings: Settings, share: float) -> Settings:
    """The settings for a share of the lines: what is counted in calls shrinks with them."""
    if share == 1:
        return settings
    lines = settings.lines
    ahead = None if lines.ahead_max is None else round(lines.ahead_max * share)
    changed: Lines = msgspec.structs.replace(lines, ahead_max=ahead, calls_per_second=lines.calls_per_second * share)
    return msgspec.structs.replace(settings, lines=changed)
