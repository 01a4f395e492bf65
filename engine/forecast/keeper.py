"""The keeper of forecasts: it notes down what is foreseen of every job, and what calls of ended jobs taught."""

import logging
import threading
from collections.abc import Callable
from functools import partial

from engine.forecast.kept import keep, keep_tallies, prediction_of, predictions
from engine.forecast.past.reading import DAYS_MAX
from engine.forecast.past.teller import TallyRequest, tallies_of
from engine.forecast.question import Question
from engine.forecast.study import foresee
from engine.forecast.views import Forecast
from engine.running.faults import log_fault
from engine.service import Engine
from store.errors import CallchainError
from store.forecasts import Prediction, Tally
from store.keys import id_key
from store.rows import JobRow

LOOK_SECONDS = 5.0
"""Between two looks for jobs that are new or over."""

CHAINS_MIN = 20
"""Of fewer chains nobody needs to be told when they are done."""

RUNS = 4
"""Whole runs of a prediction that is kept."""

QUARTERS = 4
"""One prediction at the release, and one more as each further quarter of the time begins that was foreseen then."""

CROWD = 50_000
"""Chains of all open jobs: beyond that whole runs take minutes and gigabytes, and a sample has to do."""

REST_MS = 600_000
"""A forecast that failed is tried again after so long: it may fail for ever, and costs a core each time."""

TALLIES_AT_ONCE = 20
"""Ended jobs counted by one helper process."""

DAY_MS = 86_400_000

log = logging.getLogger(__name__)

Foresee = Callable[[Question], Forecast]
Count = Callable[[TallyRequest], tuple[Tally, ...]]


class Keeper:
    """Live it works on a thread of its own, between `start` and `stop`; stepped, `look` is called."""

    def __init__(self, engine: Engine, foresee: Foresee = foresee, count: Count = tallies_of) -> None:
        self._engine = engine
        self._foresee = foresee
        self._count = count
        self._kept: dict[int, list[Prediction]] = {}
        """What is kept of jobs that are not over, once it was read."""
        self._counted: set[int] = set()
        """Ended jobs that have a tally, or need none."""
        self._rests_until: dict[int, int] = {}
        """Job whose forecast failed, 0 for the counting → until when it is left alone, ms UTC."""
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    # -- live

    def start(self) -> None:
        """Look every few seconds from now on."""
        self._thread = threading.Thread(target=self._work_for_ever, name="forecasts", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop; a forecast that is being made is left behind. Again it does nothing."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(LOOK_SECONDS)
            self._thread = None

    def _work_for_ever(self) -> None:
        while not self._stop.wait(LOOK_SECONDS) and not self._engine.failed:
            try:
                self.look()
            except Exception as error:
                log_fault(log, "Keeping forecasts, which is tried again,", error)

    # -- one look

    def look(self) -> None:
        """Keep what is due: of every running job a prediction, emergencies first, of every ended one a tally."""
        rows = list(self._engine.station.fold.jobs.values())
        for row in sorted(rows, key=lambda row: not row.emergency):
            if not self._stop.is_set() and self._is_due(row):
                self._try(row.job_id, partial(self._predict, row))
        if not self._stop.is_set() and not self._has_emergency():
            self._try(0, partial(self._count_ended, rows))

    def _try(self, job_id: int, act: Callable[[], None]) -> None:
        """Do it, unless it failed a while ago: what fails for one job takes nothing from the others."""
        now = self._engine.clock.now()
        if self._rests_until.get(job_id, 0) > now:
            return
        self._rests_until[job_id] = now + REST_MS
        try:
            act()
        except CallchainError as error:
            log.warning("No forecast can be kept (%s); it is tried again in %d minutes.", error, REST_MS // 60_000)
        else:
            del self._rests_until[job_id]

    # -- predictions

    def _is_due(self, row: JobRow) -> bool:
        if row.state.ended:
            self._kept.pop(row.job_id, None)
            return False
        if row.chains < CHAINS_MIN:
            return False
        kept = self._kept_of(row.job_id)
        if not kept:
            return True
        first = kept[0]
        quarter_ms = (first.last_call_at[0] - first.starts_at) // QUARTERS
        passed = (self._engine.clock.now() - first.starts_at) // quarter_ms if quarter_ms > 0 else 0
        return len(kept) <= min(passed, QUARTERS - 1)

    def _kept_of(self, job_id: int) -> list[Prediction]:
        kept = self._kept.get(job_id)
        if kept is None:
            database = self._engine.station.database
            with database.read() as txn:
                kept = self._kept[job_id] = predictions(database, txn, job_id)
        return kept

    def _predict(self, row: JobRow) -> None:
        engine = self._engine
        database = engine.station.database
        question = Question(
            store_path=str(database.path), settings=engine.settings, now=engine.clock.now(), job_id=row.job_id,
            lines=engine.lines, seeds=self._runs(), patient=True,
        )  # fmt: skip
        prediction = prediction_of(self._foresee(question))
        if self._stop.is_set():
            return
        engine.station.write(lambda txn: keep(database, txn, prediction))
        self._kept_of(row.job_id).append(prediction)

    def _runs(self) -> int:
        """Whole runs that may be made now: none beside an emergency, for which the machine is kept free."""
        crowd = sum(row.chains for row in self._open())
        return RUNS if crowd <= CROWD and not self._has_emergency() else 0

    def _has_emergency(self) -> bool:
        return any(row.emergency for row in self._open())

    def _open(self) -> list[JobRow]:
        return [row for row in list(self._engine.station.fold.jobs.values()) if not row.state.ended]

    # -- tallies

    def _count_ended(self, rows: list[JobRow]) -> None:
        engine = self._engine
        database, now = engine.station.database, engine.clock.now()
        ended = [row for row in rows if row.state.ended and row.job_id not in self._counted]
        recent = [row for row in ended if row.attempts and now - row.ended_at < DAYS_MAX * DAY_MS]
        with database.read() as txn:
            missing = [row.job_id for row in recent if database.tallies.raw(txn, id_key(row.job_id)) is None]
        wanted = tuple(sorted(missing, reverse=True)[:TALLIES_AT_ONCE])
        if wanted:
            zone = engine.settings.district.time_zone
            tallies = self._count(TallyRequest(str(database.path), zone, now, wanted))
            engine.station.write(lambda txn: keep_tallies(database, txn, tallies))
        self._counted.update(row.job_id for row in ended if row.job_id not in missing or row.job_id in wanted)
