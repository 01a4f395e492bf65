"""The floor, frozen: a bare heap loop with the engine's transitions, a 100-byte fact each, in synced blocks.

Every `ratio_to_floor` ever published is against these lines. They use nothing of the product; do not improve them.
"""

import os
from collections import deque
from heapq import heappop, heappush
from pathlib import Path
from struct import Struct
from time import perf_counter_ns, process_time_ns
from typing import NamedTuple

FACT = Struct(">BQQQ75x")
"""Tag, chain, attempt, instant, and padding to 100 bytes."""
DIALED, ENDED, CLOSED = 1, 2, 3
CALL_MS_MIN, CALL_MS_SPAN, STRIDE = 5_000, 55_000, 7_919
"""Calls last from 5 to 60 s, strewn by a prime instead of at random: a generator would cost more than the heap."""


class FloorRun(NamedTuple):
    """What the loop did and used."""

    dials: int
    transitions: int
    blocks: int
    cpu_ns: int
    wall_ns: int


def run_floor(path: Path, chains: int, dials: int, lines: int, block_facts: int) -> FloorRun:
    """Let `chains` chains make `dials` dials in turn on `lines` lines, writing to a new file at `path`."""
    pack, cpu, wall = FACT.pack, process_time_ns(), perf_counter_ns()
    left = [dials // chains + (chain < dials % chains) for chain in range(chains)]
    waiting, live, facts = deque(range(chains)), list[tuple[int, int]](), list[bytes]()
    now = attempt = transitions = blocks = 0
    with path.open("wb", buffering=0) as file:
        while waiting or live:
            while waiting and len(live) < lines:
                chain = waiting.popleft()
                attempt += 1
                facts.append(pack(DIALED, chain, attempt, now))
                heappush(live, (now + CALL_MS_MIN + attempt * STRIDE % CALL_MS_SPAN, chain))
            now, chain = heappop(live)
            facts.append(pack(ENDED, chain, attempt, now))
            left[chain] -= 1
            if left[chain]:
                waiting.append(chain)
            else:
                facts.append(pack(CLOSED, chain, attempt, now))
            if len(facts) >= block_facts or not (waiting or live):
                file.write(b"".join(facts))
                os.fsync(file.fileno())
                transitions += len(facts)
                blocks += 1
                facts.clear()
    return FloorRun(attempt, transitions, blocks, process_time_ns() - cpu, perf_counter_ns() - wall)
