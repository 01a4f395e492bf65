"""The store over some days: its figures are those of the store, and they follow from each other."""

import json
from argparse import Namespace
from random import Random

import pytest

from perf.__main__ import main
from perf.store_week.benchmark import measure
from perf.store_week.figures import table
from perf.store_week.next_roster import next_roster
from perf.store_week.proof import recorded, tables_equal_the_journal
from perf.store_week.watch import pages
from perf.store_week.watched_write import WatchedStore
from store.checkpoint import Checkpoint
from store.database import Database
from store.dispositions import Disposition, Outcome
from store.errors import StoreError
from store.facts import AnyFact, AttemptClosed, AttemptOpened, Block, ChainClosed, JobPlanned, encode_block
from store.journal import Journal
from store.keys import chain_id
from store.people import Device, Person, Role, Roster
from store.records import DeviceKind, Reason
from store.rows import REST

DAYS = 3
FIGURES = (
    "jobs", "dials", "facts", "journal_bytes", "logical_bytes", "written_bytes", "write_amplification", "commits",
    "commit_ms", "checkpoint_rows", "checkpoint_ms", "flush_ms", "file_bytes", "grown_bytes", "pages_reused",
    "pages_free", "roster_changed_bytes",
)  # fmt: skip


@pytest.fixture(scope="module")
def result():
    """Three small days: an emergency on the last, a message to everybody on the one before."""
    return measure(Namespace(families=25, days=DAYS, lines=10, absent_percent=10, seed=7, reports=True))


def test_every_figure_is_there_for_each_day_and_for_all_and_is_json(result):
    assert len(result["days"]) == DAYS
    for figures in (*result["days"], result["total"]):
        assert set(FIGURES) <= set(figures)
    assert json.loads(json.dumps(result)) == result
    assert result["verified"] is True


def test_every_morning_has_its_job_and_messages_to_everybody_have_their_days(result):
    assert [day["jobs"] for day in result["days"]] == [1, 2, 2]
    assert result["days"][1]["dials"] > result["days"][0]["dials"] > 0


def test_the_days_add_up(result):
    total, days = result["total"], result["days"]
    for name in ("jobs", "dials", "facts", "journal_bytes", "grown_bytes", "pages_reused", "roster_changed_bytes"):
        assert total[name] == sum(day[name] for day in days)
    assert total["file_bytes"] == days[-1]["file_bytes"]
    # Stopping after the last day belongs to no day.
    assert total["commits"] > sum(day["commits"] for day in days)


def test_the_parts_of_what_was_written_add_up(result):
    total = result["total"]
    kinds = total["by_kind"].values()
    assert set(total["by_kind"]) == {"facts", "checkpoint", "roster", "plans", "cursor"}
    for name in ("commits", "logical_bytes", "written_bytes"):
        assert total[name] == sum(kind[name] for kind in kinds)
    assert total["logical_bytes"] == sum(total["put_bytes"].values())
    assert total["write_amplification"] == round(total["written_bytes"] / total["logical_bytes"], 2)
    assert total["write_amplification"] > 1


def test_waits_are_in_order(result):
    for name in ("commit_ms", "flush_ms"):
        spread = result["total"][name]
        assert 0 < spread["p50"] <= spread["p99"] <= spread["max"]


def test_a_backup_is_no_larger_than_the_store_and_an_engine_is_back_on_both_stores(result):
    assert 0 < result["backup_bytes"] <= result["total"]["file_bytes"]
    assert result["restart_killed_s"] > 0
    assert result["restart_stopped_s"] > 0


def test_the_table_has_a_line_for_each_day_and_for_all(result):
    days = [line.split()[0] for line in table(result).splitlines()[: DAYS + 2]]
    assert days == ["day", "1", "2", "3", "all"]


@pytest.mark.parametrize("option", [("--absent-percent", "101"), ("--families", "0"), ("--days", "none")])
def test_what_cannot_be_simulated_is_a_usage_error(capsys, option):
    with pytest.raises(SystemExit) as exit_:
        main(["store", *option])
    assert exit_.value.code == 2
    assert f"argument {option[0]}: {option[1]} is" in capsys.readouterr().err


# -- the watch


@pytest.fixture
def store(tmp_path):
    """A small store whose writes are watched; two rows may wait."""
    database = Database(tmp_path / "store", sync=False)
    checkpoint = Checkpoint(database, lag_rows_max=2)
    yield database, checkpoint, WatchedStore(database, checkpoint)
    database.close()


