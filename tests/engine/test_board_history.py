"""The board's window on the journal, and its counts by school, against their slow definitions."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.board import Board
from engine.board.job_shape import grown
from engine.board.reading import history
from engine.board.reading.history import History, happenings_of
from engine.board.reading.prepared import prepared_jobs
from engine.board.schools import school_names
from engine.board.state import State
from store import facts
from store.dispositions import Disposition, Outcome
from store.journal import Journal
from store.keys import chain_id
from tests.engine.board_store import BoardStore, Reason, plan
from tests.tui.schools_day import GAS_LEAK, SCHOOLS, schools_day


@pytest.fixture
def store(tmp_path: Path) -> Iterator[BoardStore]:
    store = BoardStore(tmp_path / "store")
    yield store
    store.close()


def every_row(store: BoardStore) -> list[tuple[int, int]]:
    with store.database.read() as txn:
        return [row.row_id for block in Journal(store.database).since(txn, 0) for row in happenings_of(block)]


def last_seq(store: BoardStore) -> int:
    return store.fold.seq


def busy(store: BoardStore, calls: int) -> int:
    job = store.job("Absent today", Reason.ATTENDANCE, [plan("Ada Moreno", "s1", rounds=calls)])
    for round_ in range(calls):
        store.dials(job, 0, round_=round_)
        store.hears(job, 0, Disposition.NO_ANSWER, after_ms=60_000)
    return job


def test_a_result_and_the_end_it_brings_are_one_row_and_beginnings_are_none(store: BoardStore) -> None:
    job = store.job("Absent today", Reason.ATTENDANCE, [plan("Ada Moreno", "s1"), plan("Bo Jensen", "s2")])
    store.dials(job, 0, 1)
    store.hears(job, 0, Disposition.CONFIRMED, Outcome.CONFIRMED)
    store.commit(store.result(chain_id(job, 1), Disposition.BUSY), facts.JobPaused(job))
    window = History(store.database)
    window.begin(last_seq(store))
    window.older()
    kinds = [type(row.fact) for row in window.rows]
    assert kinds == [
        facts.StoreOpened, facts.JobPlanned, facts.AttemptClosed, facts.AttemptClosed, facts.JobPaused,
    ]  # fmt: skip
    ends = [row.end for row in window.rows if row.chain]
    assert ends == [facts.ChainClosed(chain_id(job, 0), Outcome.CONFIRMED), None]


@settings(max_examples=25, deadline=None)
@given(moves=st.lists(st.sampled_from(["older", "newer", "end", "begin"]), max_size=30), at_once=st.integers(3, 40))
def test_wherever_it_is_moved_its_rows_are_a_piece_of_the_journal_without_gaps(
    moves: list[str], at_once: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    store = BoardStore(tmp_path_factory.mktemp("history") / "store")
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(history, "ROWS_MAX", 12)
            patch.setattr(history, "FACTS_PER_READ", at_once)
            busy(store, 30)
            whole = every_row(store)
            window = History(store.database)
            window.begin(last_seq(store))
            for move in moves:
                if move == "older":
                    window.older()
                elif move == "newer":
                    window.newer(last_seq(store))
                else:
                    window.begin(last_seq(store) if move == "end" else 0)
                rows = [row.row_id for row in window.rows]
                assert len(rows) <= 12
                assert rows == [row for row in whole if window.first_seq <= row[0] <= window.last_seq]
    finally:
        store.close()


def test_a_moment_is_found_by_halving(store: BoardStore) -> None:
    busy(store, 50)
    window = History(store.database)
    with store.database.read() as txn:
        blocks = list(Journal(store.database).since(txn, 0))
    for at in (0, blocks[0].at, blocks[20].at, blocks[20].at + 1, blocks[-1].at, blocks[-1].at + 1):
        before = [block.seq for block in blocks if block.at < at]
        assert window.seq_before(at, last_seq(store)) == max(before, default=0)


def test_only_rows_that_pass_are_kept_however_far_it_has_to_read(store: BoardStore) -> None:
    store.commit(facts.AlarmRaised(1))
    busy(store, 60)
    window = History(store.database, lambda row: isinstance(row.fact, facts.AlarmRaised))
    window.begin(last_seq(store))
    while not window.at_beginning:
        window.older()
    assert [row.fact for row in window.rows] == [facts.AlarmRaised(1)]


# ---------------------------------------------------------------- by school


def test_counts_by_school_are_those_of_a_plain_loop_over_plans(store: BoardStore) -> None:
    schools_day(store)
    board = Board(store.database)
    board.catch_up()
    shape = board.shape(GAS_LEAK)
    assert shape is not None
    expected: Counter[tuple[str, State]] = Counter()
    with store.database.read() as txn:
        plans = [made for _, made in store.database.plans.scan(txn) if made.student_ids[0].startswith("s")]
    for made, state in zip(plans, shape.states, strict=True):
        expected[made.school_id, State(state)] += 1
    found = {(one.school_id, state): one.counts.of(state) for one in shape.by_school() for state in State}
    assert {key: count for key, count in found.items() if count} == dict(expected)
    assert sum(one.reached for one in shape.by_school()) == len(shape.reached_at())
    assert school_names(store.database) == {f"S{n}": name for n, name in enumerate(SCHOOLS, 1)}


def test_counts_by_school_follow_the_journal_block_by_block(store: BoardStore) -> None:
    schools_day(store)
    board = Board(store.database)
    board.catch_up()
    store.hears(GAS_LEAK, 20, Disposition.CONFIRMED, Outcome.CONFIRMED)
    board.refresh()
    shape, fresh = board.shape(GAS_LEAK), Board(store.database)
    fresh.catch_up()
    again = fresh.shape(GAS_LEAK)
    assert shape is not None
    assert again is not None
    assert shape.by_school() == again.by_school()


def test_a_curve_grows_to_all_there_are(store: BoardStore) -> None:
    schools_day(store)
    board = Board(store.database)
    board.catch_up()
    shape = board.shape(GAS_LEAK)
    assert shape is not None
    curve = grown(shape.reached_at(), store.at - 240_000, store.at, 60)
    assert curve == sorted(curve)
    assert curve[-1] == len(shape.reached_at()) == 13
    assert board.shape(99) is None
    instants = sorted(shape.reached_at().tolist())
    assert shape.share_reached_at(20, 50) == instants[9]
    assert shape.share_reached_at(40, 50) == 0


def test_what_was_prepared_and_not_sent_is_known_until_it_is_sent(store: BoardStore) -> None:
    schools_day(store)
    with store.database.read() as txn:
        sent = store.database.jobs.get(txn, (3).to_bytes(4, "big"))
    assert sent is not None
    with store.database.write() as txn:
        store.database.jobs.put(txn, (4).to_bytes(4, "big"), msgspec.structs.replace(sent, job_id=4))
    assert [job.job_id for job in prepared_jobs(store.database, {1, 2, 3}, 0)] == [4]
    assert [job.job_id for job in Board(store.database).prepared()] == [4]
    assert prepared_jobs(store.database, {1, 2, 3, 4}, 0) == []
