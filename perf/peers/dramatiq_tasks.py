"""The workload as Dramatiq actors. A worker imports this file, so what Dramatiq wants at module level stands there."""

import os
from functools import cache
from pathlib import Path

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import Middleware, Retries

from perf.peers.dial_task import CHAINS, SOCKET, DialTask
from perf.peers.redis_record import RedisRecord
from perf.workload.rule import is_emergency

FIRST, LATER = 0, 10
"""Lower goes first."""


class TellsWhenReady(Middleware):  # type: ignore[misc]
    """Tells the harness when a worker process has booted."""

    def after_worker_boot(self, _broker: object, _worker: object) -> None:
        """Tell."""
        RedisRecord(Path(os.environ[SOCKET])).worker_is_ready()


broker = RedisBroker(url=f"unix://{os.environ[SOCKET]}", middleware=[Retries(), TellsWhenReady()])
dramatiq.set_broker(broker)


@cache
def dial_task() -> DialTask:
    """Made at the first task, in the worker process that runs it."""
    return DialTask(Path(os.environ[SOCKET]), int(os.environ[CHAINS]))


def send(chain: int, device: int) -> None:
    """Queue a dial."""
    (dial_emergency if is_emergency(chain) else dial).send(chain, device)


def _dial(chain: int, device: int) -> None:
    dial_task().run(chain, device, send)


dial = dramatiq.actor(_dial, actor_name="dial", priority=LATER)
dial_emergency = dramatiq.actor(_dial, actor_name="dial_emergency", priority=FIRST)
