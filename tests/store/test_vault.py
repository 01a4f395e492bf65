"""The vault: rosters by version, jobs with their plans."""

from collections.abc import Iterable

import pytest

from store.database import Database
from store.people import Household, Member, Person, Relationship, Role, Roster, School
from store.records import Audience, Job, Message, Reason
from store.tables import Txn
from store.vault import SLICE_RECORDS, TxnWrite, Vault


@pytest.fixture
def vault(database: Database) -> Vault:
    return Vault(database)


def carry_out(database: Database, writes: Iterable[TxnWrite]) -> int:
    """Each slice in a transaction of its own. Returns how many there were."""
    count = 0
    for write in writes:
        with database.write() as txn:
            write(txn)
        count += 1
    return count


def roster(people: int, name: str = "Ada", fictional: bool = False) -> Roster:
    return Roster(
        schools=(School("elm", "Elm School", "+15125550100"),),
        people=tuple(Person(f"{n}", name, f"No {n}", Role.STUDENT if n % 2 else Role.CONTACT) for n in range(people)),
        households=(Household("h1", "One", "+15125550101", members=(Member("0"),)),),
        relationships=(Relationship("1", "0", "mother", True),),
        fictional=fictional,
    )


def put(database: Database, vault: Vault, new: Roster) -> None:
    """What an import does: the next version after the one in force."""
    with database.read() as txn:
        version = vault.roster_version(txn) + 1
    carry_out(database, vault.roster_writes(new, version))


def in_force(database: Database, vault: Vault) -> Roster:
    with database.read() as txn:
        return vault.roster(txn)


def test_without_an_import_the_roster_is_empty(database: Database, vault: Vault):
    assert in_force(database, vault) == Roster()
    with database.read() as txn:
        assert (vault.roster_version(txn), vault.schools(txn), vault.students_count(txn)) == (0, (), 0)


def test_an_imported_roster_comes_back_whole_and_in_order(database: Database, vault: Vault):
    put(database, vault, roster(25, fictional=True))
    assert in_force(database, vault) == roster(25, fictional=True)
    with database.read() as txn:
        assert vault.schools(txn) == roster(0).schools
        assert vault.students_count(txn) == 12


def test_the_people_of_all_kept_versions_are_counted(database: Database, vault: Vault):
    for size in (5, 7, 9):
        put(database, vault, roster(size))
    with database.read() as txn:
        assert vault.people_count(txn) == 7 + 9


def test_a_large_roster_is_written_in_slices_and_is_in_force_only_after_the_last(database: Database, vault: Vault):
    writes = list(vault.roster_writes(roster(2 * SLICE_RECORDS + 1), 1))
    assert len(writes) == 1 + 3 + 1 + 1 + 1
    carry_out(database, writes[:-1])
    assert in_force(database, vault) == Roster()
    carry_out(database, writes[-1:])
    assert len(in_force(database, vault).people) == 2 * SLICE_RECORDS + 1


def test_the_roster_before_is_kept_and_the_one_before_that_is_let_go(database: Database, vault: Vault):
    for size in (5, 7, 9):
        put(database, vault, roster(size))
    with database.read() as txn:
        sizes = [len(vault.roster(txn, version).people) for version in (1, 2, 3)]
        schools = [len(vault.roster(txn, version).schools) for version in (1, 2, 3)]
    assert (sizes, schools) == ([0, 7, 9], [0, 1, 1])


def test_the_previous_roster_can_be_restored_once(database: Database, vault: Vault):
    for size in (5, 7, 9):
        put(database, vault, roster(size, fictional=size == 7))
    with database.write() as txn:
        assert vault.restore_previous(txn)
    assert in_force(database, vault) == roster(7, fictional=True)
    with database.write() as txn:
        assert not vault.restore_previous(txn), "the one before was let go"
    assert in_force(database, vault) == roster(7, fictional=True)


def test_there_is_nothing_to_restore_before_the_second_import(database: Database, vault: Vault):
    with database.write() as txn:
        assert not vault.restore_previous(txn)
    put(database, vault, roster(5))
    with database.write() as txn:
        assert not vault.restore_previous(txn)
    assert in_force(database, vault) == roster(5)


