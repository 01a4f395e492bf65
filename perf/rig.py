"""An engine on a prepared store, stepped on a virtual clock, with what is not the engine's own work metered apart."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Self

from actors.gateway import Call, CallRow, Cancellation, Gateway, LineStatus, LogPage, Lookup, Reply, Script, Submitted
from actors.runtime.clock import VirtualClock
from actors.runtime.dispatcher import Dispatcher
from engine.config import CarrierSettings, Lines, Settings
from engine.gateways.stand_in.carrier import Carrier
from engine.gateways.stand_in.in_process import InProcessGateway
from engine.gateways.stand_in.phone_network import SeededNetwork
from engine.service import Engine
from perf.district import STARTS_AT
from perf.measure import Meter
from store.tables import Txn

EMERGENCY_LINES = 100
"""Idle here; beside the ordinary lines, as a district has them."""

POLL_SECONDS = 15.0
"""Between two readings of the call log: the product's default."""


class Rig:
    """Use it as a context manager; the engine starts and stops with it."""

    def __init__(
        self, home: Path, *, lines: int, seed: int, poll_seconds: float = POLL_SECONDS, sync: bool = True
    ) -> None:
        self.clock = VirtualClock(STARTS_AT)
        self.carrier_meter = Meter()
        self.commit_meter = Meter()
        self._carrier = Carrier(SeededNetwork(seed), lines=lines, emergency_lines=EMERGENCY_LINES)
        settings = Settings(
            carrier=CarrierSettings(stand_in=True, poll_seconds=poll_seconds),
            lines=Lines(ordinary=lines, emergency=EMERGENCY_LINES),
        )
        self.engine = Engine(home, settings=settings, gateway=self._gateway, clock=self.clock, seed=seed, sync=sync)

    def __enter__(self) -> Self:
        """Start the engine; from now on every commit is metered."""
        self.engine.start()
        self.database = self.engine.station.database
        # Stepped, turns are shuffled to try out interleavings; measured is the order of turns that a live loop has.
        self.engine.station.dispatcher._shuffle = None
        self.database.write = MeteredWrite(self.database.write, self.commit_meter)  # type: ignore[method-assign,assignment]
        self.carrier_meter.clear()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        self.engine.stop()

    def _gateway(self, dispatcher: Dispatcher) -> Gateway:
        def later(at: int, act: Callable[[], None]) -> None:
            dispatcher.timer.at(at, ACTS, act)

        return MeteredGateway(InProcessGateway(self._carrier, self.clock, later), self.carrier_meter)


class Acts:
    """An addressee for callbacks: telling it one runs it. A reply thus comes as a later event of the timer."""

    def tell(self, message: Callable[[], None]) -> None:
        """Run it."""
        message()


ACTS = Acts()


class MeteredWrite:
    """Stands in for `Database.write` and meters the end of each transaction, its commit. One is open at a time."""

    def __init__(self, write: Callable[[], AbstractContextManager[Txn]], meter: Meter) -> None:
        self._write = write
        self._meter = meter

    def __call__(self) -> Self:
        """Open a transaction."""
        self._open = self._write()
        return self

    def __enter__(self) -> Txn:
        """What is put into the transaction is the engine's own work."""
        return self._open.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        """The commit."""
        with self._meter:
            return self._open.__exit__(kind, error, trace)


class MeteredGateway:
    """A gateway that meters what happens behind it; the replies run later and are the engine's own work."""

    def __init__(self, gateway: Gateway, meter: Meter) -> None:
        self.pushes = gateway.pushes
        self._gateway = gateway
        self._meter = meter

    def submit(self, calls: Sequence[Call], scripts: Sequence[Script], reply: Reply[Sequence[Submitted]]) -> None:
        """See Gateway."""
        with self._meter:
            self._gateway.submit(calls, scripts, reply)

    def cancel(self, refs: Sequence[str], reply: Reply[Sequence[Cancellation]]) -> None:
        """See Gateway."""
        with self._meter:
            self._gateway.cancel(refs, reply)

    def lookup(self, refs: Sequence[str], reply: Reply[Sequence[Lookup]]) -> None:
        """See Gateway."""
        with self._meter:
            self._gateway.lookup(refs, reply)

    def results(self, cursor: str, reply: Reply[LogPage]) -> None:
        """See Gateway."""
        with self._meter:
            self._gateway.results(cursor, reply)

    def line_status(self, reply: Reply[LineStatus]) -> None:
        """See Gateway."""
        with self._meter:
            self._gateway.line_status(reply)

    def on_rows(self, sink: Callable[[Sequence[CallRow]], None]) -> None:
        """See Gateway."""
        self._gateway.on_rows(sink)

    def close(self) -> None:
        """See Gateway."""
        self._gateway.close()
