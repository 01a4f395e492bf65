"""The top of every screen: the band of vitals, and the alarms that stand."""

import textwrap
from collections.abc import Sequence
from datetime import tzinfo

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical

from engine.board.views import RaisedAlarm
from tui.look.palette import ALERT, ALERT_TURNED, ORANGE
from tui.panels import band
from tui.panels.notices import drill_band, release_bands, way_out
from tui.panels.sight import Sight
from tui.panels.text_lines import TextLines
from tui.panels.written import time_of_day

COLUMNS_MIN, ROWS_MIN = 80, 24
"""Below this nothing but the vitals is shown."""

ALARMS_MAX = 3


class Top(Vertical):
    """`paint` at every tick."""

    def __init__(self, sight: Sight) -> None:
        super().__init__(id="top")
        self._sight = sight

    def compose(self) -> ComposeResult:
        """What must not be missed, the band, then the alarms."""
        yield TextLines(id="notices")
        yield TextLines(id="band")
        yield TextLines(id="alarms")

    def paint(self) -> None:
        """Show how things stand now."""
        sight, width = self._sight, self.app.size.width
        alarms = sight.board.alarms
        lines = [
            band.head(sight.vitals, sight.district, sight.zone, width),
            band.capacity(sight.vitals, sight.lines, sight.totals, len(alarms), width),
            band.students(sight.totals.students, sight.totals.attempts, sight.pulse.attempts_per_second, width),
        ]
        if width < band.WIDE:
            lines.append(band.states(sight.totals, width))
        lines[1:1] = way_out(sight.vitals, sight.browsing, width)
        notices = drill_band(sight.pretense, width) + release_bands(sight.releases, sight.now(), width)
        self.query_one("#notices", TextLines).show(notices)
        self.query_one("#band", TextLines).show(lines)
        self.query_one("#alarms", TextLines).show(self._alarms(alarms, width))

    def _alarms(self, alarms: list[RaisedAlarm], width: int) -> list[Text]:
        """The alarms; those nobody has acknowledged are turned around once a second, unless nothing shall move."""
        still = self.app.animation_level == "none" or self._sight.real_ms() // 1_000 % 2 == 0
        unseen = [not self._sight.is_seen(alarm) for alarm in alarms]
        styles = [ALERT_TURNED if new and not still else ALERT for new in unseen]
        lines = alarm_lines(alarms, self._sight.zone, width, styles)
        if any(unseen) and lines:
            lines[-1].append("  a: seen", ORANGE)
        return lines


def alarm_lines(
    alarms: list[RaisedAlarm], zone: tzinfo, width: int, styles: Sequence[str] = (ALERT,) * ALARMS_MAX
) -> list[Text]:
    """The oldest alarms, each with what it means and what to do; a single one is told in full."""
    lines: list[Text] = []
    for alarm, style in zip(alarms[:ALARMS_MAX], styles, strict=False):
        word = f" ! {alarm.word.replace('_', ' ').upper()} since {time_of_day(alarm.since_at, zone)} "
        told = textwrap.wrap(alarm.meaning, max(20, width - len(word) - 2))
        lines.append(Text.assemble((word, style), f" {told[0]}"))
        if len(alarms) == 1:
            lines += [Text(f"{'':<{len(word)}} {rest}") for rest in told[1:]]
    return lines


def is_small(width: int, height: int) -> bool:
    """No room for a screen that can be read."""
    return width < COLUMNS_MIN or height < ROWS_MIN


def small_lines(sight: Sight, width: int, height: int) -> list[Text]:
    """All that is shown where there is no room: it cannot be mistaken for the whole."""
    lines, vitals = sight.lines, sight.vitals
    return [
        *drill_band(sight.pretense, width),
        Text(f" {width}×{height} IS TOO SMALL ", ALERT),
        Text(f"needs {COLUMNS_MIN}×{ROWS_MIN}", ORANGE),
        Text(),
        Text(f"data {vitals.freshness}, {vitals.age_ms // 1000} s" if vitals.begun else "no engine yet"),
        Text(f"lines {lines.all}, emergency {lines.emergency}"),
        Text(f"alarms {len(sight.board.alarms)}"),
    ]
