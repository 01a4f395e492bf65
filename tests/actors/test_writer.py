"""The writer: many records, one block; nothing is released before it is on disk, nothing is lost when it cannot be."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.messages import FlushTables, Record, Write
from actors.runtime.actor import PooledActor
from actors.runtime.dispatcher import Dispatcher
from actors.writer import BLOCK_FACTS_MAX, RETRY_MS, SMALL_BLOCK_FACTS, Writer
from store import facts
from store.database import Database
from store.errors import StoreError
from store.facts import AnyFact, Block
from store.journal import Journal
from store.keys import chain_id
from store.records import Reason
from store.tables import Txn
from tests.actors.doubles import listener, run_for, stepped
from tests.store.lives import life
from tests.store.stores import fresh_store, restarted

pytestmark = pytest.mark.usefixtures("quiet")


@pytest.fixture
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Failing commits are expected: they are logged."""
    caplog.set_level("CRITICAL")


class Office:
    """A writer with a store whose disk can be full."""

    def __init__(self, database: Database, lag_rows_max: int = 20_000, seed: int | None = None) -> None:
        self.dispatcher: Dispatcher = stepped(seed)
        self.database = database
        self.checkpoint = restarted(database, lag_rows_max)
        self.actor = Writer(self.dispatcher, self.dispatcher.clock, database, self.checkpoint)
        self.actor._start_actor_loop()
        self.writer = self.actor.ref
        self.disk_full = False
        self.tries = self.commits = 0
        self.failing: list[bool] = []
        self.actor.on_failing = self.failing.append
        self._real_write = database.write
        database.write = self._write  # type: ignore[method-assign]

    @contextmanager
    def _write(self) -> Iterator[Txn]:
        self.tries += 1
        with self._real_write() as txn:
            yield txn
            if self.disk_full:
                raise StoreError("The disk is full.")
        self.commits += 1

    def blocks(self) -> list[Block]:
        with self.database.read() as txn:
            return list(Journal(self.database).since(txn, 0))

    def committed(self) -> list[AnyFact]:
        return [fact for block in self.blocks() for fact in block.facts]

    def hears_when_on_disk(self) -> "Witness":
        """Somebody to release letters to."""
        witness = Witness(self)
        witness._start_actor_loop()
        return witness


class Witness(PooledActor):
    """Notes for each letter, which is an alarm's code, whether that alarm was on disk when it came."""

    def __init__(self, office: Office) -> None:
        super().__init__(office.dispatcher, "witness")
        self._office = office
        self.checked: list[tuple[int, bool]] = []

    def on_receive(self, message: Any) -> None:
        self.checked.append((message, facts.AlarmRaised(message) in self._office.committed()))


@pytest.fixture
def office() -> Iterator[Office]:
    with fresh_store() as database:
        yield Office(database)


def alarm(code: int) -> tuple[AnyFact, ...]:
    return (facts.AlarmRaised(code),)


def test_records_of_many_actors_are_one_block_in_the_order_they_came(office: Office):
    for code in range(100):
        office.writer.tell(Record(alarm(code)))
    office.dispatcher.run_until_idle()
    (block,) = office.blocks()
    assert block.facts == [facts.AlarmRaised(code) for code in range(100)]
    assert (block.seq, block.at) == (1, office.dispatcher.clock.now())
    assert office.commits == 1


def test_what_comes_after_a_commit_is_in_the_next_block(office: Office):
    for code in range(3):
        office.writer.tell(Record(alarm(code)))
        office.dispatcher.run_until_idle()
    assert [block.seq for block in office.blocks()] == [1, 2, 3]


def test_facts_of_one_record_are_never_torn_apart(office: Office):
    office.writer.tell(Record(tuple(facts.AlarmRaised(code) for code in range(BLOCK_FACTS_MAX + 500))))
    office.writer.tell(Record(alarm(9)))
    office.dispatcher.run_until_idle()
    assert [len(block.facts) for block in office.blocks()] == [BLOCK_FACTS_MAX + 500, 1]


