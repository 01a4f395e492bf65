"""What a task of a queue does for one dial, whichever library runs it."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from queue import SimpleQueue

from perf.peers.redis_record import RedisRecord
from perf.workload.rule import confirms, devices

SOCKET = "PEERS_REDIS_SOCKET"
CHAINS = "PEERS_CHAINS"
"""Variables of the environment by which a worker learns where Redis is and how many chains there are."""

Ringing = tuple[int, int, "Future[bool]"]


class DialTask:
    """One for each worker process. The task holds its line, which is the worker's slot, until the call has ended."""

    def __init__(self, path: Path, chains: int) -> None:
        self._record = RedisRecord(path)
        self._chains = chains
        self._calls: SimpleQueue[Ringing] = SimpleQueue()
        threading.Thread(target=self._answer, name="carrier", daemon=True).start()

    def run(self, chain: int, device: int, go_on: Callable[[int, int], None]) -> None:
        """Open, call, close; `go_on` queues the chain's next dial."""
        confirmed = self._record.open(chain, device)
        if confirmed is None:
            answer: Future[bool] = Future()
            self._calls.put((chain, device, answer))
            confirmed = answer.result()
        if confirmed or device + 1 == devices(chain):
            self._record.close_last(chain, device, confirmed, self._chains)
        else:
            self._record.close(chain, device, confirmed)
            go_on(chain, device + 1)

    def _answer(self) -> None:
        """The carrier: answers by the rule, from a thread of its own."""
        while True:
            chain, device, answer = self._calls.get()
            answer.set_result(confirms(chain, device))
