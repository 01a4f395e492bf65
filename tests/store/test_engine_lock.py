"""One engine per store."""

import errno
import fcntl
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from store.engine_lock import EngineLock
from store.errors import StoreBusyError, StoreError
from store.lease import LOCK_FILE, holds_lock, read_lease

_HOLDER = """
import sys
from pathlib import Path
from store.engine_lock import EngineLock
lock = EngineLock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def other_engine(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock until its input is closed, or it is killed."""
    command = [sys.executable, "-c", _HOLDER, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_engine_is_refused_and_told_who_holds_the_store(tmp_path: Path):
    lock = EngineLock(tmp_path)
    with pytest.raises(StoreBusyError, match=rf"process {os.getpid()}\) already runs on .*{tmp_path.name}") as refused:
        EngineLock(tmp_path)
    assert "stop it first" in str(refused.value)
    lock.release()


def test_an_engine_in_another_process_is_named_by_its_process_id(tmp_path: Path, other_engine: subprocess.Popen[str]):
    with pytest.raises(StoreBusyError, match=f"process {other_engine.pid}"):
        EngineLock(tmp_path)


def test_the_store_is_free_as_soon_as_its_engine_is_killed(tmp_path: Path, other_engine: subprocess.Popen[str]):
    other_engine.send_signal(signal.SIGKILL)
    other_engine.wait()
    lock = EngineLock(tmp_path)
    with pytest.raises(StoreBusyError, match=f"process {os.getpid()}"):
        EngineLock(tmp_path)
    lock.release()


def test_a_released_store_can_be_taken_again(tmp_path: Path):
    EngineLock(tmp_path).release()
    EngineLock(tmp_path).release()


def test_being_refused_does_not_loosen_the_holders_lock(tmp_path: Path):
    lock = EngineLock(tmp_path)
    for _ in range(3):
        with pytest.raises(StoreBusyError):
            EngineLock(tmp_path)
    lock.release()


def test_the_lock_is_private_and_makes_the_folder_if_need_be(tmp_path: Path):
    store = tmp_path / "store"
    lock = EngineLock(store)
    assert store.stat().st_mode & 0o777 == 0o700
    assert (store / "engine.lock").stat().st_mode & 0o777 == 0o600
    lock.release()


def test_two_stores_have_two_locks(tmp_path: Path):
    locks = [EngineLock(tmp_path / name) for name in ("one", "other")]
    for lock in locks:
        lock.release()


def test_a_lock_file_that_is_taken_away_lets_no_second_engine_in_and_is_put_back_at_the_next_beat(tmp_path: Path):
    lock = EngineLock(tmp_path)
    lock.begin_beating(3)
    (tmp_path / LOCK_FILE).unlink()
    with pytest.raises(StoreBusyError, match="process unknown"):
        EngineLock(tmp_path)
    assert not (tmp_path / LOCK_FILE).exists()
    lock.beat()
    lease = read_lease(tmp_path / LOCK_FILE)
    assert lease is not None
    assert (lease.holder.pid, lease.holder.incarnation, lease.holder.beats) == (os.getpid(), 3, True)
    with pytest.raises(StoreBusyError, match=f"process {os.getpid()}"):
        EngineLock(tmp_path)
    lock.release()
    EngineLock(tmp_path).release()


def test_a_lock_file_that_was_replaced_is_taken_over_at_the_next_beat(tmp_path: Path):
    lock = EngineLock(tmp_path)
    (tmp_path / "other").write_bytes(b"")
    (tmp_path / "other").replace(tmp_path / LOCK_FILE)
    lock.beat()
    assert holds_lock(os.getpid(), tmp_path / LOCK_FILE)
    lock.release()


def test_a_folder_that_cannot_be_locked_is_guarded_by_the_file_alone(tmp_path: Path):
    flock = fcntl.flock

    def of_files_only(fd: int, operation: int) -> None:
        if stat.S_ISDIR(os.fstat(fd).st_mode):
            raise OSError(errno.EBADF, "Bad file descriptor")
        flock(fd, operation)

    with patch("fcntl.flock", of_files_only):
        lock = EngineLock(tmp_path)
        with pytest.raises(StoreBusyError):
            EngineLock(tmp_path)
        lock.release()


def test_a_lock_file_that_cannot_be_opened_is_told_in_a_sentence_and_nothing_stays_locked(tmp_path: Path):
    (tmp_path / LOCK_FILE).mkdir()
    with pytest.raises(StoreError, match=r"engine\.lock cannot be opened \(Is a directory\)"):
        EngineLock(tmp_path)
    (tmp_path / LOCK_FILE).rmdir()
    EngineLock(tmp_path).release()