def test_a_block_is_closed_when_it_is_full_though_more_is_waiting(office: Office):
    for code in range(2 * BLOCK_FACTS_MAX + 1):
        office.writer.tell(Record(alarm(code % 8)))
    office.dispatcher.run_until_idle()
    assert [len(block.facts) for block in office.blocks()] == [BLOCK_FACTS_MAX, BLOCK_FACTS_MAX, 1]


def test_a_letter_is_released_only_when_its_facts_are_on_disk_and_in_the_order_of_the_records(office: Office):
    witness = office.hears_when_on_disk()
    for code in range(50):
        office.writer.tell(Record(alarm(code), witness.ref, code))
    assert witness.checked == []
    office.dispatcher.run_until_idle()
    assert witness.checked == [(code, True) for code in range(50)]


def test_the_fold_is_level_with_the_journal_when_letters_are_released(office: Office):
    seqs: list[int] = []
    office.actor.on_commit = lambda block: seqs.append(office.checkpoint.fold.seq - block.seq)
    office.writer.tell(Record(alarm(3)))
    office.dispatcher.run_until_idle()
    assert seqs == [0]
    assert office.checkpoint.fold.rest.alarms == {3: office.dispatcher.clock.now()}


def test_a_letter_for_somebody_who_has_ended_meanwhile_is_dropped(office: Office):
    actor, ref = listener(office.dispatcher)
    office.writer.tell(Record(alarm(1), ref, "too late"))
    ref.stop(block=False)
    office.dispatcher.run_until_idle()
    assert actor.letters == []
    assert len(office.blocks()) == 1


def test_a_write_that_is_no_fact_is_in_the_commit_and_makes_no_block(office: Office):
    done: list[bytes] = []

    def saved() -> None:
        with office.database.read() as txn:
            done.append(office.database.get_meta(txn, "cursor"))

    office.writer.tell(Write(lambda txn: office.database.put_meta(txn, "cursor", b"17"), saved))
    office.writer.tell(Write(lambda txn: office.database.put_meta(txn, "other", b"1")))
    office.dispatcher.run_until_idle()
    assert (done, office.blocks(), office.commits) == ([b"17"], [], 1)


def test_a_write_and_the_facts_before_it_are_on_disk_together(office: Office):
    office.writer.tell(Record(alarm(1)))
    office.writer.tell(Write(lambda txn: office.database.put_meta(txn, "cursor", b"17")))
    office.disk_full = True
    office.dispatcher.run_until_idle()
    with office.database.read() as txn:
        assert (office.database.get_meta(txn, "cursor"), office.blocks()) == (b"", [])
    office.disk_full = False
    run_for(office.dispatcher, RETRY_MS)
    with office.database.read() as txn:
        assert office.database.get_meta(txn, "cursor") == b"17"
    assert len(office.blocks()) == 1


def test_a_write_is_carried_out_in_one_commit_and_never_again(office: Office):
    carried_out: list[Txn] = []
    office.writer.tell(Write(carried_out.append))
    office.dispatcher.run_until_idle()
    office.writer.tell(Record(alarm(1)))
    office.dispatcher.run_until_idle()
    assert (len(carried_out), office.commits) == (1, 2)


# -- no room


def test_a_commit_that_fails_releases_nothing_and_is_tried_again_whole(office: Office):
    witness = office.hears_when_on_disk()
    office.disk_full = True
    for code in (1, 2):
        office.writer.tell(Record(alarm(code), witness.ref, code))
    run_for(office.dispatcher, RETRY_MS - 1)
    office.writer.tell(Record(alarm(3), witness.ref, 3))
    run_for(office.dispatcher, 3 * RETRY_MS)
    assert (witness.checked, office.blocks(), office.failing) == ([], [], [True])
    assert office.checkpoint.fold.seq == 0
    office.disk_full = False
    run_for(office.dispatcher, RETRY_MS)
    assert witness.checked == [(1, True), (2, True), (3, True)]
    assert [block.facts for block in office.blocks()] == [[facts.AlarmRaised(code) for code in (1, 2, 3)]]
    assert office.failing == [True, False]


