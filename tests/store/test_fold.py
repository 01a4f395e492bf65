"""The fold: what a history of facts adds up to."""

import copy
from collections import Counter
from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store import facts
from store.dispositions import Disposition, Expiry, JobState, Outcome
from store.facts import AnyFact, Block
from store.fold import LOCK_MEMORY_MS, Fold
from store.keys import attempt_id, chain_id, job_of
from store.records import Reason
from store.rows import REST, ChainRow
from tests.store.lives import life

JOB = 1
MOM, DAD = chain_id(JOB, 0), chain_id(JOB, 1)
FIRST, SECOND, THIRD = (attempt_id(1, counter) for counter in (1, 2, 3))
CELL, WORK = 501, 502
PLANNED = facts.JobPlanned(JOB, Reason.ATTENDANCE, 100, 900, 2, 1, 1, 3, b"hash")

lives = st.builds(life, st.integers(0, 2**32), st.integers(1, 60))


def fold_of(*told: list[AnyFact]) -> Fold:
    """Each list is a block, ten milliseconds after the one before."""
    fold = Fold()
    for seq, block in enumerate(told, 1):
        fold.apply(Block(seq, seq * 10, block))
    return fold


def test_a_planned_job_waits():
    job = fold_of([PLANNED]).jobs[JOB]
    assert (job.state, job.planned_at, job.chains, job.unreachable, job.covered) == (JobState.WAITING, 10, 2, 1, 1)
    assert (job.live, job.emergency, job.plans_hash) == (2, False, b"hash")


def test_a_job_goes_from_waiting_through_paused_to_sent():
    told: list[list[AnyFact]] = [[PLANNED], [facts.JobOpened(JOB)], [facts.JobPaused(JOB)], [facts.JobResumed(JOB)]]
    states = [fold_of(*told[:count]).jobs[JOB].state for count in range(1, 5)]
    assert states == [JobState.WAITING, JobState.IN_PROGRESS, JobState.PAUSED, JobState.IN_PROGRESS]
    ended = fold_of(*told, [facts.JobEnded(JOB, JobState.SENT)]).jobs[JOB]
    assert (ended.state, ended.ended_at) == (JobState.SENT, 50)


def test_a_job_paused_before_its_window_waits_again_when_resumed():
    fold = fold_of([PLANNED], [facts.JobPaused(JOB)], [facts.JobResumed(JOB)])
    assert fold.jobs[JOB].state is JobState.WAITING


def test_a_job_that_opens_while_paused_stays_paused_and_goes_on_when_resumed():
    fold = fold_of([PLANNED], [facts.JobPaused(JOB)], [facts.JobOpened(JOB)])
    assert fold.jobs[JOB].state is JobState.PAUSED
    fold.apply(Block(4, 40, [facts.JobResumed(JOB)]))
    assert fold.jobs[JOB].state is JobState.IN_PROGRESS


def test_an_opened_attempt_is_on_its_chain_until_it_closes():
    fold = fold_of([PLANNED], [facts.AttemptOpened(FIRST, MOM, 1, 0, CELL)])
    row = fold.chains[MOM]
    assert (row.attempt_id, row.step, row.round, row.number_id, row.opened_at) == (FIRST, 1, 0, CELL, 20)
    fold.apply(Block(3, 30, [facts.AttemptClosed(FIRST, MOM, Disposition.BUSY, 22, 6)]))
    assert (row.attempt_id, row.closed_at, fold.released[CELL]) == (0, 30, 30)
    assert list(row.tried()) == [(1, 0, Disposition.BUSY, 20, 22, 6)]


def test_an_attempt_that_never_rang_has_no_instant_of_dialing():
    closed = facts.AttemptClosed(FIRST, MOM, Disposition.WITHDRAWN)
    fold = fold_of([PLANNED], [facts.AttemptOpened(FIRST, MOM, 0, 0, CELL)], [closed])
    assert next(fold.chains[MOM].tried()).dialed_at == 0


