"""A week of a district's use: calls about absences every morning, messages to everybody, every night a new roster."""

from pathlib import Path
from random import Random
from typing import NamedTuple

from engine.roster.importer import import_bundle
from engine.roster.sample import write_sample
from engine.views import JobView
from perf.district import STARTS_AT
from perf.rig import Rig
from perf.store_week.next_roster import next_roster
from perf.store_week.proof import recorded
from perf.store_week.watch import Pages, Watch, pages
from perf.store_week.watched_write import WatchedStore
from store.people import Role
from store.records import Audience, Message, Reason
from store.tables import Txn
from store.vault import Vault

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
"""A simulated day begins at ten in the morning, as `STARTS_AT` does, and ends at ten on the next."""

ABSENCE_AFTER_MS, EMERGENCY_AFTER_MS, GENERAL_AFTER_MS, ROSTER_AFTER_MS = 0, 3 * HOUR_MS, 7 * HOUR_MS, 16 * HOUR_MS
"""At ten, at one, at five, and at two in the night."""

EMERGENCY_ON = 2
GENERAL_ON = (1, 4)
"""Days of a week, the first of which is 0."""

ABSENCE = Message(Reason.ATTENDANCE, "Absence", "{students} was not in class today. Please call the office.")
GENERAL = Message(Reason.GENERAL, "Snow day", "School is closed on Monday because of snow.")
EMERGENCY = Message(Reason.EMERGENCY, "Early dismissal", "The school is closing now because of a power failure.")


class Day(NamedTuple):
    """What one day left."""

    jobs: list[JobView]
    facts: int
    dials: int
    journal_bytes: int
    """Read back."""
    watch: Watch
    before: Pages
    after: Pages
    roster_changed_bytes: int
    """Of the night's roster: records that are not what they were, encoded."""


def prepare(home: Path, families: int, seed: int, lines: int) -> None:
    """A store with the first roster in force. Call it in a process of its own: an import leaves garbage."""
    write_sample(home / "sample", families, seed)
    roster = import_bundle(home / "sample").roster
    with Rig(home, lines=lines, seed=seed) as rig:
        rig.engine.replace_roster(roster)


class Week:
    """Lives through one day after the other, on the engine of a rig."""

    def __init__(self, rig: Rig, absent_percent: float, seed: int, *, reports: bool) -> None:
        self._rig = rig
        self._absent_percent = absent_percent
        self._reports = reports
        self._random = Random(seed)
        self._store = WatchedStore(rig.database, rig.engine.station._checkpoint)
        self._vault = Vault(rig.database)
        self._seq = recorded(rig.database, 0).last_seq

    def live(self, day: int) -> Day:
        """Live through a day, counted from 0."""
        before, begins_at = pages(self._rig.database), STARTS_AT + day * DAY_MS
        jobs = [self._send(begins_at + ABSENCE_AFTER_MS, ABSENCE, self._absent())]
        if day % 7 == EMERGENCY_ON:
            jobs.append(self._send(begins_at + EMERGENCY_AFTER_MS, EMERGENCY, Audience()))
        if day % 7 in GENERAL_ON:
            jobs.append(self._send(begins_at + GENERAL_AFTER_MS, GENERAL, Audience()))
        changed_bytes = self._replace_roster(begins_at + ROSTER_AFTER_MS)
        self._rig.engine.run(until=begins_at + DAY_MS)
        written = recorded(self._rig.database, self._seq)
        self._seq = written.last_seq
        watch = self.take_watch()
        return Day(
            jobs, written.facts, written.dials, written.bytes, watch, before, pages(self._rig.database), changed_bytes
        )

    def take_watch(self) -> Watch:
        """What happened since this was last asked."""
        watch, self._store.watch = self._store.watch, Watch()
        return watch

    def _send(self, at: int, message: Message, audience: Audience) -> JobView:
        """A job to its end; then, if anybody reads reports, how many students it reached."""
        engine = self._rig.engine
        engine.run(until=at)
        job = engine.wait(engine.send(engine.prepare(message, audience)).job_id)
        if self._reports:
            engine.students(job.job_id)
        return job

    def _absent(self) -> Audience:
        with self._rig.database.read() as txn:
            students = sorted(self._enrolled(txn))
        absent = max(1, round(len(students) * self._absent_percent / 100))
        return Audience(person_ids=tuple(self._random.sample(students, absent)))

    def _enrolled(self, txn: Txn) -> set[str]:
        people = self._vault.roster(txn).people
        return {person.person_id for person in people if person.roles & Role.STUDENT and person.active}

    def _replace_roster(self, at: int) -> int:
        self._rig.engine.run(until=at)
        with self._rig.database.read() as txn:
            change = next_roster(self._vault.roster(txn), self._random)
        self._rig.engine.replace_roster(change.roster)
        return change.bytes
