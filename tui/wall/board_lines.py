"""The wallboard's lines: three big figures, the lines' last minutes, chains by state, what needs a human. No names."""

from dataclasses import dataclass
from datetime import tzinfo

from rich.text import Text

from engine.board.views import JobSummary, LinesInUse, RaisedAlarm, Totals
from tui.look.palette import BRIGHT, FAINT, GREEN, GREY, HOT, ORANGE, SKY, STATES, STRONG, TITLE
from tui.panels.band import WIDE
from tui.panels.text_lines import rule
from tui.panels.top import alarm_lines
from tui.panels.written import age, bar, chart, counted, fit, share, time_of_day
from tui.wall.big import HALF_ROWS, WIDE_ROWS, big
from tui.wall.needs import Need

FIGURES = 3


@dataclass(frozen=True, slots=True)
class Shown:
    """What is on the wall at one instant."""

    totals: Totals
    jobs: list[JobSummary]
    lines: LinesInUse
    lines_whole: int
    """Ordinary and emergency lines together, 0 while nobody knows."""
    history: list[int]
    """Lines in use, a sample a second, oldest first."""
    needs: list[Need]
    alarms: list[RaisedAlarm]
    now: int
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class _Figure:
    """One big number with what belongs to it."""

    title: str
    number: str
    style: str
    under: tuple[Text, ...]


def wall_lines(shown: Shown, width: int, height: int) -> list[Text]:
    """All of the wall under its band, for a terminal of some size."""
    lines = [*_figures(shown, width), *_trend(shown, width, height), *_states(shown.totals, width)]
    lines += alarm_lines(shown.alarms, shown.zone, width)
    return [*lines, *_needs(shown, width, height - len(lines) - 1)]


def _figures(shown: Shown, width: int) -> list[Text]:
    """Side by side, a third of the width each."""
    wide, column = width >= WIDE, width // FIGURES
    figures = (_lines_figure(shown, column), _needs_figure(shown), _emergency_figure(shown, column))
    rows = WIDE_ROWS if wide else HALF_ROWS
    blocks = [big(figure.number, wide) for figure in figures]
    below = max(len(figure.under) for figure in figures)
    lines = [Text(), _row([Text(f"  {figure.title}", TITLE) for figure in figures], column)]
    if wide:
        lines.append(Text())
    for row in range(rows):
        cells = [
            Text(f"  {block[row]}", figure.style if block[row].strip() else "")
            for figure, block in zip(figures, blocks, strict=True)
        ]
        lines.append(_row(cells, column))
    if wide:
        lines.append(Text())
    for row in range(below):
        cells = [figure.under[row] if row < len(figure.under) else Text() for figure in figures]
        lines.append(_row([Text("  ") + cell for cell in cells], column))
    return [*lines, Text()]


def _row(cells: list[Text], column: int) -> Text:
    line = Text()
    for cell in cells:
        cut = cell.copy()
        cut.truncate(column - 1, overflow="ellipsis")
        cut.pad_right(column - cut.cell_len)
        line.append_text(cut)
    return line


def _lines_figure(shown: Shown, column: int) -> _Figure:
    lines, whole = shown.lines, shown.lines_whole
    full, empty = bar(lines.all, whole, column - 6)
    of = f"of {whole:,} · {share(lines.all, whole)} · peak {lines.peak:,}" if whole else f"peak {lines.peak:,}"
    urgent = Text(f"▲ {lines.emergency:,} emergency", ORANGE) if lines.emergency else Text("no emergency calls", GREY)
    under = (Text(of, BRIGHT), Text.assemble((full, SKY), (empty, FAINT)), urgent)
    return _Figure("LINES IN USE", str(lines.all), STRONG, under)


def _needs_figure(shown: Shown) -> _Figure:
    count = sum(need.count for need in shown.needs)
    waits = [need.since_at for need in shown.needs if need.since_at]
    under = [Text(f"oldest {age(shown.now - min(waits))}", ORANGE)] if waits else []
    under += [Text(f"{need.count:,} {STATES[need.state].word}", BRIGHT) for need in shown.needs[:3]]
    return _Figure("NEED A HUMAN", str(count), HOT if count else GREEN, tuple(under) or (Text("nothing", GREY),))


def _emergency_figure(shown: Shown, column: int) -> _Figure:
    """The newest open emergency; where there is none, all open jobs together."""
    emergencies = [job for job in shown.jobs if job.emergency and not job.ended_at]
    students = emergencies[0].students if emergencies else shown.totals.students
    reached = students.covered + students.told
    full, empty = bar(reached, students.total, column - 6)
    under = [
        Text(f"{reached:,} of {students.total:,} students reached", BRIGHT),
        Text.assemble((full, SKY), (empty, FAINT)),
    ]
    title = "REACHED, ALL JOBS"
    if emergencies:
        title = f"▲ EMERGENCY {emergencies[0].job_id}"
        under.append(Text(f"{counted(len(emergencies), 'emergency job')} open", ORANGE))
    number = share(reached, students.total) if students.total else "–"
    return _Figure(title, number, STRONG, tuple(under))


def _trend(shown: Shown, width: int, height: int) -> list[Text]:
    rows = 5 if height >= 36 else 2
    top = max(shown.lines_whole, shown.lines.peak, 1)
    drawn = chart(shown.history, top, width - 8, rows)
    lines = [rule("Lines, last minutes", width, f"peak {shown.lines.peak:,}")]
    for place, row in enumerate(drawn):
        edge = f"{top:,}" if place == 0 else "0" if place == rows - 1 else ""
        lines.append(Text.assemble((f"{edge:>6} ", FAINT), (row, SKY)))
    return [*lines, Text()]


def _states(totals: Totals, width: int) -> list[Text]:
    """Every state there is, as many to a line as fit."""
    lines, line = [rule("Chains", width)], Text(" ")
    for state, sign in STATES.items():
        count = totals.counts.of(state)
        if not count:
            continue
        part = Text.assemble((f"{sign.glyph} ", sign.style), (f"{count:,}", STRONG), (f" {sign.word}   ", GREY))
        if line.cell_len + part.cell_len > width:
            lines.append(line)
            line = Text(" ")
        line.append_text(part)
    return [*lines, line if line.plain.strip() else Text(" none yet", GREY), Text()]


def _needs(shown: Shown, width: int, room: int) -> list[Text]:
    """As many as there is room for; the rest is counted."""
    lines = [rule("Needs a human", width, "names are hidden")]
    if not shown.needs:
        return [*lines, Text(" nothing", GREY)]
    fits = max(1, room - 1)
    for need in shown.needs[: fits if len(shown.needs) <= fits else fits - 1]:
        sign = STATES[need.state]
        lines.append(
            Text.assemble(
                (f" {sign.glyph} {sign.word} ", sign.style),
                " " * (13 - len(sign.word)),
                (f"{need.count:>7,} chain{' ' if need.count == 1 else 's'}  ", STRONG),
                ("emergency  " if need.emergency else " " * 11, ORANGE),
                (fit(f"#{need.job_id} {need.subject}", max(10, width - 62)), BRIGHT),
                (f"  since {time_of_day(need.since_at, shown.zone)}" if need.since_at else "", GREY),
            )
        )
    left = len(shown.needs) - (len(lines) - 1)
    return [*lines, *([Text(f" … and {left} more", GREY)] if left else [])]
