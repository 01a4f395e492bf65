"""Whatever people, clocks, settings and crashes do in whichever order: at most once, and only with all rungs."""

import tempfile
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from actors.runtime.dispatcher import Dispatcher
from engine.ladder.rungs import LATE_MS_MAX
from engine.release import author_id
from store import facts
from store.commands import Verb
from store.errors import CallchainError
from store.keys import id_key
from store.records import Reason
from store.releases import Rung
from tests.engine.ladder.town import ladder_town, set_ladder
from tests.fakes import MINUTE, SECOND

LADDERS: tuple[dict[str, Any], ...] = (
    {"second_person": "always", "recall_seconds": 10}, {"second_person": "always"}, {"recall_seconds": 10}, {},
    {"second_person": "emergency", "recall_seconds": 20, "approval_minutes": 1},
)  # fmt: skip

jobs = st.integers(0, 3)
people = st.sampled_from(("anna", "ben", "anna", "ben", "anna", "ben", ""))
counts = st.sampled_from((1, 1, 1, 1, 1, 1, 2, None))
turns = st.sampled_from((None, None, None, None, 0, 1, 3, 6))


@contextmanager
def given_only(turns_max):
    """Whatever is done meanwhile gets so few turns that it may not be done when its author hears of it."""
    really = Dispatcher.run_until_idle
    if turns_max is None:
        yield
    else:
        with patch.object(Dispatcher, "run_until_idle", lambda dispatcher: really(dispatcher, turns_max)):
            yield


class Room(RuleBasedStateMachine):
    """Operators at an engine that may die at any time."""

    @initialize(ladder=st.sampled_from(LADDERS))
    def open(self, ladder):
        self.left = ExitStack()
        home = self.left.enter_context(tempfile.TemporaryDirectory())
        self.town = self.left.enter_context(ladder_town(Path(home), **ladder))
        self.jobs = []
        self.begun = {}
        """Job → the ladder in force when it was first asked for."""
        self.recalled = set()
        """Jobs whose recall was confirmed to somebody."""
        self.prepare(Reason.EMERGENCY)

    def teardown(self):
        if hasattr(self, "left"):
            self.left.close()

    @property
    def engine(self):
        return self.town.engine

    def job(self, index, *rungs):
        """One of the jobs that stand on these rungs, or of all where none does."""
        there = [job for job in self.jobs if (way := self.way(job)) is not None and way.rung in rungs]
        return (there or self.jobs)[index % len(there or self.jobs)]

    def asked(self, job):
        return any(fact.verb == Verb.ASK and fact.job_id == job for fact in self.town.facts(facts.CommandTaken))

    def way(self, job):
        """What the store has of a job's way up the ladder."""
        with self.town.database.read() as txn:
            return self.town.database.releases.get(txn, id_key(job))

    @precondition(lambda self: len(self.jobs) < 4)
    @rule(reason=st.sampled_from((Reason.GENERAL, Reason.EMERGENCY)))
    def prepare(self, reason):
        self.jobs.append(self.town.prepare(reason))

    @rule(index=jobs, who=people, count=counts, turns_max=turns, plainly=st.booleans())
    def ask(self, index, who, count, turns_max, plainly):
        job = self.job(index)
        if not self.asked(job):
            self.begun.setdefault(job, []).append(self.town.settings.ladder)
        ask = self.engine.send if plainly else self.engine.ask_to_send
        with suppress(CallchainError), given_only(turns_max):
            ask(job, expect=count, author=who)

    @rule(index=jobs, who=people, count=counts, turns_max=turns)
    def approve(self, index, who, count, turns_max):
        with suppress(CallchainError), given_only(turns_max):
            self.engine.approve(self.job(index, Rung.ASKED), expect=count, author=who)

    @rule(index=jobs, who=people, turns_max=turns)
    def recall(self, index, who, turns_max):
        job = self.job(index, Rung.ASKED, Rung.COUNTING)
        with suppress(CallchainError), given_only(turns_max):
            self.engine.recall(job, author=who)
            self.recalled.add(job)

    @rule(seconds=st.sampled_from((1, 9, 10, 11, 30, 125)), turns_max=turns)
    def pass_time(self, seconds, turns_max):
        until = self.town.now + seconds * SECOND
        with given_only(turns_max):
            self.town.run(until=until)

    @rule(count=st.integers(1, 12))
    def step(self, count):
        self.town.step(count)

    @rule(away_s=st.sampled_from((0, 0, 0, 5, 100, 200)), turns_max=st.sampled_from((None, 0, 4)))
    def crash(self, away_s, turns_max):
        self.town.crash()
        self.town.clock.move_to(self.town.now + away_s * SECOND)
        if turns_max is None:
            self.town.start()
        else:
            self.town.begin(turns_max)

    @rule(ladder=st.sampled_from(LADDERS))
    def change_settings(self, ladder):
        set_ladder(self.town, **ladder)

    @invariant()
    def a_job_goes_out_at_most_once_and_only_with_all_rungs(self):
        if not hasattr(self, "town"):
            return
        taken: dict[int, list[tuple[Verb, int, int]]] = {}
        out = set()
        for block in self.town.blocks():
            for fact in block.facts:
                if isinstance(fact, facts.CommandTaken):
                    taken.setdefault(fact.job_id, []).append((Verb(fact.verb), fact.author_id, block.at))
                if isinstance(fact, facts.JobPlanned):
                    assert fact.job_id not in out, "twice"
                    out.add(fact.job_id)
                    check_climbed(taken[fact.job_id], fact, self.way(fact.job_id), self.begun[fact.job_id])
        assert not out & self.recalled
        for commands in taken.values():
            words = [verb for verb, _, _ in commands]
            assert len(words) == len(set(words)), "a step was taken twice"
            assert not (Verb.RECALL in words and Verb.SEND in words)


def check_climbed(commands, planned, way, ladders):
    """A job that went out was let out by every rung of a ladder it can have begun with."""
    steps = {verb: author for verb, author, _ in commands}
    assert any(climbed(steps, planned, way, ladder) for ladder in ladders), (commands, way, ladders)
    assert Verb.RECALL not in steps


def climbed(steps, planned, way, ladder):
    emergency = planned.reason == Reason.EMERGENCY
    second = ladder.second_person == "always" or (ladder.second_person == "emergency" and emergency)
    recall_ms = int(ladder.recall_seconds * SECOND)
    if Verb.ASK not in steps:
        return not second and not recall_ms and way is None
    if way.rung is not Rung.RELEASED:
        return False
    # Facts happened when they were committed, which an engine without turns puts off; the way has the instants.
    last_at = way.release_at - recall_ms
    in_time = last_at < way.asked_at + ladder.approval_minutes * MINUTE if second else last_at == way.asked_at
    agreed = steps.get(Verb.APPROVE) not in (None, steps[Verb.ASK], author_id("")) if second else not way.approved_by
    return agreed and in_time and way.release_at <= way.ended_at < way.release_at + LATE_MS_MAX


TestRoom = Room.TestCase
TestRoom.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
