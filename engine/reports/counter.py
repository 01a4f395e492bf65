"""Counts a job's students, in a process of its own where that takes long: a busy Python thread slows the loop down."""

import subprocess
import sys
from pathlib import Path

import msgspec

from engine.reports.tally import students_of
from engine.views import StudentCounts
from store.database import Database
from store.errors import CallchainError

INLINE_CHAINS_MAX = 5_000
"""Chains of a job up to which counting takes some ten milliseconds and stays in the process."""

COUNTING_SECONDS_MAX = 60
"""For the helper process: ten times what a million chains take."""


def count_students(database: Database, job_id: int, chains: int) -> StudentCounts:
    """Students covered, told and missed; the job's ended chains must be in their table."""
    if chains <= INLINE_CHAINS_MAX:
        return students_of(database, job_id)
    reply = subprocess.run(
        [sys.executable, "-m", "engine.reports.counter"],
        input=msgspec.msgpack.encode((str(database.path), job_id)),
        capture_output=True,
        timeout=COUNTING_SECONDS_MAX,
        check=False,
    )
    if reply.returncode:
        raise CallchainError(f"Counting failed: {reply.stderr.decode(errors='replace').strip()[-500:]}")
    return msgspec.msgpack.decode(reply.stdout, type=StudentCounts)


def _main() -> None:
    path, job_id = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=tuple[str, int])
    database = Database(Path(path), readonly=True)
    sys.stdout.buffer.write(msgspec.msgpack.encode(students_of(database, job_id)))
    database.close()


if __name__ == "__main__":
    _main()
