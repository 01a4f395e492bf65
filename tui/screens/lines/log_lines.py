"""The log in lines: what happened, to whom, on which device, and how it ended; one line for each."""

from dataclasses import dataclass
from datetime import tzinfo

from rich.text import Text

from engine.board.chain_view import AttemptView, ChainView
from engine.board.reading.history import Happening
from engine.board.state import State
from store import facts
from store.access import Role
from store.alarms import Alarm
from store.commands import Verb
from store.dispositions import Disposition, JobState, Outcome
from store.keys import job_of
from tui.look.palette import (
    ALERT,
    BRIGHT,
    CURSOR,
    FAINT,
    GREEN,
    GREY,
    JOB_STATES,
    ORANGE,
    PURPLE,
    SKY,
    STATES,
    STRONG,
    Sign,
)
from tui.panels.band import WIDE
from tui.panels.chain_text import chain_word
from tui.panels.written import age, fit, result, time_of_day

_RESULT = 18
_DEVICE = 16
_DURATION = 5
_CHAIN = 9
_NARROW_NAME = 14
_WIDE_NAME = 20

FAILED = (Disposition.NETWORK_FAILURE, Disposition.RESULT_OVERDUE, Disposition.UNKNOWN)
"""Results that say that something is wrong with the way to the phone, not with the phone."""

_WITHDRAWN = (
    Disposition.CANCELED, Disposition.EXPIRED, Disposition.WITHDRAWN, Disposition.RING_WITHDRAWN,
    Disposition.RETRY_BUDGET, Disposition.RECIPIENT_HOURS,
)  # fmt: skip

_EVENTS: dict[type, Sign] = {
    facts.JobPlanned: Sign("▸", "job released", BRIGHT),
    facts.JobOpened: Sign("»", "window opened", SKY),
    facts.JobPaused: Sign("‖", "job paused", ORANGE),
    facts.JobResumed: Sign("▸", "job resumed", SKY),
    facts.JobCanceled: Sign("–", "job canceled", ORANGE),
    facts.AlarmRaised: Sign("!", "alarm", ALERT),
    facts.AlarmCleared: Sign("✓", "alarm over", GREEN),
    facts.CommandTaken: Sign("›", "command", BRIGHT),
    facts.CommandRefused: Sign("✗", "refused", ORANGE),
    facts.StoreOpened: Sign("●", "engine began", GREEN),
    facts.EngineStopped: Sign("■", "engine stopped", ORANGE),
    facts.DayBegan: Sign("·", "new day", GREY),
    facts.DistrictMoved: Sign("·", "hours changed", GREY),
}

_RESULTS = (facts.AttemptClosed, facts.AttemptCorrected, facts.StepBarred)


@dataclass(frozen=True, slots=True)
class About:
    """What a line tells beyond its fact."""

    view: ChainView | None = None
    """The chain, None where there is none or it left the board."""
    subject: str = ""
    """Of the job."""
    author: str = ""
    """Who gave the command, as far as known."""


def kind_of(happening: Happening) -> str:
    """In a word: result, end, job, command, alarm or engine."""
    fact = happening.fact
    if isinstance(fact, _RESULTS):
        return "result"
    if isinstance(fact, facts.ChainClosed | facts.ChainCorrected):
        return "end"
    if isinstance(fact, facts.CommandTaken | facts.CommandRefused):
        return "command"
    if isinstance(fact, facts.AlarmRaised | facts.AlarmCleared):
        return "alarm"
    return "job" if hasattr(fact, "job_id") else "engine"


def sign_of(happening: Happening) -> Sign:
    """How it went: glyph and word, color last."""
    fact = happening.fact
    if isinstance(fact, _RESULTS):
        return _result_sign(fact.disposition)
    if isinstance(fact, facts.ChainClosed | facts.ChainCorrected):
        return outcome_sign(fact.outcome)
    if isinstance(fact, facts.JobEnded):
        sign = JOB_STATES[fact.state.word]
        return Sign(sign.glyph, f"job {sign.word}", sign.style)
    return _EVENTS.get(type(fact), Sign("·", type(fact).__name__, GREY))


def is_error(happening: Happening) -> bool:
    """Something a human may want to look at: nobody heard it, the way failed, an alarm, a command refused."""
    fact = happening.fact
    ending = happening.end or (fact if isinstance(fact, facts.ChainClosed | facts.ChainCorrected) else None)
    if ending is not None and _state(ending.outcome).fault:
        return True
    if isinstance(fact, _RESULTS):
        return fact.disposition in FAILED
    if isinstance(fact, facts.JobEnded):
        return fact.state is JobState.ERROR
    return isinstance(fact, facts.AlarmRaised | facts.CommandRefused)


def job_id_of(happening: Happening) -> int:
    """The job it happened to, 0 for none."""
    return job_of(happening.chain) if happening.chain else int(getattr(happening.fact, "job_id", 0))


def heads(width: int) -> Text:
    """The heads over the rows."""
    if width < WIDE:
        words = [fit("TIME", 8), fit("RESULT", _RESULT), fit("WHO", _NARROW_NAME)]
    else:
        words = [fit("TIME", 10), fit("RESULT", _RESULT), fit("CHAIN", _CHAIN), fit("WHO", _WIDE_NAME)]
        words.append(fit("MESSAGE", _subject(width)))
    words += [fit("DEVICE", _DEVICE), f"{'DUR':>{_DURATION}}", "ENDS"]
    return Text(f" {' '.join(words)}", FAINT)


