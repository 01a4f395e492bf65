"""What the parts of the line pool share: its ledger, its queue, the gate, and the jobs that run."""

from dataclasses import dataclass, field
from typing import Any

from actors.chain import Crew
from actors.district import DistrictHours
from actors.gate import Gate
from actors.lines.job_run import JobRun
from actors.lines.line_ledger import LineLedger
from actors.lines.line_queue import LineQueue
from actors.lines.owed import OwedResults
from actors.lines.pace import Pace
from actors.lines.pacing import Pacing
from actors.messages import Record
from actors.runtime.timer import Timer
from store.alarms import Alarm
from store.facts import AlarmCleared, AlarmRaised, AnyFact


@dataclass(slots=True)
class Floor:
    """Changed only in the line pool's turns; the dialer reads the gate."""

    crew: Crew
    timer: Timer
    hours: DistrictHours
    gate: Gate
    ledger: LineLedger
    queue: LineQueue = field(default_factory=LineQueue)
    runs: dict[int, JobRun] = field(default_factory=dict)
    owed: OwedResults = field(default_factory=OwedResults)
    pace: Pace = field(default_factory=Pace)
    pacing: Pacing = field(default_factory=Pacing)
    alarms: set[int] = field(default_factory=set)
    number_gap_ms: int = 30_000
    """Between two calls to one number; emergencies skip it (decisions 7, 19)."""

    def alarm(self, alarm: Alarm, raised: bool) -> None:
        """Raise or clear an alarm, once."""
        if raised and alarm not in self.alarms:
            self.alarms.add(alarm)
            self.record((AlarmRaised(alarm),))
        elif not raised and alarm in self.alarms:
            self.alarms.discard(alarm)
            self.record((AlarmCleared(alarm),))

    def record(self, facts: tuple[AnyFact, ...], letter: Any = None, urgent: bool = False) -> None:  # noqa: ANN401
        """Commit facts, then tell the line pool a letter. `urgent`: before anything ordinary has its turn."""
        record = Record(facts, None if letter is None else self.crew.pool, letter, urgent)
        self.crew.writer.actor_inbox.put_at(record, urgent)
