"""What a dial costs: a district's message walked by the engine to its end, every transition durable."""

import gc
import tempfile
from argparse import ArgumentParser, Namespace
from collections import Counter
from pathlib import Path
from time import process_time_ns
from typing import NamedTuple

from engine.running.process import settle_in
from engine.views import JobView
from perf.benchmark import Benchmark, Result, two_columns
from perf.district import PreparedDistrict, in_a_process, prepare_district
from perf.floor import FloorRun, run_floor
from perf.measure import Reading, machine, versions
from perf.memory import waiting_chain_bytes
from perf.options import poll_seconds, whole
from perf.rig import POLL_SECONDS, Rig
from store.database import Database
from store.facts import AttemptClosed, AttemptOpened, ChainClosed
from store.journal import Journal

TRANSITIONS = (AttemptOpened, AttemptClosed, ChainClosed)
"""A dial, its outcome, a chain's end: one fact each."""

FLOOR_RUNS = 5
"""The floor takes under a second and what the kernel needs of it varies: the middle one of so many counts."""


def add_options(parser: ArgumentParser) -> None:
    """How large a run is; the same for all that walk a district."""
    parser.add_argument("--chains", type=whole, default=100_000, help="about how many chains (%(default)s)")
    parser.add_argument("--lines", type=whole, default=5_000, help="ordinary lines (%(default)s)")
    parser.add_argument("--seed", type=int, default=7, help="of district, phones and engine (%(default)s)")
    parser.add_argument(
        "--poll-seconds", type=poll_seconds, default=POLL_SECONDS,
        help="between two readings of the call log (%(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--home", type=Path, help="an empty folder to work in and to leave as it is; default: a new one"
    )


def measure(options: Namespace) -> Result:
    """Prepare, walk, weigh, and run the floor."""
    if options.home is not None:
        return _measure(options, options.home)
    with tempfile.TemporaryDirectory(prefix="callchain-perf-") as folder:
        return _measure(options, Path(folder))