def test_an_import_after_a_restore_shows_nothing_of_the_roster_that_was_taken_back(database: Database, vault: Vault):
    put(database, vault, roster(5))
    put(database, vault, roster(50, name="Wrong"))
    with database.write() as txn:
        assert vault.restore_previous(txn)
    put(database, vault, roster(6))
    assert in_force(database, vault) == roster(6)


def test_letting_go_of_a_large_roster_is_done_in_slices_too(database: Database, vault: Vault):
    for size in (2 * SLICE_RECORDS, 3):
        put(database, vault, roster(size))
    written = list(vault.roster_writes(roster(3), 3))
    assert len(written) == 5 + (1 + 2 + 1 + 1)
    carry_out(database, written[:5])
    assert in_force(database, vault) == roster(3)
    carry_out(database, written[5:])
    with database.read() as txn:
        assert vault.people_count(txn) == 3 + 3


def test_an_import_that_was_broken_off_leaves_nothing_behind(database: Database, vault: Vault):
    put(database, vault, roster(5))
    carry_out(database, list(vault.roster_writes(roster(50, name="Broken off"), 2))[:-1])
    assert in_force(database, vault) == roster(5)
    put(database, vault, roster(6))
    assert in_force(database, vault) == roster(6)


def test_the_key_of_number_ids_is_drawn_once_and_stays(database: Database, vault: Vault):
    with database.write() as txn:
        assert vault.number_key(txn) == b""
        vault.make_number_key(txn)
    with database.read() as txn:
        key = vault.number_key(txn)
    assert len(key) == 32
    with database.write() as txn:
        vault.make_number_key(txn, b"given")
        assert vault.number_key(txn) == b"given"


# -- jobs and plans


def job(job_id: int, chains: int) -> Job:
    message = Message(Reason.GENERAL, "Snow", "No school today.")
    return Job(job_id, message, Audience(), 0, 0, 10, chains, 0, 0, chains)


def encoded(count: int) -> list[bytes]:
    return [b"\xc4" + bytes([1, n % 250]) for n in range(count)]


def test_plans_are_read_back_by_slice_in_the_order_of_their_index(database: Database, vault: Vault):
    plans = encoded(2 * SLICE_RECORDS + 5)
    assert carry_out(database, vault.plan_writes(job(1, len(plans)), plans)) == 4
    carry_out(database, vault.plan_writes(job(2, 3), [b"x", b"y", b"z"]))
    assert vault.plans(1, 0, len(plans)) == plans
    assert vault.plans(1, 998, 4) == plans[998:1002]
    assert vault.plans(1, len(plans) - 1, 400) == plans[-1:], "another job's plans are not among them"
    assert vault.plans(1, len(plans), 400) == []
    assert vault.plans(2, 1, 1) == [b"y"]


def test_a_jobs_id_is_taken_as_soon_as_its_first_slice_is_written(database: Database, vault: Vault):
    def next_id() -> int:
        with database.read() as txn:
            return vault.next_job_id(txn)

    assert next_id() == 1
    carry_out(database, list(vault.plan_writes(job(1, 2), encoded(2)))[:1])
    assert next_id() == 2


def test_a_prepared_job_that_is_forgotten_keeps_its_id_and_touches_no_other(database: Database, vault: Vault):
    for job_id in (1, 2, 3):
        carry_out(database, vault.plan_writes(job(job_id, 2), encoded(2)))
    carry_out(database, vault.forget_plans(2))
    with database.read() as txn:
        assert [job.job_id for job in vault.jobs(txn)] == [1, 2, 3]
        assert vault.next_job_id(txn) == 4
        assert vault.job(txn, 2) == job(2, 2)
    assert [len(vault.plans(job_id, 0, 9)) for job_id in (1, 2, 3)] == [2, 0, 2]


def test_a_job_nobody_prepared_is_not_there(database: Database, vault: Vault):
    def ask(txn: Txn) -> Job | None:
        return vault.job(txn, 9)

    with database.read() as txn:
        assert ask(txn) is None
