"""The workload in plain asyncio with SQLite: a task for each chain, or, leaner, a task for each line."""

import asyncio
import tempfile
from asyncio import AbstractEventLoop, Future
from collections import deque
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import NamedTuple

from engine.running.process import settle_in
from perf.measure import Reading, anonymous_bytes
from perf.peers.sqlite_record import Row, SqliteRecord, now_ms, read_back
from perf.peers.work import Work, arrival_order
from perf.workload.rule import confirms, devices, is_emergency


class Chain(NamedTuple):
    """What is known of a chain before anybody calls."""

    number: int
    devices: int
    emergency: bool


def run_chain_tasks(n: int, lines: int) -> Work:
    """Each chain is a coroutine that waits for a line, for the disk, and for its answer. Call it in a new process."""
    return _run(n, lines, _walk_chains, f"1 process, {n:,} tasks")


def run_line_tasks(n: int, lines: int) -> Work:
    """Each line is a coroutine; a chain is an entry in a queue, and could wait for nothing but a line."""
    return _run(n, lines, _work_lines, f"1 process, {lines:,} tasks")


Program = Callable[[list[Chain], int, SqliteRecord], Coroutine[None, None, None]]


def _run(n: int, lines: int, program: Program, layout: str) -> Work:
    chains = [Chain(number, devices(number), is_emergency(number)) for number in arrival_order(n)]
    with tempfile.TemporaryDirectory(prefix="callchain-perf-") as folder:
        path = Path(folder) / "attempts.sqlite"
        record = SqliteRecord(path, rows_due=2 * n)
        settle_in()
        memory, before = anonymous_bytes(), Reading.take()
        asyncio.run(program(chains, lines, record))
        used = Reading.take().since(before)
        record.close()
        recorded = read_back(path)
    return Work(*recorded, used.wall_ns, used.cpu_ns, max(0, record.memory_peak - memory), layout)


async def _walk_chains(chains: list[Chain], lines: int, record: SqliteRecord) -> None:
    loop = asyncio.get_running_loop()
    journal, phones, pool = Journal(loop, record), Phones(loop), LinePool(loop, lines)

    async def walk(chain: Chain) -> None:
        number, emergency = chain.number, chain.emergency
        for device in range(chain.devices):
            if not pool.taken():
                await pool.line(emergency)
            await journal.append((number, device, None, now_ms()))
            confirmed = await phones.call(number, device)
            # The carrier has ended the call: the line is free while the outcome becomes durable.
            pool.give_back()
            await journal.append((number, device, confirmed, now_ms()))
            if confirmed:
                return

    for task in [loop.create_task(walk(chain)) for chain in chains]:
        await task


async def _work_lines(chains: list[Chain], lines: int, record: SqliteRecord) -> None:
    loop = asyncio.get_running_loop()
    journal, phones = Journal(loop, record), Phones(loop)
    emergencies = deque((chain, 0) for chain in chains if chain.emergency)
    ordinary = deque((chain, 0) for chain in chains if not chain.emergency)

    async def work() -> None:
        while emergencies or ordinary:
            chain, device = emergencies.popleft() if emergencies else ordinary.popleft()
            await journal.append((chain.number, device, None, now_ms()))
            confirmed = await phones.call(chain.number, device)
            await journal.append((chain.number, device, confirmed, now_ms()))
            if not confirmed and device + 1 < chain.devices:
                (emergencies if chain.emergency else ordinary).append((chain, device + 1))

    # A line that found both queues empty has ended; whoever puts a chain back is itself a line and takes it again.
    for task in [loop.create_task(work()) for _ in range(lines)]:
        await task


class Journal:
    """Collects the rows of one turn of the loop and commits them at its end.

    The loop waits for the disk: with commits on a thread of their own a dial takes 4 to 14 % more CPU.
    """

    def __init__(self, loop: AbstractEventLoop, record: SqliteRecord) -> None:
        self._loop = loop
        self._record = record
        self._rows: list[Row] = []
        self._durable: Future[None] | None = None

    def append(self, row: Row) -> Future[None]:
        """Done when the row is on disk; the same future for all rows of a commit."""
        self._rows.append(row)
        if self._durable is None:
            self._durable = self._loop.create_future()
            self._loop.call_soon(self._commit)
        return self._durable

    def _commit(self) -> None:
        rows, durable = self._rows, self._durable
        self._rows, self._durable = [], None
        self._record.commit(rows)
        if durable is not None:
            durable.set_result(None)


class Phones:
    """The carrier: answers by the rule, all calls of a turn in a later one."""

    def __init__(self, loop: AbstractEventLoop) -> None:
        self._loop = loop
        self._ringing: list[tuple[Future[bool], int, int]] = []

    def call(self, chain: int, device: int) -> Future[bool]:
        """Whether it is confirmed."""
        if not self._ringing:
            self._loop.call_soon(self._answer)
        answer: Future[bool] = self._loop.create_future()
        self._ringing.append((answer, chain, device))
        return answer

    def _answer(self) -> None:
        ringing, self._ringing = self._ringing, []
        for answer, chain, device in ringing:
            answer.set_result(confirms(chain, device))


class LinePool:
    """So many lines; a free one goes to the emergency that has waited longest, or else to the ordinary chain."""

    def __init__(self, loop: AbstractEventLoop, lines: int) -> None:
        self._loop = loop
        self._free = lines
        self._emergencies: deque[Future[None]] = deque()
        self._ordinary: deque[Future[None]] = deque()

    def taken(self) -> bool:
        """Take a line if one is free: nobody waits then."""
        if not self._free:
            return False
        self._free -= 1
        return True

    def line(self, emergency: bool) -> Future[None]:
        """Done when a line has been handed over."""
        handed_over: Future[None] = self._loop.create_future()
        (self._emergencies if emergency else self._ordinary).append(handed_over)
        return handed_over

    def give_back(self) -> None:
        """Hand a line on, or keep it."""
        waiting = self._emergencies or self._ordinary
        if waiting:
            waiting.popleft().set_result(None)
        else:
            self._free += 1
