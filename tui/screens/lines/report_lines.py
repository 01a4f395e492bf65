"""How a message went, in lines: each school's part, how the calls ended, whom nobody reached."""

from datetime import tzinfo

from rich.text import Text

from engine.board.state import State
from engine.reports.groups.grouped import Grouped, GroupRow, Missed
from store.dispositions import Disposition
from tui.look.palette import BRIGHT, CURSOR, FAINT, GREEN, GREY, ORANGE, PAPER, PURPLE, SKY, STATES, STRONG
from tui.panels.band import WIDE
from tui.panels.chain_text import chain_word
from tui.panels.text_lines import rule
from tui.panels.written import age, bar, counted, fit, minute_of_day, result, share

GROUPS_WIDE, GROUPS_NARROW = 12, 5
RESULTS_MAX = 7
_NUMBERS_WIDE, _NUMBERS_NARROW = 27, 23
"""Cells for the numbers of somebody nobody reached; those that have no room are counted."""


def title_line(
    heading: str, when: str, periods: list[tuple[str, bool]], groupings: list[tuple[str, bool]], width: int
) -> Text:
    """`Report › #3 Gas leak … period [job] today week  by [school] grade device`."""
    right = Text()
    for name, choices in (("period", periods), ("by", groupings)):
        shown = choices if width >= WIDE else [choice for choice in choices if choice[1]]
        right.append(f"   {name} ", GREY)
        for word, chosen in shown:
            right.append(f"[{word}]" if chosen else f" {word} ", BRIGHT if chosen else FAINT)
    left = Text.assemble((" Report › ", GREY), (heading, STRONG))
    if when and left.cell_len + len(when) + 3 + right.cell_len < width:
        left.append(f"  {when}", GREY)
    left.truncate(max(1, width - right.cell_len - 1), overflow="ellipsis")
    left.pad_right(max(0, width - right.cell_len - left.cell_len - 1))
    return left + right


def group_lines(answer: Grouped, width: int, rows_max: int) -> list[Text]:
    """A line for each group, the one with the smallest share reached first, and the sum of all."""
    total = answer.total
    beside = [f"{total.canceled:,} canceled"] * bool(total.canceled) + [f"{total.covered:,} covered"] * bool(
        total.covered
    )
    lines = [rule(f"Outcome by {answer.by}", width, " · ".join(beside)), _group_heads(answer.by, width)]
    shown = answer.groups if len(answer.groups) <= rows_max else answer.groups[: rows_max - 1]
    lines += [_group(row, width, "") for row in shown]
    if len(shown) < len(answer.groups):
        lines.append(Text(f" and {len(answer.groups) - len(shown):,} more that went better", GREY))
    return [*lines, _group(total, width, STRONG)] if len(answer.groups) > 1 else lines


def student_line(answer: Grouped) -> Text:
    """What the students' families know."""
    covered, told, missed, waiting = answer.students
    return Text.assemble(
        (" students ", GREY), (f"✓ {covered:,}", GREEN), " covered  ", (f"◐ {told:,}", PURPLE), " told  ",
        (f"✗ {missed:,}", ORANGE), " missed  ", (f"· {waiting:,}", GREY), " open",
    )  # fmt: skip


def result_lines(answer: Grouped, width: int) -> list[Text]:
    """How calls ended, the most frequent first; on a narrow screen in one line."""
    ended = sum(answer.dispositions.values())
    lines = [rule(f"How {counted(ended, 'call')} ended" if ended else "No call has ended yet", width)]
    ranked = list(answer.dispositions.items())
    if width < WIDE:
        line = Text()
        for word, count in ranked:
            if line.cell_len + len(result(word)) + 7 > width:
                break
            line.append(f" {result(word)} ", GREY).append(share(count, ended), _color(word)).append(" ")
        return [*lines, line] if ranked else lines
    for word, count in ranked[:RESULTS_MAX]:
        full, empty = bar(count, ranked[0][1], 40)
        line = Text.assemble(
            (f" {result(word):<18}", PAPER), (f"{count:>9,}", BRIGHT), (f"{share(count, ended):>6}  ", GREY)
        )
        lines.append(line.append(full, _color(word)).append(empty, FAINT))
    if len(ranked) > RESULTS_MAX:
        rest = sum(count for _, count in ranked[RESULTS_MAX:])
        lines.append(Text(f" {'others':<18}{rest:>9,}{share(rest, ended):>6}", GREY))
    return lines


def missed_title(answer: Grouped, width: int) -> Text:
    """Over the list of those nobody reached."""
    count = answer.not_reached_count
    shown = f", the first {len(answer.not_reached)}" if count > len(answer.not_reached) else ""
    if not count:
        return rule("Nobody was left out so far" if answer.total.open else "Everybody was reached", width)
    return rule(f"Nobody reached {count:,}{shown}", width, "e exports them all")


