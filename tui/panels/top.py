"""The top of every screen: the band of vitals, and the alarms that stand."""

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical

from tui.palette import ALERT, ORANGE
from tui.panels import band
from tui.panels.sight import Sight
from tui.panels.text_lines import TextLines
from tui.panels.written import time_of_day

COLUMNS_MIN, ROWS_MIN = 80, 24
"""Below this nothing but the vitals is shown."""

WIDE_COLUMNS = 120
"""From here on there is a right column."""

ALARMS_MAX = 3


class Top(Vertical):
    """`paint` at every tick."""

    def __init__(self, sight: Sight) -> None:
        super().__init__(id="top")
        self._sight = sight

    def compose(self) -> ComposeResult:
        """The band, then the alarms."""
        yield TextLines(id="band")
        yield TextLines(id="alarms")

    def paint(self) -> None:
        """Show how things stand now."""
        sight, width = self._sight, self.app.size.width
        alarms = sight.board.alarms
        lines = [
            band.head(sight.vitals, sight.district, sight.zone, width),
            band.capacity(sight.vitals, sight.board.lines, sight.totals, len(alarms), width),
            band.students(sight.totals.students, sight.totals.attempts, sight.pulse.attempts_per_second, width),
        ]
        if width < WIDE_COLUMNS:
            lines.append(band.states(sight.totals))
        self.query_one("#band", TextLines).show(lines)
        self.query_one("#alarms", TextLines).show([self._alarm(*alarm) for alarm in _parts(sight)])

    def _alarm(self, word: str, since: str, meaning: str) -> Text:
        line = Text.assemble((f" ! {word} since {since} ", ALERT), f" {meaning}")
        line.truncate(self.app.size.width, overflow="ellipsis")
        return line


def is_small(width: int, height: int) -> bool:
    """No room for a screen that can be read."""
    return width < COLUMNS_MIN or height < ROWS_MIN


def small_lines(sight: Sight, width: int, height: int) -> list[Text]:
    """All that is shown where there is no room: it cannot be mistaken for the whole."""
    lines, vitals = sight.board.lines, sight.vitals
    return [
        Text(f" {width}×{height} IS TOO SMALL ", ALERT),
        Text(f"needs {COLUMNS_MIN}×{ROWS_MIN}", ORANGE),
        Text(),
        Text(f"data {vitals.freshness}, {vitals.age_ms // 1000} s"),
        Text(f"lines {lines.all}, emergency {lines.emergency}"),
        Text(f"alarms {len(sight.board.alarms)}"),
    ]


def _parts(sight: Sight) -> list[tuple[str, str, str]]:
    return [
        (alarm.word.replace("_", " ").upper(), time_of_day(alarm.since_at, sight.zone), alarm.meaning)
        for alarm in sight.board.alarms[:ALARMS_MAX]
    ]
