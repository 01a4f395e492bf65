"""The store on disk: private, versioned, readable by others while it is written, and copied while it runs."""

import os
import resource
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import lmdb
import pytest

from store import facts
from store.checkpoint import ended_chain
from store.database import FREE_BYTES_MIN, VERSION, Database
from store.errors import StoreError, StoreVersionError
from store.facts import Block
from store.journal import Journal
from store.people import School
from store.vault import Vault
from tests.store.stores import commit, flush, restarted

_READER = """
import sys
from pathlib import Path
from store.database import Database
from store.journal import Journal
database = Database(Path(sys.argv[1]), readonly=True)
for _ in sys.stdin:
    with database.read() as txn:
        print(Journal(database).last_seq(txn), flush=True)
"""


PAGE = 4_096


def append(database: Database, *seqs: int) -> None:
    """Blocks of twenty facts, in one transaction."""
    with database.write() as txn:
        for seq in seqs:
            Journal(database).append(txn, Block(seq, seq, [facts.JobOpened(seq)] * 20))


def last_seq(database: Database) -> int:
    with database.read() as txn:
        return Journal(database).last_seq(txn)


@contextmanager
def full_disk(database: Database) -> Iterator[None]:
    """As if there were no room beyond what the file has: the kernel refuses to let it grow."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (database.size(), before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


# -- opening


def test_the_store_is_private_even_where_the_umask_is_generous(tmp_path: Path):
    before = os.umask(0)
    try:
        Database(tmp_path / "home" / "store").close()
        assert os.umask(0) == 0, "the process keeps its umask"
    finally:
        os.umask(before)
    store = tmp_path / "home" / "store"
    modes = {path.name: path.stat().st_mode & 0o777 for path in store.iterdir()}
    assert (store.stat().st_mode & 0o777, modes) == (0o700, {"data.mdb": 0o600, "lock.mdb": 0o600})


def test_a_store_of_a_newer_version_is_refused_and_left_as_it_is(tmp_path: Path):
    database = Database(tmp_path)
    with database.write() as txn:
        assert database.get_meta(txn, "version") == str(VERSION).encode()
        database.put_meta(txn, "version", str(VERSION + 1).encode())
    database.close()
    for readonly in (False, True):
        with pytest.raises(StoreVersionError, match=f"version {VERSION + 1}, .* knows {VERSION}; update the program"):
            Database(tmp_path, readonly=readonly)


def test_reading_where_there_is_no_store_says_how_to_make_one_and_makes_nothing(tmp_path: Path):
    with pytest.raises(StoreError, match="callchain init"):
        Database(tmp_path / "store", readonly=True)
    assert list(tmp_path.iterdir()) == []


def test_something_that_is_no_store_is_refused_in_a_sentence(tmp_path: Path):
    (tmp_path / "data.mdb").write_bytes(b"not a store " * 1000)
    with pytest.raises(StoreError, match="cannot be opened"):
        Database(tmp_path)


def test_a_store_cannot_be_made_where_a_file_stands(tmp_path: Path):
    (tmp_path / "store").write_text("a file")
    with pytest.raises(StoreError, match="cannot be opened"):
        Database(tmp_path / "store")


def test_what_was_written_is_there_after_reopening(tmp_path: Path):
    database = Database(tmp_path)
    append(database, 1)
    database.close()
    again = Database(tmp_path)
    assert last_seq(again) == 1
    again.close()


def test_the_file_stays_small_though_its_map_is_huge(database: Database):
    assert database.size() < 1 << 20


def damage(path: Path) -> None:
    """Make a store of some hundred pages and overwrite all but the first two, which say where the others are."""
    database = Database(path)
    append(database, *range(1, 2_000))
    database.close()
    data = path / "data.mdb"
    size = data.stat().st_size
    with data.open("r+b") as file:
        file.seek(2 * PAGE)
        file.write(b"\xa5" * (size - 2 * PAGE))


@pytest.mark.parametrize("readonly", [False, True])
def test_a_damaged_store_is_one_sentence_and_let_go_of(tmp_path: Path, readonly: bool):
    damage(tmp_path)
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        with pytest.raises(StoreError, match="damaged; restore a backup"):
            Database(tmp_path, readonly=readonly)
    assert len(os.listdir("/proc/self/fd")) == before, "every failed opening closes its files"


def test_damage_that_is_met_while_reading_is_one_sentence(database: Database):
    with pytest.raises(StoreError, match="damaged; restore a backup"), database.read():
        raise lmdb.CorruptedError("a page of another kind")
    with pytest.raises(StoreError, match="damaged; restore a backup"), database.write():
        raise lmdb.PageNotFoundError("a page that is not there")
    append(database, 1)
    assert last_seq(database) == 1


@pytest.mark.parametrize("version", [b"one", b"\xff"])
def test_a_store_whose_version_cannot_be_read_is_refused(tmp_path: Path, version: bytes):
    database = Database(tmp_path)
    with database.write() as txn:
        database.put_meta(txn, "version", version)
    database.close()
    with pytest.raises(StoreError, match="no readable version"):
        Database(tmp_path)


# -- writing


def test_nothing_remains_of_a_write_that_raises(database: Database):
    def write_half() -> None:
        with database.write() as txn:
            Journal(database).append(txn, Block(1, 1, [facts.JobOpened(1)]))
            database.put_meta(txn, "cursor", b"17")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_half()
    with database.read() as txn:
        assert (Journal(database).last_seq(txn), database.get_meta(txn, "cursor")) == (0, b"")


def test_a_full_disk_is_a_store_error_that_says_what_to_do_and_writing_goes_on_once_there_is_room(database: Database):
    append(database, 1)
    with full_disk(database), pytest.raises(StoreError, match=r"cannot be written .* Make room on its disk"):
        append(database, *range(2, 3000))
    assert last_seq(database) == 1
    append(database, 2)
    assert last_seq(database) == 2


def test_small_values_are_read_as_they_were_written(database: Database):
    with database.write() as txn:
        assert database.get_meta(txn, "cursor") == b""
        database.put_meta(txn, "cursor", b"17")
    with database.read() as txn:
        assert database.get_meta(txn, "cursor") == b"17"


def test_room_is_measured_on_the_stores_own_disk(database: Database, monkeypatch: pytest.MonkeyPatch):
    free = {database.path: FREE_BYTES_MIN}
    monkeypatch.setattr("store.database.shutil.disk_usage", lambda path: SimpleNamespace(free=free[path]))
    assert database.has_room()
    free[database.path] -= 1
    assert not database.has_room()


# -- tables


def test_a_scan_is_in_key_order_and_half_open(database: Database):
    with database.write() as txn:
        for name in ("oak", "elm", "ash", "fir"):
            database.schools.put(txn, name.encode(), School(name, name.title()))
    with database.read() as txn:
        assert [key for key, _ in database.schools.scan(txn)] == [b"ash", b"elm", b"fir", b"oak"]
        assert [key for key, _ in database.schools.scan(txn, b"b", b"oak")] == [b"elm", b"fir"]
        assert list(database.schools.scan(txn, b"z")) == []
        assert database.schools.get(txn, b"oak") == School("oak", "Oak")
        assert (database.schools.get(txn, b"yew"), database.schools.raw(txn, b"yew")) == (None, None)
        assert (database.schools.last_key(txn), database.schools.count(txn)) == (b"oak", 4)


def test_deleting_says_whether_there_was_anything(database: Database):
    with database.write() as txn:
        database.schools.put(txn, b"elm", School("elm", "Elm"))
        assert database.schools.delete(txn, b"elm")
        assert not database.schools.delete(txn, b"elm")
        assert database.schools.last_key(txn) is None


# -- other processes


@pytest.fixture
def reader(database: Database) -> Iterator[subprocess.Popen[str]]:
    """Another process that has the store open and says its last seq for every line it is sent."""
    command = [sys.executable, "-c", _READER, str(database.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def seen_by(process: subprocess.Popen[str]) -> int:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    return int(process.stdout.readline())


def test_another_process_reads_while_the_engine_writes(database: Database, reader: subprocess.Popen[str]):
    append(database, 1)
    assert seen_by(reader) == 1
    for seq in range(2, 40):
        append(database, seq)
    with database.write() as txn:
        Journal(database).append(txn, Block(40, 40, [facts.JobOpened(40)]))
        assert seen_by(reader) == 39, "what is not committed is seen by nobody"
    assert seen_by(reader) == 40


def test_a_reading_thread_neither_waits_for_a_writer_nor_sees_its_work(database: Database):
    append(database, 1)
    seen: list[int] = []
    with database.write() as txn:
        Journal(database).append(txn, Block(2, 2, [facts.JobOpened(2)]))
        thread = threading.Thread(target=lambda: seen.append(last_seq(database)))
        thread.start()
        thread.join()
    assert seen == [1]


# -- backup


def test_a_backup_taken_while_the_store_is_open_is_a_private_marked_copy(database: Database, tmp_path: Path):
    append(database, 1)
    target = tmp_path / "copies" / "monday"
    database.backup(target)
    append(database, 2)
    assert (target.stat().st_mode & 0o777, (target / "data.mdb").stat().st_mode & 0o777) == (0o700, 0o600)
    copy = Database(target)
    with copy.read() as txn:
        assert (Journal(copy).last_seq(txn), copy.get_meta(txn, "restored")) == (1, b"1")
    copy.close()
    with database.read() as txn:
        assert database.get_meta(txn, "restored") == b"", "only the copy is a restored one"


def test_a_backup_is_taken_while_another_thread_is_in_the_middle_of_a_write(database: Database, tmp_path: Path):
    append(database, 1)
    with database.write() as txn:
        Journal(database).append(txn, Block(2, 2, [facts.JobOpened(2)]))
        thread = threading.Thread(target=database.backup, args=(tmp_path / "copy",))
        thread.start()
        thread.join()
    copy = Database(tmp_path / "copy")
    assert last_seq(copy) == 1
    copy.close()
    assert last_seq(database) == 2


def test_a_backup_never_writes_over_anything(database: Database, tmp_path: Path):
    (tmp_path / "notes.txt").write_text("keep me")
    with pytest.raises(StoreError, match="not empty; name a new folder"):
        database.backup(tmp_path)


def test_a_backup_to_a_place_that_cannot_be_is_a_store_error(database: Database, tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="No backup can be written"):
        database.backup(tmp_path / "file" / "copy")


# -- transactions are short


def test_no_act_of_the_store_leaves_a_transaction_open(database: Database, tmp_path: Path):
    checkpoint = restarted(database)
    for seq in range(1, 4):
        commit(database, checkpoint, Block(seq, seq, [facts.AlarmRaised(seq)]))
    flush(database, checkpoint)
    ended_chain(database, 1)
    Vault(database).plans(1, 0, 10)
    database.backup(tmp_path / "copy")
    with pytest.raises(ZeroDivisionError), database.read():
        raise ZeroDivisionError
    with database.read() as txn:
        assert next(Journal(database).since(txn, 0)).seq == 1, "a scan that is broken off"
    assert open_readers(database) == []


def test_a_reader_that_is_open_is_found(database: Database):
    with database.read() as txn:
        Journal(database).last_seq(txn)
        assert len(open_readers(database)) == 1


def open_readers(database: Database) -> list[str]:
    """Slots of the reader table that pin a transaction; a free slot shows a dash."""
    table: list[str] = []
    lines = database._env.readers().splitlines()[1:]
    table.extend(line for line in lines if line.split()[-1] != "-")
    return table
