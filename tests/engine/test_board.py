"""The board against its slow definitions: a fold of the whole journal and plain loops over plans."""

import random
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.board import Board
from engine.board.chain_view import Next
from engine.board.state import State, state_of
from engine.board.views import Students
from store import facts
from store.alarms import Alarm
from store.dispositions import Disposition, Expiry, JobState, Outcome, Reach, reach_of
from store.errors import NotFoundError, StoreError
from store.facts import AnyFact
from store.fold import Fold
from store.journal import Journal
from store.keys import chain_id, job_of
from store.records import Plan
from store.rows import ChainRow
from tests.engine.board_store import HOUR, MORNING, BoardStore, Reason, plan

NO_KEY = Disposition.LIVE_NO_CONFIRM


@pytest.fixture
def store(tmp_path: Path) -> Iterator[BoardStore]:
    store = BoardStore(tmp_path / "store")
    yield store
    store.close()


def board_of(store: BoardStore) -> Board:
    return Board(store.database)


def three_families() -> list[Plan]:
    return [
        plan("Ada Moreno", "s1", "s2"),
        plan("Bo Jensen", "s2"),
        plan("Cem Yılmaz", "s3"),
        plan("Dee Moreno", "s4", steps=0, owner=0),
        plan("Eve Nobody", "s5", steps=0),
    ]


# ---------------------------------------------------------------- what it shows


def test_a_job_begins_with_pending_covered_and_unreachable_chains(store: BoardStore) -> None:
    job = store.job("Water main", Reason.EMERGENCY, three_families())
    board = board_of(store)
    board.catch_up()
    assert board.columns.states.tolist() == [State.PENDING] * 3 + [State.COVERED, State.UNREACHABLE]
    assert board.job(job).students == Students(missed=1, open=4)
    assert board.job(job).subject == "Water main"
    assert board.totals().counts.live == 3


def test_lines_and_their_peak_follow_open_attempts(store: BoardStore) -> None:
    calm = store.job("Picture day", Reason.GENERAL, three_families())
    board = board_of(store)
    urgent = store.job("Gas leak", Reason.EMERGENCY, three_families())
    store.dials(calm, 0, 1)
    store.dials(urgent, 2)
    board.catch_up()
    assert (board.lines.ordinary, board.lines.emergency) == (2, 1)
    store.hears(calm, 0, Disposition.BUSY)
    store.hears(urgent, 2, Disposition.CONFIRMED, Outcome.CONFIRMED)
    board.refresh()
    assert (board.lines.ordinary, board.lines.emergency, board.lines.peak) == (1, 0, 3)
    assert board.totals().dispositions == {"busy": 1, "confirmed": 1}


def test_a_covered_chain_takes_the_outcome_of_the_chain_that_dials_its_numbers(store: BoardStore) -> None:
    job = store.job("Water main", Reason.EMERGENCY, three_families())
    board = board_of(store)
    board.catch_up()
    store.dials(job, 0, 1, 2)
    store.hears(job, 0, Disposition.CONFIRMED, Outcome.CONFIRMED)
    board.catch_up()
    assert board.job(job).students == Students(covered=3, missed=1, open=1)
    view = board.chain(chain_id(job, 3))
    assert (view.state, view.owner) == (State.COVERED, chain_id(job, 0))


def test_a_late_key_0_turns_missed_students_into_covered_ones(store: BoardStore) -> None:
    job = store.job("Late bus", Reason.ATTENDANCE, [plan("Ada Moreno", "s1"), plan("Bo Jensen", "s2")])
    store.dials(job, 0, 1)
    store.hears(job, 0, Disposition.RESULT_OVERDUE, Outcome.EXHAUSTED)
    store.hears(job, 1, NO_KEY, Outcome.DELIVERED_UNCONFIRMED)
    board = board_of(store)
    board.catch_up()
    assert board.job(job).students == Students(told=1, missed=1)
    store.flush()
    board.refresh()
    chain = chain_id(job, 0)
    store.commit(
        facts.AttemptCorrected(1 << 40 | 1, chain, Disposition.CONFIRMED),
        facts.ChainCorrected(chain, Outcome.CONFIRMED, Outcome.EXHAUSTED),
    )
    store.flush()
    board.refresh()
    assert board.job(job).students == Students(covered=1, told=1)
    assert board.columns.states.tolist() == [State.CONFIRMED, State.DELIVERED_UNCONFIRMED]


