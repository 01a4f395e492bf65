"""The stand-in carrier in a process of its own: phones that end calls at an even rate, and a record of what it took."""

from collections import Counter
from multiprocessing.connection import Connection
from time import monotonic_ns
from typing import Any, NamedTuple

from actors.gateway import CallEnd, Script
from actors.runtime.clock import FastClock
from engine.gateways.stand_in.carrier import Carrier
from engine.gateways.stand_in.operations import CallProvider
from engine.gateways.stand_in.phone_network import Pickup
from engine.gateways.stand_in.soap_server import SoapServer
from engine.running.process import settle_in
from perf.emergency.jobs import PASSWORD, USER

RING_MS_MIN = 50
EMERGENCY_RING_MS = 300
"""Emergencies are answered and confirmed this soon, so that many can be released one after another."""


class Taken(NamedTuple):
    """What the carrier was asked in the course of the measurement; instants are monotonic ns."""

    results: list[tuple[int, int]]
    """Pages of the call log handed out: when, and how many rows."""
    emergency: dict[str, int]
    """How often each number was called for an emergency."""
    lines_peak: int


def run_carrier(lines: int, emergency_lines: int, results_per_s: int, clock: str, pipe: Connection) -> None:
    """Serve until the harness says a word; tell the end-points at the beginning and a Taken at the end."""
    now = FastClock.parse(clock)
    carrier = Carrier(EvenPhones(results_per_s), lines=lines, emergency_lines=emergency_lines)
    server = SoapServer(carrier, now, user=USER, password=PASSWORD)
    server.provider = provider = NotingProvider(carrier, now, USER, PASSWORD)
    settle_in()
    server.start()
    pipe.send(server.urls)
    pipe.recv()
    server.stop()
    pipe.send(Taken(provider.results, dict(provider.emergency), carrier.lines_peak))


class EvenPhones:
    """Nobody answers an ordinary call; these end one after another, so many a second, as long as enough ring."""

    def __init__(self, results_per_s: int) -> None:
        self._step_ms = 1000 / results_per_s
        self._next_end_at = 0.0

    def ring(self, number: str, emergency: bool, at: int, call_index: int, script: Script, text: str | None) -> Pickup:  # noqa: ARG002
        """See PhoneNetwork."""
        if emergency:
            return Pickup(CallEnd.ANSWERED, EMERGENCY_RING_MS, talk_ms=1, keys=script.confirm_key)
        self._next_end_at = max(self._next_end_at + self._step_ms, at + RING_MS_MIN)
        return Pickup(CallEnd.NO_ANSWER, int(self._next_end_at) - at)


class NotingProvider(CallProvider):
    """Shoutpoint's service, with a record of requests."""

    def __init__(self, carrier: Carrier, clock: FastClock, user: str, password: str) -> None:
        super().__init__(carrier, clock, user, password)
        self.results: list[tuple[int, int]] = []
        self.emergency: Counter[str] = Counter()

    def serve(self, operation: str, asked: dict[str, Any], center: str) -> dict[str, Any]:
        """See CallProvider."""
        if operation == "SubmitCalls":
            self.emergency.update(call["phone"] for call in asked["call"] if call["emergency"])
        answer = super().serve(operation, asked, center)
        if operation == "GetCallLog":
            self.results.append((monotonic_ns(), len(answer["row"])))
        return answer
