"""The carrier's side in a process of its own: the stand-in's server with TLS and WS-Security, and what it has used."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from time import process_time_ns
from typing import NamedTuple

from actors.gateway import Call, LogPage, Script, Submitted
from actors.runtime.clock import FastClock
from engine.gateways.stand_in.carrier import Carrier
from engine.gateways.stand_in.phone_network import PhoneNetwork
from engine.gateways.stand_in.soap_server import ServerTls, SoapServer
from perf.measure import Meter
from perf.soap.phones import BriefPhones

USER, PASSWORD = "district", "loopback"
EMERGENCY_LINES = 1
"""Idle here."""


class CarrierReading(NamedTuple):
    """What the carrier's process has done so far."""

    cpu_ns: int
    """User and system, all threads."""
    simulation_cpu_ns: int
    """Of it, in the carrier behind the SOAP server: lines, phones, ledger, call log."""
    requests: int
    rings: int
    numbers_rung_twice: int
    lines_peak: int

    def since(self, earlier: "CarrierReading") -> "CarrierReading":
        """What was done between two readings; the peak is of all time."""
        return CarrierReading(
            self.cpu_ns - earlier.cpu_ns,
            self.simulation_cpu_ns - earlier.simulation_cpu_ns,
            self.requests - earlier.requests,
            self.rings - earlier.rings,
            self.numbers_rung_twice,
            self.lines_peak,
        )


class CarrierProcess:
    """Our end of the pipe to it."""

    def __init__(self, pipe: Connection, ca_file: Path) -> None:
        self.ca_file = str(ca_file)
        self._pipe = pipe
        self.urls: tuple[str, ...] = pipe.recv()

    def read(self) -> CarrierReading:
        """What it has used by now; asking takes it well under a millisecond, counting the rings apart."""
        self._pipe.send(True)
        reading: CarrierReading = self._pipe.recv()
        return reading


@contextmanager
def carrier_process(folder: Path, lines: int, clock: str) -> Iterator[CarrierProcess]:
    """A carrier that serves until the block ends."""
    ca_file = folder / "ca.pem"
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(ca_file, lines, clock, theirs))
    process.start()
    theirs.close()
    try:
        yield CarrierProcess(ours, ca_file)
    finally:
        ours.close()
        process.join()


def _serve(ca_file: Path, lines: int, clock: str, pipe: Connection) -> None:
    carrier = MeteredCarrier(BriefPhones(), lines)
    server = SoapServer(carrier, FastClock.parse(clock), user=USER, password=PASSWORD, tls=ServerTls(ca_file))
    server.start()
    try:
        pipe.send(server.urls)
        while pipe.recv():
            pipe.send(_reading(carrier, server))
    except EOFError:
        pass
    finally:
        server.stop()


def _reading(carrier: "MeteredCarrier", server: SoapServer) -> CarrierReading:
    """CPU first: counting is not the carrier's work."""
    cpu_ns, simulation_cpu_ns = process_time_ns(), carrier.meter.cpu_ns
    rung = Counter(entry.number for entry in carrier.ledger.rings())
    twice = sum(times > 1 for times in rung.values())
    return CarrierReading(cpu_ns, simulation_cpu_ns, server.requests, rung.total(), twice, carrier.lines_peak)


class MeteredCarrier(Carrier):
    """The stand-in's carrier, which meters the CPU inside its own acts, those of the SOAP path."""

    def __init__(self, network: PhoneNetwork, lines: int) -> None:
        super().__init__(network, lines=lines, emergency_lines=EMERGENCY_LINES, start_delay_ms=0)
        self.meter = Meter()
        self._inside = False

    @contextmanager
    def _metered(self) -> Iterator[None]:
        """Acts call `advance`, which is an act as well: the outermost counts."""
        if self._inside:
            yield
            return
        self._inside = True
        try:
            with self.meter:
                yield
        finally:
            self._inside = False

    def advance(self, now: int) -> None:
        """See Carrier."""
        with self._metered():
            super().advance(now)

    def submit(
        self, calls: Sequence[Call], scripts: Sequence[Script], now: int, center: str | None = None
    ) -> list[Submitted]:
        """See Carrier."""
        with self._metered():
            return super().submit(calls, scripts, now, center)

    def log(self, cursor: str, rows_max: int, now: int) -> LogPage:
        """See Carrier."""
        with self._metered():
            return super().log(cursor, rows_max, now)
