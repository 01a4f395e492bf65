"""The helper process: walks a job on paper again and again, and sends each course home as soon as it is known."""

import gc
import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from time import monotonic
from typing import BinaryIO

import msgspec

from engine.forecast.course import Course
from engine.forecast.paper.run import walk
from engine.forecast.paper.scene import Scene, set_scene
from engine.forecast.question import SEEDS_MAX, Question
from store import errors
from store.database import Database

FIRST_CHAINS = 2_500
"""Chains of each run of a first answer: of a larger job a sample, on as large a share of the lines."""

FIRST_RUNS = 4
"""Of these the first answer is made: enough to see how far they lie apart."""

FIRST_SECONDS = 0.8
"""No further run of the first answer begins after this long."""

LINES_MIN = 3
"""A sample has at least so many lines: with fewer, one long call would be a queue."""

NICENESS = 10
"""The engine's loop goes before its forecasts."""

FIRST_TO_GO = b"1000"
"""Where memory runs out, the system ends this process and not the engine."""


class Basis(msgspec.Struct, array_like=True, frozen=True, tag=1):
    """The first thing that is sent home: what all courses rest on."""

    job_id: int
    starts_at: int
    """When its first call could go, ms UTC."""
    closes_at: int
    chains: int
    lines: int
    lines_now: int
    calls: int
    days: int
    reached_now: int
    stalled: bool
    schools: dict[str, int]
    """Id → chains of it."""


class Walked(msgspec.Struct, array_like=True, frozen=True, tag=2):
    """One course."""

    course: Course
    sampled: bool
    """It is worth nothing any more once there are whole ones."""
    is_answer: bool = True
    """With those before it, it makes an answer."""


class Refused(msgspec.Struct, array_like=True, frozen=True, tag=3):
    """An error of ours, by name, and its sentence."""

    error: str
    sentence: str


Frame = Basis | Walked | Refused


def frames(question: Question) -> Iterator[Frame]:
    """What is sent home, in its order."""
    with closing(Database(Path(question.store_path), readonly=True)) as database:
        scene = set_scene(question, database)
        yield basis_of(scene, prepared=question.job is None)
        yield from _courses(scene, question.seeds)


def _courses(scene: Scene, seeds: int) -> Iterator[Walked]:
    """Those of the first answer, then whole ones."""
    share, done = first_share(scene), 0
    began = monotonic()
    while done < FIRST_RUNS and (not done or monotonic() - began < FIRST_SECONDS):
        done += 1
        course = walk(scene, done, share)
        yield Walked(course, share < 1, done == FIRST_RUNS or monotonic() - began >= FIRST_SECONDS)
    # Where the first runs were whole ones they count as such.
    for seed in range(1 if share < 1 else done + 1, min(seeds, SEEDS_MAX) + 1):
        gc.collect()
        yield Walked(walk(scene, seed), False)


def first_share(scene: Scene) -> float:
    """Of chains and lines in the runs of a first answer."""
    wanted = max(FIRST_CHAINS / max(1, scene.chains), LINES_MIN / scene.lines[0])
    return 1.0 if wanted > 0.7 else wanted


def basis_of(scene: Scene, *, prepared: bool = True) -> Basis:
    """What a scene's courses rest on."""
    job = scene.job
    row = scene.state.fold.jobs.get(job.job_id)
    starts_at = max(job.opens_at, row.planned_at if row is not None else scene.now)
    return Basis(
        job.job_id if prepared else 0, starts_at, scene.ends_at, job.chains, scene.lines[0], scene.lines_now,
        scene.history.calls, scene.history.days, len(scene.so_far.reached), scene.stalled,
        dict(Counter(scene.schools.values())),
    )  # fmt: skip


def write_frame(out: BinaryIO, frame: Frame) -> None:
    """One frame, its length before it."""
    data = msgspec.msgpack.encode(frame)
    out.write(len(data).to_bytes(4) + data)
    out.flush()


def stand_back(*, patient: bool) -> None:
    """Leave the machine to the engine, as far as the system knows how to: its memory, and for the patient its cores."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_bytes(FIRST_TO_GO)
    if patient and hasattr(os, "SCHED_IDLE"):
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def main() -> None:
    """The whole life of the process."""
    os.nice(NICENESS)
    gc.disable()  # between two runs it is collected; within one everything lives
    question = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Question)
    stand_back(patient=question.patient)
    out = sys.stdout.buffer
    try:
        for frame in frames(question):
            write_frame(out, frame)
    except errors.CallchainError as error:
        write_frame(out, Refused(type(error).__name__, str(error)))
    except BrokenPipeError:
        os._exit(0)  # nobody wants to know any more


if __name__ == "__main__":
    main()
