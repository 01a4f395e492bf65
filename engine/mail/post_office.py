"""The post office: finds out who must be told what, keeps it in the outbox, and has it delivered."""

import logging
import threading
from collections.abc import Callable, Iterator
from zoneinfo import ZoneInfo

from engine.mail.addresses import is_address
from engine.mail.letters import Letter, alarm_error, confirmation, firing_error, job_error
from engine.mail.outbox import GIVEN_UP_AFTER_MS, Outbox, new_mail, put_off, taken
from engine.mail.smtp import SmtpServer
from engine.running.faults import log_fault
from engine.schedules.book import ScheduleBook
from engine.schedules.checks import LOOK_AHEAD_MS
from engine.service import Engine
from engine.setting_checks import time_zone
from store.alarms import Alarm
from store.dispositions import JobState
from store.documents import Mail
from store.errors import CallchainError
from store.records import Job
from store.rows import JobRow

LOOK_SECONDS = 2.0
"""Between two looks at what has ended; a mail is no emergency."""

STOP_SECONDS_MAX = 5.0
"""A mail server that answers slowly does not hold up the engine's end."""

ALARM_MAIL_MS = 3_600_000
"""One mail an hour for an alarm that comes and goes."""

SERVER_RESTS_MS = 60_000
"""After a try that failed for the server's sake: thousands of mails that wait must not each wait for its time-out."""

log = logging.getLogger(__name__)


