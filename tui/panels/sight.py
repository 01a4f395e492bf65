"""What the screens look at: the board, kept level, and how far it may be believed."""

from collections.abc import Sequence
from datetime import tzinfo

from actors.runtime.clock import Clock
from engine.board import Board
from engine.board.views import JobSummary, LinesInUse, RaisedAlarm, Totals
from engine.orders import Health
from engine.views import ReleaseView
from tui.panels.pulse import Pulse
from tui.panels.vitals import Vitals

SLOW_MS = 1_000
"""Between two looks at what changes slowly: totals, jobs, the engine's health."""


class Sight:
    """`refresh` four times a second; `heard` when the engine answered at its door."""

    def __init__(self, board: Board, clock: Clock, zone: tzinfo, district: str, has_door: bool) -> None:
        self.board = board
        self.zone = zone
        self.district = district
        self.pulse = Pulse()
        self.health: Health | None = None
        self.releases: Sequence[ReleaseView] = ()
        """What is on the confirmation ladder now."""
        self.browsing = False
        """Old numbers are looked at on purpose, so they are not dimmed."""
        self._seen: set[tuple[str, int]] = set()
        self._clock = clock
        self._speed = float(getattr(clock, "speed", 1.0))
        self._has_door = has_door
        self._heard_ms = self.real_ms() - max(0, int((clock.now() - board.at) / self._speed))
        self._looked_ms = self.real_ms() - SLOW_MS
        self._left = board.refresh()
        self.totals: Totals
        self.jobs: list[JobSummary]
        self.lines: LinesInUse
        self._look()

    def now(self) -> int:
        """The district's clock, ms UTC."""
        return self._clock.now()

    def real_ms(self) -> int:
        """Real milliseconds that never jump, whatever the speed of the district's clock."""
        return int(self._clock.monotonic() / self._speed)

    def refresh(self) -> bool:
        """Bring the board level; true once a second, when the slow things were looked at too."""
        self._left = self.board.refresh()
        self.browsing = self.browsing and self.vitals.old
        if self._left.blocks:
            self._heard_ms = self.real_ms()
        if self.real_ms() - self._looked_ms < SLOW_MS:
            return False
        self._looked_ms = self.real_ms()
        self._look()
        self.pulse.sample(self.totals, self.lines)
        return True

    def _look(self) -> None:
        """Take all sums at one instant, so that they agree with each other on the screen."""
        self.lines = self.board.lines
        if (health := self.health) is not None:
            lines = self.lines.of(health.lines + health.emergency_lines)
            # The engine sees every call, the board only those that are open when it looks.
            peak = max(lines.peak, health.lines_peak)
            self.lines = LinesInUse(lines.ordinary, lines.emergency, peak, lines.ahead)
        self.totals = self.board.totals()
        self.jobs = self.board.jobs()

    def heard(self, health: Health, releases: Sequence[ReleaseView] = ()) -> None:
        """The engine answered: it lives."""
        self.health = health
        self.releases = releases
        self._heard_ms = self.real_ms()

    @property
    def level(self) -> bool:
        """The board shows all there is."""
        return self._left.level

    @property
    def pretense(self) -> str:
        """The words of the band that says that nobody is really called, or that time runs faster; else empty."""
        health = self.health
        if health is None or (not health.stand_in and health.speed == 1):
            return ""
        drill = f"DRILL ×{health.speed:g}" if health.speed != 1 else "DRILL"
        return f"{drill} · make-believe carrier · nobody is called" if health.stand_in else drill

    @property
    def dimmed(self) -> bool:
        """The numbers are of the past, and nobody asked to see them all the same."""
        return self.vitals.old and not self.browsing

    def acknowledge(self) -> int:
        """Somebody has seen the alarms that stand; returns how many were new."""
        standing = {(alarm.word, alarm.since_at) for alarm in self.board.alarms}
        new = standing - self._seen
        self._seen = standing
        return len(new)

    def is_seen(self, alarm: RaisedAlarm) -> bool:
        """Whether somebody has acknowledged an alarm."""
        return (alarm.word, alarm.since_at) in self._seen

    @property
    def vitals(self) -> Vitals:
        """How things stand between screen, store and engine."""
        return Vitals(
            now=self.now(),
            age_ms=max(0, self.real_ms() - self._heard_ms),
            behind=self._left.behind,
            plans_left=self._left.plans_left,
            stopped_at=self.board.stopped_at,
            begun=self.board.at > 0 or self.health is not None,
            has_door=self._has_door,
            health=self.health,
        )

    def is_recent(self, at: int, real_ms: int) -> bool:
        """Whether an instant of the district's clock lies less than so many real milliseconds back."""
        return self.now() - at < real_ms * self._speed
