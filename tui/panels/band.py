"""The top band: is it alive and fresh, real or make-believe, and how busy are the lines."""

from datetime import UTC, tzinfo

from rich.text import Text

from engine.board.state import FAULTS
from engine.board.views import LinesInUse, Students, Totals
from tui.look.palette import (
    ALERT,
    BRIGHT,
    FAINT,
    GREEN,
    GREY,
    HOT,
    LIVE,
    NOTICE,
    ORANGE,
    PURPLE,
    REACHES,
    SKY,
    STATES,
    TITLE,
    WARN,
)
from tui.panels.vitals import Freshness, Vitals
from tui.panels.written import bar, minute_of_day, seconds, share, time_of_day

WIDE = 120
"""Cells from which on there is a right column and room for words."""


def head(vitals: Vitals, district: str, zone: tzinfo, width: int) -> Text:
    """The first line. Old data takes it over, so that it cannot be mistaken."""
    clocks = f"{time_of_day(vitals.now, zone)} local  {time_of_day(vitals.now, UTC)}Z"
    if width < WIDE:
        clocks = f"{time_of_day(vitals.now, zone)} {minute_of_day(vitals.now, UTC)}Z"
    fresh = vitals.freshness
    if vitals.old:
        return _filled(Text(_alarm(vitals, zone, width)), clocks, width, ALERT)
    left = Text.assemble(_mode(vitals, width), "  ", _engine(vitals))
    if fresh is Freshness.AGING:
        left.append(f"  ▲ DATA {seconds(vitals.age_ms)} OLD ", WARN)
    elif fresh is Freshness.CATCHING_UP:
        left.append(f"  ◔ CATCHING UP {vitals.behind + vitals.plans_left:,} ", WARN)
    else:
        left.append(f"  {'data ' if width >= WIDE else ''}{seconds(vitals.age_ms)} old", GREY)
    room = width - left.cell_len - len(clocks) - 5
    if district and room >= 8:
        left.append(f"   {district[:room]}", BRIGHT)
    return _filled(left, clocks, width, "")


def capacity(vitals: Vitals, lines: LinesInUse, totals: Totals, alarms: int, width: int) -> Text:
    """The second line: lines in use, calls that wait ahead at the carrier, live chains, what needs a look."""
    health = vitals.health
    whole = health.lines + health.emergency_lines if health else 0
    bar_width = 28 if width >= WIDE else 16
    full, empty = bar(lines.all, whole, bar_width)
    urgent = min(len(full), len(bar(lines.emergency, whole, bar_width)[0]))
    line = Text.assemble(("LINES ", TITLE), ("▓" * urgent, ORANGE), (full[urgent:], SKY), (empty, FAINT))
    line.append(f" {lines.all:,}/{whole:,} {share(lines.all, whole)}" if whole else f" {lines.all:,}/?", BRIGHT)
    if lines.ahead:
        line.append(f" +{lines.ahead:,} ahead", GREY)
    if lines.emergency or width >= WIDE:
        line.append(*_emergency(lines.emergency))
    if width >= WIDE:
        kept = f" · {health.emergency_lines:,} kept" if health and health.emergency_lines and not lines.ahead else ""
        line.append(kept, GREY)
    line.append(f"   {totals.counts.live:,}", BRIGHT).append(" chains live", GREY)
    faults = sum(totals.counts.of(state) for state in FAULTS)
    if width >= WIDE and faults:
        line.append(f"   ✗ {faults:,} not reached", ORANGE)
    if alarms:
        line.append("   ").append(f" ! {alarms} alarm{'s' * (alarms > 1)} ", ALERT)
    return line


def students(known: Students, attempts: int, rate: float, width: int) -> Text:
    """The third line: what the students' families know (decision 21a)."""
    line = Text.assemble(("STUDENTS ", TITLE))
    line.append_text(reach_bar(known, 25 if width >= WIDE else 0))
    for word, sign in REACHES.items():
        count = int(getattr(known, word))
        line.append(f" {sign.glyph} ", sign.style).append(f"{count:,}", BRIGHT).append(f" {sign.word} ", GREY)
    if width >= WIDE:
        line.append(f"  {attempts:,}", BRIGHT).append(" attempts ", GREY).append(f"{rate:.1f}/s", BRIGHT)
    return line


def states(totals: Totals, width: int) -> Text:
    """Chains that go on and those nobody heard, for terminals without room for the side panel."""
    line = Text.assemble(("CHAINS", TITLE))
    for state, sign in STATES.items():
        count = totals.counts.of(state)
        if count and (not state.ended or state.fault):
            line.append(" ").append(sign.glyph, sign.style).append(f"{count:,}", BRIGHT).append(f" {sign.word}", GREY)
    line.truncate(width, overflow="ellipsis")
    return line


def reach_bar(known: Students, width: int) -> Text:
    """One bar in three colors and glyphs: covered, told, missed, and what is open still."""
    line = Text()
    whole = known.total
    left = width
    for count, glyph, color in ((known.covered, "█", GREEN), (known.told, "▓", PURPLE), (known.missed, "▒", ORANGE)):
        cells = min(left, len(bar(count, whole, width)[0]))
        line.append(glyph * cells, color)
        left -= cells
    return line.append("░" * left, FAINT)


def _mode(vitals: Vitals, width: int) -> Text:
    """Whether it is live; where the age of the data needs the room, the drill's own line says what a drill is."""
    health = vitals.health
    if health is None:
        return Text(" NO ENGINE SEEN " if vitals.has_door else " NO DOOR · LOOKING ONLY ", WARN)
    drill = f"DRILL ×{health.speed:g}" if health.speed != 1 else ""
    if health.stand_in:
        terse = width < WIDE and vitals.freshness is not Freshness.FRESH
        return Text(f" {drill or 'DRILL'} {'' if terse else '· make-believe carrier '}", NOTICE)
    return Text(f" {drill} ", NOTICE) if drill else Text(" LIVE ", LIVE)


def _engine(vitals: Vitals) -> Text:
    if vitals.health is None:
        return Text("engine ? ", GREY)
    return Text.assemble(("engine ", GREY), ("● ", GREEN), (vitals.health.engine, BRIGHT))


def _alarm(vitals: Vitals, zone: tzinfo, width: int) -> str:
    if not vitals.begun:
        return " ■ NO ENGINE HAS RUN HERE YET." + " Start one with `callchain serve`." * (width >= WIDE)
    last = time_of_day(vitals.now - vitals.age_ms, zone)
    if vitals.stopped_at:
        stopped = time_of_day(vitals.stopped_at, zone)
        return f" ■ ENGINE STOPPED {stopped}. Nothing is dialed."
    return f" ■ DATA STOPPED {last} — {seconds(vitals.age_ms)} ago. Numbers below are OLD."


def _filled(left: Text, right: str, width: int, style: str) -> Text:
    """Left and right ends of one line, in one style where there is one."""
    gap = max(1, width - left.cell_len - len(right) - 1)
    line = left + Text(" " * gap) + Text(right, "" if style else GREY)
    line.pad_right(max(0, width - line.cell_len))
    if style:
        line.stylize(style)
    return line


def _emergency(count: int) -> tuple[str, str]:
    return (f"  ▲ {count:,} emergency", HOT) if count else ("  no emergency", FAINT)
