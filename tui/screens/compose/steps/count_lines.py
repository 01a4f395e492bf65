"""The live count in lines: how many an audience reaches, and whom not and why."""

import textwrap

from rich.text import Text

from engine.views import GapView
from tui.look.palette import BRIGHT, GREY, HOT, ORANGE, STRONG
from tui.panels.text_lines import rule
from tui.panels.written import counted
from tui.screens.compose.work import Work

REASON_WORDS = {
    "no_phone": "no phone", "no_preference": "no voice preference", "bad_format": "bad number",
    "extension": "behind an extension", "private": "private number", "no_contact": "no messenger contact",
    "no_staff_type": "no staff type", "duplicate": "another chain calls them", "not_enrolled": "not enrolled",
    "unknown_person": "not in the roster", "gone": "no contact any more", "already_told": "told already",
    "in_hand": "being told now", "recipient_hours": "outside their own hours", "blocked": "blocked number",
    "bad_row": "bad row",
}  # fmt: skip
"""Why somebody is not called, in words."""


ONE_ROW = 78
"""Cells from which on all figures stand in one row."""


def reason_words(reason: str) -> str:
    """A gap's reason as it is read."""
    return REASON_WORDS.get(reason, reason.replace("_", " "))


def count_lines(work: Work, width: int) -> list[Text]:
    """Contacts, numbers, students; or why there is no count."""
    count, note = work.count, "counting …" if work.counting else ""
    lines = [rule("Reaches", width, note)]
    if work.count_trouble:
        return [*lines, *wrapped(f"▲ {work.count_trouble}", width, ORANGE)]
    if not work.draft.has_audience:
        return [*lines, Text(" nobody yet", GREY)]
    if count is None:
        return [*lines, Text(" …", GREY)]
    if count.why_none:
        return [*lines, *wrapped(f"▲ {count.why_none}", width, ORANGE)]
    style = GREY if note else STRONG
    figures = [f"{counted(count.chains, 'call')} to begin", counted(count.contacts, "contact"),
               counted(count.devices, "number"), counted(count.students, "student")]  # fmt: skip
    if count.covered:
        figures.append(f"{count.covered:,} covered by another's call")
    rows = [figures] if width >= ONE_ROW else [figures[:2], figures[2:4], figures[4:]]
    return [*lines, *(_joined(row, width, style) for row in rows if row)]


def _joined(figures: list[str], width: int, style: str) -> Text:
    """Figures in one row, each number in its own style."""
    row = Text()
    for figure in figures:
        number, _, noun = figure.partition(" ")
        row.append(" · " if row else " ", GREY).append(number, style).append(f" {noun}", GREY)
    row.truncate(width, overflow="ellipsis")
    return row


def unreachable_lines(work: Work, width: int, rows: int) -> list[Text]:
    """Who cannot be reached: totals by reason, then names as far as there is room."""
    count = work.count
    if count is None or count.why_none:
        return []
    many = sum(total for _, total in count.gap_totals)
    if not many:
        return [Text(" Everybody chosen can be reached.", GREY)]
    totals = ", ".join(f"{total:,} {reason_words(reason)}" for reason, total in count.gap_totals)
    head = Text.assemble((f" ∅ {many:,} not reached: ", HOT), (totals, BRIGHT))
    if width >= 60:
        head.truncate(width, overflow="ellipsis")
        heads = [head]
    else:
        heads = [rule(f"{many:,} not reached", width), *wrapped(totals, width, BRIGHT)]
        rows -= len(heads) - 1
    shown = [gap_line(gap, width) for gap in count.gaps[: max(1, rows - 1)]]
    more = many - len(shown)
    return [*heads, *shown, *([Text(f"   … and {more:,} more; the review has them all", GREY)] if more else [])]


def gap_line(gap: GapView, width: int) -> Text:
    """One who is not called, and why."""
    what = f" ({gap.device})" if gap.device else ""
    line = Text.assemble(
        " ∅ ", (gap.contact_name or gap.contact_key, BRIGHT), (f"{what}  {reason_words(gap.reason)}", GREY)
    )
    line.truncate(width, overflow="ellipsis")
    return line


def wrapped(sentence: str, width: int, style: str, lines_max: int = 4) -> list[Text]:
    """A sentence over a few lines."""
    lines = textwrap.wrap(sentence, max(10, width - 2), max_lines=lines_max, placeholder=" …")
    return [Text(f" {one}", style) for one in lines]
