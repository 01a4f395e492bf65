"""What explanations read on a desk: jobs, plans and rows, and what the line pool says where an engine runs."""

from collections.abc import Iterable
from dataclasses import replace

import msgspec

from actors.gate import Gate
from actors.lines.line_queue import Waiting
from actors.lines.whereabouts import Whereabouts
from actors.messages import FindChains
from engine.acts.desk import Desk
from engine.messaging.windows import district_window, local_day, next_opening, zone_of
from engine.plan_settings import plan_settings
from engine.why.chain.case import Around, Case
from engine.why.chain.next_ring import granted_per_ms
from engine.why.chain.situation import next_of
from engine.why.paused import paused_since
from store.alarms import Alarm
from store.dispositions import JobState
from store.errors import CallchainError, NotFoundError
from store.fold import Fold
from store.keys import chain_id, id_key, pair_key, seq_key
from store.records import Job, Plan
from store.rows import ChainRow, JobRow
from store.tables import Txn

ANSWER_SECONDS_MAX = 2.0
"""For the line pool: a hundred times the longest turn. Without its answer the facts must do."""

ASKED_MAX = 500
"""Chains whose place is asked for at once."""

_decode_plan = msgspec.msgpack.Decoder(Plan).decode


class Source:
    """Of one desk. Rows of a running engine are living ones: they are read singly, and used at once."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.now = desk.clock.now()
        self.fold: Fold = desk.fold()

    # -- single records

    def job_row(self, job_id: int) -> JobRow | None:
        """A released job's row, None for one that was not released."""
        return self.fold.jobs.get(job_id)

    def released(self, job_id: int) -> JobRow:
        """The same. Raises NotFoundError."""
        row = self.job_row(job_id)
        if row is None:
            raise NotFoundError(f"There is no job {job_id}; see `callchain jobs`.")
        return row

    def job(self, txn: Txn, job_id: int) -> Job | None:
        """What a job says."""
        return self.desk.database.jobs.get(txn, id_key(job_id))

    def living(self, job: JobRow, first: int, count: int) -> dict[int, ChainRow]:
        """The rows of some of a job's chains that are in memory."""
        chains = range(chain_id(job.job_id, first), chain_id(job.job_id, min(first + count, job.chains)))
        return {chain: row for chain in chains if (row := self.fold.chains.get(chain)) is not None}

    def ended(self, txn: Txn, chain: int) -> ChainRow | None:
        """The row of a chain that is not in memory; None for one that never began."""
        return self.desk.database.ended_chains.get(txn, seq_key(chain))

    def case(self, job: JobRow, index: int) -> Case:
        """One chain. Raises NotFoundError."""
        chain = chain_id(job.job_id, index)
        # A chain that ends meanwhile leaves the fold for the table: the fold is asked first.
        row = self.fold.chains.get(chain)
        with self.desk.database.read() as txn:
            data = self.desk.database.plans.raw(txn, pair_key(job.job_id, index))
            row = row or self.ended(txn, chain)
        if data is None:
            raise NotFoundError(f"Job {job.job_id} has no chain {index}.")
        return Case(chain, job, _decode_plan(data), row)

    # -- the world around

    def around(self, cases: Iterable[Case]) -> Around:
        """What is said of all of these chains at this moment; the line pool is asked once."""
        desk, settings = self.desk, self.desk.settings
        wanted = [waiting for case in cases if (waiting := next_of(case)) is not None]
        lines = self._ask(tuple(wanted[:ASKED_MAX])) if wanted and desk.running else None
        with desk.database.read() as txn:
            planned = plan_settings(settings, desk.vault.number_key(txn) or b"-")
            gate = self._gate(txn) if lines is None else Gate()
            stopped = frozenset((one.person_id, one.student_id) for _, one in desk.database.stops.scan(txn))
        zone = zone_of(planned)
        if lines is None:
            gate.district = district_window(local_day(self.now, zone), planned, zone)
        known = Around(
            now=self.now,
            zone=zone,
            running=desk.running,
            gate=gate,
            lines=lines,
            next_opening=next_opening(self.now, planned, zone),
            alarms=frozenset(self.fold.rest.alarms),
            stopped=stopped,
            ring_ms=planned.ring_ms,
            read_ms=int(settings.carrier.poll_seconds * 1000),
        )
        return replace(known, per_ms=granted_per_ms(lines, self.now, self._opened_at(lines)))

    def of_job(self, around: Around, job: JobRow) -> Around:
        """The same for chains of one job: since when it is paused, and by whom."""
        if job.state is not JobState.PAUSED:
            return around
        at, by = paused_since(self.desk.database, job.job_id, job.seq)
        return replace(around, paused_at=at, paused_by=by)

    def _gate(self, txn: Txn) -> Gate:
        """The gate as the store leaves it, where no line pool tells of its own."""
        alarms = self.fold.rest.alarms
        gate = Gate(
            redials=dict(self.fold.redials) if not self.desk.running else {},
            redials_max=self.desk.settings.redial.number_redials_per_day,
            store_has_room=Alarm.STORE_FULL not in alarms,
            clock_is_sound=not {Alarm.CLOCK_JUMPED, Alarm.CARRIER_CLOCK_FAR} & alarms.keys(),
            log_is_read=not self.desk.database.get_meta(txn, "restored"),
        )
        for _, block in self.desk.database.blocks.scan(txn):
            gate.block(block.number_id, block.except_emergency)
        return gate

    def _ask(self, wanted: tuple[Waiting, ...]) -> Whereabouts | None:
        station, answer = self.desk.engine.station, list[Whereabouts]()
        heard = station.signal()

        def tell(whereabouts: Whereabouts) -> None:
            answer.append(whereabouts)
            heard.set()

        station.tell_pool(FindChains(wanted, tell))
        try:
            station.wait_for(heard.is_set, ANSWER_SECONDS_MAX)
        except CallchainError:
            return None
        return answer[0]

    def _opened_at(self, lines: Whereabouts | None) -> int:
        """When the call that is out longest began."""
        attempt, chain = lines.oldest if lines is not None else (0, 0)
        row = self.fold.chains.get(chain)
        return row.opened_at if row is not None and row.attempt_id == attempt else 0