def test_a_chain_says_what_was_tried_and_what_comes_next_and_when(store: BoardStore) -> None:
    job = store.job("Late bus", Reason.ATTENDANCE, [plan("Ada Moreno", "s1")])
    board = board_of(store)
    view = board.chain(chain_id(job, 0))
    assert (view.next, view.next_at) == (Next.OPENING, MORNING)
    store.opens(job)
    board.refresh()
    assert board.chain(chain_id(job, 0)).next is Next.LINE
    store.dials(job, 0)
    board.refresh()
    view = board.chain(chain_id(job, 0))
    assert (view.next, view.next_step, view.attempts[-1].disposition) == (Next.RESULT, 1, "")
    store.hears(job, 0, Disposition.BUSY)
    store.dials(job, 0, step=1)
    store.hears(job, 0, Disposition.NO_ANSWER)
    board.refresh()
    view = board.chain(chain_id(job, 0))
    assert (view.next, view.next_step, view.next_at) == (Next.REDIAL, 0, store.at + 600_000)
    assert [attempt.disposition for attempt in view.attempts] == ["busy", "no_answer"]
    store.commit(facts.JobPaused(job))
    board.refresh()
    assert board.chain(chain_id(job, 0)).next is Next.RESUMING


def test_a_redial_after_the_window_is_no_redial(store: BoardStore) -> None:
    closing = plan("Ada Moreno", "s1", steps=1, closes_at=MORNING + 60_000)
    job = store.job("Late bus", Reason.ATTENDANCE, [closing])
    store.opens(job)
    store.dials(job, 0)
    store.hears(job, 0, Disposition.NO_ANSWER)
    view = board_of(store).chain(chain_id(job, 0))
    assert (view.next, view.next_at) == (Next.CLOSING, MORNING + 60_000)


def test_phone_numbers_are_shown_by_their_last_four_digits(store: BoardStore) -> None:
    job = store.job("Late bus", Reason.ATTENDANCE, [plan("Ada Moreno", "s1")])
    number = plan("Ada Moreno").steps[0].number
    shown = board_of(store).chain(chain_id(job, 0)).steps[0].number
    assert shown == f"•••-•••-{number[-4:]}"


def test_names_are_found_whatever_their_case(store: BoardStore) -> None:
    store.job("Late bus", Reason.ATTENDANCE, [plan("Zed", "s9")])
    job = store.job("Water main", Reason.EMERGENCY, three_families())
    board = board_of(store)
    board.catch_up()
    assert board.columns.chain_ids[board.named("MORENO")].tolist() == [chain_id(job, 0), chain_id(job, 3)]
    assert board.columns.chain_ids[board.named("yıl")].tolist() == [chain_id(job, 2)]


def test_alarms_stand_until_they_are_cleared(store: BoardStore) -> None:
    board = board_of(store)
    store.commit(facts.AlarmRaised(Alarm.CARRIER_UNREACHABLE))
    board.refresh()
    assert [alarm.word for alarm in board.alarms] == ["carrier_unreachable"]
    store.commit(facts.AlarmCleared(Alarm.CARRIER_UNREACHABLE))
    board.refresh()
    assert board.alarms == []


def test_an_engine_that_stopped_in_good_order_is_known_to_have_stopped(store: BoardStore) -> None:
    board = board_of(store)
    store.stops()
    board.refresh()
    assert board.stopped_at == store.at
    assert board_of(store).stopped_at == store.at
    store.commit(facts.StoreOpened(2, 78, 0))
    board.refresh()
    assert board.stopped_at == 0


def test_a_job_that_ended_long_ago_leaves_the_board_and_the_others_stay_as_they_were(store: BoardStore) -> None:
    old = store.job("Yesterday", Reason.GENERAL, [plan("Ada Moreno", "s1")])
    new = store.job("Today", Reason.GENERAL, three_families())
    board = board_of(store)
    board.catch_up()
    store.ends(old, 0, Outcome.EXPIRED, Expiry.MESSAGE_WINDOW)
    store.job_ends(old)
    board.refresh()
    assert board.columns.slot(chain_id(old, 0)) == 0
    store.at += 25 * HOUR
    store.dials(new, 1)
    board.refresh()
    assert board.columns.slot(chain_id(old, 0)) is None
    assert board.columns.states[board.columns.slot(chain_id(new, 1))] == State.AT_CARRIER
    with pytest.raises(NotFoundError, match="no job 1"):
        board.job(old)
    fresh = board_of(store)
    fresh.catch_up()
    assert same(board, fresh)


def test_a_folder_without_a_store_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="There is no store"):
        Board.open(tmp_path / "store")