def missed_row(one: Missed, zone: tzinfo, width: int, selected: bool) -> Text:
    """One chain that ended, or never began, and nobody heard it."""
    wide = width >= WIDE
    sign = STATES[State[one.outcome.upper()]] if one.outcome else STATES[State.PENDING]
    numbers = _numbers(one, _NUMBERS_WIDE if wide else _NUMBERS_NARROW)
    last = f"{minute_of_day(one.last_at, zone)} {result(one.last)}" if one.last else ""
    line = Text.assemble(("▌" if selected else " ", STRONG), (fit(f"{sign.glyph} {sign.word}", 13), sign.style), " ")
    if wide:
        line.append(fit(chain_word(one.chain_id), 9), GREY).append(
            fit(one.name, 20), BRIGHT if selected else ""
        ).append(" ")
        line.append(fit(one.group, 13), GREY).append(" ")
        line.append(fit(numbers, _NUMBERS_WIDE)).append(f" {counted(one.attempts, 'call'):>8}  ", GREY)
    else:
        line.append(fit(one.name, 17), BRIGHT if selected else "").append(" ")
        line.append(fit(numbers, _NUMBERS_NARROW)).append(f"{one.attempts:>2} ", GREY)
    line.append(last, GREY)
    line.truncate(width, overflow="ellipsis", pad=True)
    if selected:
        line.stylize_before(CURSOR)
    return line


def _group_heads(by: str, width: int) -> Text:
    if width < WIDE:
        return Text(
            f" {fit(by.upper(), 15)}{'CHAINS':>7}{'CONF':>7} REACH{'HEARD':>6}{'TOLD':>6}{'OPEN':>7}{'MISS':>6}"
            f"{'UNR':>5}{'P50':>6}{'P90':>7}",
            FAINT,
        )
    return Text(
        f" {fit(by.upper(), 26)}{'CHAINS':>8}{'CONFIRMED':>10}  {'REACHED':<12}{'HEARD':>7}{'TOLD':>7}{'NOT YET':>8}"
        f"{'MISSED':>8}{'UNREACH':>8}{'P50':>7}{'P90':>7}{'1ST TRY':>8}",
        FAINT,
    )


def _group(row: GroupRow, width: int, style: str) -> Text:
    whole = row.chains + row.unreachable
    half, most = (age(ms) if ms else "—" for ms in (row.half_ms, row.most_ms))
    missed_style = ORANGE if row.missed else FAINT
    unreached_style = ORANGE if row.unreachable else FAINT
    if width < WIDE:
        line = Text.assemble(
            (f" {fit(row.name, 15)}", style or PAPER), (f"{row.chains:>7,}", GREY), (f"{row.confirmed:>7,}", BRIGHT)
        )
        line.append(f"{share(row.reached, whole):>6}", BRIGHT)
        line.append(f"{row.heard:>6,}{row.told:>6,}{row.open:>7,}", GREY).append(f"{row.missed:>6,}", missed_style)
        line.append(f"{row.unreachable:>5,}", unreached_style).append(f"{half:>6}{most:>7}", GREY)
    else:
        full, empty = bar(row.reached, whole, 6)
        line = Text.assemble(
            (f" {fit(row.name, 26)}", style or PAPER), (f"{row.chains:>8,}", GREY), (f"{row.confirmed:>10,}", BRIGHT)
        )
        line.append(f"  {share(row.reached, whole):>4} ", BRIGHT).append(full, SKY).append(empty, FAINT)
        line.append(f"{row.heard:>8,}{row.told:>7,}{row.open:>8,}", GREY).append(f"{row.missed:>8,}", missed_style)
        line.append(f"{row.unreachable:>8,}", unreached_style).append(f"{half:>7}{most:>7}", GREY)
        line.append(f"{share(row.first_try, row.chains):>8}", GREY)
    line.truncate(width, overflow="ellipsis")
    return line


def _numbers(one: Missed, cells: int) -> str:
    """As many as there is room for, none cut: `cell ••1820, work ••1821 +1`."""
    words = [f"{device} ••{number[-4:]}" for device, number in one.numbers]
    for count in range(len(words), 0, -1):
        more = f" +{len(words) - count}" if count < len(words) else ""
        if len(said := ", ".join(words[:count]) + more) <= cells:
            return said
    return "no number" if not words else f"{len(words)} numbers"


def _color(word: str) -> str:
    flags = Disposition[word.upper()].flags
    return GREEN if flags.delivered else ORANGE if flags.number_dead else SKY