def _measure(options: Namespace, home: Path) -> Result:
    district = in_a_process(prepare_district, home, options.chains, options.seed)
    walk = walk_district(district, options)
    gc.collect()
    block_facts = max(1, round(walk.facts / walk.commits))
    floors = [
        run_floor(home / f"floor-{turn}", walk.job.chains, walk.job.attempts, options.lines, block_facts)
        for turn in range(FLOOR_RUNS)
    ]
    floor = sorted(floors, key=lambda one: one.cpu_ns)[FLOOR_RUNS // 2]
    weight = in_a_process(
        waiting_chain_bytes, district.waiting_home, district.waiting_job_id, district.chains, options.seed
    )
    return _figures(options, district, walk, floor, weight)


class Walk(NamedTuple):
    """What the engine did from the release of the job to its end, and what that took."""

    job: JobView
    used: Reading
    commit_cpu_ns: int
    commit_wall_ns: int
    carrier_cpu_ns: int
    gc_cpu_ns: int
    commits: int
    facts: int
    blocks: int
    transitions: int
    store_bytes: int
    virtual_ms: int
    lines_peak: int


def walk_district(district: PreparedDistrict, options: Namespace) -> Walk:
    """Send the prepared job and step until it has ended."""
    with Rig(district.home, lines=options.lines, seed=options.seed, poll_seconds=options.poll_seconds) as rig:
        seq, size, started_at = _last_seq(rig.database), rig.database.size(), rig.clock.now()
        settle_in()
        with GcMeter() as gc_meter:
            before = Reading.take()
            rig.engine.send(district.job_id, expect=district.chains)
            job = rig.engine.wait(district.job_id)
            used = Reading.take().since(before)
        commits = rig.commit_meter
        cpu = (commits.cpu_ns, commits.wall_ns, rig.carrier_meter.cpu_ns, gc_meter.cpu_ns)
        blocks, facts = _recorded(rig.database, seq)
        size = rig.database.size() - size
        return Walk(
            job, used, *cpu, commits.times, facts.total(), blocks, sum(facts[kind] for kind in TRANSITIONS),
            size, rig.clock.now() - started_at, rig.engine.lines_peak,
        )  # fmt: skip


class GcMeter:
    """The CPU of Python's garbage collector while it is open."""

    def __init__(self) -> None:
        self.cpu_ns = 0
        self._begun = 0

    def __enter__(self) -> "GcMeter":
        """Begin."""
        gc.callbacks.append(self._told)
        return self

    def __exit__(self, *_error: object) -> None:
        """End."""
        gc.callbacks.remove(self._told)

    def _told(self, phase: str, _info: dict[str, int]) -> None:
        if phase == "start":
            self._begun = process_time_ns()
        else:
            self.cpu_ns += process_time_ns() - self._begun


def _last_seq(database: Database) -> int:
    with database.read() as txn:
        return Journal(database).last_seq(txn)


def _recorded(database: Database, seq: int) -> tuple[int, Counter[type]]:
    """Blocks after `seq` and their facts by kind."""
    blocks, kinds = 0, Counter[type]()
    with database.read() as txn:
        for block in Journal(database).since(txn, seq):
            blocks += 1
            kinds.update(map(type, block.facts))
    return blocks, kinds


def _figures(options: Namespace, district: PreparedDistrict, walk: Walk, floor: FloorRun, chain_bytes: float) -> Result:
    """perf/README.md says what each figure means."""
    job, dials = walk.job, walk.job.attempts
    cpu_us, commit_us, carrier_us, gc_us, floor_us = (
        ns / 1000 / dials
        for ns in (walk.used.cpu_ns, walk.commit_cpu_ns, walk.carrier_cpu_ns, walk.gc_cpu_ns, floor.cpu_ns)
    )
    outcomes = ("confirmed", "delivered_unconfirmed", "exhausted", "expired", "canceled", "errors")
    return {
        "chains": job.chains,
        "dials": dials,
        "transitions": walk.transitions,
        "wall_s": round(walk.used.wall_ns / 1e9, 3),
        "virtual_s": walk.virtual_ms / 1000,
        "dials_per_s": round(dials * 1e9 / walk.used.wall_ns),
        "cpu_us_per_dial": round(cpu_us, 2),
        "carrier_cpu_us_per_dial": round(carrier_us, 2),
        "commit_cpu_us_per_dial": round(commit_us, 2),
        "engine_cpu_us_per_dial": round(cpu_us - commit_us - carrier_us, 2),
        "gc_cpu_us_per_dial": round(gc_us, 2),
        "floor_cpu_us_per_dial": round(floor_us, 2),
        "ratio_to_floor": round((cpu_us - carrier_us) / floor_us, 2),
        "bytes_per_chain": round(chain_bytes),
        "bytes_per_chain_devices": max(district.devices),
        "disk_bytes_per_dial": round(walk.used.written_bytes / dials),
        "store_bytes_per_dial": round(walk.store_bytes / dials),
        "commits": walk.commits,
        "blocks": walk.blocks,
        "facts_per_commit": round(walk.facts / walk.commits, 1),
        "commit_wall_ms": round(walk.commit_wall_ns / 1e6 / walk.commits, 3),
        "floor_blocks": floor.blocks,
        "floor_transitions": floor.transitions,
        "lines": options.lines,
        "lines_peak": walk.lines_peak,
        "poll_seconds": options.poll_seconds,
        "families": district.families,
        "plans_by_devices": {str(devices): plans for devices, plans in district.devices.items()},
        "outcomes": {outcome: getattr(job, outcome) for outcome in outcomes},
        "seed": options.seed,
        "machine": machine(),
        "versions": versions(),
    }


DISPATCH = Benchmark("What a dial costs in CPU, memory and disk, engine and store.", add_options, measure, two_columns)
