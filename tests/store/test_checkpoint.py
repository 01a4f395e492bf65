"""The rolling checkpoint: whenever the process dies, the tables and the rest of the journal give the whole state."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store import facts
from store.checkpoint import Checkpoint, ended_chain, ended_chains_of
from store.database import Database
from store.dispositions import Disposition, JobState, Outcome
from store.facts import Block
from store.fold import LOCK_MEMORY_MS, Fold
from store.keys import attempt_id, chain_id, job_of
from store.records import Reason
from tests.store.lives import life
from tests.store.stores import commit, flush, fresh_store, restarted

MOM = chain_id(1, 0)
CELL = 501


class PowerLossError(Exception):
    """The commit never happened."""


def state_of(fold: Fold, database: Database) -> dict[str, Any]:
    """Everything a fold knows, with the chains it let go."""
    with database.read() as txn:
        chains = {row.chain_id: row for _, row in database.ended_chains.scan(txn)}
    chains.update(fold.chains)
    return {"rest": fold.rest, "jobs": fold.jobs, "chains": chains}


def write_and_lose(database: Database, checkpoint: Checkpoint, everything: bool) -> None:
    """Write rows in a transaction that never ends well."""
    with database.write() as txn:
        write = checkpoint.flush if everything else checkpoint.write_some
        write(txn)
        raise PowerLossError


def assert_equal_to_a_fresh_fold(database: Database, checkpoint: Checkpoint, blocks: list[Block]) -> None:
    scratch = Fold()
    for block in blocks:
        scratch.apply(block)
    assert state_of(checkpoint.fold, database) == {"rest": scratch.rest, "jobs": scratch.jobs, "chains": scratch.chains}
    counted, expected = checkpoint.fold.redials, scratch.redials
    assert {shelf: (row.day, row.counts) for shelf, row in counted.items()} == {
        shelf: (row.day, row.counts) for shelf, row in expected.items()
    }


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**32), blocks=st.integers(1, 40), lag=st.integers(0, 6))
def test_at_every_crash_point_tables_and_replay_equal_a_fold_from_scratch(seed: int, blocks: int, lag: int):
    done: list[Block] = []
    chance = random.Random(seed)
    with fresh_store() as database:
        checkpoint = restarted(database, lag)
        for block in life(seed, blocks):
            commit(database, checkpoint, block)
            done.append(block)
            if chance.random() < 0.1:
                flush(database, checkpoint)
            found = restarted(database, lag)
            assert_equal_to_a_fresh_fold(database, found, done)
            if chance.random() < 0.2:
                # The next process goes on where this one was killed: what is left to write must be known to it.
                checkpoint = found


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 2**32), blocks=st.integers(1, 30), lag=st.integers(0, 4))
def test_a_commit_that_fails_and_is_tried_again_loses_nothing(seed: int, blocks: int, lag: int):
    done: list[Block] = []
    chance = random.Random(seed)
    with fresh_store() as database:
        checkpoint = restarted(database, lag)
        for block in life(seed, blocks):
            if chance.random() < 0.4:
                with pytest.raises(PowerLossError):
                    write_and_lose(database, checkpoint, everything=chance.random() < 0.5)
                assert_equal_to_a_fresh_fold(database, restarted(database), done)
            commit(database, checkpoint, block)
            done.append(block)
        assert_equal_to_a_fresh_fold(database, restarted(database), done)


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 2**32), blocks=st.integers(1, 40), lag=st.integers(0, 6))
def test_a_restart_remembers_when_numbers_were_last_in_use(seed: int, blocks: int, lag: int):
    with fresh_store() as database:
        checkpoint = restarted(database, lag)
        done: list[Block] = []
        for block in life(seed, blocks):
            commit(database, checkpoint, block)
            done.append(block)
        found = restarted(database, lag).fold.released
        for number, at in released_lately(done).items():
            assert found[number] == at


def released_lately(blocks: list[Block]) -> dict[int, int]:
    """When calls of the last minutes freed their number, as far as they began in the last minutes too."""
    since = blocks[-1].at - LOCK_MEMORY_MS
    opened: dict[int, tuple[int, int]] = {}
    released: dict[int, int] = {}
    for block in blocks:
        for fact in block.facts:
            if isinstance(fact, facts.AttemptOpened):
                opened[fact.attempt_id] = fact.number_id, block.at
                released[fact.number_id] = block.at
            elif isinstance(fact, facts.AttemptClosed):
                number, begun_at = opened[fact.attempt_id]
                released[number] = block.at if begun_at >= since else 0
    return {number: at for number, at in released.items() if at >= since}


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 2**32), blocks=st.integers(1, 40))
def test_after_a_flush_the_tables_alone_equal_the_fold_and_nothing_is_replayed(seed: int, blocks: int):
    done = life(seed, blocks)
    with fresh_store() as database:
        checkpoint = restarted(database)
        for block in done:
            commit(database, checkpoint, block)
        flush(database, checkpoint)
        assert not any(row.outcome for row in checkpoint.fold.chains.values()), "what has ended is let go"
        with database.write() as txn:
            assert int(database.get_meta(txn, "low_water")) == done[-1].seq
            jobs = {row.job_id: row for _, row in database.job_rows.scan(txn)}
            chains = {row.chain_id: row for _, row in database.open_chains.scan(txn)}
        assert (jobs, chains) == (checkpoint.fold.jobs, checkpoint.fold.chains)
        assert_equal_to_a_fresh_fold(database, restarted(database), done)


def planned(chains: int) -> facts.JobPlanned:
    return facts.JobPlanned(1, Reason.GENERAL, 0, 10**15, chains, 0, 0, chains, b"")


def test_an_ended_chain_is_let_go_once_its_row_is_written_and_can_be_read_again(database: Database):
    checkpoint = restarted(database, lag_rows_max=0)
    commit(database, checkpoint, Block(1, 10, [planned(2)]))
    commit(database, checkpoint, Block(2, 20, [facts.ChainClosed(MOM, Outcome.CONFIRMED)]))
    assert MOM in checkpoint.fold.chains, "its row is written with the next commit"
    commit(database, checkpoint, Block(3, 30, [facts.AlarmRaised(1)]))
    assert checkpoint.fold.chains == {}
    row = ended_chain(database, MOM)
    assert row is not None
    assert row.outcome == Outcome.CONFIRMED
    with database.read() as txn:
        assert list(ended_chains_of(database, txn, 1)) == [MOM]
        assert ended_chains_of(database, txn, 2) == {}
        assert database.open_chains.count(txn) == 0


def test_rows_wait_until_there_are_more_than_the_lag_allows(database: Database):
    checkpoint = restarted(database, lag_rows_max=3)
    closed = [facts.AttemptOpened(attempt_id(1, n), chain_id(1, n), 0, 0, CELL + n) for n in range(6)]
    commit(database, checkpoint, Block(1, 10, [planned(6)]))
    for seq, fact in enumerate(closed, 2):
        commit(database, checkpoint, Block(seq, seq * 10, [fact]))
        with database.read() as txn:
            written = database.open_chains.count(txn) + database.job_rows.count(txn)
        assert written >= seq - 1 - 3


def test_a_late_result_reaches_a_chain_that_was_let_go_before_the_restart(database: Database):
    checkpoint = restarted(database, lag_rows_max=0)
    attempt = attempt_id(1, 1)
    overdue = facts.AttemptClosed(attempt, MOM, Disposition.RESULT_OVERDUE)
    commit(database, checkpoint, Block(1, 10, [planned(1), facts.AttemptOpened(attempt, MOM, 0, 0, CELL)]))
    commit(database, checkpoint, Block(2, 20, [overdue, facts.ChainClosed(MOM, Outcome.EXHAUSTED)]))
    commit(database, checkpoint, Block(3, 30, [facts.JobEnded(1, JobState.ERROR)]))
    flush(database, checkpoint)
    found = restarted(database, 0)
    assert (found.fold.chains, found.fold.rest.overdue) == ({}, {attempt: MOM})
    late = facts.AttemptCorrected(attempt, MOM, Disposition.CONFIRMED, 12, 5)
    corrected = facts.ChainCorrected(MOM, Outcome.CONFIRMED, Outcome.EXHAUSTED)
    commit(database, found, Block(4, 40, [late, corrected, facts.JobEnded(1, JobState.SENT)]))
    flush(database, found)
    row = ended_chain(database, MOM)
    assert row is not None
    assert (row.outcome, [tried.disposition for tried in row.tried()]) == (Outcome.CONFIRMED, [Disposition.CONFIRMED])
    assert restarted(database).fold.jobs[1].state is JobState.SENT


def test_a_restart_soon_after_a_call_knows_when_it_ended_though_its_blocks_are_not_replayed(database: Database):
    checkpoint, attempt = restarted(database, lag_rows_max=0), attempt_id(1, 1)
    commit(database, checkpoint, Block(1, 0, [planned(1), facts.AttemptOpened(attempt, MOM, 0, 0, CELL)]))
    commit(database, checkpoint, Block(2, 100_000, [facts.AttemptClosed(attempt, MOM, Disposition.BUSY)]))
    flush(database, checkpoint)
    assert restarted(database).fold.released[CELL] == 100_000


def test_a_call_that_was_very_long_is_known_by_its_chain(database: Database):
    checkpoint, attempt = restarted(database, lag_rows_max=0), attempt_id(1, 1)
    commit(database, checkpoint, Block(1, 0, [planned(1), facts.AttemptOpened(attempt, MOM, 0, 0, CELL)]))
    commit(database, checkpoint, Block(2, 300_000, [facts.AttemptClosed(attempt, MOM, Disposition.BUSY)]))
    flush(database, checkpoint)
    assert restarted(database).fold.released[CELL] == 300_000


def test_a_restart_of_an_empty_store_is_an_empty_fold(database: Database):
    fold = restarted(database).fold
    assert (fold.seq, fold.at, fold.jobs, fold.chains, fold.released) == (0, 0, {}, {}, {})


def test_the_instant_of_the_newest_block_is_known_after_a_restart_that_replays_nothing(database: Database):
    checkpoint = restarted(database)
    commit(database, checkpoint, Block(1, 10, [planned(1)]))
    commit(database, checkpoint, Block(2, 20, [facts.JobOpened(1)]))
    flush(database, checkpoint)
    assert (restarted(database).fold.seq, restarted(database).fold.at) == (2, 20)


def test_chains_of_other_jobs_are_not_among_those_of_a_job(database: Database):
    checkpoint = restarted(database, lag_rows_max=0)
    other = facts.JobPlanned(2, Reason.GENERAL, 0, 10**15, 1, 0, 0, 1, b"")
    ends = [facts.ChainClosed(chain_id(job, 0), Outcome.CANCELED) for job in (1, 2)]
    commit(database, checkpoint, Block(1, 10, [planned(1), other, *ends]))
    flush(database, checkpoint)
    with database.read() as txn:
        assert [job_of(chain) for chain in ended_chains_of(database, txn, 2)] == [2]
