"""Calls in Redis: a field when one is opened, a field when it is closed, and the chains that have ended."""

from pathlib import Path

from redis import Redis

from perf.peers.sqlite_record import Recorded
from perf.workload.rule import CHECKSUM_MODULUS, term

OPENED, CLOSED, CHAINS_ENDED = "opened", "closed", "chains-ended"
READY, OVER = "workers-ready", "over"
"""Lists the harness waits on."""


class RedisRecord:
    """The fields, over a pool of connections. The server answers a write when its log has been synced."""

    def __init__(self, path: Path) -> None:
        self._redis = Redis(unix_socket_path=str(path), decode_responses=True)

    def open(self, chain: int, device: int) -> bool | None:
        """Note that a call is about to be made. What it was confirmed as, if that is known: the task came twice."""
        call = f"{chain}:{device}"
        if self._redis.hsetnx(OPENED, call, 1):
            return None
        known: str | None = self._redis.hget(CLOSED, call)
        return None if known is None else known == "1"

    def close(self, chain: int, device: int, confirmed: bool) -> None:
        """Note how a call ended."""
        self._redis.hset(CLOSED, f"{chain}:{device}", int(confirmed))

    def close_last(self, chain: int, device: int, confirmed: bool, chains: int) -> None:
        """The same of a chain's last call. The last chain's tells the harness."""
        with self._redis.pipeline() as together:
            together.hset(CLOSED, f"{chain}:{device}", int(confirmed))
            together.sadd(CHAINS_ENDED, chain)
            together.scard(CHAINS_ENDED)
            *_, ended = together.execute()
        if ended == chains:
            self._redis.lpush(OVER, ended)

    def worker_is_ready(self) -> None:
        """Tell the harness, once for each worker process."""
        self._redis.lpush(READY, 1)

    def wait(self, key: str, seconds: float) -> bool:
        """Whether somebody told the harness so within so many seconds."""
        return self._redis.blpop([key], timeout=seconds) is not None

    def read_back(self) -> Recorded:
        """What the server says happened."""
        opened, closed = set(self._redis.hkeys(OPENED)), self._redis.hgetall(CLOSED)
        checksum = confirmed = 0
        for call, outcome in closed.items():
            chain, device = map(int, call.split(":"))
            confirmed += outcome == "1"
            checksum += term(chain, device, outcome == "1")
        records = len(opened) + len(closed)
        return Recorded(len(closed), confirmed, checksum % CHECKSUM_MODULUS, opened == set(closed), records)