class PostOffice:
    """Live it works on a thread of its own, between `start` and `stop`; stepped, `gather` and `deliver` are called.

    What causes a mail is on disk already (a job's end, a failed firing, an alarm), and the mail's id follows from it:
    whoever looks again after a crash finds the same mail, or makes it.
    """

    def __init__(self, engine: Engine, server: Callable[[], SmtpServer]) -> None:
        self._engine = engine
        self._server = server
        """Made anew for each round, so that changed settings count."""
        self._outbox = Outbox(engine.station.database)
        self._book = ScheduleBook(engine.station.database)
        self._told: set[tuple[int, JobState]] = set()
        """Ended jobs that have been looked at, in the state they had."""
        self._waiting: dict[int, Mail] | None = None
        """What no server has taken yet, once it was read: the outbox keeps years of what was.

        A mail that was taken stays here until that is on disk: what cannot be written down is not sent again.
        """
        self._server_rests_until = 0
        """The server does not answer: it is not asked again for each of the mails that wait."""
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    # -- live

    def start(self) -> None:
        """Work every few seconds from now on."""
        self._thread = threading.Thread(target=self._work_for_ever, name="mail", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop; what waits stays in the outbox. Again it does nothing.

        A delivery that does not end soon is left behind: at worst its mail goes out again under the same Message-ID.
        """
        self._stop.set()
        if self._thread is not None:
            self._thread.join(STOP_SECONDS_MAX)
            self._thread = None

    def _work_for_ever(self) -> None:
        while not self._stop.is_set() and not self._engine.failed:
            try:
                self.gather()
                self.deliver()
            except CallchainError as error:
                log.error("Mail cannot be worked on (%s); it is tried again.", error)  # noqa: TRY400
            except Exception as error:
                log_fault(log, "Mail, which is tried again,", error)
            self._stop.wait(LOOK_SECONDS)

    # -- gathering

    def gather(self) -> list[Mail]:
        """Put into the outbox what must be told and is not there yet. Returns the new mails."""
        email, now = self._engine.settings.email, self._engine.clock.now()
        if not email.smtp_host:
            return []
        station = self._engine.station
        ended = [row for row in list(station.fold.jobs.values()) if self._is_news(row, now)]
        mails = [*self._of_jobs(ended, now), *self._of_firings(now), *self._of_alarms(now)]
        with station.database.read() as txn:
            new = [mail for mail in mails if not self._outbox.has(txn, mail.occasion)]
        if new:
            station.write(lambda txn: self._outbox.put_new(txn, new))
            if self._waiting is not None:
                self._waiting.update((mail.mail_id, mail) for mail in new)
        self._told.update((row.job_id, row.state) for row in ended)
        return new

    def _is_news(self, row: JobRow, now: int) -> bool:
        """A job that ended since yesterday and was not looked at: nobody is told of what is older."""
        recent = row.state.ended and now - row.ended_at < GIVEN_UP_AFTER_MS
        return recent and (row.job_id, row.state) not in self._told

    def _of_jobs(self, ended: list[JobRow], now: int) -> Iterator[Mail]:
        station, email = self._engine.station, self._engine.settings.email
        for row in ended:
            with station.database.read() as txn:
                job = station.vault.job(txn, row.job_id)
            if job is None:
                continue
            notify, occasion = job.origin.notify, f"job/{row.job_id}/done"
            # Students are counted for who has not been told only.
            if email.confirmations and is_address(notify) and not self._is_told(occasion, notify):
                yield new_mail(occasion, notify, *self._confirmation(job, row), now, row.job_id)
            if (letter := job_error(job, row)) is not None:
                yield from self._to_error_list(f"job/{row.job_id}/error", letter, now, row.job_id)

    def _is_told(self, occasion: str, address: str) -> bool:
        with self._engine.station.database.read() as txn:
            return self._outbox.has(txn, f"{occasion}/{address}")

    def _confirmation(self, job: Job, row: JobRow) -> Letter:
        try:
            students = self._engine.students(row.job_id) if row.chains else None
        except CallchainError as error:
            log.warning("The students of job %d cannot be counted (%s).", row.job_id, error)
            students = None
        return confirmation(job, row, students, self._zone())

    def _of_firings(self, now: int) -> Iterator[Mail]:
        # A firing that was due while nobody ran is found long after its time.
        since, done_since = max(0, now - LOOK_AHEAD_MS), now - GIVEN_UP_AFTER_MS
        with self._engine.station.database.read() as txn:
            names = {schedule.schedule_id: schedule.name for schedule in self._book.all(txn)}
            failed = [fire for key in names for fire in self._book.fires(txn, key, since) if fire.failed]
            fires = [fire for fire in failed if fire.done_at >= done_since]
        for fire in fires:
            letter = firing_error(fire, names[fire.schedule_id], self._zone())
            yield from self._to_error_list(f"firing/{fire.schedule_id}/{fire.fire_at}", letter, now)

    def _of_alarms(self, now: int) -> Iterator[Mail]:
        for code, since in list(self._engine.station.fold.rest.alarms.items()):
            if since > now - GIVEN_UP_AFTER_MS and code in set(Alarm):
                letter = alarm_error(Alarm(code), since, self._zone())
                yield from self._to_error_list(f"alarm/{code}/{since // ALARM_MAIL_MS}", letter, now)

    def _to_error_list(self, occasion: str, letter: Letter, now: int, job_id: int = 0) -> Iterator[Mail]:
        for address in filter(is_address, self._engine.settings.email.error_list):
            yield new_mail(occasion, address, *letter, now, job_id)

    # -- delivering

    def deliver(self) -> list[Mail]:
        """Try every mail that is due once; all of this on the thread that calls. Returns them as they are now."""
        now, station = self._engine.clock.now(), self._engine.station
        if self._waiting is None:
            with station.database.read() as txn:
                self._waiting = {mail.mail_id: mail for mail in self._outbox.waiting(txn)}
        self._noted([mail for mail in self._waiting.values() if mail.sent_at or mail.failed])
        due = [mail for mail in self._waiting.values() if mail.next_at <= now]
        if not due or now < self._server_rests_until or not self._engine.settings.email.smtp_host:
            return []
        server, tried = self._server(), []
        for mail in sorted(due, key=lambda mail: mail.made_at):
            if self._stop.is_set() or self._engine.clock.now() < self._server_rests_until:
                break
            tried.append(self._tried(server, mail))
        return tried

    def _tried(self, server: SmtpServer, mail: Mail) -> Mail:
        delivery, now = server.deliver(mail), self._engine.clock.now()
        after = taken(mail, now) if delivery.taken else put_off(mail, delivery.trouble, now, final=delivery.final)
        if after.failed:
            log.error("Mail %016x was given up: %s", mail.mail_id, delivery.trouble)
        elif delivery.trouble:
            log.warning("Mail %016x waits: %s", mail.mail_id, delivery.trouble)
        self._server_rests_until = now + SERVER_RESTS_MS if delivery.of_server else 0
        self._noted([after])
        return after

    def _noted(self, mails: list[Mail]) -> None:
        """Write down what came of mails. It is known from then on even where the disk takes nothing."""
        if not mails:
            return
        waiting = self._waiting if self._waiting is not None else {}
        waiting.update((mail.mail_id, mail) for mail in mails)
        self._engine.station.write(lambda txn: self._outbox.put_all(txn, mails))
        for mail in mails:
            if mail.sent_at or mail.failed:
                del waiting[mail.mail_id]

    def _zone(self) -> ZoneInfo:
        return time_zone(self._engine.settings.district.time_zone)
