"""One chain in full, in lines: state and cause, plan, attempts, what comes next, timeline, commands, what is said."""

import textwrap
from collections.abc import Sequence
from datetime import tzinfo

from rich.text import Text

from engine.board.chain_view import AttemptView, ChainView
from engine.why.chain.outlook import Coming, outlook
from engine.why.view import WhyChain
from engine.why.words import ring_words
from store.dispositions import Disposition
from tui.look.palette import BRIGHT, FAINT, GREEN, GREY, ORANGE, PAPER, SKY, STATES, STRONG
from tui.panels.band import WIDE
from tui.panels.chain_text import chain_word
from tui.panels.command_log import Entry
from tui.panels.text_lines import rule
from tui.panels.written import age, counted, fit, minute_of_day, result, time_of_day
from tui.screens.lines.timeline import timeline

_KNOWN = {disposition.word: disposition for disposition in Disposition}

TEXT_LINES_MAX = 6
"""Of the message: some 600 letters, a minute of speech."""

ATTEMPTS_MIN = 3
"""Attempts shown however small the terminal."""

STUDENTS_MAX = 6
"""Students named; a chain of a household has seldom more."""

CAUSE_LINES_MAX = 2

COMING_MAX = 4
"""Calls that would follow; after them a chain goes round the same numbers."""

COMING_MIN = 2
ROOMY = 24
"""Lines under the band from which on as many of them are shown."""

COMMANDS_MAX = 3


def chain_lines(
    view: ChainView, why: WhyChain, asked: Sequence[Entry], now: int, zone: tzinfo, width: int, room: int
) -> list[Text]:
    """The whole screen under the band. What matters most has its place first; the rest where `room` lines leave it."""
    coming = _coming(view, why, now, zone, width, COMING_MAX if room >= ROOMY else COMING_MIN)
    above = [breadcrumb(view, width), *_state(view, why, now, zone, width), *_plan(view, width)]
    rest = room - len(above) - len(coming) - 1
    attempts = [
        rule(f"Attempts · {len(view.attempts)}, newest last", width),
        *_attempts(view, now, zone, max(ATTEMPTS_MIN, rest)),
    ]
    lines = [*above, *attempts]
    more = [*coming]
    for section in (timeline(view, now, zone, width), _commands(asked, zone, width), _said(view, width)):
        if len(lines) + len(more) + len(section) <= room:
            more += section
    return [*lines, *more]


def breadcrumb(view: ChainView, width: int, last: str = "") -> Text:
    """Where one is, and that there are neighbors."""
    line = Text.assemble(
        (" Live › ", GREY),
        (f"#{view.job_id} {view.subject}", PAPER),
        (" › ", GREY),
        (f"{chain_word(view.chain_id)} {view.contact_name}", STRONG),
        (f" › {last}" if last else "", STRONG),
    )
    line.truncate(width, overflow="ellipsis")
    walk = "[ ‹ prev  next › ]"
    if width >= WIDE and not last and line.cell_len + len(walk) < width:
        line.append(" " * (width - line.cell_len - len(walk)) + walk, FAINT)
    return line


def _state(view: ChainView, why: WhyChain, now: int, zone: tzinfo, width: int) -> list[Text]:
    sign = STATES[view.state]
    students = ", ".join(view.student_ids[:STUDENTS_MAX])
    students += f" and {len(view.student_ids) - STUDENTS_MAX} more" * (len(view.student_ids) > STUDENTS_MAX)
    window = f"{minute_of_day(view.opens_at, zone)}–{minute_of_day(view.closes_at, zone)}"
    moved = f"   {view.moved} of its numbers dialed by other chains" if view.moved else ""
    said = textwrap.wrap(why.sentence, width - 2, max_lines=CAUSE_LINES_MAX, placeholder=" …") or [""]
    return [
        rule("State", width, f"why: {why.cause.replace('_', ' ')}"),
        Text.assemble(
            (f" {sign.glyph} {sign.word} ", sign.style),
            ("  about ", GREY),
            (students or "nobody", PAPER),
            ("   window ", GREY),
            (window, PAPER),
            moved,
        ),
        *(Text(f" {line}", ORANGE if view.state.fault else BRIGHT) for line in said),
        *([] if view.state.ended else [_ring(why, now, zone)]),
    ]


def _ring(why: WhyChain, now: int, zone: tzinfo) -> Text:
    """The next ring, and what it is read off."""
    words = ring_words(why.next_ring_at, why.next_ring_basis, zone, now)
    return Text.assemble((" next ring ", GREY), (words, PAPER))


