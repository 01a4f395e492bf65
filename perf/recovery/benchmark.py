"""How soon an engine dials again that was killed with many chains open."""

import tempfile
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

from actors.runtime.clock import FastClock
from engine.home import STORE_FOLDER
from perf.benchmark import Benchmark, Result, two_columns
from perf.district import STARTS_AT, in_a_process
from perf.measure import machine, versions
from perf.options import whole
from perf.recovery.engines import Restart, dial_until_killed, go_on, prepare

SPEED = 60
"""How much faster than life the first engine's clock runs: it opens some 15,000 chains a second, and the store should
look as if a district's lines had opened them, of whose numbers only those of the last two minutes are remembered."""


def add_options(parser: ArgumentParser) -> None:
    """How many chains are open, and how many calls are out."""
    parser.add_argument("--chains", type=whole, default=100_000, help="open when the engine is killed (%(default)s)")
    parser.add_argument("--lines", type=whole, default=200, help="all with a call out at that moment (%(default)s)")


def measure(options: Namespace) -> Result:
    """Prepare, open, kill, start again."""
    chains, lines = options.chains, options.lines
    with tempfile.TemporaryDirectory(prefix="callchain-perf-") as folder:
        home = Path(folder)
        in_a_process(prepare, home, chains)
        clock = FastClock(_wall_ms(), STARTS_AT, SPEED)
        begun = time.monotonic()
        with _process(dial_until_killed, home, chains, lines, clock.spec) as (first, pipe):
            held: list[str] = pipe.recv()
            opening_s = time.monotonic() - begun
            first.kill()
            first.join()
        store_bytes = (home / STORE_FOLDER / "data.mdb").stat().st_size
        after = FastClock(_wall_ms(), clock.now(), 1)
        with _process(go_on, home, lines, after.spec, held, time.monotonic_ns()) as (_, pipe):
            restart: Restart = pipe.recv()
    return {
        "chains": chains,
        "lines": lines,
        "first_dial_s": _seconds(restart.first_dial_ns),
        "all_live_s": _seconds(restart.all_live_ns),
        "rss_bytes": restart.resident_bytes,
        "rss_anonymous_bytes": restart.anonymous_bytes,
        "opened_s": _seconds(restart.opened_ns),
        "first_repeat_s": _seconds(restart.first_repeat_ns),
        "stop_s": _seconds(restart.stop_ns),
        "calls_out": len(held),
        "store_bytes": store_bytes,
        "opening_s": round(opening_s, 3),
        "verified": _verified(restart, chains, held),
        "seed": None,
        "machine": machine(),
        "versions": versions(),
    }


def _verified(restart: Restart, chains: int, held: list[str]) -> bool:
    """All chains were open and had begun, and each call that was out was repeated once, under its own reference."""
    begun = restart.live == chains and restart.attempts >= chains + len(held)
    return begun and sorted(restart.repeated) == sorted(held)


@contextmanager
def _process(target: Callable[..., None], *args: Any) -> Iterator[tuple[SpawnProcess, Connection]]:  # noqa: ANN401
    """A new process that was given its end of a pipe, and ours. It has ended when the block has."""
    context = get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=target, args=(*args, theirs))
    process.start()
    theirs.close()
    try:
        yield process, ours
        process.join()
    finally:
        ours.close()
        process.kill()
        process.join()


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000


def _seconds(ns: int) -> float:
    return round(ns / 1e9, 3)


RECOVERY = Benchmark(
    "Kill an engine with chains open and start it again: first dial, all alive, memory.",
    add_options, measure, two_columns,
)  # fmt: skip
