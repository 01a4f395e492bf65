"""One chain in full: its plan, every attempt, a timeline of them, and what comes next and when."""

import textwrap
from collections.abc import Callable
from datetime import tzinfo
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from engine.board.chain_view import AttemptView, ChainView
from store.dispositions import Disposition
from store.errors import NotFoundError
from tui.palette import BRIGHT, FAINT, GREEN, GREY, ORANGE, PAPER, SKY, STATES, STRONG
from tui.panels.chain_text import chain_word, next_words
from tui.panels.help_screen import CHAIN_KEYS, HelpScreen
from tui.panels.sight import Sight
from tui.panels.text_lines import TextLines, rule
from tui.panels.top import Top, is_small, small_lines
from tui.panels.written import age, counted, minute_of_day, result, time_of_day

_KNOWN = {disposition.word: disposition for disposition in Disposition}

TEXT_LINES_MAX = 6
"""Of the message: some 600 letters, a minute of speech."""

ATTEMPTS_MIN = 3
"""Attempts shown however small the terminal."""

STUDENTS_MAX = 6
"""Students named; a chain of a household has seldom more."""

KEYS = "esc back   [ ] prev/next   P pause…  R resume…  X cancel…   ? help"


class ChainScreen(Screen[None]):
    """Opened on a chain by its id; `[` and `]` walk the list it came from."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace", "app.pop_screen", show=False),
        Binding("left_square_bracket", "walk(-1)", show=False),
        Binding("right_square_bracket", "walk(1)", show=False),
        Binding("question_mark", "help", show=False),
    ]

    def __init__(self, sight: Sight, chain: int, walk: Callable[[int, int], int]) -> None:
        super().__init__()
        self.chain = chain
        self._sight = sight
        self._walk = walk

    def compose(self) -> ComposeResult:
        """The top of every screen, the chain, the keys."""
        yield TextLines(id="small", fills=True)
        yield Top(self._sight)
        yield TextLines(id="chain", fills=True)
        yield TextLines(id="keys")

    def on_mount(self) -> None:
        """Show the chain at once."""
        self.query_one("#keys", TextLines).show([Text(f" {KEYS}", GREY)])
        self.paint()

    def on_resize(self) -> None:
        """Lines have another width now."""
        self.call_after_refresh(self.paint)

    def paint(self, _slow: bool = True) -> None:
        """Show the chain as it is now; all of it is cheap, so it is all painted at every tick."""
        width, height = self.app.size
        small = is_small(width, height)
        self.set_class(small, "-small")
        self.set_class(self._sight.vitals.old, "-old")
        if small:
            self.query_one("#small", TextLines).show(small_lines(self._sight, width, height))
            return
        self.query_one(Top).paint()
        self.query_one("#chain", TextLines).show(self._lines(width))

    def _lines(self, width: int) -> list[Text]:
        try:
            view = self._sight.board.chain(self.chain)
        except NotFoundError:
            return [Text(" This chain's job left the board.", ORANGE)]
        room = self.app.size.height - self.query_one(Top).size.height - 1
        return chain_lines(view, self._sight.now(), self._sight.zone, width, room)

    def action_walk(self, by: int) -> None:
        """The chain before or after this one in the list."""
        self.chain = self._walk(self.chain, by) or self.chain
        self.paint()

    def action_help(self) -> None:
        """The keys of this screen."""
        self.app.push_screen(HelpScreen("a chain", CHAIN_KEYS))


def chain_lines(view: ChainView, now: int, zone: tzinfo, width: int, room: int) -> list[Text]:
    """The whole screen under the band. Where attempts do not fit into `room` lines, the oldest are left out."""
    above = [
        _breadcrumb(view),
        rule("State", width),
        *_state(view, zone),
        rule(f"Plan · {counted(len(view.steps), 'number')}, {counted(view.rounds_max, 'round')}", width),
        *_plan(view),
        rule(f"Attempts · {len(view.attempts)}, newest last", width),
    ]
    timeline = _timeline(view, now, zone, width)
    said = [
        rule("What is said", width),
        *(Text(f" {line}", PAPER) for line in textwrap.wrap(view.text, width - 2)[:TEXT_LINES_MAX]),
    ]
    attempts = _attempts(view, now, zone, max(ATTEMPTS_MIN, room - len(above) - len(timeline) - 1))
    return [*above, *attempts, *timeline, *said]


def _breadcrumb(view: ChainView) -> Text:
    return Text.assemble(
        (" Live › ", GREY),
        (f"#{view.job_id} {view.subject}", PAPER),
        (" › ", GREY),
        (f"{chain_word(view.chain_id)} {view.contact_name}", STRONG),
    )


def _state(view: ChainView, zone: tzinfo) -> list[Text]:
    sign = STATES[view.state]
    students = ", ".join(view.student_ids[:6]) + (
        f" and {len(view.student_ids) - 6} more" * (len(view.student_ids) > 6)
    )
    window = f"{minute_of_day(view.opens_at, zone)}–{minute_of_day(view.closes_at, zone)}"
    moved = f"   {view.moved} of its numbers dialed by other chains" if view.moved else ""
    return [
        Text.assemble(
            (f" {sign.glyph} {sign.word} ", sign.style),
            ("  " if view.state.ended else "  next ", GREY),
            (next_words(view, zone), BRIGHT),
        ),
        Text.assemble((" about ", GREY), (students or "nobody", PAPER), ("   window ", GREY), (window, PAPER), moved),
    ]


def _plan(view: ChainView) -> list[Text]:
    if not view.steps:
        return [Text(" nothing to dial", FAINT)]
    last = view.attempts[-1] if view.attempts else None
    dialed = last.step if last and not last.disposition else -1
    lines = [Text(f" {'STEP':<6}{'DEVICE':<11}{'NUMBER':<15}{'TRIES':>5}  LAST", FAINT)]
    for index, step in enumerate(view.steps):
        mark = "»" if index == dialed else "▸" if index == view.next_step else " "
        lines.append(
            Text.assemble(
                (f" {mark} ", SKY),
                (f"{index + 1:<4}", GREY),
                (f"{step.device:<11}{step.number:<15}", PAPER if mark == " " else BRIGHT),
                (f"{step.tries:>5}  ", PAPER),
                _word(step.last),
            )
        )
    return lines


def _attempts(view: ChainView, now: int, zone: tzinfo, most: int) -> list[Text]:
    if not view.attempts:
        return [Text(" none yet", FAINT)]
    lines = [Text(f" {'TIME':<10}{'ROUND':<7}{'DEVICE':<11}{'NUMBER':<15}{'LASTED':>7}  RESULT", FAINT)]
    shown = view.attempts if len(view.attempts) <= most else view.attempts[1 - most :]
    if len(shown) < len(view.attempts):
        lines.append(Text(f" … {len(view.attempts) - len(shown)} earlier", FAINT))
    for attempt in shown:
        step = view.steps[attempt.step]
        lasted = age(attempt.duration_ms) if attempt.dialed_at else age(now - attempt.opened_at)
        still = not attempt.disposition
        lines.append(
            Text.assemble(
                (f" {time_of_day(attempt.dialed_at or attempt.opened_at, zone):<10}", GREY),
                (f"{attempt.round + 1:<7}", GREY),
                (f"{step.device:<11}{step.number:<15}", PAPER),
                (f"{lasted if still or attempt.dialed_at else '—':>7}  ", BRIGHT),
                Text("» at the carrier", SKY) if still else _word(attempt.disposition),
            )
        )
    return lines


def _timeline(view: ChainView, now: int, zone: tzinfo, width: int) -> list[Text]:
    """A line for each device: when it was called, and for how long."""
    if not view.attempts:
        return []
    start = view.attempts[0].opened_at
    end = max(start + 60_000, *(_end(attempt, now) for attempt in view.attempts))
    cells = width - 14
    lines = [rule("Timeline", width)]
    for index, step in enumerate(view.steps):
        row = [" "] * cells
        for attempt in view.attempts:
            if attempt.step == index:
                first = (attempt.opened_at - start) * (cells - 1) // (end - start)
                last = max(first, (_end(attempt, now) - start) * (cells - 1) // (end - start))
                row[first : last + 1] = "▒" * (last - first) + _letter(attempt)
        lines.append(Text.assemble((f" {step.device:<11}", GREY), ("".join(row)[:cells], SKY)))
    left, right = time_of_day(start, zone), time_of_day(end, zone)
    lines.append(Text(f" {'':<11}{left}{right:>{cells - len(left)}}", FAINT))
    return lines


def _letter(attempt: AttemptView) -> str:
    """A sign for how it ended, at its end."""
    if not attempt.disposition:
        return "»"
    flags = _KNOWN[attempt.disposition].flags
    if attempt.disposition == Disposition.CONFIRMED.word:
        return "✓"
    return "◐" if flags.delivered else "✗" if flags.number_dead else "·" if not attempt.dialed_at else "▒"


def _end(attempt: AttemptView, now: int) -> int:
    if not attempt.disposition:
        return now
    return attempt.dialed_at + attempt.duration_ms if attempt.dialed_at else attempt.opened_at


def _word(disposition: str) -> Text:
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
