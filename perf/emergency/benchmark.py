"""How soon an emergency is dialed while an ordinary job has every line and 100,000 chains wait."""

import random
import shutil
import tempfile
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from perf.benchmark import Benchmark, Result, two_columns
from perf.district import in_a_process
from perf.emergency.carrier_side import Taken
from perf.emergency.jobs import ORDINARY_JOB, Emergency, emergencies, prepare
from perf.emergency.record import Times, granted_between, rank, times_of
from perf.emergency.scene import Big, Load, Scene, playing
from perf.measure import machine, versions
from perf.options import poll_seconds, whole

SIZES = (1, 10, 1_000)
TURNOVERS = 2
"""Calls of each line before the first emergency, so that results come evenly."""

CHAINS_A_CALL = 50
"""That many chains come to life, at least, in the time of one call: before the first emergency all of them live."""

RATE_SHARE_MIN = 0.9
"""Of the results a second that were asked for; with less the run did not do what it says."""


def counts(text: str) -> tuple[int, ...]:
    """Counts with commas between them. Raises ArgumentTypeError."""
    return tuple(whole(part) for part in text.split(","))


def none_or_more(text: str) -> int:
    """A whole number from 0 on. Raises ArgumentTypeError."""
    if not text.isdecimal():
        raise ArgumentTypeError(f"{text} is no whole number from 0 on")
    return int(text)


def add_options(parser: ArgumentParser) -> None:
    """How much waits, how many lines there are, and what is released."""
    parser.add_argument("--waiting", type=whole, default=100_000, help="ordinary chains (%(default)s)")
    parser.add_argument("--lines", type=whole, default=2_000, help="ordinary lines, all busy (%(default)s)")
    parser.add_argument("--emergency-lines", type=whole, default=100, help="lines for emergencies (%(default)s)")
    parser.add_argument("--results", type=whole, default=2_000, help="of ordinary calls, a second (%(default)s)")
    parser.add_argument("--poll-seconds", type=poll_seconds, default=0.5, help="between looks for them (%(default)s)")
    parser.add_argument("--sizes", type=counts, default=SIZES, help="contacts of an emergency (1,10,1000)")
    parser.add_argument("--times", type=whole, default=100, help="emergencies of each size (%(default)s)")
    parser.add_argument(
        "--big", type=none_or_more, default=100_000, help="contacts of a large one; 0: none (%(default)s)"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the pauses and of the roster (%(default)s)")


class Play(NamedTuple):
    """What came of the small emergencies, and of the large one beside the same load."""

    times: list[Times]
    results_per_s: float
    waiting: int
    """Ordinary chains not ended at the end."""
    big_busy: Big | None
    taken: Taken
    between: int


def measure(options: Namespace) -> Result:
    """Prepare; release emergencies beside the load; start a large one beside the load, then on a quiet engine."""
    load = Load(options.lines, options.emergency_lines, options.results, options.poll_seconds)
    jobs = emergencies(options.waiting, options.sizes, options.times)
    with tempfile.TemporaryDirectory(prefix="callchain-perf-") as folder:
        home, quiet = Path(folder) / "home", Path(folder) / "quiet"
        in_a_process(prepare, home, options.waiting, jobs, options.big, options.seed)
        if options.big:
            shutil.copytree(home, quiet)
        play = _play(home, load, jobs, options)
        big = _big_alone(quiet, load) if options.big else None
    return _figures(options, jobs, play, big)


def _play(home: Path, load: Load, jobs: Sequence[Emergency], options: Namespace) -> Play:
    taken: list[Taken] = []
    with playing(home, load, taken) as scene:
        scene.release(ORDINARY_JOB)
        calls = TURNOVERS * load.lines + options.waiting // CHAINS_A_CALL
        scene.wait_for(ORDINARY_JOB, lambda job: job.attempts >= calls)
        began = time.monotonic_ns()
        released = _release_all(scene, jobs, random.Random(options.seed), load.poll_seconds)
        ended = time.monotonic_ns()
        sent = scene.numbers_sent()
        big_busy = scene.start_big() if options.big else None
        waiting = scene.door.job(ORDINARY_JOB).live
    rows = sum(count for at, count in taken[0].results if began < at <= ended)
    times = times_of(jobs, released, sent, load.emergency_lines)
    between = granted_between(home, {job.job_id for job in jobs})
    return Play(times, rows / (ended - began) * 1e9, waiting, big_busy, taken[0], between)


def _release_all(scene: Scene, jobs: Sequence[Emergency], pauses: random.Random, poll_seconds: float) -> dict[int, int]:
    """Release one after another, each when the one before has ended. Job → when the command was given, ns.

    The pauses are drawn, so that a command falls anywhere between two readings of the call log.
    """
    released = {}
    for job in jobs:
        time.sleep(pauses.uniform(0, poll_seconds))
        released[job.job_id] = scene.release(job.job_id)
        scene.wait_for(job.job_id, lambda view: view.ended)
    return released


def _big_alone(home: Path, load: Load) -> Big:
    """The large emergency on an engine that has nothing else to do."""
    with playing(home, load, []) as scene:
        return scene.start_big()


def _figures(options: Namespace, jobs: Sequence[Emergency], play: Play, big: Big | None) -> Result:
    """perf/README.md says what each figure means."""
    return {
        "waiting": options.waiting,
        "lines": options.lines,
        "emergency_lines": options.emergency_lines,
        "poll_seconds": options.poll_seconds,
        "times": options.times,
        "results_per_s": round(play.results_per_s),
        "first_ms": _ranks([times.first for times in play.times]),
        **{name: ranks for size in options.sizes for name, ranks in _of_size(play.times, size).items()},
        "ordinary_between": play.between,
        "big": _big(big),
        "big_busy": _big(play.big_busy),
        "verified": _verified(options, jobs, play),
        "waiting_at_end": play.waiting,
        "carrier_lines_peak": play.taken.lines_peak,
        "seed": options.seed,
        "machine": machine(),
        "versions": versions(),
    }


def _verified(options: Namespace, jobs: Sequence[Emergency], play: Play) -> bool:
    """The load was there to the end, and each contact of an emergency was called once, before any ordinary one."""
    loaded = play.waiting == options.waiting and play.results_per_s >= RATE_SHARE_MIN * options.results
    busy = play.taken.lines_peak >= options.lines
    called_once = all(play.taken.emergency.get(number) == 1 for job in jobs for number in job.numbers())
    return loaded and busy and called_once and len(play.times) == len(jobs) and not play.between


def _of_size(times: Sequence[Times], size: int) -> dict[str, dict[str, float | None]]:
    mine = [one for one in times if one.size == size]
    return {
        f"first_ms_{size}": _ranks([one.first for one in mine]),
        f"filled_ms_{size}": _ranks([one.filled for one in mine]),
        f"all_ms_{size}": _ranks([one.all for one in mine]),
    }


def _ranks(spans: list[int]) -> dict[str, float | None]:
    ordered = sorted(spans)
    return {"p50": rank(ordered, 0.5), "p99": rank(ordered, 0.99), "max": rank(ordered, 1)}


def _big(big: Big | None) -> dict[str, float] | None:
    if big is None:
        return None
    spans = big._asdict()
    contacts = spans.pop("contacts")
    return {"contacts": contacts, **{name.replace("_ns", "_s"): round(ns / 1e9, 3) for name, ns in spans.items()}}


EMERGENCY = Benchmark(
    "Release emergencies while every ordinary line is busy: from the command to the bytes on the socket.",
    add_options,
    measure,
    two_columns,
)