def commit(database: Database, checkpoint: Checkpoint, *facts: AnyFact) -> int:
    """One block, as the writer commits it. Returns the bytes of its key and itself."""
    block = Block(checkpoint.fold.seq + 1, 1_000, list(facts))
    with database.write() as txn:
        Journal(database).append(txn, block)
        checkpoint.write_some(txn)
    checkpoint.committed()
    checkpoint.fold.apply(block)
    return 8 + len(encode_block(block))


def flush(database: Database, checkpoint: Checkpoint) -> None:
    with database.write() as txn:
        checkpoint.flush(txn)
    checkpoint.committed()


def write_twice(database: Database, block: Block) -> None:
    """A transaction that puts something and then fails."""
    with database.write() as txn:
        Journal(database).append(txn, block)
        Journal(database).append(txn, block)


PLANNED = JobPlanned(1, Reason.GENERAL, 0, 10_000, 3, 0, 0, 3, b"")


def test_bytes_put_into_the_journal_are_counted_as_they_lie_there(store):
    database, checkpoint, watched = store
    size = commit(database, checkpoint, PLANNED) + commit(
        database, checkpoint, AttemptOpened(5, chain_id(1, 0), 0, 0, 9)
    )
    assert watched.watch.put_bytes["journal"] == size == recorded(database, 0).bytes
    assert watched.watch.logical_bytes == {"facts": size}
    assert watched.watch.commits == {"facts": 2}
    assert recorded(database, 1)[:3] == (2, 1, 1)


def test_the_kernel_was_handed_whole_pages_and_the_root(store):
    database, checkpoint, watched = store
    commit(database, checkpoint, PLANNED)
    watch, page = watched.watch, pages(database).page_bytes
    assert watch.written_pages >= 3
    assert 0 < watch.written_bytes["facts"] - watch.written_pages * page < page


def test_rows_written_beside_facts_are_told_from_tables_brought_level(store):
    database, checkpoint, watched = store
    commit(database, checkpoint, PLANNED, *(AttemptOpened(at + 1, chain_id(1, at), 0, 0, at + 1) for at in range(3)))
    assert not watched.watch.checkpoint_ns
    commit(database, checkpoint, AttemptClosed(1, chain_id(1, 0), Disposition.CONFIRMED, 0, 0))
    assert (watched.watch.rows, len(watched.watch.checkpoint_ns), len(watched.watch.flush_ns)) == (2, 1, 0)
    flush(database, checkpoint)
    assert len(watched.watch.flush_ns) == 1
    assert watched.watch.commits == {"facts": 2, "checkpoint": 1}
    flush(database, checkpoint)
    assert len(watched.watch.flush_ns) == 1
    assert watched.watch.commits["cursor"] == 1


def test_nothing_is_noted_of_a_transaction_that_failed(store):
    database, _, watched = store
    with pytest.raises(StoreError, match="doctor"):
        write_twice(database, Block(1, 0, [PLANNED]))
    assert not watched.watch.commits
    assert recorded(database, 0).facts == 0


def test_tables_that_lag_or_say_something_else_are_found_out(store):
    database, checkpoint, _ = store
    checkpoint._touched(REST)
    commit(database, checkpoint, PLANNED, AttemptOpened(1, chain_id(1, 0), 0, 0, 1))
    assert not tables_equal_the_journal(database)
    flush(database, checkpoint)
    assert tables_equal_the_journal(database)
    commit(
        database, checkpoint, AttemptClosed(1, chain_id(1, 0), Disposition.CONFIRMED, 0, 0),
        ChainClosed(chain_id(1, 0), Outcome.CONFIRMED),
    )  # fmt: skip
    assert not tables_equal_the_journal(database)


# -- the next roster


def test_a_night_changes_few_people_and_none_vanishes():
    device = Device(DeviceKind.CELL, "+12125550100", voice_reasons=2)
    people = tuple(Person(f"p{index}", "A", "B", int(Role.CONTACT), (device,)) for index in range(5_000))
    change = next_roster(Roster(people=people, fictional=True), Random(1))
    changed = [(old, new) for old, new in zip(people, change.roster.people, strict=True) if old != new]
    assert 5 < change.records < 100
    assert len(changed) in (change.records, change.records - 1)
    assert all(new.person_id == old.person_id for old, new in changed)
    assert {new.active for _, new in changed} == {True, False}
    assert all(new.devices[0].number.startswith("+1212555") for _, new in changed)
    assert change.roster.fictional
    assert change.bytes > change.records * 10
