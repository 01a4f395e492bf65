"""An emergency in lines: whom it has reached, in students and in chains, how fast, and which schools are behind."""

import textwrap
from datetime import tzinfo
from typing import NamedTuple

from rich.text import Text

from engine.board.job_shape import JobShape, grown
from engine.board.schools import SchoolCounts
from engine.board.views import JobSummary
from engine.reports.groups.grouped import SEVERAL
from tui.look.palette import ALERT, BRIGHT, CURSOR, FAINT, GREEN, GREY, HOT, ORANGE, PURPLE, SKY, STRONG
from tui.panels.band import WIDE
from tui.panels.text_lines import rule
from tui.panels.written import age, bar, chart, counted, fit, share, time_of_day
from tui.screens.lines.jobs_lines import job_sign

CHART_ROWS = 5


class _Bar(NamedTuple):
    """A line of the progress; None: not known of students."""

    word: str
    students: int | None
    chains: int
    style: str
    chains_are: str


def title_line(job: JobSummary, place: int, count: int, zone: tzinfo, width: int) -> Text:
    """`Emergency › #3 Gas leak … » in progress  sent 14:00:40 by anna`, as far as there is room."""
    sign = job_sign(job)
    right = f"{place + 1} of {count} [ ]" if count > 1 else ""
    line = Text.assemble((" Emergency › ", GREY), (f"#{job.job_id} {job.subject}", HOT), "  ")
    line.append(f"{sign.glyph} {sign.word}", sign.style)
    sent = f"  sent {time_of_day(job.planned_at, zone)}"
    ended = f"  ended {time_of_day(job.ended_at, zone)}" if job.ended_at else ""
    for part in (sent, f" by {job.author}" if job.author else "", ended):
        if line.cell_len + len(part) + len(right) + 1 >= width:
            break
        line.append(part, GREY)
    line.truncate(width - len(right) - 1, overflow="ellipsis", pad=True)
    return line.append(right, FAINT)


def calm_lines(last: JobSummary | None, zone: tzinfo, width: int) -> list[Text]:
    """What is said when no emergency is open, with how the last one went."""
    said = "None was sent in the last 24 hours. `n` writes one; it asks before anything is dialed."
    if last is not None:
        known, whole = last.students, counted(last.students.total, "student")
        ended = f"The last one, #{last.job_id} {last.subject}, ended {time_of_day(last.ended_at, zone)}"
        said = f"{ended}: {known.covered:,} of {whole} covered, {known.told:,} told, {known.missed:,} missed."
    told = [Text(f"    {line}", GREY) for line in textwrap.wrap(said, width - 5)]
    gap = [Text()] * (width >= WIDE or last is None)
    return [*gap, Text.assemble(("  ✓ ", GREEN), ("No emergency message is open.", STRONG)), *told, *gap]


def progress_lines(job: JobSummary, width: int) -> list[Text]:
    """Bars of students, and beside them of chains."""
    known, counts = job.students, job.counts
    heard = counts.confirmed + counts.delivered_unconfirmed
    vain = counts.exhausted + counts.expired + counts.error
    bars = [
        _Bar("REACHED", known.covered + known.told, heard, BRIGHT, "somebody heard it"),
        _Bar("  covered", known.covered, counts.confirmed, GREEN, "confirmed with 0"),
        _Bar("  told", known.told, counts.delivered_unconfirmed, PURPLE, "heard or on a machine"),
        _Bar("IN PROGRESS", None, counts.at_carrier, SKY, "at the carrier"),
        _Bar("NOT YET", known.open, counts.pending + counts.waiting, GREY, "waiting for their turn"),
        _Bar("MISSED", known.missed, vain, ORANGE, "tried in vain"),
        _Bar("UNREACHABLE", None, counts.unreachable, ORANGE, "no number to dial"),
    ]
    if counts.canceled:
        bars.append(_Bar("CANCELED", None, counts.canceled, GREY, "never called again"))
    whole = job.chains + counts.unreachable
    lines = [_progress(one, job, whole, width) for one in bars]
    if width < WIDE:
        return [rule("Progress in students", width, "and in chains"), *lines]
    beside = f"{counts.covered:,} covered by another chain" if counts.covered else ""
    head = f" {'':<13}{'STUDENTS':<{_width(width) + 16}}{'CHAINS':>12}  AND WHAT THEY ARE"
    return [rule("Progress", width, beside), Text(head, FAINT), *lines]