def test_a_barred_step_is_in_the_history_and_opens_no_attempt():
    fold = fold_of([PLANNED], [facts.StepBarred(MOM, 0, 0, Disposition.BLOCKED)])
    assert [tried.disposition for tried in fold.chains[MOM].tried()] == [Disposition.BLOCKED]
    assert fold.jobs[JOB].attempts == 0


def test_a_closed_chain_counts_once_under_its_outcome():
    fold = fold_of([PLANNED], [facts.ChainClosed(MOM, Outcome.EXPIRED, Expiry.DISTRICT_END)])
    assert (fold.chains[MOM].outcome, fold.chains[MOM].expiry) == (Outcome.EXPIRED, Expiry.DISTRICT_END)
    assert (fold.jobs[JOB].ended, fold.jobs[JOB].live, fold.jobs[JOB].outcomes[Outcome.EXPIRED]) == (1, 1, 1)


def two_overdue_attempts() -> Fold:
    return fold_of(
        [PLANNED],
        [facts.AttemptOpened(FIRST, MOM, 0, 0, CELL)],
        [facts.AttemptClosed(FIRST, MOM, Disposition.RESULT_OVERDUE)],
        [facts.AttemptOpened(SECOND, MOM, 1, 0, WORK)],
        [facts.AttemptClosed(SECOND, MOM, Disposition.RESULT_OVERDUE)],
    )


def test_a_late_result_takes_the_place_of_its_own_attempt_in_whatever_order_results_come():
    fold = two_overdue_attempts()
    assert fold.rest.overdue == {FIRST: MOM, SECOND: MOM}
    fold.apply(Block(6, 60, [facts.AttemptCorrected(SECOND, MOM, Disposition.LIVE_NO_CONFIRM, 41, 7)]))
    ends = [tried.disposition for tried in fold.chains[MOM].tried()]
    assert ends == [Disposition.RESULT_OVERDUE, Disposition.LIVE_NO_CONFIRM]
    fold.apply(Block(7, 70, [facts.AttemptCorrected(FIRST, MOM, Disposition.BUSY, 21, 8)]))
    ends = [tried.disposition for tried in fold.chains[MOM].tried()]
    assert ends == [Disposition.BUSY, Disposition.LIVE_NO_CONFIRM]
    assert (fold.rest.overdue, fold.jobs[JOB].overdue) == ({}, 0)
    assert fold.jobs[JOB].dispositions[Disposition.RESULT_OVERDUE] == 0


def test_a_late_result_of_a_chain_that_was_let_go_is_written_into_its_row_again():
    fold = two_overdue_attempts()
    fold.apply(Block(6, 60, [facts.ChainClosed(MOM, Outcome.EXHAUSTED)]))
    let_go = copy.copy(fold.chains.pop(MOM))
    fold.find_chain = {MOM: let_go}.get
    late = facts.AttemptCorrected(SECOND, MOM, Disposition.CONFIRMED, 41, 7)
    fold.apply(Block(7, 70, [late, facts.ChainCorrected(MOM, Outcome.CONFIRMED, Outcome.EXHAUSTED)]))
    assert fold.chains[MOM].outcome == Outcome.CONFIRMED
    assert [tried.disposition for tried in fold.chains[MOM].tried()][1] is Disposition.CONFIRMED
    outcomes = fold.jobs[JOB].outcomes
    assert (outcomes[Outcome.EXHAUSTED], outcomes[Outcome.CONFIRMED], fold.jobs[JOB].ended) == (0, 1, 1)


def test_an_alarm_says_since_when_and_goes_when_cleared():
    fold = fold_of([facts.AlarmRaised(3)], [facts.AlarmRaised(3)])
    assert fold.rest.alarms == {3: 10}
    fold.apply(Block(3, 30, [facts.AlarmCleared(3)]))
    assert fold.rest.alarms == {}


def test_every_incarnation_keeps_its_token():
    fold = fold_of([facts.StoreOpened(1, 77, 1)], [facts.StoreOpened(2, 88, 2, True)])
    assert (fold.rest.tokens, fold.rest.generation) == ({1: 77, 2: 88}, 2)


