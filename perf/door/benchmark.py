"""Requests at an even pace at the door of a busy engine: how long each takes."""

import asyncio
import itertools
import tempfile
import time
from argparse import ArgumentParser, Namespace
from pathlib import Path

import aiohttp

from engine.orders import SOCKET_NAME
from perf.benchmark import Benchmark, Result, two_columns
from perf.district import in_a_process
from perf.emergency.carrier_side import Taken
from perf.emergency.jobs import ORDINARY_JOB, prepare
from perf.emergency.record import rank
from perf.emergency.scene import Load, playing
from perf.measure import machine, versions
from perf.options import whole

EMERGENCY_LINES = 100
CONNECTIONS = 32
"""Kept open: programs that ask often do so."""

PATHS = (f"/jobs/{ORDINARY_JOB}", "/jobs", "/health", "/lines", f"/jobs/{ORDINARY_JOB}/chains?limit=50")
"""Asked in turn."""


def add_options(parser: ArgumentParser) -> None:
    """How busy the engine is, and how often it is asked."""
    parser.add_argument("--chains", type=whole, default=100_000, help="live chains (%(default)s)")
    parser.add_argument("--lines", type=whole, default=1_000, help="ordinary lines, all busy (%(default)s)")
    parser.add_argument("--results", type=whole, default=500, help="of calls, a second (%(default)s)")
    parser.add_argument("--rate", type=whole, default=500, help="requests a second (%(default)s)")
    parser.add_argument("--seconds", type=whole, default=30, help="of asking (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the district")


def measure(options: Namespace) -> Result:
    """Prepare a job whose chains never end, let its calls run, and ask."""
    load = Load(options.lines, EMERGENCY_LINES, options.results, 0.5)
    taken: list[Taken] = []
    with tempfile.TemporaryDirectory(prefix="callchain-perf-") as folder:
        home = Path(folder) / "home"
        in_a_process(prepare, home, options.chains, [], 0, options.seed)
        with playing(home, load, taken) as scene:
            scene.release(ORDINARY_JOB)
            scene.wait_for(ORDINARY_JOB, lambda job: job.attempts >= 2 * options.lines)
            attempts, began = scene.door.job(ORDINARY_JOB).attempts, time.monotonic()
            spans, failed = asyncio.run(_ask(home, options.rate, options.seconds))
            wall = time.monotonic() - began
            dialed = scene.door.job(ORDINARY_JOB).attempts - attempts
    ordered = sorted(spans)
    return {
        "chains": options.chains,
        "dials_per_s": round(dialed / wall),
        "requests": len(spans),
        "requests_per_s": round(len(spans) / wall),
        "failed": failed,
        "answer_ms": {"p50": rank(ordered, 0.5), "p99": rank(ordered, 0.99), "max": rank(ordered, 1)},
        "paths": list(PATHS),
        "lines": options.lines,
        "seed": options.seed,
        "machine": machine(),
        "versions": versions(),
    }


async def _ask(home: Path, rate: int, seconds: int) -> tuple[list[int], int]:
    """Every request begins at its own instant, whether or not those before it were answered; ns from that instant."""
    spans: list[int] = []
    failed = 0
    connector = aiohttp.UnixConnector(str(home / SOCKET_NAME), limit=CONNECTIONS)
    async with aiohttp.ClientSession("http://door", connector=connector) as client, asyncio.TaskGroup() as asking:

        async def one(path: str, due: float) -> None:
            nonlocal failed
            async with client.get(path) as answer:
                await answer.read()
                failed += answer.status != 200
            spans.append(int((time.monotonic() - due) * 1e9))

        began, paths = time.monotonic(), itertools.cycle(PATHS)
        for number in range(rate * seconds):
            due = began + number / rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            asking.create_task(one(next(paths), due))
    return spans, failed


DOOR = Benchmark(
    "Ask a busy engine's door at an even pace: milliseconds to each answer.",
    add_options,
    measure,
    two_columns,
)
