"""The board: state for readers in other processes, kept level with the journal a few blocks at a time."""

from collections import deque
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Self

import msgspec
import numpy as np

from engine.board.chain_view import ChainView, view_of
from engine.board.columns import Columns, Slots
from engine.board.job_shape import JobShape
from engine.board.reading.prepared import PreparedJob, prepared_jobs
from engine.board.shown_job import JobSpan, ShownJob, lines_of, totals_of
from engine.board.state import State
from engine.board.views import JobSummary, LinesInUse, RaisedAlarm, Refreshed, Totals
from store.alarms import Alarm
from store.checkpoint import Checkpoint, ended_chain, load
from store.database import Database
from store.errors import NotFoundError
from store.facts import Block, EngineStopped
from store.fold import Fold
from store.journal import Journal
from store.keys import chain_id, index_of, job_of, seq_key
from store.records import RANKS, Plan
from store.rows import ChainRow, shelf_of_row
from store.tables import Txn
from store.vault import Vault

FACTS_PER_REFRESH = 10_000
"""Facts folded in one refresh before it returns: 40 ms, five seconds of a busy engine."""

PLANS_PER_REFRESH = 8_000
"""Plans whose names and students are read in one refresh: 15 ms."""

ROWS_PER_SLICE = 10_000
"""Ended chains brought onto the board at once when it opens."""

RECENT_MS = 24 * 3_600_000
"""How long an ended job stays on the board."""

_decode_plan = msgspec.msgpack.Decoder(Plan).decode


