"""The systems that run the workload: how each is run, what it needs, and what is on disk when."""

from collections.abc import Callable
from importlib.util import find_spec
from typing import NamedTuple

from perf.peers import redis_server
from perf.peers.work import Work

RunPeer = Callable[[int, int], Work]
"""Of chains and lines; called in a new process."""

IN_SQLITE = (
    "SQLite, write-ahead log synced at every commit: opened before the call, outcome before the chain's next step"
)
IN_REDIS = (
    "Redis, append-only log synced at every write: opened before the call, outcome and the next dial's task before "
    "this one's is taken off its queue"
)


class Peer(NamedTuple):
    """One program beside callchain."""

    name: str
    run: RunPeer
    durability: str
    slow: bool
    """It takes milliseconds or a thread for what others do in microseconds: `--slow-n` bounds its chains."""
    libraries: tuple[str, ...] = ()
    """Beside callchain's own."""

    @property
    def missing(self) -> str | None:
        """Why it cannot run here, and how to mend it."""
        for library in self.libraries:
            if find_spec(library) is None:
                return f"{library} is not installed; pip install '.[peers]'"
        if "redis" in self.libraries and not redis_server.is_installed():
            return f"{redis_server.PROGRAM} is not on the PATH; install Redis from your system's packages"
        return None


def _chain_tasks(n: int, lines: int) -> Work:
    from perf.peers.asyncio_tasks import run_chain_tasks

    return run_chain_tasks(n, lines)


def _line_tasks(n: int, lines: int) -> Work:
    from perf.peers.asyncio_tasks import run_line_tasks

    return run_line_tasks(n, lines)


def _celery(n: int, lines: int) -> Work:
    from perf.peers.redis_workers import run_celery

    return run_celery(n, lines)


def _dramatiq(n: int, lines: int) -> Work:
    from perf.peers.redis_workers import run_dramatiq

    return run_dramatiq(n, lines)


def _threads(n: int, lines: int) -> Work:
    from perf.peers.pykka_threads import run_threads

    return run_threads(n, lines)


PEERS: tuple[Peer, ...] = (
    Peer("asyncio-sqlite", _chain_tasks, IN_SQLITE, slow=False),
    Peer("asyncio-sqlite-lines", _line_tasks, IN_SQLITE, slow=False),
    Peer("celery-redis", _celery, IN_REDIS, slow=True, libraries=("celery", "redis")),
    Peer("dramatiq-redis", _dramatiq, IN_REDIS, slow=True, libraries=("dramatiq", "redis")),
    Peer("pykka-threads", _threads, IN_SQLITE, slow=True),
)
