"""The journal: blocks in order, appended and never rewritten."""

import pytest

from store import facts
from store.database import Database
from store.errors import StoreError
from store.facts import Block
from store.journal import Journal
from store.keys import seq_key


@pytest.fixture
def journal(database: Database) -> Journal:
    """Five blocks, a second apart."""
    journal = Journal(database)
    with database.write() as txn:
        for seq in range(1, 6):
            journal.append(txn, Block(seq, seq * 1000, [facts.JobOpened(seq)]))
    return journal


def seqs_since(database: Database, journal: Journal, seq: int, blocks_max: int | None = None) -> list[int]:
    with database.read() as txn:
        return [block.seq for block in journal.since(txn, seq, blocks_max)]


def test_blocks_come_back_as_they_were_appended(database: Database, journal: Journal):
    with database.read() as txn:
        blocks = list(journal.since(txn, 0))
    assert blocks == [Block(seq, seq * 1000, [facts.JobOpened(seq)]) for seq in range(1, 6)]


def test_since_gives_what_is_newer_oldest_first(database: Database, journal: Journal):
    assert seqs_since(database, journal, 3) == [4, 5]
    assert seqs_since(database, journal, 5) == []
    assert seqs_since(database, journal, 99) == []


def test_since_gives_no_more_than_asked_for(database: Database, journal: Journal):
    assert seqs_since(database, journal, 1, blocks_max=2) == [2, 3]
    assert seqs_since(database, journal, 1, blocks_max=0) == []
    assert seqs_since(database, journal, 4, blocks_max=50) == [5]


def test_the_newest_block_is_known(database: Database, journal: Journal):
    with database.read() as txn:
        newest = journal.newest(txn)
        assert newest is not None
        assert (journal.last_seq(txn), newest.seq, newest.at) == (5, 5, 5000)


def test_an_empty_journal_has_no_blocks(database: Database):
    journal = Journal(database)
    with database.read() as txn:
        assert (journal.last_seq(txn), journal.newest(txn), list(journal.since(txn, 0))) == (0, None, [])
        assert list(journal.recent(txn, 0, 0)) == []


def test_recent_gives_blocks_up_to_a_seq_that_are_not_too_old(database: Database, journal: Journal):
    with database.read() as txn:
        assert [block.seq for block in journal.recent(txn, 4, 2500)] == [3, 4]
        assert [block.seq for block in journal.recent(txn, 4, 0)] == [1, 2, 3, 4]
        assert list(journal.recent(txn, 4, 4001)) == []


def test_a_block_is_never_written_over(database: Database, journal: Journal):
    for seq in (5, 2):
        with pytest.raises(StoreError, match="journal"), database.write() as txn:
            journal.append(txn, Block(seq, 9, [facts.JobCanceled(9)]))
    assert seqs_since(database, journal, 0) == [1, 2, 3, 4, 5]


def test_a_damaged_block_is_named_with_its_table_and_what_to_do(database: Database, journal: Journal):
    with database.write() as txn:
        database.journal.put_raw(txn, seq_key(3), b"\xc1")
    with (
        database.read() as txn,
        pytest.raises(StoreError, match=r"0000000000000003 in table journal .*restore a backup"),
    ):
        list(journal.since(txn, 0))
