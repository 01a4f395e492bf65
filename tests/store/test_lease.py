"""What a lock's file says of its holder, and that nobody is ended who is not he."""

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import msgspec
import pytest

from store.engine_lock import EngineLock
from store.lease import FILE_BYTES, LOCK_FILE, end_process, host, myself, process_started, read_lease


def lease_of(folder: Path):
    lease = read_lease(folder / LOCK_FILE)
    assert lease is not None
    return lease


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """Another process."""
    with subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def test_the_file_says_who_holds_it_since_when_and_that_he_lives(tmp_path: Path):
    before = time.time_ns() // 1_000_000
    lock = EngineLock(tmp_path)
    holder = lease_of(tmp_path).holder
    assert (holder.pid, holder.host, holder.beats) == (os.getpid(), host(), False)
    assert before <= holder.since <= before + 5_000
    assert holder.lives
    lock.begin_beating(7)
    holder = lease_of(tmp_path).holder
    assert (holder.beats, holder.incarnation) == (True, 7)
    lock.end_beating()
    assert not lease_of(tmp_path).holder.beats
    lock.release()


def test_a_beat_moves_the_files_time_and_writes_nothing(tmp_path: Path):
    lock = EngineLock(tmp_path)
    path = tmp_path / LOCK_FILE
    os.utime(path, (1, 1))
    said = path.read_bytes()
    lock.beat()
    assert path.stat().st_mtime > 1
    assert path.read_bytes() == said
    lock.release()


def test_a_full_disk_takes_neither_the_lock_nor_the_beat_away(tmp_path: Path):
    EngineLock(tmp_path).release()
    with patch("os.pwrite", side_effect=OSError(errno.ENOSPC, "No space left on device")):
        lock = EngineLock(tmp_path)
        lock.begin_beating(2)
        lock.beat()
        lock.release()


def test_the_file_is_overwritten_in_place(tmp_path: Path):
    for incarnation in (1, 1_000_000):
        lock = EngineLock(tmp_path)
        lock.begin_beating(incarnation)
        lock.release()
        assert (tmp_path / LOCK_FILE).stat().st_size == FILE_BYTES


@pytest.mark.parametrize("content", [b"", b"4711", b"{", b'{"pid":"x"}', b"\xff" * 40])
def test_a_file_that_says_nothing_understood_is_nobody(tmp_path: Path, content: bytes):
    (tmp_path / LOCK_FILE).write_bytes(content)
    assert read_lease(tmp_path / LOCK_FILE) is None
    lock = EngineLock(tmp_path)
    assert lease_of(tmp_path).holder.pid == os.getpid()
    lock.release()
    assert read_lease(tmp_path / LOCK_FILE) is None


def test_a_process_is_known_by_when_it_started(sleeper: subprocess.Popen[bytes]):
    started = process_started(sleeper.pid)
    assert started
    holder = msgspec.structs.replace(myself(), pid=sleeper.pid, started=started)
    assert holder.lives
    assert not msgspec.structs.replace(holder, started=started + 1).lives
    assert not msgspec.structs.replace(holder, host="elsewhere").lives
    sleeper.kill()
    sleeper.wait()
    assert not holder.lives


def test_only_the_very_process_that_is_named_and_has_the_lock_is_ended(tmp_path: Path):
    path = tmp_path / LOCK_FILE
    with holding(tmp_path) as process:
        holder = lease_of(tmp_path).holder
        assert holder.pid == process.pid
        assert not end_process(msgspec.structs.replace(holder, started=holder.started - 1), path)
        assert not end_process(msgspec.structs.replace(holder, host="elsewhere"), path)
        assert process.poll() is None
        assert end_process(holder, path)
        assert process.wait() == -signal.SIGKILL
        assert not end_process(holder, path)


def test_a_process_that_let_go_of_the_store_and_lives_on_is_left_alone(
    tmp_path: Path, sleeper: subprocess.Popen[bytes]
):
    EngineLock(tmp_path).release()
    lock = EngineLock(tmp_path)
    stale = msgspec.structs.replace(myself(), pid=sleeper.pid, started=process_started(sleeper.pid))
    assert not end_process(stale, tmp_path / LOCK_FILE)
    assert sleeper.poll() is None
    lock.release()


_HOLDER = """
import sys
from pathlib import Path
from store.engine_lock import EngineLock
lock = EngineLock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def holding(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the store."""
    command = [sys.executable, "-c", _HOLDER, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()
