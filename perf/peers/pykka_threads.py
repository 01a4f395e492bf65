"""The workload in stock pykka with SQLite: a thread for each chain, and actors for lines, record and carrier."""

import tempfile
import threading
from collections import deque
from pathlib import Path
from typing import Any, NamedTuple

from pykka import ActorRef, ActorRegistry, ThreadingActor

from engine.running.process import settle_in
from perf.measure import Reading, anonymous_bytes
from perf.peers.sqlite_record import Row, SqliteRecord, now_ms, read_back
from perf.peers.work import Work, arrival_order
from perf.workload.rule import confirms, devices, is_emergency

PATIENCE_SECONDS = 900
"""A run that takes longer has lost a message."""


class LineGranted(NamedTuple):
    """To a chain: dial."""


class Durable(NamedTuple):
    """To a chain: its row is on disk."""

    row: Row


class CallEnded(NamedTuple):
    """To a chain, from the carrier."""

    confirmed: bool


class WantLine(NamedTuple):
    """To the lines."""

    chain: ActorRef[Any]
    emergency: bool


class LineBack(NamedTuple):
    """To the lines: a call has ended."""


class ChainEnded(NamedTuple):
    """To the lines, which count: the last one ends the run."""


class Append(NamedTuple):
    """To the recorder."""

    chain: ActorRef[Any]
    row: Row


class Ring(NamedTuple):
    """To the carrier."""

    chain: ActorRef[Any]
    number: int
    device: int


def run_threads(n: int, lines: int) -> Work:
    """Start an actor for each chain and wait until all have ended. Call it in a new process."""
    with tempfile.TemporaryDirectory(prefix="callchain-perf-") as folder:
        path, over = Path(folder) / "attempts.sqlite", threading.Event()
        recorder = Recorder.start(path, 2 * n)
        carrier, pool = Carrier.start(), LinePool.start(lines, n, over)
        order = arrival_order(n)
        settle_in()
        memory, before = anonymous_bytes(), Reading.take()
        for number in order:
            Chain.start(number, pool, recorder, carrier)
        ended = over.wait(PATIENCE_SECONDS)
        used = Reading.take().since(before)
        peak: int = recorder.proxy().memory_peak.get()
        ActorRegistry.stop_all()
        assert ended, f"not every chain had ended after {PATIENCE_SECONDS} s"
        recorded = read_back(path)
    return Work(*recorded, used.wall_ns, used.cpu_ns, max(0, peak - memory), f"1 process, {n:,} threads")


class Peer(ThreadingActor):
    """A stock actor whose thread does not outlive a run that failed."""

    use_daemon_thread = True


class Chain(Peer):
    """Walks its devices; what it waits for is the next message."""

    def __init__(self, number: int, pool: ActorRef[Any], recorder: ActorRef[Any], carrier: ActorRef[Any]) -> None:
        super().__init__()
        self._number, self._device = number, 0
        self._devices, self._emergency = devices(number), is_emergency(number)
        self._pool, self._recorder, self._carrier = pool, recorder, carrier

    def on_start(self) -> None:
        """Queue for a line."""
        self._pool.tell(WantLine(self.actor_ref, self._emergency))

    def on_receive(self, message: Any) -> None:  # noqa: ANN401
        """Take the next step."""
        if isinstance(message, LineGranted):
            self._append(None)
        elif isinstance(message, CallEnded):
            self._pool.tell(LineBack())
            self._append(message.confirmed)
        elif isinstance(message, Durable):
            self._go_on(message.row[2])

    def _append(self, confirmed: bool | None) -> None:
        self._recorder.tell(Append(self.actor_ref, (self._number, self._device, confirmed, now_ms())))

    def _go_on(self, confirmed: bool | None) -> None:
        if confirmed is None:
            self._carrier.tell(Ring(self.actor_ref, self._number, self._device))
            return
        self._device += 1
        if confirmed or self._device == self._devices:
            self._pool.tell(ChainEnded())
            self.stop()
        else:
            self._pool.tell(WantLine(self.actor_ref, self._emergency))


class LinePool(Peer):
    """So many lines, emergencies first."""

    def __init__(self, lines: int, chains: int, over: threading.Event) -> None:
        super().__init__()
        self._free, self._chains, self._over = lines, chains, over
        self._emergencies: deque[ActorRef[Any]] = deque()
        self._ordinary: deque[ActorRef[Any]] = deque()

    def on_receive(self, message: Any) -> None:  # noqa: ANN401
        """Grant, or remember."""
        if isinstance(message, WantLine):
            (self._emergencies if message.emergency else self._ordinary).append(message.chain)
        elif isinstance(message, LineBack):
            self._free += 1
        elif isinstance(message, ChainEnded):
            self._chains -= 1
            if not self._chains:
                self._over.set()
        waiting = self._emergencies or self._ordinary
        if waiting and self._free:
            self._free -= 1
            waiting.popleft().tell(LineGranted())


class Recorder(Peer):
    """Commits whatever has come in when its inbox is empty, then tells everybody."""

    def __init__(self, path: Path, rows_due: int) -> None:
        super().__init__()
        self._path, self._rows_due = path, rows_due
        self._pending: list[Append] = []
        self.memory_peak = 0

    def on_start(self) -> None:
        """Open the file on this actor's own thread."""
        self._record = SqliteRecord(self._path, self._rows_due)

    def on_stop(self) -> None:
        """Close it."""
        self._record.close()

    def on_receive(self, message: Any) -> None:  # noqa: ANN401
        """Collect, and commit when nobody else waits."""
        self._pending.append(message)
        if not self.actor_inbox.empty():
            return
        pending, self._pending = self._pending, []
        self._record.commit([append.row for append in pending])
        self.memory_peak = self._record.memory_peak
        for append in pending:
            append.chain.tell(Durable(append.row))


class Carrier(Peer):
    """Answers by the rule, on its own thread."""

    def on_receive(self, message: Any) -> None:  # noqa: ANN401
        """End a call."""
        message.chain.tell(CallEnded(confirms(message.number, message.device)))
