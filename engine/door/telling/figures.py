"""The figures of a running engine, in the families of Prometheus; read beside the loop, under no lock it waits for."""

import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from engine.hooks.hook_book import HookBook
from engine.mail.outbox import Outbox
from engine.running.supervision.pulse import Pulse
from engine.service import Engine
from store.alarms import Alarm
from store.dispositions import Disposition, JobState, Outcome
from store.readers import oldest_reader_lag
from store.rows import JobRow

READ_AGAIN_MAX = 5
"""The loop may change a table while it is counted; then it is counted again."""

T = TypeVar("T")


class Figures:
    """One of an engine. `collect` is what a registry of Prometheus asks."""

    def __init__(self, engine: Engine, since: float) -> None:
        """`since`: when the engine's door was made, monotonic."""
        self._engine = engine
        self._pulse = Pulse(engine.home)
        self._since = since

    def collect(self) -> Iterator[Metric]:
        """Every figure, as it is now."""
        rows = list(self._engine.station.fold.jobs.values())
        for family in (
            self._life,
            lambda: _jobs(rows),
            lambda: _calls(rows),
            self._lines,
            self._log,
            self._waiting,
            self._store,
        ):
            yield from family()
        yield from self._backlogs()

    def _life(self) -> Iterator[Metric]:
        engine = self._engine
        yield gauge("incarnation", "Which opening of the store this is.", engine.incarnation)
        yield gauge("uptime_seconds", "Since the door of this engine opened.", time.monotonic() - self._since)
        yield gauge("leader", "1: this engine holds the store; one that stands by has no door.", 1)
        yield gauge("silent_seconds", "Since the loop's last beat, as far as was looked.", self._pulse.silent_seconds())
        raised = engine.station.fold.rest.alarms
        alarms = {alarm.word: int(alarm in raised) for alarm in Alarm}
        yield gauges("alarm", "1: the alarm stands.", "alarm", alarms)

    def _lines(self) -> Iterator[Metric]:
        ledger = self._engine.station.team.floor.ledger
        ahead, ordinary_ahead = ledger.ahead, ledger.ordinaries_ahead
        ordinary = ledger.ordinaries - ordinary_ahead
        in_use = {"ordinary": ordinary, "emergency": ledger.out - ahead - ordinary}
        total = {"ordinary": ledger.lines, "emergency": ledger.emergency_lines}
        yield gauges("lines", "Lines there are; emergencies may use all of them.", "kind", total)
        yield gauges("lines_in_use", "Calls on lines, by what they are.", "kind", in_use)
        yield gauge("lines_peak", "The most calls ever on lines at once since the start.", ledger.peak)
        yield gauge("calls_out", "Calls the carrier holds.", ledger.out)
        yield gauge("calls_ahead", "Of them, those that wait there for a line.", ahead)

    def _log(self) -> Iterator[Metric]:
        """The carrier's call log; one that pushes its results has none."""
        poller, now = self._engine.station.team.poller, self._engine.clock.now()
        age = max(0, now - poller.read_at) / 1000 if poller.read_at else 0
        yield gauge("call_log_age_seconds", "Since the carrier's call log was last read; 0: not yet.", age)
        yield counter("call_log_failures", "Readings of it that failed since the start.", poller.readings_failed)

    def _waiting(self) -> Iterator[Metric]:
        queue = self._engine.station.team.floor.queue
        emergencies, ready = steady(queue.emergencies_ready), steady(queue.ready)
        waiting = {"ordinary": max(0, ready - emergencies), "emergency": emergencies}
        yield gauges("chains_ready", "Chains that would take a line at once.", "kind", waiting)
        oldest = self._oldest_emergency() if emergencies else 0
        yield gauge(
            "emergency_waits_seconds",
            "How long the first call of some chain of an open emergency has been waiting for; 0: none waits.",
            oldest / 1000,
        )

    def _oldest_emergency(self) -> int:
        """Milliseconds. First calls go out in order, so fewer attempts than chains means that some had none yet."""
        rows = list(self._engine.station.fold.jobs.values())
        uncalled = [row for row in rows if row.emergency and _is_open(row) and row.attempts < row.chains]
        now = self._engine.clock.now()
        return max((now - max(row.planned_at, row.opens_at) for row in uncalled), default=0)

    def _store(self) -> Iterator[Metric]:
        station = self._engine.station
        database, seq = station.database, station.fold.seq
        with database.read() as txn:
            low_water = int(database.get_meta(txn, "low_water") or b"0")
        yield counter("blocks", "Commits with facts: the journal's last block.", seq)
        writer = station.team.writer
        yield counter("commits", "Transactions of the writer since the start.", writer.commits)
        yield counter("commit_seconds", "The time they took, syncing included.", writer.commit_ns / 1e9)
        yield gauge("checkpoint_lag_blocks", "Blocks a start would replay.", max(0, seq - low_water))
        yield gauge("oldest_reader_lag", "Transactions since the oldest still read.", oldest_reader_lag(database))
        yield gauge("store_bytes", "Of the store's file.", database.size())
        yield gauge("store_free_bytes", "Free on its disk.", shutil.disk_usage(database.path).free)

    def _backlogs(self) -> Iterator[Metric]:
        database = self._engine.station.database
        book, outbox = HookBook(database), Outbox(database)
        with database.read() as txn:
            hooks = {
                str(hook.webhook_id): sum(1 for _ in book.waiting(txn, hook.webhook_id)) for hook in book.hooks(txn)
            }
            mails = sum(1 for _ in outbox.waiting(txn))
        yield gauges("webhook_backlog", "Deliveries a webhook has not heard.", "webhook", hooks)
        yield gauge("mail_backlog", "E-mails no server has taken.", mails)