def test_commands_and_the_end_of_the_engine_are_history_only():
    before = fold_of([PLANNED])
    after = fold_of([PLANNED], [facts.CommandTaken(9, 1, JOB, 3), facts.EngineStopped()])
    assert (after.jobs, after.chains, after.seq, after.at) == (before.jobs, before.chains, 2, 20)


def test_every_fact_has_its_place_in_the_fold():
    for kind in AnyFact.__args__:
        assert kind in Fold.apply.__globals__["_HANDLERS"], kind


def test_of_many_numbers_only_those_in_use_lately_are_remembered(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("store.fold.LOCKS_KEPT", 1)
    fold = fold_of([PLANNED], [facts.AttemptOpened(FIRST, MOM, 0, 0, CELL)])
    later = fold.at + LOCK_MEMORY_MS + 1
    fold.apply(Block(3, later, [facts.AttemptOpened(SECOND, DAD, 0, 0, WORK)]))
    assert fold.released == {WORK: later}


@settings(max_examples=60, deadline=None)
@given(lives)
def test_counts_and_histories_are_what_a_plain_reading_of_the_facts_gives(blocks: list[Block]):
    fold = Fold()
    for block in blocks:
        fold.apply(block)
    told = [fact for block in blocks for fact in block.facts]
    for job_id, job in fold.jobs.items():
        mine = [fact for fact in told if job_of(getattr(fact, "chain_id", 0)) == job_id]
        results, outcomes = _results(mine), _outcomes(mine)
        assert job.attempts == sum(isinstance(fact, facts.AttemptOpened) for fact in mine)
        assert _counted(job.dispositions) == Counter(results.values())
        assert _counted(job.outcomes) == Counter(outcomes.values())
        assert job.ended == len(outcomes)
        assert job.overdue == Counter(results.values())[Disposition.RESULT_OVERDUE]
        assert {
            chain: row.outcome for chain, row in fold.chains.items() if row.outcome and job_of(chain) == job_id
        } == outcomes
    for chain, row in fold.chains.items():
        assert [tried.disposition for tried in row.tried()] == list(_history(chain, told))


def _results(told: Iterable[AnyFact]) -> dict[int, Disposition]:
    kinds = (facts.AttemptClosed, facts.AttemptCorrected)
    return {fact.attempt_id: fact.disposition for fact in told if isinstance(fact, kinds)}


def _outcomes(told: Iterable[AnyFact]) -> dict[int, Outcome]:
    kinds = (facts.ChainClosed, facts.ChainCorrected)
    return {fact.chain_id: fact.outcome for fact in told if isinstance(fact, kinds)}


def _history(chain: int, told: list[AnyFact]) -> Iterator[Disposition]:
    results = _results(told)
    for fact in told:
        if isinstance(fact, facts.AttemptClosed) and fact.chain_id == chain:
            yield results[fact.attempt_id]
        elif isinstance(fact, facts.StepBarred) and fact.chain_id == chain:
            yield fact.disposition


def _counted(by_code: list[int]) -> Counter[int]:
    return Counter({code: count for code, count in enumerate(by_code) if count})


@settings(max_examples=40, deadline=None)
@given(lives)
def test_replaying_what_is_already_reflected_changes_nothing(blocks: list[Block]):
    fold, again = Fold(), Fold()
    for block in blocks:
        fold.apply(block)
        again.apply(block)
    touched: list[int] = []
    again._touched = touched.append
    for block in blocks:
        again.replay(block)
    assert {row for row in touched if row != REST} == set()
    assert (again.jobs, again.chains, again.rest) == (fold.jobs, fold.chains, fold.rest)
    assert again.released == fold.released
    assert again.redials == fold.redials


def test_a_chain_row_keeps_long_delays_and_durations_within_its_history():
    row = ChainRow(1)
    row.note(2, 3, Disposition.BUSY, 1_000, 1_000 + 2**40, 2**40)
    row.note(2, 3, Disposition.BUSY, 1_000, 900, 5)
    first, second = row.tried()
    assert (first.dialed_at - 1_000, first.duration_ms) == (2**31 - 1, 2**31 - 1)
    assert second.dialed_at == 1_000, "the carrier's clock was behind ours"
