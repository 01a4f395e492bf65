"""One chain in words: a row of the list, and the two lines about the selected one."""

from datetime import tzinfo

from rich.text import Text

from engine.board.chain_view import ChainView, Next
from engine.board.state import State
from engine.why.words import chain_word as chain_word
from tui.look.palette import BRIGHT, CURSOR, FAINT, GREY, ORANGE, STATES, STRONG
from tui.panels.written import age, counted, fit, minute_of_day, result, time_of_day

_STATE = 13
_TRIES = 5
_NOW = 26
_GAPS = 5


def columns_of(width: int) -> tuple[int, int]:
    """Cells for the contact's name and for the message, in a row of so many."""
    flexible = width - 1 - _STATE - _TRIES - _NOW - _GAPS
    return flexible - flexible * 9 // 20, flexible * 9 // 20


def heads(width: int) -> Text:
    """The heads over the rows."""
    name, subject = columns_of(width)
    return Text(
        f" {fit('STATE', _STATE)} {fit('CONTACT', name)} {fit('MESSAGE', subject)} {'TRIES':>{_TRIES}} NOW / NEXT",
        FAINT,
    )


def row(view: ChainView, now: int, zone: tzinfo, width: int, selected: bool) -> Text:
    """A chain in one line. The selected one has a mark, and not only a color."""
    name, subject = columns_of(width)
    sign = STATES[view.state]
    most = len(view.steps) * view.rounds_max
    tries = f"{len(view.attempts)}/{most}" if most else "—"
    bright = BRIGHT if selected else ""
    line = Text.assemble(
        ("▌" if selected else " ", STRONG),
        (fit(f"{sign.glyph} {sign.word}", _STATE), sign.style),
        " ",
        (fit(view.contact_name, name), bright),
        " ",
        (fit(view.subject, subject), bright or GREY),
        (f" {tries:>{_TRIES}} ", bright or GREY),
        (fit(_now(view, now, zone), _NOW), bright),
    )
    line.truncate(width, pad=True)
    if selected:
        line.stylize_before(CURSOR)
    return line


def about(view: ChainView, zone: tzinfo) -> list[Text]:
    """Two lines about a chain: who and about whom; what was tried and what is next."""
    first = Text.assemble(
        (f" {chain_word(view.chain_id)} ", GREY),
        (view.contact_name, STRONG),
        (f"  about {counted(len(view.student_ids), 'student')}", GREY),
        (f"  {view.subject}", ""),
        (f"  window {minute_of_day(view.opens_at, zone)}–{minute_of_day(view.closes_at, zone)}", GREY),
    )
    tried = ", ".join(f"{step.device} ×{step.tries}" for step in view.steps if step.tries)
    last = next((attempt for attempt in reversed(view.attempts) if attempt.disposition), None)
    second = Text.assemble((f" tried {tried}" if tried else " not tried yet", ""))
    if last is not None:
        called = time_of_day(last.dialed_at or last.opened_at, zone)
        second.append(f"; last {called} {result(last.disposition)}", "")
    second.append(f"; {next_words(view, zone)}", ORANGE if view.state.fault else "")
    return [first, second]


def next_words(view: ChainView, zone: tzinfo) -> str:
    """What comes next, and when, as a clause."""
    device = view.steps[view.next_step].device if view.next_step >= 0 else ""
    closes = minute_of_day(view.closes_at, zone)
    return {
        Next.OPENING: f"{device} when the window opens at {minute_of_day(view.next_at, zone)}",
        Next.RESUMING: f"{device} once the job is resumed",
        Next.LINE: f"{device} as soon as a line is free",
        Next.REDIAL: f"{device} again at {time_of_day(view.next_at, zone)}",
        Next.RESULT: f"result comes with the next call log; then {device}" if device else "its last attempt",
        Next.CLOSING: f"nothing more: the window closes at {closes} before a redial",
        Next.END: _ending(view),
    }[view.next]


def _now(view: ChainView, now: int, zone: tzinfo) -> str:
    """The last column: what happens now, or what comes next and when."""
    device = view.steps[view.next_step].device if view.next_step >= 0 else ""
    if view.state is State.AT_CARRIER:
        attempt = view.attempts[-1]
        return f"{view.steps[attempt.step].device} for {age(now - attempt.opened_at)}"
    if view.state.ended:
        return _end(view, zone)
    return {
        Next.OPENING: f"{device} at {minute_of_day(view.next_at, zone)}",
        Next.RESUMING: "paused",
        Next.LINE: f"{device}, for a line",
        Next.REDIAL: f"{device} at {time_of_day(view.next_at, zone)}",
    }.get(view.next, "window closes first")


def _end(view: ChainView, zone: tzinfo) -> str:
    if view.state is State.COVERED:
        return f"by chain {chain_word(view.owner)}"
    if not view.attempts:
        return "no number to dial" if view.state is State.UNREACHABLE else view.expiry.replace("_", " ")
    last = view.attempts[-1]
    word = f"0 on {view.steps[last.step].device}" if view.state is State.CONFIRMED else result(last.disposition)
    return f"{time_of_day(last.dialed_at or last.opened_at, zone)} {word}"


def _ending(view: ChainView) -> str:
    """How it ended, as a clause."""
    if view.state is State.COVERED:
        return f"its numbers are dialed by chain {chain_word(view.owner)}"
    return {
        State.CONFIRMED: "somebody pressed 0",
        State.DELIVERED_UNCONFIRMED: "heard or left as a message, nobody pressed 0",
        State.EXHAUSTED: "all rounds are over and nobody heard it",
        State.EXPIRED: f"its time ran out ({view.expiry.replace('_', ' ')})",
        State.CANCELED: "the job was canceled",
        State.ERROR: "ended by an error in the program; see the engine's log",
        State.UNREACHABLE: "there is no number to dial",
    }.get(view.state, "its last attempt")