def _jobs(rows: list[JobRow]) -> Iterator[Metric]:
    states = {state.word: sum(row.state is state for row in rows) for state in JobState}
    yield gauges("jobs", "Jobs ever released, by state.", "state", states)
    chains = {outcome.word: sum(row.outcomes[outcome] for row in rows) for outcome in Outcome}
    chains["live"] = sum(row.live for row in rows)
    yield gauges("chains", "Chains of all jobs: live, or by outcome.", "state", chains)


def _calls(rows: list[JobRow]) -> Iterator[Metric]:
    # No counter: a late result moves an attempt from result_overdue to what it was.
    ended = {one.word: sum(row.dispositions[one] for row in rows) for one in Disposition}
    yield gauges("attempts_ended", "Ended attempts of all jobs, by disposition.", "disposition", ended)
    yield counter("attempts_opened", "Attempts of all jobs.", sum(row.attempts for row in rows))
    yield gauge("results_overdue", "Results the carrier owes.", sum(row.overdue for row in rows))


def _is_open(row: JobRow) -> bool:
    return row.state in (JobState.IN_PROGRESS, JobState.WAITING)


def steady(read: Callable[[], T]) -> T:
    """What is read of a table that the engine's loop may be changing."""
    for _ in range(READ_AGAIN_MAX):
        try:
            return read()
        except RuntimeError:  # it changed while it was gone through
            continue
    return read()


def gauge(name: str, meaning: str, value: float) -> Metric:
    """A figure that goes up and down."""
    return GaugeMetricFamily(f"callchain_{name}", meaning, value=value)


def counter(name: str, meaning: str, value: float) -> Metric:
    """A figure that only grows; Prometheus adds `_total` to its name."""
    return CounterMetricFamily(f"callchain_{name}", meaning, value=value)


def gauges(name: str, meaning: str, label: str, values: Mapping[str, float]) -> Metric:
    """The same figure of several things."""
    family = GaugeMetricFamily(f"callchain_{name}", meaning, labels=[label])
    for thing, value in values.items():
        family.add_metric([thing], value)
    return family
