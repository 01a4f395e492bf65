"""What was told already: keys of occasions held against the rows of jobs and chains."""

import msgspec
import pytest

from engine.audience.gaps import GapReason
from engine.audience.occasions import Told, details_of, details_writes, occasion, occasion_writes
from store.database import Database
from store.dispositions import Disposition, JobState, Outcome
from store.keys import chain_id, id_key, occasion_key, occasion_teller, seq_key
from store.records import Detail, Plan, Policy, Reason
from store.rows import ChainRow, JobRow

EVENT = "behavior/EV7/S1"


@pytest.fixture
def database(tmp_path):
    database = Database(tmp_path / "store", sync=False)
    yield database
    database.close()


def plan(*occasions: str, owner: int = -1) -> bytes:
    return msgspec.msgpack.encode(Plan("p:mom", "Mom", ("S1",), (), 0, 1, Policy(), owner=owner, occasions=occasions))


def prepared(database: Database, job_id: int, *plans: bytes) -> None:
    with database.write() as txn:
        for write in occasion_writes(database, job_id, plans):
            write(txn)


def job(database: Database, job_id: int, state: JobState, chains: int = 9) -> None:
    row = JobRow(job_id, 1, state, Reason.BEHAVIOR, 0, 0, 1, chains, 0, 0, 1)
    with database.write() as txn:
        database.job_rows.put(txn, id_key(job_id), row)


def chain(database: Database, job_id: int, index: int, outcome: int, *tries: Disposition) -> None:
    row = ChainRow(chain_id(job_id, index), outcome=outcome)
    for step, disposition in enumerate(tries):
        row.note(step, 0, disposition, 1, 1, 1)
    table = database.ended_chains if outcome else database.open_chains
    with database.write() as txn:
        table.put(txn, seq_key(row.chain_id), row)


def told(database: Database, word: str = EVENT) -> GapReason | None:
    return Told(database)(word)


def test_what_was_never_prepared_or_never_sent_was_not_told(database):
    assert told(database) is None
    prepared(database, 1, plan(EVENT))
    assert told(database) is None


@pytest.mark.parametrize(
    ("state", "outcome", "tries", "expected"),
    [
        (JobState.WAITING, None, (), GapReason.IN_HAND),
        (JobState.IN_PROGRESS, 0, (Disposition.BUSY,), GapReason.IN_HAND),
        (JobState.PAUSED, 0, (), GapReason.IN_HAND),
        (JobState.IN_PROGRESS, 0, (Disposition.LIVE_NO_CONFIRM,), GapReason.ALREADY_TOLD),
        (JobState.SENT, Outcome.CONFIRMED, (Disposition.CONFIRMED,), GapReason.ALREADY_TOLD),
        (JobState.SENT, Outcome.EXHAUSTED, (Disposition.NO_ANSWER,) * 3, GapReason.ALREADY_TOLD),
        (JobState.IN_PROGRESS, Outcome.ERROR, (Disposition.BUSY,), None),
        (JobState.SENT, Outcome.EXPIRED, (Disposition.BUSY,), None),
        (JobState.SENT, Outcome.EXPIRED, (Disposition.MACHINE_MESSAGE_LEFT,), GapReason.ALREADY_TOLD),
        (JobState.CANCELED_IN_PROGRESS, Outcome.CANCELED, (Disposition.BUSY,), None),
        (JobState.CANCELED_IN_PROGRESS, Outcome.CANCELED, (Disposition.CONFIRMED,), GapReason.ALREADY_TOLD),
        (JobState.CANCELED, None, (), None),
    ],
)
def test_it_counts_once_somebody_was_told_or_all_rounds_were_used_and_is_in_hand_before(
    database, state, outcome, tries, expected
):
    """Decision 30, row by row."""
    prepared(database, 1, plan(EVENT))
    job(database, 1, state)
    if outcome is not None:
        chain(database, 1, 0, outcome, *tries)
    assert told(database) is expected


def test_of_several_chains_and_jobs_one_that_told_is_enough(database):
    prepared(database, 1, plan(EVENT), plan(EVENT))
    prepared(database, 2, plan(EVENT))
    for job_id, state in ((1, JobState.SENT), (2, JobState.IN_PROGRESS)):
        job(database, job_id, state)
    chain(database, 1, 0, Outcome.EXPIRED)
    chain(database, 1, 1, Outcome.EXPIRED)
    assert told(database) is GapReason.IN_HAND
    assert Told(database, besides=2)(EVENT) is None
    chain(database, 1, 1, Outcome.CONFIRMED, Disposition.CONFIRMED)
    assert told(database) is GapReason.ALREADY_TOLD


def test_a_covered_chain_counts_with_the_one_that_dials_for_it_and_an_unreachable_one_never(database):
    prepared(database, 1, plan("a"), plan("b", owner=0), plan("c"))
    job(database, 1, JobState.SENT, chains=1)
    chain(database, 1, 0, Outcome.CONFIRMED, Disposition.CONFIRMED)
    assert [told(database, word) for word in "abc"] == [GapReason.ALREADY_TOLD, GapReason.ALREADY_TOLD, None]


def test_one_occasion_is_never_mistaken_for_another_however_long_they_are(database):
    long = occasion("behavior", "E" * 255, "S" * 255)
    prepared(database, 1, plan(EVENT, long))
    job(database, 1, JobState.WAITING)
    assert told(database, long) is GapReason.IN_HAND
    for other in (EVENT + "0", EVENT[:-1], EVENT.upper(), long + "x", long[:-1], ""):
        assert told(database, other) is None
    assert occasion("behavior", "a/b", "c") != occasion("behavior", "a", "b/c")


def test_a_key_holds_occasion_job_and_index():
    key = occasion_key(b"behavior/EV7/S1", 3, 1)
    assert key == b"behavior/EV7/S1\0\0\0\0\3\0\0\0\1"
    assert occasion_teller(key) == (3, 1)


def test_what_events_said_is_kept_with_the_job_in_its_order(database):
    details = [Detail(f"S{n}", "oak", "", (("event", "a talk"),)) for n in range(2_500)]
    with database.write() as txn:
        for job_id, some in ((1, details), (2, details[:1])):
            for write in details_writes(database, job_id, some):
                write(txn)
    with database.read() as txn:
        assert details_of(database, txn, 1) == tuple(details)
        assert details_of(database, txn, 2) == tuple(details[:1])
        assert details_of(database, txn, 3) == ()
