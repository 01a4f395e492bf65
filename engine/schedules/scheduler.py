"""The scheduler: fires what is due, once, inside the one engine that holds the store (C179-C181, decision 30)."""

import logging
import threading
from zoneinfo import ZoneInfo

from engine.messaging.windows import local_day
from engine.running.faults import log_fault
from engine.schedules.book import ScheduleBook
from engine.schedules.firing import Firing
from engine.schedules.presence import Presence
from engine.schedules.recurrence import firings_until
from engine.schedules.timing import clock_text
from engine.service import Engine
from engine.setting_checks import time_zone
from store.documents import Fire, Frequency, Schedule
from store.errors import CallchainError

LOOK_SECONDS = 1.0
"""Between two looks at the schedules: they fire by the minute, and changes are seen this soon."""

MISSED_NOTED_MAX = 100
"""Firings noted as missed after a long silence, the newest of them: a year of an hourly schedule is 8,760."""

GENERATION = "scheduled_generation"
"""Which generation of the store its schedules were last fired in: a restored backup is of a later one."""

log = logging.getLogger(__name__)


class Scheduler:
    """Live it looks every second on a thread of its own, between `start` and `stop`; stepped, `run_due` is called."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._book = ScheduleBook(engine.station.database)
        self._newest: dict[int, int] = {}
        """Schedule → its last firing, once it was looked for."""
        self._left: bool = True
        """Firings may lie there that nobody settled."""
        self._restored = False
        self._presence = Presence(engine.home)
        self._stop = threading.Event()
        self._running = threading.Lock()
        self._thread: threading.Thread | None = None

    # -- live

    def start(self) -> None:
        """Look every second from now on."""
        self._presence.show(self._engine.incarnation)
        self._thread = threading.Thread(target=self._look_for_ever, name="scheduler", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let the firing that runs end, then look no more; again it does nothing."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
            self._presence.hide()

    def _look_for_ever(self) -> None:
        while not self._stop.is_set() and not self._engine.failed:
            try:
                self.run_due()
            except CallchainError as error:
                log.error("The scheduler cannot work (%s) and tries again.", error)  # noqa: TRY400
            except Exception as error:
                log_fault(log, "The scheduler, which tries again,", error)
            self._presence.beat()
            self._stop.wait(LOOK_SECONDS)

    # -- firing

    def run_due(self, now: int | None = None) -> list[Fire]:
        """Fire what is due now, after what an engine that ended had begun. Returns what was carried out or missed."""
        now = self._engine.clock.now() if now is None else now
        with self._running:
            firing = Firing(self._engine, self._book, self._zone())
            done = [*self._settle(firing, now)]
            with self._engine.station.database.read() as txn:
                schedules = self._book.all(txn)
            for schedule in schedules:
                done += self._fire_due(firing, schedule, now)
        return done

    def _settle(self, firing: Firing, now: int) -> list[Fire]:
        """End what had begun: its job may be there already, and there is never a second one."""
        if not self._left:
            return []
        self._restored = self._restored or self._is_restored()
        with self._engine.station.database.read() as txn:
            begun = self._book.unsettled(txn)
        done = [ended for fire in begun if (ended := self._carry_out(firing, fire, begun=True)) is not None]
        if self._restored:
            self._pass_over_restored(firing, now)
        self._left = self._restored = False
        return done

    def _fire_due(self, firing: Firing, schedule: Schedule, now: int) -> list[Fire]:
        """Claim all that is due of one schedule, and carry the newest out; the others were missed."""
        after = self._after(schedule, now)
        due = list(firings_until(schedule, firing.zone, after, now))[-MISSED_NOTED_MAX:]
        if schedule.frequency is not Frequency.HOURLY and after > schedule.changed_at:
            # Its district's zone may be another one since: what was sent today is not sent at today's other instant.
            due = [at for at in due if local_day(at, firing.zone) > local_day(after, firing.zone)]
        if not due:
            return []
        left, self._left = self._left, True  # until all of this is known to be on disk
        missed = [_missed(schedule, at, now) for at in due[:-1]]
        newest = Fire(schedule.schedule_id, due[-1])
        claimed = self._claimed([*missed, newest])
        self._newest[schedule.schedule_id] = due[-1]
        if newest not in claimed:  # a commit that was thought lost had written it: it is settled next time
            return []
        for fire in missed:
            log.warning("Schedule %d missed %s.", fire.schedule_id, clock_text(fire.fire_at, firing.zone))
        ended = self._carry_out(firing, newest, begun=False)
        self._left = left  # another schedule may have left something in this very look
        return [*missed, *([ended] if ended else [])]

    def _after(self, schedule: Schedule, now: int) -> int:
        """What lies up to here is settled, or was never this schedule's business.

        Firings after now are passed over: the clock was wrong then, and the days until then have firings of their own.
        """
        key = schedule.schedule_id
        if self._newest.get(key, now + 1) > now:
            with self._engine.station.database.read() as txn:
                fire = self._book.newest_fire(txn, key, now)
            self._newest[key] = fire.fire_at if fire is not None else 0
        return max(self._newest[key], schedule.changed_at)

    def _claimed(self, fires: list[Fire]) -> list[Fire]:
        """Those that nobody had written before, on disk before anything is prepared for them."""
        claimed: list[Fire] = []
        self._engine.station.write(lambda txn: claimed.extend(fire for fire in fires if self._book.claim(txn, fire)))
        return claimed

    def _carry_out(self, firing: Firing, fire: Fire, *, begun: bool) -> Fire | None:
        ended = firing.carry_out(fire, begun=begun, restored=self._restored)
        if ended is None:
            return None
        self._engine.station.write(lambda txn: self._book.put_fire(txn, ended))
        said = ended.note or f"job {ended.job_id}"
        log.log(logging.ERROR if ended.failed else logging.INFO, "Schedule %d fired: %s", fire.schedule_id, said)
        return ended

    # -- after a restore

    def _is_restored(self) -> bool:
        station = self._engine.station
        with station.database.read() as txn:
            known = station.database.get_meta(txn, GENERATION)
        return station.fold.rest.generation > int(known or b"0")

    def _pass_over_restored(self, firing: Firing, now: int) -> None:
        """A backup does not know what fired since it was made: nothing that was due before now fires again."""
        database, generation = self._engine.station.database, self._engine.station.fold.rest.generation
        with database.read() as txn:
            schedules = self._book.all(txn)
        passed = [
            Fire(schedule.schedule_id, at, note="Passed over: the store was restored from a backup.", done_at=now)
            for schedule in schedules
            for at in list(firings_until(schedule, firing.zone, self._after(schedule, now), now))[-1:]
        ]
        self._claimed(passed)
        self._newest.clear()
        self._engine.station.write(lambda txn: database.put_meta(txn, GENERATION, str(generation).encode()))

    def _zone(self) -> ZoneInfo:
        return time_zone(self._engine.settings.district.time_zone)


def _missed(schedule: Schedule, at: int, now: int) -> Fire:
    return Fire(
        schedule.schedule_id, at, note="Missed: it was not fired in time, and a later one came due.", done_at=now
    )