def log_row(happening: Happening, about: About, zone: tzinfo, width: int, selected: bool) -> Text:
    """One line. The selected one has a mark, and not only a color."""
    sign = sign_of(happening)
    wide = width >= WIDE
    tenths = f".{happening.at % 1000 // 100}" if wide else ""
    line = Text.assemble(
        ("▌" if selected else " ", STRONG),
        (f"{time_of_day(happening.at, zone)}{tenths} ", BRIGHT if selected else GREY),
        (fit(f"{sign.glyph} {sign.word}", _RESULT), sign.style),
        " ",
    )
    if happening.chain:
        _tell_chain(line, happening, about, width, BRIGHT if selected else "")
    else:
        job_id = job_id_of(happening)
        if wide or job_id:
            line.append(fit(f"#{job_id}" if job_id else "", _CHAIN if wide else 5), GREY).append(" ")
        line.append(detail_of(happening, about), BRIGHT if selected else "")
    line.truncate(width, overflow="ellipsis", pad=True)
    if selected:
        line.stylize_before(CURSOR)
    return line


def detail_of(happening: Happening, about: About) -> str:
    """What there is to say of something that happened to no single chain."""
    fact = happening.fact
    by = f" by {about.author or 'somebody'}" if author_of(happening) else ""
    if isinstance(fact, facts.JobPlanned):
        missing = f", {fact.unreachable:,} unreachable" if fact.unreachable else ""
        return f"{about.subject}: {fact.chains:,} chains{missing}"
    if isinstance(fact, facts.CommandTaken):
        return f"{_verb(fact.verb)}{by}{f': {about.subject}' if about.subject else ''}"
    if isinstance(fact, facts.CommandRefused):
        often = f", {fact.times} times" if fact.times > 1 else ""
        return f"{_verb(fact.verb)}{by}{often}: {_role(fact.role)}, needs {_role(fact.needed)}"
    if isinstance(fact, facts.AlarmRaised | facts.AlarmCleared):
        known = {int(alarm): alarm for alarm in Alarm}.get(fact.code)
        said = known.word.replace("_", " ") if known else f"number {fact.code}"
        return f"{said}: {known.meaning}" if known and isinstance(fact, facts.AlarmRaised) else said
    if isinstance(fact, facts.StoreOpened):
        return f"incarnation {fact.incarnation}{', from a backup: open jobs are paused' if fact.restored else ''}"
    return about.subject


def author_of(happening: Happening) -> int:
    """The hash of who gave the command, 0 for nobody."""
    return int(getattr(happening.fact, "author_id", getattr(happening.fact, "author", 0)))


def attempt_of(happening: Happening, view: ChainView) -> AttemptView | None:
    """The attempt a result is of. A chain has one call out at a time, so it is the last that began before it."""
    before = [attempt for attempt in view.attempts if attempt.opened_at <= happening.at and attempt.disposition]
    disposition = getattr(happening.fact, "disposition", None)
    same = [attempt for attempt in before if disposition is not None and attempt.disposition == disposition.word]
    found = same or before
    return found[-1] if found else None


def outcome_sign(outcome: Outcome) -> Sign:
    """How a chain ended."""
    return STATES[_state(outcome)]


def _tell_chain(line: Text, happening: Happening, about: About, width: int, bright: str) -> None:
    view, wide = about.view, width >= WIDE
    if wide:
        line.append(fit(chain_word(happening.chain), _CHAIN), GREY).append(" ")
    name = view.contact_name if view else chain_word(happening.chain)
    line.append(fit(name, _WIDE_NAME if wide else _NARROW_NAME), bright).append(" ")
    if wide:
        line.append(fit(about.subject, _subject(width)), bright or GREY).append(" ")
    attempt = attempt_of(happening, view) if view and kind_of(happening) == "result" else None
    line.append(fit(_device(view, attempt), _DEVICE), bright or GREY)
    line.append(f" {age(attempt.duration_ms) if attempt and attempt.dialed_at else '':>{_DURATION}} ", bright or GREY)
    if isinstance(happening.fact, facts.AttemptCorrected | facts.ChainCorrected):
        line.append("late result", ORANGE)
    elif happening.end is not None:
        ending = outcome_sign(happening.end.outcome)
        line.append(f"{ending.glyph} {ending.word}", ending.style)
    elif isinstance(happening.fact, facts.ChainClosed) and happening.fact.expiry:
        line.append(happening.fact.expiry.word.replace("_", " "), GREY)


def _device(view: ChainView | None, attempt: AttemptView | None) -> str:
    """`cell ••0142`."""
    if view is None or attempt is None or attempt.step >= len(view.steps):
        return ""
    step = view.steps[attempt.step]
    return f"{step.device} ••{step.number[-4:]}"


def _result_sign(disposition: Disposition) -> Sign:
    word, flags = result(disposition.word), disposition.flags
    if disposition is Disposition.CONFIRMED:
        return Sign("✓", word, GREEN)
    if flags.delivered:
        return Sign("◐", word, PURPLE)
    if disposition in FAILED:
        return Sign("!", word, ORANGE)
    if flags.number_dead:
        return Sign("∅", word, ORANGE)
    return Sign("–" if disposition in _WITHDRAWN else "↻", word, GREY)


def _state(outcome: Outcome) -> State:
    return State[outcome.name]


def _subject(width: int) -> int:
    """Cells for a message's name in a wide row; the last column has 14."""
    return max(8, width - 1 - 11 - _RESULT - 1 - _CHAIN - 1 - _WIDE_NAME - 1 - 1 - _DEVICE - 1 - _DURATION - 1 - 14)


def _verb(number: int) -> str:
    known = {int(verb): verb.word.replace("_", " ") for verb in Verb}
    return known.get(number, "looking" if not number else f"command {number}")


def _role(number: int) -> str:
    known = {int(role): role.word.replace("_", " ") for role in Role}
    return known.get(number, "no role")
