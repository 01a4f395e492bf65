"""The workload as Celery tasks. A worker imports this file, so what Celery wants at module level stands there."""

import os
from functools import cache
from pathlib import Path
from typing import Any

from celery import Celery, signals

from perf.peers.dial_task import CHAINS, SOCKET, DialTask
from perf.peers.redis_record import RedisRecord
from perf.workload.rule import is_emergency

EMERGENCY, ORDINARY = "emergency", "ordinary"

app = Celery("peers", broker=f"redis+socket://{os.environ[SOCKET]}")
app.conf.update(
    task_ignore_result=True,
    # A task is taken off its queue when it is done, so none is lost with its worker.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    broker_transport_options={"queue_order_strategy": "priority"},
)


@cache
def dial_task() -> DialTask:
    """Made at the first task, in the worker process that runs it."""
    return DialTask(Path(os.environ[SOCKET]), int(os.environ[CHAINS]))


def send(chain: int, device: int) -> None:
    """Queue a dial."""
    dial.apply_async((chain, device), queue=EMERGENCY if is_emergency(chain) else ORDINARY)


def _dial(chain: int, device: int) -> None:
    dial_task().run(chain, device, send)


def _ready(**_told: Any) -> None:  # noqa: ANN401
    RedisRecord(Path(os.environ[SOCKET])).worker_is_ready()


dial = app.task(_dial, name="dial")
signals.worker_ready.connect(_ready)
