"""The right column of a wide terminal: chains by state, lines over time, how calls ended, commands given."""

from rich.text import Text

from engine.board.state import State
from engine.board.views import LinesInUse, Totals
from store.dispositions import Disposition
from tui.look.palette import ALERT, BRIGHT, FAINT, GREEN, GREY, ORANGE, PAPER, SKY, STATES, Sign
from tui.panels.command_log import Entry
from tui.panels.pulse import Pulse
from tui.panels.sight import Sight
from tui.panels.text_lines import rule
from tui.panels.written import bar, chart, minute_of_day, result, share

WIDTH = 36
_CHART_ROWS = 3
_RESULTS_MAX = 7
_COMMANDS_MAX = 4

LATE_MS = 2_000
"""An engine that is well answers within milliseconds."""

COMMAND_STATES = {
    "requested": Sign("…", "requested", SKY),
    "applied": Sign("✓", "applied", GREEN),
    "rejected": Sign("✗", "rejected", ORANGE),
    "unanswered": Sign("!", "no answer", ALERT),
}


def side_lines(totals: Totals, lines: LinesInUse, pulse: Pulse, commands: list[Entry], sight: Sight) -> list[Text]:
    """All of the column, from top to bottom."""
    return [
        rule("Chains by state", WIDTH, "Δ1 min"),
        *(_state(state, sign, totals, pulse) for state, sign in STATES.items() if totals.counts.of(state)),
        Text(),
        rule("Lines, 10 min", WIDTH, f"peak {lines.peak:,}"),
        *_chart(pulse, lines),
        Text(),
        rule("How calls ended", WIDTH),
        *_results(totals),
        Text(),
        *command_lines(commands, sight),
    ]


def command_lines(commands: list[Entry], sight: Sight) -> list[Text]:
    """The last commands, newest first."""
    if not commands:
        return []
    return [rule("Commands", WIDTH), *(command_line(entry, sight) for entry in commands[:_COMMANDS_MAX])]


def command_line(entry: Entry, sight: Sight) -> Text:
    """One command and what became of it; one that nobody answers for a while says so."""
    late = entry.state == "requested" and not sight.is_recent(entry.at, LATE_MS)
    sign = Sign("▲", "no answer yet", ORANGE) if late else COMMAND_STATES[entry.state]
    return Text.assemble(
        (f" {minute_of_day(entry.at, sight.zone)} ", GREY),
        (f"{entry.what} ", PAPER),
        (f"{sign.glyph} {sign.word}", sign.style),
        (f"  {entry.reason}" if entry.reason else "", GREY),
    )


def _state(state: State, sign: Sign, totals: Totals, pulse: Pulse) -> Text:
    trend = pulse.trend(state)
    return Text.assemble(
        (f" {sign.glyph} {sign.word:<13}", sign.style),
        (f"{totals.counts.of(state):>11,}", BRIGHT),
        (f"{trend:>+8,}" if trend else f"{'·':>8}", GREY if trend else FAINT),
    )


def _chart(pulse: Pulse, lines: LinesInUse) -> list[Text]:
    """Ten minutes on the width there is: the most of every few seconds."""
    values = pulse.lines
    columns = (WIDTH - 2) * 2
    span = max(1, -(-600 // columns))
    offset = len(values) % span
    steps = [max(values[max(0, end - span) : end]) for end in range(offset or span, len(values) + 1, span)]
    return [Text(f" {row}", SKY) for row in chart(steps, max(lines.peak, 1), WIDTH - 2, _CHART_ROWS)]


def _results(totals: Totals) -> list[Text]:
    """How ended attempts ended, the most frequent first."""
    known = {disposition.word: disposition for disposition in Disposition}
    ended = sum(totals.dispositions.values())
    if not ended:
        return [Text(" no call has ended yet", FAINT)]
    ranked = sorted(totals.dispositions.items(), key=lambda item: -item[1])
    lines = []
    for word, count in ranked[:_RESULTS_MAX]:
        full, empty = bar(count, ranked[0][1], 5)
        color = GREEN if known[word].flags.delivered else ORANGE if known[word].flags.number_dead else GREY
        lines.append(
            Text.assemble(
                (f" {result(word):<16}", PAPER),
                (f"{count:>7,}", BRIGHT),
                (f"{share(count, ended):>5} ", GREY),
                (full, color),
                (empty, FAINT),
            )
        )
    return lines