def chart_lines(job: JobSummary, shape: JobShape, now: int, zone: tzinfo, width: int) -> list[Text]:
    """How many chains were reached by when, since it began; a narrow screen has one line for it."""
    begins_at = max(job.opens_at, job.planned_at)
    ends_at = job.ended_at or max(now, begins_at + 1_000)
    whole = job.chains + job.counts.unreachable
    wide = width >= WIDE
    left = "" if wide else f" reached, {age(ends_at - begins_at)} "
    cells = width - 2 if wide else width - len(left) - 14
    steps = grown(shape.reached_at(), begins_at, ends_at, cells * 2)
    pace = f"{steps[-1] / max(1.0, (ends_at - begins_at) / 60_000):,.1f} a minute"
    rows = chart(steps, max(whole, 1), cells, CHART_ROWS if wide else 1)
    if not wide:
        return [Text.assemble((left, GREY), (rows[0], GREEN), (f" {pace:>12}", GREY))]
    title = f"Chains reached in {age(ends_at - begins_at)}, top {whole:,}"
    note = f"{time_of_day(begins_at, zone)} → {time_of_day(ends_at, zone)} · {pace}"
    return [rule(title, width, note), *(Text(f" {row}", GREEN) for row in rows)]


def school_heads(count: int, width: int) -> list[Text]:
    """Title and heads over the schools."""
    name, cells = _school_widths(width)
    heads = f" {'SCHOOL':<{name}} {'REACHED':<{cells + 5}}{'CHAINS':>16}{'IN PROGRESS':>13}{'NOT YET':>9}{'MISSED':>8}"
    if width < WIDE:
        heads = f" {'SCHOOL':<{name}} {'REACHED':<{cells + 5}}{'CHAINS':>14}{'NOW':>6}{'NOT YET':>9}{'MISSED':>8}"
    return [rule(f"{counted(count, 'school')}, those behind first", width), Text(heads, FAINT)]


def school_row(one: SchoolCounts, names: dict[str, str], width: int, selected: bool) -> Text:
    """How far one school has come."""
    name, cells = _school_widths(width)
    full, empty = bar(one.reached, one.chains, cells)
    counts, wide = one.counts, width >= WIDE
    called = fit(names.get(one.school_id, one.school_id) or SEVERAL, name)
    line = Text.assemble(
        ("▌" if selected else " ", STRONG), (called, STRONG if selected else ""),
        " ", (full, SKY), (empty, FAINT), (f"{share(one.reached, one.chains):>5}", BRIGHT),
        (f"{f'{one.reached:,}/{one.chains:,}':>{16 if wide else 14}}", GREY),
        (f"{counts.at_carrier:>{13 if wide else 6},}", SKY if counts.at_carrier else FAINT),
        (f"{counts.pending + counts.waiting:>9,}", GREY), (f"{one.missed:>8,}", ORANGE if one.missed else FAINT),
    )  # fmt: skip
    line.truncate(width, overflow="ellipsis", pad=True)
    if selected:
        line.stylize_before(CURSOR)
    return line


def behind_first(schools: list[SchoolCounts]) -> list[SchoolCounts]:
    """Those with the smallest share reached first; of two the one with more chains that wait."""
    return sorted(schools, key=lambda one: (one.reached / max(1, one.chains), -one.chains, one.school_id))


def frozen_line(at: int, zone: tzinfo) -> Text:
    """Over a prediction that rests on old data."""
    return Text(f" FROZEN: as of {time_of_day(at, zone)}, nothing newer is known ", ALERT)


def _progress(one: _Bar, job: JobSummary, whole: int, width: int) -> Text:
    cells, known = _width(width), job.students.total
    line = Text(f" {one.word:<12} ", one.style if one.word.isupper() else GREY)
    if one.students is None or not job.complete:
        line.append(
            " " * (cells + 16) if job.complete or one.students is None else f"{'reading plans …':<{cells + 16}}", FAINT
        )
    else:
        full, empty = bar(one.students, known, cells)
        line.append(full, one.style).append(empty, FAINT)
        line.append(f"{f'{one.students:,}/{known:,}':>11}", BRIGHT).append(f"{share(one.students, known):>5}", GREY)
    line.append(f"{one.chains:>7,}{share(one.chains, whole):>5}", one.style if one.chains else FAINT)
    if width >= WIDE:
        line.append(f"  {one.chains_are}", FAINT)
    return line


def _width(width: int) -> int:
    """Cells of a bar of students."""
    return width - 68 if width >= WIDE else width - 44


def _school_widths(width: int) -> tuple[int, int]:
    """Cells for a school's name and for its bar."""
    return (34, 30) if width >= WIDE else (24, 10)