def test_a_long_journal_is_folded_in_bounded_steps(store: BoardStore) -> None:
    job = store.job("Snow day", Reason.GENERAL, [plan(f"Contact {n}", f"s{n}", steps=1) for n in range(9_000)])
    board = board_of(store)
    for start in range(0, 9_000, 1_500):
        indexes = range(start, start + 1_500)
        store.dials(job, *indexes)
        store.commit(*[store.result(chain_id(job, n), Disposition.NO_ANSWER) for n in indexes])
    done = board.refresh()
    assert done.behind > 0
    assert done.plans_left > 0
    assert not board.job(job).complete
    board.catch_up()
    assert board.job(job).counts.waiting == 9_000
    assert board.job(job).students == Students(open=9_000)


def test_the_board_holds_100_000_chains_and_forgets_rows_the_tables_have(tmp_path: Path) -> None:
    store = BoardStore(tmp_path / "store", lag_rows_max=500)
    count = 100_000
    job = store.job("Snow day", Reason.GENERAL, [plan("A", str(n), steps=1) for n in range(count)])
    board = board_of(store)
    for start in range(0, 20_000, 2_000):
        indexes = range(start, start + 2_000)
        store.dials(job, *indexes)
        closed = [(store.result(chain_id(job, n), Disposition.CONFIRMED),
                   facts.ChainClosed(chain_id(job, n), Outcome.CONFIRMED)) for n in indexes]  # fmt: skip
        store.commit(*[fact for pair in closed for fact in pair])
        board.refresh()
    board.catch_up()
    assert board.job(job).counts.confirmed == 20_000
    assert board.job(job).students == Students(covered=20_000, open=80_000)
    assert len(board._fold.chains) < 10_000
    assert board.chain(chain_id(job, 7)).attempts[0].disposition == "confirmed"
    store.close()


# ---------------------------------------------------------------- against the slow definition


def same(board: Board, other: Board) -> bool:
    """Both show the same, column by column and job by job."""
    assert board.columns.size == other.columns.size
    for name in ("chain_id", "state", "since_at", "tries", "step", "round", "disposition", "students", "key"):
        assert np.array_equal(board.columns.column(name), other.columns.column(name)), name
    assert board.jobs() == other.jobs()
    assert board.alarms == other.alarms
    assert board.totals() == other.totals()
    return True


class RandomEngine:
    """Writes valid facts in a random order."""

    def __init__(self, store: BoardStore, rng: random.Random) -> None:
        self.store, self.rng = store, rng
        self.plans: dict[int, list[Plan]] = {}
        self.waiting: set[int] = set()
        self.open: dict[int, int] = {}
        self.overdue: dict[int, int] = {}

    def act(self) -> None:
        acts = (self.plan_job, self.dial, self.dial, self.dial, self.hear, self.hear, self.close, self.correct,
                self.correct, self.bar, self.pause, self.alarm, self.store.flush)  # fmt: skip
        self.rng.choice(acts)()
        self.store.at += self.rng.randrange(30_000)

    def plan_job(self) -> None:
        if len(self.plans) >= 3:
            return
        rng, pool = self.rng, [f"s{n}" for n in range(6)]
        chains = rng.randrange(1, 5)

        def about() -> list[str]:
            return rng.sample(pool, rng.randrange(1, 4))

        plans = [plan(f"P{n}", *about()) for n in range(chains)]
        plans += [plan(f"C{n}", *about(), steps=0, owner=rng.randrange(chains)) for n in range(rng.randrange(3))]
        plans += [plan(f"U{n}", *about(), steps=0) for n in range(rng.randrange(2))]
        job = self.store.job("x", rng.choice([Reason.EMERGENCY, Reason.GENERAL]), plans)
        self.plans[job] = plans
        self.waiting |= {chain_id(job, n) for n in range(chains)}
        self.store.opens(job)

    def _some(self, chains: Collection[int]) -> int | None:
        return self.rng.choice(sorted(chains)) if chains else None

    def dial(self) -> None:
        if chain := self._some(self.waiting):
            self.waiting.discard(chain)
            fact = self.store.opened(chain, self.rng.randrange(2), self.rng.randrange(3))
            self.open[chain] = fact.attempt_id
            self.store.commit(fact)

    def hear(self) -> None:
        if chain := self._some(self.open):
            attempt = self.open.pop(chain)
            disposition = self.rng.choice(list(Disposition))
            if disposition is Disposition.RESULT_OVERDUE:
                self.overdue[attempt] = chain
            committed: list[AnyFact] = [self.store.result(chain, disposition)]
            if self.rng.random() < 0.5:
                committed.append(self._closed(chain))
            else:
                self.waiting.add(chain)
            self.store.commit(*committed)

    def _closed(self, chain: int) -> facts.ChainClosed:
        outcome = self.rng.choice([outcome for outcome in Outcome if outcome < Outcome.UNREACHABLE])
        return facts.ChainClosed(chain, outcome, Expiry.MESSAGE_WINDOW if outcome is Outcome.EXPIRED else Expiry.NONE)

    def close(self) -> None:
        if chain := self._some(self.waiting):
            self.waiting.discard(chain)
            self.store.commit(self._closed(chain))

    def correct(self) -> None:
        if attempt := self._some(self.overdue):
            chain = self.overdue.pop(attempt)
            committed: list[AnyFact] = [facts.AttemptCorrected(attempt, chain, Disposition.CONFIRMED, self.store.at)]
            was = self.outcome(chain)
            if was and was is not Outcome.CONFIRMED:
                committed.append(facts.ChainCorrected(chain, Outcome.CONFIRMED, was))
            self.store.commit(*committed)

    def outcome(self, chain: int) -> Outcome | None:
        row = replayed(self.store).chains.get(chain)
        return Outcome(row.outcome) if row and row.outcome else None

    def bar(self) -> None:
        if chain := self._some(self.waiting):
            self.store.commit(facts.StepBarred(chain, 0, 0, Disposition.BLOCKED))

    def pause(self) -> None:
        if job := self._some(self.plans):
            self.store.commit(facts.JobPaused(job) if self.rng.random() < 0.5 else facts.JobResumed(job))

    def alarm(self) -> None:
        code = self.rng.choice(list(Alarm))
        self.store.commit(facts.AlarmRaised(code) if self.rng.random() < 0.5 else facts.AlarmCleared(code))


