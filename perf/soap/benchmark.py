"""What a call costs over SOAP, on both sides: submitted in batches, its result read back by pages, over HTTPS."""

import ssl
import tempfile
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from importlib.metadata import version
from math import ceil
from pathlib import Path

from actors.dialer import BATCH_CALLS_MAX
from actors.gateway import CALLS_MAX
from actors.runtime.clock import FastClock
from engine.gateways.shoutpoint import THREADS
from engine.running.process import settle_in
from perf.benchmark import Benchmark, Result, two_columns
from perf.district import STARTS_AT, in_a_process
from perf.measure import machine, versions
from perf.options import whole
from perf.soap.carrier_side import CarrierReading, carrier_process
from perf.soap.district_side import Exchanged, exchange, made_up_calls
from perf.soap.engine_side import dial_all, prepare

WINDOW_MS = 9 * 3_600_000
"""Nothing expires meanwhile."""
PACKAGES = ("aiohttp", "lxml", "requests", "urllib3", "zeep")


def add_options(parser: ArgumentParser) -> None:
    """How many calls, in what portions, on how many lines."""
    parser.add_argument("--calls", type=whole, default=50_000, help="(%(default)s)")
    parser.add_argument("--batch", type=whole, default=BATCH_CALLS_MAX, help="calls in one request (%(default)s)")
    parser.add_argument("--lines", type=whole, default=10_000, help="of the carrier, none kept apart (%(default)s)")
    parser.add_argument("--threads", type=whole, default=THREADS, help="of the gateway (%(default)s)")
    parser.add_argument(
        "--engine", action="store_true", help="also run the whole engine over it, a chain of one device for each call"
    )


def measure(options: Namespace) -> Result:
    """The gateway alone, and the engine when asked for; a new carrier for each."""
    result = _over_gateway(options)
    if options.engine:
        result["engine"] = engine = _over_engine(options)
        result["verified"] = result["verified"] and engine["verified"]
    return {**result, "seed": None, "machine": machine(), "versions": _versions()}


def _over_gateway(options: Namespace) -> Result:
    clock = _clock()
    with tempfile.TemporaryDirectory(prefix="callchain-perf-") as folder:
        calls = made_up_calls(options.calls, STARTS_AT + WINDOW_MS)
        with carrier_process(Path(folder), options.lines, clock.spec) as carrier:
            settle_in()
            done = exchange(carrier, calls, min(options.batch, CALLS_MAX), options.threads)
    return _figures(options, done)


def _figures(options: Namespace, done: Exchanged) -> Result:
    """perf/README.md says what each figure means."""
    calls, latency_ms = options.calls, sorted(ns / 1e6 for ns in done.submit_ns)
    return {
        "calls": calls,
        "batch": options.batch,
        "lines": options.lines,
        "threads": options.threads,
        "seconds": round(done.wall_ns / 1e9, 3),
        "calls_per_s": round(calls / (done.wall_ns / 1e9)),
        "client_cpu_us_per_call": round(done.cpu_ns / 1e3 / calls, 2),
        **_carrier_figures(done.carrier, calls),
        "submit_requests": len(done.submit_ns),
        "log_requests": done.pages,
        "sent_bytes_per_call": round(done.wire.sent / calls, 1),
        "received_bytes_per_call": round(done.wire.received / calls, 1),
        "connections": done.wire.connections,
        "submit_ms": {"p50": _rank(latency_ms, 0.5), "p99": _rank(latency_ms, 0.99), "max": _rank(latency_ms, 1)},
        "verified": done.verified,
    }


def _carrier_figures(used: CarrierReading, calls: int) -> Result:
    return {
        "server_cpu_us_per_call": round(used.cpu_ns / 1e3 / calls, 2),
        "carrier_cpu_us_per_call": round(used.simulation_cpu_ns / 1e3 / calls, 2),
        "requests": used.requests,
        "lines_peak": used.lines_peak,
    }


def _over_engine(options: Namespace) -> Result:
    """The same calls as chains: planned, recorded, dialed, polled for and closed."""
    clock = _clock()
    with tempfile.TemporaryDirectory(prefix="callchain-perf-") as folder:
        in_a_process(prepare, Path(folder), options.calls)
        with carrier_process(Path(folder), options.lines, clock.spec) as carrier:
            done = dial_all(Path(folder), carrier, clock.spec, options.calls, options.lines, options.threads)
    return {
        "dials": done.dials,
        "seconds": round(done.wall_ns / 1e9, 3),
        "dials_per_s": round(done.dials / (done.wall_ns / 1e9)),
        "client_cpu_us_per_call": round(done.cpu_ns / 1e3 / done.dials, 2),
        **_carrier_figures(done.carrier, done.dials),
        "verified": done.verified,
    }


def _clock() -> FastClock:
    """Both sides' time: as fast as life, in the hours of the made-up plans."""
    return FastClock(time.time_ns() // 1_000_000, STARTS_AT, 1)


def _versions() -> dict[str, str]:
    return {**versions(), **{name: version(name) for name in PACKAGES}, "openssl": ssl.OPENSSL_VERSION}


def _rank(ordered: Sequence[float], share: float) -> float:
    """The nearest-rank percentile."""
    return round(ordered[ceil(share * len(ordered)) - 1], 2)


SOAP = Benchmark(
    "The whole SOAP path over HTTPS on loopback: calls a second, and CPU a call on both sides.",
    add_options,
    measure,
    two_columns,
)