def test_while_the_disk_is_full_it_is_not_hammered(office: Office):
    office.disk_full = True
    for code in range(500):
        office.writer.tell(Record(alarm(code % 8) * 20))
        office.dispatcher.run_until_idle()
    run_for(office.dispatcher, 10 * RETRY_MS)
    assert office.tries <= 12


def test_after_the_disk_was_full_records_are_committed_as_before(office: Office):
    office.disk_full = True
    office.writer.tell(Record(alarm(1)))
    run_for(office.dispatcher, 2 * RETRY_MS)
    office.disk_full = False
    run_for(office.dispatcher, RETRY_MS)
    office.writer.tell(Record(alarm(2)))
    office.dispatcher.run_until_idle()
    run_for(office.dispatcher, 10 * RETRY_MS)
    assert [block.facts for block in office.blocks()] == [[facts.AlarmRaised(1)], [facts.AlarmRaised(2)]]
    assert office.dispatcher.timer.next_in() is None, "nothing is left to try again"


# -- tables


PLANNED = facts.JobPlanned(1, Reason.GENERAL, 0, 10**15, 1, 0, 0, 1, b"")


def test_flushing_brings_the_tables_level_with_all_that_was_recorded_before(office: Office):
    done: list[int] = []

    def look() -> None:
        with office.database.read() as txn:
            done.append(office.database.job_rows.count(txn))

    office.writer.tell(Record((PLANNED,)))
    office.writer.tell(FlushTables(look))
    office.dispatcher.run_until_idle()
    assert done == [1]


def test_flushing_while_the_disk_is_full_is_answered_and_harms_nothing(office: Office):
    done: list[str] = []
    office.writer.tell(Record((PLANNED, facts.AttemptOpened(1, chain_id(1, 0), 0, 0, 5))))
    office.dispatcher.run_until_idle()
    office.disk_full = True
    office.writer.tell(FlushTables(lambda: done.append("answered")))
    office.dispatcher.run_until_idle()
    assert done == ["answered"]
    assert office.writer.is_alive()
    office.disk_full = False
    # The next commit holds no facts: what the failed flush had in hand must not be taken for written.
    office.writer.tell(Write(lambda txn: office.database.put_meta(txn, "cursor", b"1")))
    office.dispatcher.run_until_idle()
    office.writer.tell(FlushTables(lambda: done.append("answered again")))
    office.dispatcher.run_until_idle()
    found = restarted(office.database).fold
    assert (found.jobs, found.chains) == (office.checkpoint.fold.jobs, office.checkpoint.fold.chains)
    with office.database.read() as txn:
        assert (office.database.job_rows.count(txn), office.database.open_chains.count(txn)) == (1, 1)
    assert done == ["answered", "answered again"]


