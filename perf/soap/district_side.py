"""The district's side: the product's gateway handed batches as the dialer does, every result read back by pages."""

import queue
from collections.abc import Callable, Sequence
from functools import partial
from time import monotonic_ns, perf_counter_ns, process_time_ns
from typing import NamedTuple, TypeVar

from actors.gateway import CALLS_MAX, Call, CallRow, Failure, Gateway, LogPage, Script, SubmitStatus, Submitted
from engine.gateways.shoutpoint import ShoutpointGateway
from perf.soap.carrier_side import PASSWORD, USER, CarrierProcess, CarrierReading
from perf.soap.phones import number_of
from perf.soap.wire_bytes import WireBytes, wire_bytes
from store.keys import reference

T = TypeVar("T")

SCRIPT = Script("job-1", "School is closed on Monday because of snow.", "School is closed on Monday because of snow.")
CALLER_ID = "+12125550100"
TOKEN = 0x9F31_C2A0_77D4_5B1E
"""Of an incarnation, so that references are as long as the engine's."""
LAG_NS = 5_000_000
"""How long nobody reads after a page that was not full."""
STALLED_S = 60.0
"""Without an answer for so long the run has failed: six times a request's deadline."""


class Exchanged(NamedTuple):
    """What went through, and what it took on both sides."""

    wall_ns: int
    cpu_ns: int
    carrier: CarrierReading
    """Of the carrier's process meanwhile."""
    submit_ns: list[int]
    """From handing over each batch to its answer."""
    pages: int
    wire: WireBytes
    verified: bool


def made_up_calls(count: int, window_end_at: int) -> list[Call]:
    """Calls to numbers of their own, under references of their own."""
    return [
        Call(reference(TOKEN, index), number_of(index), CALLER_ID, SCRIPT.script_id, False, window_end_at)
        for index in range(count)
    ]


def exchange(carrier: CarrierProcess, calls: Sequence[Call], batch: int, threads: int) -> Exchanged:
    """Submit and read back everything, measured from the first submission until the last row is here."""
    gateway = ShoutpointGateway(carrier.urls, USER, PASSWORD, ca_file=carrier.ca_file, threads=threads)
    district = District(gateway, calls, batch, out_max=threads)
    try:
        before, begun_cpu, begun_wall = carrier.read(), process_time_ns(), perf_counter_ns()
        district.run()
        wall_ns, cpu_ns = perf_counter_ns() - begun_wall, process_time_ns() - begun_cpu
        used, wire = carrier.read().since(before), wire_bytes(carrier.urls[0])
    finally:
        gateway.close()
    verified = district.verified() and used.rings == len(calls) and not used.numbers_rung_twice
    return Exchanged(wall_ns, cpu_ns, used, district.submit_ns, district.pages, wire, verified)


class District:
    """One thread that hands over batches and asks for pages, as the dialer and the poller do from theirs.

    `out_max` batches are out at a time: one for each thread of the gateway. A page is asked for when there should be
    a full one, and at the end until nothing is missing.
    """

    def __init__(self, gateway: Gateway, calls: Sequence[Call], batch: int, out_max: int) -> None:
        self._gateway = gateway
        self._calls = calls
        self._batches = (calls[start : start + batch] for start in range(0, len(calls), batch))
        self._out_max = out_max
        self._heard: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._out = 0
        self._cursor = ""
        self._reading = False
        self._rest_until_ns = 0
        self._answers: list[Submitted] = []
        self._rows: list[CallRow] = []
        self.pages = 0
        self.submit_ns: list[int] = []

    def run(self) -> None:
        """Until every result is here. Raises RuntimeError when the carrier gives no usable answer."""
        for _ in range(self._out_max):
            self._submit()
        while len(self._rows) < len(self._calls):
            self._read_if_due()
            try:
                self._heard.get(timeout=LAG_NS / 1e9 if not (self._out or self._reading) else STALLED_S)()
            except queue.Empty:
                if self._out or self._reading:
                    raise RuntimeError(f"The carrier has not answered for {STALLED_S:.0f} s.") from None

    def _submit(self) -> None:
        batch = next(self._batches, None)
        if batch is not None:
            self._out += 1
            self._gateway.submit(batch, (SCRIPT,), partial(self._answered, perf_counter_ns()))

    def _answered(self, begun_ns: int, answer: Sequence[Submitted] | Failure) -> None:
        """On a thread of the gateway: the instant is taken here, everything else is done by ours."""
        self._heard.put(partial(self._submitted, answer, perf_counter_ns() - begun_ns))

    def _submitted(self, answer: Sequence[Submitted] | Failure, took_ns: int) -> None:
        self._out -= 1
        self.submit_ns.append(took_ns)
        self._answers += _usable(answer)
        self._submit()

    def _read_if_due(self) -> None:
        full = len(self._answers) - len(self._rows) >= CALLS_MAX
        if not self._reading and (full or not self._out) and monotonic_ns() >= self._rest_until_ns:
            self._reading = True
            self._gateway.results(self._cursor, lambda answer: self._heard.put(partial(self._read, answer)))

    def _read(self, answer: LogPage | Failure) -> None:
        page = _usable(answer)
        self._reading = False
        self._cursor = page.next_cursor
        self._rows += page.rows
        self.pages += 1
        self._rest_until_ns = 0 if page.more else monotonic_ns() + LAG_NS

    def verified(self) -> bool:
        """Every reference was accepted once, and has one row, of its own number."""
        accepted = sorted(answer.ref for answer in self._answers if answer.status is SubmitStatus.ACCEPTED)
        given = sorted((call.ref, call.number) for call in self._calls)
        took_over = accepted == [ref for ref, _ in given] and len(self._answers) == len(accepted)
        return took_over and sorted((row.ref, row.number) for row in self._rows) == given


def _usable(answer: T | Failure) -> T:
    if isinstance(answer, Failure):
        raise RuntimeError(f"The carrier gave no usable answer: {answer.detail}")  # noqa: TRY004
    return answer
