"""The workload in a task queue: a Redis server and worker processes, started, fed, measured and stopped."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from time import perf_counter_ns
from typing import NamedTuple

from perf.peers.dial_task import CHAINS, SOCKET
from perf.peers.process_tree import Usage
from perf.peers.redis_server import redis_server, stop
from perf.peers.work import Work, arrival_order

PROCESSES = 2
"""The machines this is measured on have two cores."""
THREADS = 8
"""What Dramatiq takes for each process by itself."""
READY_SECONDS = 60
PATIENCE_SECONDS = 900
"""A run that takes longer has lost a task."""
LOOK_SECONDS = 5
"""How often the harness looks whether the workers still live."""


class Queue(NamedTuple):
    """A library and how its workers are started."""

    tasks: str
    """The module with its tasks and with `send`."""
    command: tuple[str, ...]
    """Behind `python -m`."""
    ready: int
    """How often it tells that it is ready."""
    layout: str


def run_celery(n: int, lines: int) -> Work:
    """Celery's own pool of processes. Call it in a new process."""
    processes = min(PROCESSES, lines)
    command = (
        "celery", "-A", "perf.peers.celery_tasks", "worker", "--pool", "prefork", "-c", str(processes),
        "-Q", "emergency,ordinary", "--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "ERROR",
    )  # fmt: skip
    return _run(n, Queue("perf.peers.celery_tasks", command, 1, f"redis-server, worker, {processes} pool processes"))


def run_dramatiq(n: int, lines: int) -> Work:
    """Dramatiq's processes with threads. Call it in a new process."""
    processes = min(PROCESSES, lines)
    threads = min(THREADS, lines // processes)
    command = (
        "dramatiq", "perf.peers.dramatiq_tasks", "--processes", str(processes), "--threads", str(threads),
    )  # fmt: skip
    layout = f"redis-server, master, {processes} processes of {threads} threads"
    return _run(n, Queue("perf.peers.dramatiq_tasks", command, processes, layout))


def _run(n: int, queue: Queue) -> Work:
    with tempfile.TemporaryDirectory(prefix="callchain-perf-") as name, redis_server(Path(name)) as path:
        os.environ.update({SOCKET: str(path), CHAINS: str(n), "PYTHONPATH": os.pathsep.join(sys.path)})
        from perf.peers.redis_record import OVER, READY, RedisRecord

        record, send = RedisRecord(path), import_module(queue.tasks).send
        chains = arrival_order(n)
        with _workers(queue, Path(name)) as workers:
            for _ in range(queue.ready):
                _wait(lambda: record.wait(READY, LOOK_SECONDS), workers, READY_SECONDS)
            before, begun = Usage.take(os.getpid()), perf_counter_ns()
            _start(chains, send)
            fullest = Usage.take(os.getpid())
            _wait(lambda: record.wait(OVER, LOOK_SECONDS), workers, PATIENCE_SECONDS)
            wall_ns, after = perf_counter_ns() - begun, Usage.take(os.getpid())
        recorded = record.read_back()
    memory = max(fullest.anonymous_bytes, after.anonymous_bytes) - before.anonymous_bytes
    return Work(*recorded, wall_ns, after.cpu_ns - before.cpu_ns, max(0, memory), queue.layout)


def _start(chains: Sequence[int], send: Callable[[int, int], None]) -> None:
    for chain in chains:
        send(chain, 0)


@contextmanager
def _workers(queue: Queue, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / "workers.log").open("w+b") as log:
        workers = subprocess.Popen([sys.executable, "-m", *queue.command], stdout=log, stderr=log, cwd=folder)
        try:
            yield workers
        except RuntimeError as error:
            log.seek(0)
            error.add_note(log.read().decode(errors="replace")[-2000:])
            raise
        finally:
            stop(workers)


def _wait(told: Callable[[], bool], workers: subprocess.Popen[bytes], seconds: float) -> None:
    """Until somebody told so. Raises RuntimeError when the workers have ended, or have taken too long."""
    until = time.monotonic() + seconds
    while not told():
        if workers.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"the workers ended, or took longer than {seconds} s; what they said follows")