def test_flushing_while_commits_fail_is_answered(office: Office):
    done: list[str] = []
    office.disk_full = True
    office.writer.tell(Record(alarm(1)))
    office.writer.tell(FlushTables(lambda: done.append("answered")))
    run_for(office.dispatcher, RETRY_MS)
    assert done == ["answered"]
    office.disk_full = False
    run_for(office.dispatcher, RETRY_MS)
    assert office.committed() == [facts.AlarmRaised(1)]


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), blocks=st.integers(1, 25), lag=st.integers(0, 5))
def test_whenever_the_disk_fills_the_store_holds_all_that_was_released_and_the_journal_all_that_was_recorded(
    seed: int, blocks: int, lag: int
):
    with fresh_store() as database:
        office = Office(database, lag, seed)
        actor, released = listener(office.dispatcher)
        recorded: list[AnyFact] = []
        for block in life(seed, blocks):
            office.disk_full = office.actor._checkpoint.fold.seq % 3 == 2 and block.seq % 4 != 0
            for fact in block.facts:
                recorded.append(fact)
                office.writer.tell(Record((fact,), released, fact))
            if block.seq % 5 == 0:
                office.writer.tell(FlushTables(lambda: None))
            if block.seq % 3 == 0:
                office.writer.tell(Write(lambda txn: None))
            run_for(office.dispatcher, RETRY_MS // 2)
            assert actor.letters == office.committed()
            assert actor.letters == recorded[: len(actor.letters)]
        office.disk_full = False
        run_for(office.dispatcher, 2 * RETRY_MS)
        assert office.committed() == recorded
        found = restarted(database).fold
        kept = office.checkpoint.fold
        assert (found.rest, found.jobs) == (kept.rest, kept.jobs)


class Talker(PooledActor):
    """Somebody ordinary with a turn to come; it notes what was on disk when it came."""

    def __init__(self, office: Office) -> None:
        super().__init__(office.dispatcher)
        self.office = office
        self.blocks_seen: list[int] = []

    def on_receive(self, message: Any) -> None:
        self.blocks_seen.append(len(self.office.blocks()))


def test_an_urgent_record_is_on_disk_before_ordinary_actors_have_their_turns(office: Office):
    talkers = [Talker(office) for _ in range(3)]
    office.writer.tell(Record(alarm(1)))
    for talker in talkers:
        talker._start_actor_loop()
        talker.ref.tell("good morning")
    office.writer.tell_urgently(Record(alarm(2), urgent=True))
    office.dispatcher.run_until_idle()

    assert [talker.blocks_seen for talker in talkers] == [[1], [1], [1]]
    assert office.committed() == [*alarm(2), *alarm(1)], "it does not wait behind what is ordinary either"


def test_an_ordinary_record_lets_the_others_have_their_turns_first(office: Office):
    talker = Talker(office)
    talker._start_actor_loop()
    office.writer.tell(Record(alarm(1)))
    talker.ref.tell("good morning")
    office.dispatcher.run_until_idle()

    assert talker.blocks_seen == [0]


BACKLOG = 5_000


def test_an_urgent_record_is_on_disk_before_a_backlog_of_ordinary_ones(office: Office):
    for code in range(BACKLOG):
        office.writer.tell(Record(alarm(code)))
    office.writer.tell_urgently(Record(alarm(BACKLOG), urgent=True))
    office.dispatcher.run_until_idle()
    first, *others = office.blocks()
    assert first.facts == [*alarm(BACKLOG)]
    assert sum(len(block.facts) for block in others) == BACKLOG


def test_an_urgent_record_that_comes_in_the_middle_of_a_backlog_waits_for_what_is_gathered_and_no_more(office: Office):
    for code in range(BACKLOG):
        office.writer.tell(Record(alarm(code)))
    office.dispatcher.run_until_idle(2)
    gathered = len(office.actor._facts)
    assert 0 < gathered < BACKLOG // 2
    office.writer.tell_urgently(Record(alarm(BACKLOG), urgent=True))
    office.dispatcher.run_until_idle()
    first, *others = office.blocks()
    assert first.facts == [facts.AlarmRaised(code) for code in (*range(gathered), BACKLOG)]
    assert sum(len(block.facts) for block in others) == BACKLOG - gathered


class Urgent(PooledActor):
    """An urgent actor that records one alarm in a turn of its own."""

    urgent = True

    def __init__(self, office: Office) -> None:
        super().__init__(office.dispatcher)
        self._writer = office.writer

    def on_receive(self, message: Any) -> None:
        self._writer.tell_urgently(Record(alarm(message), urgent=True))


def test_urgent_records_of_several_turns_share_one_commit(office: Office):
    # The writer's turn comes first: it has asked itself to flush when the others have theirs.
    office.writer.tell_urgently(Record(alarm(1), urgent=True))
    for code in (2, 3):
        actor = Urgent(office)
        actor._start_actor_loop()
        actor.ref.tell(code)
    for code in range(BACKLOG):
        office.writer.tell(Record(alarm(code)))
    office.dispatcher.run_until_idle()
    assert office.blocks()[0].facts == [facts.AlarmRaised(code) for code in (1, 2, 3)]


def test_an_urgent_record_that_follows_from_another_is_in_the_next_commit_not_behind_the_backlog(office: Office):
    answers = Urgent(office)
    answers._start_actor_loop()
    for code in range(BACKLOG):
        office.writer.tell(Record(alarm(code)))
    office.writer.tell_urgently(Record(alarm(1), answers.ref, 2, urgent=True))
    office.dispatcher.run_until_idle()
    assert [block.facts for block in office.blocks()[:2]] == [[*alarm(1)], [*alarm(2)]]


def test_an_urgent_write_is_on_disk_before_a_backlog_of_ordinary_records(office: Office):
    done: list[int] = []
    for code in range(BACKLOG):
        office.writer.tell(Record(alarm(code)))
    write = Write(lambda txn: office.database.put_meta(txn, "cursor", b"17"), lambda: done.append(len(office.blocks())))
    office.writer.tell_urgently(Write(write.apply, write.done, urgent=True))
    office.dispatcher.run_until_idle()
    assert done == [0]
    assert sum(len(block.facts) for block in office.blocks()) == BACKLOG


def test_tables_are_level_with_all_ordinary_records_that_came_before_and_urgent_ones_do_not_wait_for_them(
    office: Office,
):
    seen: list[tuple[int, int]] = []

    def look() -> None:
        with office.database.read() as txn:
            seen.append((office.database.open_chains.count(txn), sum(len(block.facts) for block in office.blocks())))

    office.writer.tell(Record((PLANNED,)))
    for chain in range(BACKLOG):
        office.writer.tell(Record((facts.AttemptOpened(chain + 1, chain_id(1, chain), 0, 0, 5),)))
    office.writer.tell(FlushTables(look))
    for code in range(10):
        office.writer.tell(Record(alarm(code)))
    office.writer.tell_urgently(Record(alarm(99), urgent=True))
    office.dispatcher.run_until_idle()
    assert office.blocks()[0].facts == [*alarm(99)]
    ((rows, committed),) = seen
    assert rows == BACKLOG
    assert committed >= BACKLOG + 2, "the job, its chains and the urgent alarm are in the journal"


def fill_the_disk(office: Office, seconds: int) -> None:
    """Time passes with a full disk, in which something urgent wants to be written every tenth of a second."""
    office.disk_full = True
    for tick in range(10 * seconds):
        office.writer.tell_urgently(Record(alarm(tick % 8), urgent=True))
        office.writer.tell_urgently(Write(lambda txn: None, urgent=True))
        run_for(office.dispatcher, RETRY_MS // 10)


def test_while_the_disk_is_full_urgent_records_do_not_hammer_it(office: Office):
    fill_the_disk(office, seconds=10)
    assert office.tries <= 12
    office.disk_full = False
    run_for(office.dispatcher, RETRY_MS)
    assert len(office.committed()) == 100


def test_an_urgent_record_among_ordinary_ones_does_not_make_a_full_disk_be_tried_twice_as_often(office: Office):
    office.writer.tell(Record(alarm(1)))
    office.dispatcher.run_until_idle(1)
    fill_the_disk(office, seconds=10)
    assert office.tries <= 12


def test_flushing_tables_again_and_again_does_not_hammer_a_full_disk(office: Office):
    office.disk_full = True
    office.writer.tell(Record(alarm(1)))
    answered: list[int] = []
    for flush in range(20):
        office.writer.tell(FlushTables(lambda flush=flush: answered.append(flush)))  # type: ignore[misc]
        office.dispatcher.run_until_idle()
    tried = office.tries
    run_for(office.dispatcher, 10 * RETRY_MS)
    assert answered == list(range(20))
    assert office.tries - tried <= 12


@pytest.mark.parametrize(("keeps_up", "blocks"), [(True, 4), (False, 1)])
def test_while_the_loop_keeps_up_a_block_is_closed_early_and_otherwise_when_all_that_waits_is_in_it(
    office: Office, monkeypatch: pytest.MonkeyPatch, keeps_up: bool, blocks: int
):
    monkeypatch.setattr(Dispatcher, "keeps_up", keeps_up)
    for code in range(1, 4 * SMALL_BLOCK_FACTS + 1):
        office.writer.tell(Record(alarm(code)))
    office.dispatcher.run_until_idle()

    assert len(office.blocks()) == blocks
    assert len(office.committed()) == 4 * SMALL_BLOCK_FACTS