def _plan(view: ChainView, width: int) -> list[Text]:
    lines = [rule(f"Plan · {counted(len(view.steps), 'number')}, {counted(view.rounds_max, 'round')}", width)]
    if not view.steps:
        return [*lines, Text(" nothing to dial", FAINT)]
    last = view.attempts[-1] if view.attempts else None
    dialed = last.step if last and not last.disposition else -1
    lines.append(Text(f" {'STEP':<6}{'DEVICE':<11}{'NUMBER':<15}{'TRIES':>5}  LAST", FAINT))
    for index, step in enumerate(view.steps):
        mark = "»" if index == dialed else "▸" if index == view.next_step else " "
        lines.append(
            Text.assemble(
                (f" {mark} ", SKY),
                (f"{index + 1:<4}", GREY),
                (f"{step.device:<11}{step.number:<15}", PAPER if mark == " " else BRIGHT),
                (f"{step.tries:>5}  ", PAPER),
                result_text(step.last),
            )
        )
    return lines


def _attempts(view: ChainView, now: int, zone: tzinfo, most: int) -> list[Text]:
    """The newest of them; where there is no room for all, the oldest are only counted."""
    if not view.attempts:
        return [Text(" none yet", FAINT)]
    lines = [Text(f" {'TIME':<10}{'ROUND':<7}{'DEVICE':<11}{'NUMBER':<15}{'LASTED':>7}  RESULT", FAINT)]
    # The heads take a line, and so does the count of those left out.
    shown = view.attempts if len(view.attempts) < most else view.attempts[-max(1, most - 2) :]
    if len(shown) < len(view.attempts):
        lines.append(Text(f" … {len(view.attempts) - len(shown)} earlier", FAINT))
    return [*lines, *(_attempt(view, attempt, now, zone) for attempt in shown)]


def _attempt(view: ChainView, attempt: AttemptView, now: int, zone: tzinfo) -> Text:
    step, still = view.steps[attempt.step], not attempt.disposition
    lasted = age(attempt.duration_ms) if attempt.dialed_at else age(now - attempt.opened_at)
    return Text.assemble(
        (f" {time_of_day(attempt.dialed_at or attempt.opened_at, zone):<10}", GREY),
        (f"{attempt.round + 1:<7}", GREY),
        (f"{step.device:<11}{step.number:<15}", PAPER),
        (f"{lasted if still or attempt.dialed_at else '—':>7}  ", BRIGHT),
        Text("» at the carrier", SKY) if still else result_text(attempt.disposition),
    )


def _coming(view: ChainView, why: WhyChain, now: int, zone: tzinfo, width: int, most: int) -> list[Text]:
    """What would be dialed if nobody answered, each with its reason."""
    if view.state.ended:
        return []
    lines = [rule("What comes next", width, "if nobody answers")]
    at, is_open = why.next_ring_at, bool(view.attempts) and not view.attempts[-1].disposition
    for place, coming in enumerate(outlook(view.case, most)):
        first = place == 0 and not is_open
        if coming.step < 0:
            end = f"it ends as {coming.outcome.word.replace('_', ' ')}" if coming.outcome else "it ends"
            lines.append(Text.assemble((f" {'then':<10}", GREY), (end, PAPER)))
            break
        when = (time_of_day(max(at, now), zone) if at is not None else "—") if first else _after(coming)
        step = view.steps[coming.step]
        because = _because(coming, first, why)
        line = Text.assemble(
            (f" {when:<10}", BRIGHT if first else GREY),
            (f"{step.device:<11}{step.number:<15}", PAPER),
            (f"round {coming.round + 1}  ", GREY),
            (because, GREY),
        )
        line.truncate(width, overflow="ellipsis")
        lines.append(line)
    return lines if len(lines) > 1 else [*lines, Text(" nothing", FAINT)]


def _after(coming: Coming) -> str:
    return f"+{age(coming.wait_ms)}" if coming.wait_ms else "then"


def _because(coming: Coming, first: bool, why: WhyChain) -> str:
    if first:
        return f"because {why.cause.replace('_', ' ')}" if why.next_ring_at is None else ""
    return "after the delay between two rounds" if coming.wait_ms else "next number of the round"


def _commands(asked: Sequence[Entry], zone: tzinfo, width: int) -> list[Text]:
    """What was asked of the engine about this chain and its job, from this screen."""
    if not asked:
        return []
    lines = [rule("Commands on this chain and its job", width)]
    for entry in asked[:COMMANDS_MAX]:
        line = f" {time_of_day(entry.at, zone)}  {fit(entry.what, 24)} {entry.state}  {entry.reason}"
        lines.append(Text(line[:width].rstrip(), ORANGE if entry.reason else PAPER))
    return lines


def _said(view: ChainView, width: int) -> list[Text]:
    wrapped = textwrap.wrap(view.text, width - 2)[:TEXT_LINES_MAX]
    return [rule("What is said", width), *(Text(f" {line}", PAPER) for line in wrapped)]


def result_text(disposition: str) -> Text:
    """How an attempt ended, with its sign."""
    if not disposition:
        return Text("—", FAINT)
    flags = _KNOWN[disposition].flags
    word = result(disposition)
    if disposition == Disposition.CONFIRMED.word:
        return Text(f"✓ {word}", GREEN)
    if flags.delivered:
        return Text(f"◐ {word}", PAPER)
    return Text(f"✗ {word}, dropped", ORANGE) if flags.number_dead else Text(f"· {word}", PAPER)
