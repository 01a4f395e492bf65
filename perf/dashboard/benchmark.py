"""The dashboard in a real terminal beside a live engine: its CPU, its memory, and how soon a key is answered."""

import random
import sys
import tempfile
import time
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import NamedTuple

from perf.benchmark import Benchmark, Result, two_columns
from perf.dashboard.terminal import Terminal, terminal
from perf.district import in_a_process
from perf.emergency.carrier_side import Taken
from perf.emergency.jobs import ORDINARY_JOB, prepare
from perf.emergency.record import rank
from perf.emergency.scene import Load, Scene, playing
from perf.measure import machine, versions
from perf.options import whole

COLUMNS, ROWS = 120, 40
EMERGENCY_LINES = 100

UPDATES_A_RESULT = 2
"""An attempt that ends lets the next one begin: two chains' rows change."""

SETTLE_SECONDS = 5.0
"""Without a word of catching up, so that loading is not counted as watching."""

CATCHING_UP = b"CATCHING UP"

SCREEN_SECONDS_MAX = 180.0
"""Until the first screen of a million chains."""

KEY_SECONDS_MAX = 5.0
KEY_PAUSE_SECONDS = (0.11, 0.61)
"""Between two keys; drawn, so that they fall anywhere between two ticks."""

CURSOR = "▌".encode()
"""Begins the selected row: a key that moves the cursor has been answered when it is written."""


def add_options(parser: ArgumentParser) -> None:
    """How much there is to watch, and for how long."""
    parser.add_argument("--chains", type=whole, default=100_000, help="live chains (%(default)s)")
    parser.add_argument("--lines", type=whole, default=1_000, help="ordinary lines, all busy (%(default)s)")
    parser.add_argument("--updates", type=whole, default=2_000, help="chains' rows that change a second (%(default)s)")
    parser.add_argument("--seconds", type=whole, default=30, help="of watching without a key (%(default)s)")
    parser.add_argument("--keys", type=whole, default=200, help="pressed after that (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the pauses between keys")


class Watched(NamedTuple):
    """What the dashboard used."""

    first_screen_s: float
    loaded_s: float
    """Until every name and student is read too."""
    start_cpu_s: float
    core: float
    """Share of a core while nobody touches a key."""
    tty_bytes_s: float
    keys_ns: list[int]
    rss: int
    rss_anon: int
    updates_s: float


def measure(options: Namespace) -> Result:
    """Prepare a job whose chains never end, let its calls run, and watch them."""
    load = Load(options.lines, EMERGENCY_LINES, options.updates // UPDATES_A_RESULT, 0.5)
    taken: list[Taken] = []
    with tempfile.TemporaryDirectory(prefix="callchain-perf-") as folder:
        home = Path(folder) / "home"
        in_a_process(prepare, home, options.chains, [], 0, options.seed)
        with playing(home, load, taken) as scene:
            scene.release(ORDINARY_JOB)
            scene.wait_for(ORDINARY_JOB, lambda job: job.attempts >= 2 * options.lines)
            watched = _watch(scene, home, options)
    return _figures(options, watched)


def _watch(scene: Scene, home: Path, options: Namespace) -> Watched:
    command = [sys.executable, "-m", "tui.cli", "watch", "--home", str(home), "--clock", scene.clock_spec]
    began = time.monotonic()
    with terminal(command, COLUMNS, ROWS, {"TERM": "xterm-256color", "COLORTERM": "truecolor"}) as screen:
        screen.waits_for(b"Contact ", SCREEN_SECONDS_MAX)
        first_screen_s, start_cpu_s = time.monotonic() - began, screen.cpu_s
        loaded_s = _loaded(screen, began)
        core, tty_bytes_s, updates_s = _steady(scene, screen, options.seconds)
        keys = list(_keys(screen, options.keys, random.Random(options.seed)))
        memory = screen.memory_bytes("VmRSS"), screen.memory_bytes("RssAnon")
    return Watched(first_screen_s, loaded_s, start_cpu_s, core, tty_bytes_s, keys, *memory, updates_s)


def _loaded(screen: Terminal, began: float) -> float:
    """Wait until it is level with the engine; seconds since it was started. Raises TimeoutError."""
    while time.monotonic() - began < SCREEN_SECONDS_MAX:
        screen.forget()
        time.sleep(SETTLE_SECONDS)
        if not screen.wrote(CATCHING_UP):
            return time.monotonic() - began - SETTLE_SECONDS
    raise TimeoutError("The dashboard does not get level with the engine.")


def _steady(scene: Scene, screen: Terminal, seconds: int) -> tuple[float, float, float]:
    """Share of a core, bytes to the terminal and updates a second, while nobody touches a key."""
    screen.forget()
    attempts, cpu, read, began = (
        scene.door.job(ORDINARY_JOB).attempts,
        screen.cpu_s,
        screen.bytes_read,
        time.monotonic(),
    )
    time.sleep(seconds)
    wall = time.monotonic() - began
    used, written = screen.cpu_s - cpu, screen.bytes_read - read
    dialed = scene.door.job(ORDINARY_JOB).attempts - attempts
    return used / wall, written / wall, UPDATES_A_RESULT * dialed / wall


def _keys(screen: Terminal, times: int, pauses: random.Random) -> "list[int]":
    """Down and up the list, ns from each key to the cursor on its new row."""
    spans = []
    for _ in range(times):
        time.sleep(pauses.uniform(*KEY_PAUSE_SECONDS))
        spans.append(screen.press(pauses.choice((b"j", b"j", b"k")), CURSOR, KEY_SECONDS_MAX))
    return spans


def _figures(options: Namespace, watched: Watched) -> Result:
    """perf/README.md says what each figure means."""
    ordered = sorted(watched.keys_ns)
    return {
        "chains": options.chains,
        "lines": options.lines,
        "updates_per_s": round(watched.updates_s),
        "core_percent": round(100 * watched.core, 2),
        "key_ms": {"p50": rank(ordered, 0.5), "p99": rank(ordered, 0.99), "max": rank(ordered, 1)},
        "rss_mb": round(watched.rss / 2**20, 1),
        "rss_anon_mb": round(watched.rss_anon / 2**20, 1),
        "tty_kib_per_s": round(watched.tty_bytes_s / 1024, 1),
        "first_screen_s": round(watched.first_screen_s, 2),
        "loaded_s": round(watched.loaded_s, 1),
        "start_cpu_s": round(watched.start_cpu_s, 2),
        "columns": COLUMNS,
        "rows": ROWS,
        "seconds": options.seconds,
        "keys": options.keys,
        "seed": options.seed,
        "machine": machine(),
        "versions": versions(),
    }


DASHBOARD = Benchmark(
    "Watch a busy engine in a real terminal: the dashboard's CPU, memory, and milliseconds from key to paint.",
    add_options,
    measure,
    two_columns,
)