def replayed(store: BoardStore) -> Fold:
    """A fold of the whole journal."""
    fold = Fold()
    with store.database.read() as txn:
        for block in Journal(store.database).since(txn, 0):
            fold.apply(block)
    return fold


def slow_students(plans: list[Plan], rows: dict[int, ChainRow]) -> Students:
    """Decision 21a by the letter, for the plans of one job and the rows of its chains."""
    reach: dict[str, Reach] = {}
    going_on: Counter[str] = Counter()
    for index, made in enumerate(plans):
        walked = made.owner if made.owner >= 0 else index
        row = rows.get(walked)
        ended = not plans[walked].steps or (row is not None and row.outcome)
        known = reach_of(Outcome(row.outcome)) if row is not None and row.outcome else Reach.MISSED
        for student in made.student_ids:
            reach[student] = max(reach.get(student, Reach.MISSED), known)
            going_on[student] += not ended
    count = Counter("open" if best is Reach.MISSED and going_on[s] else best.word for s, best in reach.items())
    return Students(count["covered"], count["told"], count["missed"], count["open"])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32), steps=st.integers(1, 80), lag=st.integers(0, 6))
def test_the_board_equals_a_fresh_fold_whenever_it_looks(
    tmp_path_factory: pytest.TempPathFactory, seed: int, steps: int, lag: int
) -> None:
    rng = random.Random(seed)
    store = BoardStore(tmp_path_factory.mktemp("board") / "store", lag)
    engine = RandomEngine(store, rng)
    board = Board(store.database)
    for _ in range(steps):
        engine.act()
        if rng.random() < 0.3:
            board.refresh()
    board.catch_up()
    fold, fresh = replayed(store), Board(store.database)
    fresh.catch_up()
    assert same(board, fresh)
    for chain, row in fold.chains.items():
        slot = board.columns.slot(chain)
        assert board.columns.states[slot] == state_of(row)
        assert board.columns.column("tries")[slot] == len(list(row.tried())) + bool(row.attempt_id)
    for job_id, plans in engine.plans.items():
        rows = {chain & 0xFFFFFF: row for chain, row in fold.chains.items() if job_of(chain) == job_id}
        assert board.job(job_id).students == slow_students(plans, rows)
        assert board.job(job_id).attempts == fold.jobs[job_id].attempts
    store.close()


def test_a_job_that_waits_for_results_is_shown_as_such(store: BoardStore) -> None:
    job = store.job("Late bus", Reason.ATTENDANCE, [plan("Ada Moreno", "s1")])
    store.dials(job, 0)
    store.hears(job, 0, Disposition.RESULT_OVERDUE, Outcome.EXHAUSTED)
    store.job_ends(job, JobState.ERROR)
    summary = board_of(store).job(job)
    assert (summary.state, summary.overdue, summary.counts.exhausted) == ("error", 1, 1)