class Board:
    """Reads a store; `refresh` a few times a second, or `catch_up` once, then ask.

    No transaction outlives a call. Ended jobs stay on it for `recent_ms`.
    """

    def __init__(self, database: Database, *, recent_ms: int = RECENT_MS) -> None:
        self.columns = Columns()
        self.peak = 0
        self.stopped_at = 0
        """When the engine stopped in good order, 0 while it may run."""
        self._recent_ms = recent_ms
        self._database = database
        self._journal = Journal(self._database)
        self._vault = Vault(self._database)
        self._jobs: dict[int, ShownJob] = {}
        self._touched: set[int] = set()
        self._recalled: dict[int, ChainRow] = {}
        self._let_go: deque[tuple[int, int]] = deque()
        """(chain, seq) of ended chains whose rows are kept until the tables reflect them."""
        self._fold = Fold(touched=self._touched.add)
        with self._database.read() as txn:
            self._load(txn)

    @classmethod
    def open(cls, path: Path, *, recent_ms: int = RECENT_MS) -> Self:
        """Open a store read-only, in another process than its engine's. Raises StoreError when it cannot be read."""
        return cls(Database(path, readonly=True), recent_ms=recent_ms)

    def close(self) -> None:
        """Let go of the store."""
        self._database.close()

    # -- keeping level

    def refresh(self) -> Refreshed:
        """Fold the next blocks and read the next plans, both within bounds that keep a call short."""
        with self._database.read() as txn:
            blocks = self._next_blocks(txn)
            last_seq = self._journal.last_seq(txn)
            low_water = int(self._database.get_meta(txn, "low_water") or b"0")
        for block in blocks:
            self._fold.replay(block)
            self.stopped_at = block.at if block.facts and type(block.facts[-1]) is EngineStopped else 0
        self._show_touched()
        self._let_rows_go(low_water)
        self._drop_old_jobs()
        self._read_plans()
        return Refreshed(len(blocks), last_seq - self.seq, sum(job.plans.left for job in self._jobs.values()))

    def catch_up(self) -> Refreshed:
        """Refresh until the board shows all there is."""
        while True:
            done = self.refresh()
            if done.level:
                return done

    def _next_blocks(self, txn: Txn) -> list[Block]:
        blocks: list[Block] = []
        facts = 0
        for block in self._journal.since(txn, self.seq):
            blocks.append(block)
            facts += len(block.facts)
            if facts >= FACTS_PER_REFRESH:
                break
        return blocks

    def _show_touched(self) -> None:
        """Bring jobs and chains that the fold touched onto the board."""
        touched = sorted(self._touched, key=abs)
        self._touched.clear()
        # Locks and redials of numbers are the engine's affair, and grow with every call.
        self._fold.released.clear()
        for row_id in touched:
            if row_id < 0 and shelf_of_row(row_id) is None and -row_id not in self._jobs:
                self._add_job(-row_id)
        self._show(self._fold.chains.get(row_id) or self._recalled[row_id] for row_id in touched if row_id > 0)
        self._recalled.clear()
        self.peak = max(self.peak, self.lines.all)

    def _show(self, rows: Iterable[ChainRow]) -> None:
        """Bring chains, each given once, level with their rows, in the columns and in their jobs' counts."""
        placed = [(slot, row) for row in rows if (slot := self.columns.slot(row.chain_id)) is not None]
        if not placed:
            return
        slots = np.array([slot for slot, _ in placed], np.int64)
        before, after = self.columns.show(slots, [row for _, row in placed])
        for job_id, job in self._jobs.items():
            base = self.columns.base(job_id)
            assert base is not None
            mine = (slots >= base) & (slots < base + job.slots)
            if mine.any():
                job.change(slots[mine] - base, before[mine], after[mine])
        self._let_go.extend((row.chain_id, row.seq) for _, row in placed if row.outcome)

    def _let_rows_go(self, low_water: int) -> None:
        """Forget the rows of ended chains once the tables hold them as we know them."""
        while self._let_go and self._let_go[0][1] <= low_water:
            chain, seq = self._let_go.popleft()
            row = self._fold.chains.get(chain)
            if row is not None and row.seq == seq:
                del self._fold.chains[chain]

    def _find_chain(self, chain: int) -> ChainRow | None:
        """An ended chain that was let go. What never began is in no table, so it is not looked for.

        The row may be ahead of the block that asks for it; then the fold leaves it alone, so it is shown as it is.
        """
        slot = self.columns.slot(chain)
        if slot is not None and self.columns.states[slot] == State.PENDING:
            return None
        row = ended_chain(self._database, chain)
        if row is not None:
            self._touched.add(chain)
            self._recalled[chain] = row
        return row

    def _read_plans(self) -> None:
        budget = PLANS_PER_REFRESH
        for job_id, job in self._jobs.items():
            base = self.columns.base(job_id)
            assert base is not None
            while budget > 0 and job.plans.left:
                start = job.plans.read_count
                told = job.plans.read(self._vault, budget)
                self.columns.tell(base + start, told)
                budget -= max(1, len(told.students))
            if not job.plans.left and job.plans.tally is None:
                job.plans.finish(self.columns.states[base : base + job.row.chains])

    # -- jobs come and go

    def _load(self, txn: Txn) -> None:
        loaded = load(self._database, Checkpoint(self._database), txn)
        self._fold.rest, self._fold.jobs, self._fold.chains = loaded.rest, loaded.jobs, loaded.chains
        self._fold.find_chain = self._find_chain
        for job_id in sorted(loaded.jobs):
            self._add_job(job_id)
            self._show_ended(txn, job_id)
        self._show(sorted(self._fold.chains.values(), key=lambda row: row.seq))
        self.peak = self.lines.all
        newest = next(iter(self._journal.since(txn, self.seq - 1)), None) if self.seq else None
        if newest is not None and newest.facts and type(newest.facts[-1]) is EngineStopped:
            self.stopped_at = newest.at

    def _show_ended(self, txn: Txn, job_id: int) -> None:
        """Bring the ended chains of a job that are in their table onto the board."""
        if job_id not in self._jobs:
            return
        start, stop = seq_key(chain_id(job_id, 0)), seq_key(chain_id(job_id + 1, 0))
        rows = (row for _, row in self._database.ended_chains.scan(txn, start, stop))
        while slice_ := list(islice(rows, ROWS_PER_SLICE)):
            self._show(row for row in slice_ if row.chain_id not in self._fold.chains)
        self._let_go.clear()

    def _add_job(self, job_id: int) -> None:
        row = self._fold.jobs[job_id]
        if self._is_old(row.ended_at):
            return
        with self._database.read() as txn:
            job = self._vault.job(txn, job_id)
        self.columns.add_job(job_id, RANKS[row.reason], row.chains, row.covered, row.unreachable)
        self._jobs[job_id] = ShownJob(row, job)

    def _drop_old_jobs(self) -> None:
        kept = {job_id: job for job_id, job in self._jobs.items() if not self._is_old(job.row.ended_at)}
        if len(kept) < len(self._jobs):
            self.columns.keep_jobs([(job_id, job.slots) for job_id, job in kept.items()])
            self._jobs = kept

    def _is_old(self, ended_at: int) -> bool:
        return 0 < ended_at < self.at - self._recent_ms

    # -- asking

    @property
    def database(self) -> Database:
        """The store it looks into, for what it does not keep; every transaction must be short."""
        return self._database

    @property
    def seq(self) -> int:
        """The last block folded."""
        return self._fold.seq

    @property
    def at(self) -> int:
        """The instant of the last block folded, 0 when there is none."""
        return self._fold.at

    @property
    def lines(self) -> LinesInUse:
        """Attempts open at the carrier."""
        return lines_of(self._jobs.values(), self.peak)

    @property
    def alarms(self) -> list[RaisedAlarm]:
        """Alarms that stand, oldest first."""
        raised = sorted(self._fold.rest.alarms.items(), key=lambda item: item[1])
        known = {int(alarm): alarm for alarm in Alarm}
        return [RaisedAlarm(known[code].word, known[code].meaning, at) for code, at in raised if code in known]

    def jobs(self) -> list[JobSummary]:
        """The jobs on the board, open ones first, emergencies before others, then the newest first."""
        summaries = [job.summary for job in self._jobs.values()]
        return sorted(summaries, key=lambda job: (job.ended_at > 0, not job.emergency, -job.job_id))

    def job(self, job_id: int) -> JobSummary:
        """One job. Raises NotFoundError when it is not on the board."""
        job = self._jobs.get(job_id)
        if job is None:
            raise NotFoundError(f"There is no job {job_id} that is open or ended recently; see `callchain jobs`.")
        return job.summary

    def prepared(self) -> list[PreparedJob]:
        """What was prepared within the board's memory and not sent, newest first."""
        return prepared_jobs(self._database, self._fold.jobs, self.at - self._recent_ms)

    def shape(self, job_id: int) -> JobShape | None:
        """A job's chains side by side, None when it is not on the board."""
        job, columns = self._jobs.get(job_id), self.columns
        here = job.span(columns.base(job_id) or 0).here if job is not None else slice(0)
        return None if job is None else JobShape(columns.states[here], columns.since[here], job.plans.schools)

    def totals(self) -> Totals:
        """All jobs on the board together."""
        return totals_of(self._jobs.values())

    def chain(self, chain: int) -> ChainView:
        """One chain in full. Raises NotFoundError when it is not on the board."""
        slot, job = self.columns.slot(chain), self._jobs.get(job_of(chain))
        data = self._vault.plans(job_of(chain), index_of(chain), 1) if slot is not None else []
        if slot is None or job is None or not data:
            raise NotFoundError(f"There is no chain {index_of(chain)} of a job {job_of(chain)} on the board.")
        row = self._fold.chains.get(chain) or ended_chain(self._database, chain)
        return view_of(job.row, job.message, chain, State(self.columns.states[slot]), _decode_plan(data[0]), row)

    def stamp(self, chain: int) -> tuple[int, ...]:
        """What changes when anything that `chain` tells of a chain changes; empty when it is not on the board."""
        slot, job = self.columns.slot(chain), self._jobs.get(job_of(chain))
        if slot is None or job is None:
            return ()
        row = self._fold.chains.get(chain)
        return int(self.columns.states[slot]), row.seq if row else 0, job.row.state

    def spans(self) -> list[JobSpan]:
        """Every job with the slots of its chains, by id."""
        return sorted(job.span(self.columns.base(job_id) or 0) for job_id, job in self._jobs.items())

    def named(self, word: str) -> Slots:
        """Slots of the chains whose contact's name has a word in it, whatever its case."""
        found = [job.plans.find(word) + (self.columns.base(job_id) or 0) for job_id, job in self._jobs.items()]
        return np.concatenate(found or [np.zeros(0, np.int64)])
