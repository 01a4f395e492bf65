"""Each cause as a sentence: what holds, by which rule, and until when."""

from collections.abc import Callable

from engine.audience.gaps import GapReason
from engine.doctor.finding import amount
from engine.why.cause import Cause
from engine.why.chain.moments import clock, span
from engine.why.chain.situation import Situation
from engine.why.words import chain_word
from store.dispositions import Disposition

GAPS: dict[str, str] = {
    GapReason.NO_PHONE: "the roster has no phone for them",
    GapReason.NO_PREFERENCE: "their preferences allow no voice call for this reason",
    GapReason.BAD_FORMAT: "their number is no phone number that can be dialed",
    GapReason.EXTENSION: "their number is behind a switchboard; extensions are not dialed",
    GapReason.PRIVATE: "their number is private, and the district dials no private ones",
    GapReason.NO_CONTACT: "the student has no contact whose Messenger box is marked",
    GapReason.NO_STAFF_TYPE: "they have none of its staff types",
    GapReason.DUPLICATE: "every number of theirs is dialed by another chain",
    GapReason.NOT_ENROLLED: "the student is not enrolled",
    GapReason.UNKNOWN_PERSON: "the roster knows nobody of that id",
    GapReason.GONE: "they are no contact of its students any more",
    GapReason.ALREADY_TOLD: "they were told of the same before",
    GapReason.IN_HAND: "a message that still runs tells of the same",
    GapReason.RECIPIENT_HOURS: "their own hours leave no time on that day",
    GapReason.BLOCKED: "their number is blocked",
    GapReason.BAD_ROW: "its row in the file could not be read",
}
"""Why somebody cannot be called, as the end of a sentence."""

_STOPPED = "No engine runs, so nothing is dialed; start one with `callchain serve`."


def sentence_of(s: Situation, cause: Cause, behind: Cause | None = None) -> str:
    """The sentence of a chain's cause; `behind`: the cause that will hold once an engine runs."""
    said = SENTENCES[cause](s)
    return said if behind is None else f"{said} Then: {SENTENCES[behind](s)}"


def _at(s: Situation, at: int) -> str:
    return clock(at, s.around.zone, s.now)


def _device(s: Situation) -> str:
    return s.step.kind.word if s.step is not None else "number"


def _result(disposition: Disposition) -> str:
    return disposition.word.replace("_", " ")


def _last(s: Situation) -> str:
    """Its last call, as the end of a sentence."""
    last = s.last
    if last is None:
        return "nothing was dialed"
    device, at = s.case.plan.steps[last.step].kind.word, _at(s, last.dialed_at or last.opened_at)
    return f"the last call, to the {device} at {at}, ended as {_result(last.disposition)}"


def _calls(s: Situation) -> str:
    return amount(sum(1 for tried in s.tried if tried.disposition is not Disposition.BLOCKED), "call")


def _line(s: Situation) -> str:
    lines, spot = s.around.lines, s.spot
    if lines is None or spot is None or not s.in_queue:
        return "It waits for a line."
    most = lines.lines + lines.emergency_lines if s.emergency else lines.lines
    used = f"{lines.out:,} calls are out on {most:,} {'lines' if s.emergency else 'ordinary lines'}"
    paced = f" No more than {1_000 / lines.interval_ms:g} calls go out a second." if lines.interval_ms else ""
    if not spot.ahead:
        return f"It is next for a line; {used}.{paced}"
    are = "is" if spot.ahead == 1 else "are"
    urgent = min(spot.ahead, lines.emergencies_ready)
    of_them = f", {urgent:,} of them emergencies" if urgent and not s.emergency else ""
    return f"It waits for a line: {amount(spot.ahead, 'chain')} {are} before it{of_them}; {used}.{paced}"


def _paused(s: Situation) -> str:
    by = f" by {s.around.paused_by}" if s.around.paused_by else ""
    since = f" since {_at(s, s.around.paused_at)}" if s.around.paused_at else ""
    return f"Its job is paused{since}{by}; it goes on when somebody resumes it."


def _between(s: Situation) -> str:
    round_ = s.cursor.round + 1 if s.cursor is not None else 0
    return (
        f"Round {round_} of {s.case.plan.policy.rounds_max} begins at {_at(s, s.redial_at)} with the {_device(s)}; "
        f"{_last(s)}."
    )


def _in_use(s: Situation) -> str:
    holder = s.spot.holder if s.spot is not None else 0
    by = f" by chain {chain_word(holder)}" if holder else ""
    gap = "" if s.emergency else ", and has to rest for a moment after that"
    return f"Its {_device(s)} is in another call{by}; it is free when that one ends{gap}."


def _cooling(s: Situation) -> str:
    free_at = s.spot.free_at if s.spot is not None else 0
    until = f" until {_at(s, free_at)}" if free_at else ""
    return (
        f"Its {_device(s)} has just been called by another chain and rests{until}: two calls to one number keep a gap."
    )


def _open_call(s: Situation) -> str:
    row = s.case.row
    opened_at = row.opened_at if row is not None else s.now
    return f"A call to the {_device(s)} is with the carrier since {_at(s, opened_at)} ({span(s.now - opened_at)})"


def _covered(s: Situation) -> str:
    owner = f"{s.case.job.job_id}-{s.case.plan.owner}"
    return f"Each of its numbers is dialed by chain {owner} of the same message, so that no phone rings twice."


def _unreachable(s: Situation) -> str:
    why = GAPS.get(s.around.gap)
    return f"Nobody can be called: {why or 'it had no number that may be dialed when it was prepared'}."


def _dead(s: Situation) -> str:
    ends = {tried.step: tried.disposition for tried in s.tried}
    said = ", ".join(f"{s.case.plan.steps[step].kind.word} {_result(end)}" for step, end in sorted(ends.items()))
    return f"Every number was dropped: {said}. Have them corrected."


def _blocked(s: Situation) -> str:
    if s.cursor is None:
        return "Every number of it is blocked, so nothing was dialed; see `callchain block list`."
    return f"Its {_device(s)} is blocked; it is passed over as soon as its turn comes. See `callchain block list`."


def _spent(s: Situation) -> str:
    if s.cursor is None:
        return "Its numbers were redialed as often as one number may be on one day, in all messages together."
    return (
        f"Its {_device(s)} was redialed as often as one number may be on one day, in all messages together; it is "
        "passed over as soon as its turn comes."
    )


def _opens(s: Situation, whose: str) -> str:
    return f"{whose} opens at {_at(s, s.case.job.opens_at)}."


def _recipient_closed(s: Situation) -> str:
    return f"The hours of whoever has its {_device(s)} are over today; it is passed over as soon as its turn comes."


def _recipient_early(s: Situation) -> str:
    opens_at = s.step.opens_at if s.step is not None else 0
    return f"Whoever has its {_device(s)} may be called from {_at(s, opens_at)} on: those are their own hours."


def _too_late(s: Situation) -> str:
    return (
        f"Its redial would be due at {_at(s, s.redial_at)}, and the window closes at {_at(s, s.closes_at)}; "
        f"nothing more is dialed, {_last(s)}."
    )


def _again(s: Situation) -> str:
    return f"the {_device(s)} is dialed again at {_at(s, s.redial_at)}"


def _district_closed(s: Situation) -> str:
    opens_at, closes_at = (s.around.lines or s.around.gate).district
    if s.now < opens_at:
        return f"The district's hours begin at {_at(s, opens_at)}."
    return f"The district's hours ended at {_at(s, closes_at)}."


SENTENCES: dict[Cause, Callable[[Situation], str]] = {
    Cause.COVERED: _covered,
    Cause.UNREACHABLE: _unreachable,
    Cause.CONTACT_STOPPED: lambda _: "They may not be told of a student any more; see `callchain contact list`.",
    Cause.ENGINE_STOPPED: lambda _: _STOPPED,
    Cause.CARRIER_SILENT: lambda _: (
        "The carrier does not answer or refuses the login; calls go out as soon as it does."
    ),
    Cause.RESTORED: lambda _: "A backup was put back: the carrier's call log is read to its end before anything rings.",
    Cause.STORE_FULL: lambda _: "The disk of the store is full, so only emergencies are dialed; make room.",
    Cause.CLOCK_UNSOUND: lambda _: (
        "The engine's clock cannot be trusted, so only emergencies are dialed; set it right."
    ),
    Cause.CANCELING: lambda _: "Its job was canceled; it ends in a moment.",
    Cause.CLOSING: lambda s: (
        f"Its window closed at {_at(s, s.closes_at)}; it ends in a moment."
        if s.now >= s.closes_at
        else "It ends in a moment."
    ),
    Cause.PAUSED: _paused,
    Cause.WINDOW_NOT_OPEN: lambda s: _opens(s, "The message's window"),
    Cause.DISTRICT_NOT_OPEN: lambda s: _opens(s, "The district"),
    Cause.DISTRICT_CLOSED: _district_closed,
    Cause.AT_CARRIER: lambda s: f"{_open_call(s)}; how it went is known when it has ended.",
    Cause.RESULT_DUE: lambda s: (
        f"{_open_call(s)} and should be over; the call log is read every {span(s.around.read_ms)} at the latest."
    ),
    Cause.RESULT_OVERDUE: lambda s: f"{_open_call(s)}, and its result is overdue; the carrier is asked where it is.",
    Cause.PLAYS_OUT: lambda s: f"Its job was canceled. {_open_call(s)}: it is taken back, or plays out if it rings.",
    Cause.BETWEEN_ROUNDS: _between,
    Cause.WITHDRAWN: lambda s: f"Its last call was taken back before anybody answered; {_again(s)}.",
    Cause.NETWORK_FAILED: lambda s: f"The phone network failed its last call, which does not count; {_again(s)}.",
    Cause.REDIAL_TOO_LATE: _too_late,
    Cause.NUMBER_BLOCKED: _blocked,
    Cause.REDIALS_SPENT: _spent,
    Cause.RECIPIENT_NOT_OPEN: _recipient_early,
    Cause.RECIPIENT_CLOSED: _recipient_closed,
    Cause.NUMBER_IN_USE: _in_use,
    Cause.NUMBER_COOLING: _cooling,
    Cause.COMING: lambda s: f"Its job is just bringing its chains to life. {_line(s)}",
    Cause.WAITING_FOR_LINE: _line,
    Cause.LINE_GRANTED: lambda s: f"It has just been given a line; its {_device(s)} is dialed now.",
    Cause.CONFIRMED: lambda s: f"Somebody pressed the key: {_last(s)}.",
    Cause.DELIVERED: lambda s: f"It was heard or left as a message, and nobody pressed the key; {_last(s)}.",
    Cause.EXHAUSTED: lambda s: f"Nobody was reached in {_calls(s)}; {_last(s)}.",
    Cause.NUMBERS_DEAD: _dead,
    Cause.EXPIRED_WINDOW: lambda s: f"The message's window ended at {_at(s, s.closes_at)}; {_last(s)}.",
    Cause.EXPIRED_DISTRICT: lambda s: f"The district's day ended at {_at(s, s.closes_at)}; {_last(s)}.",
    Cause.EXPIRED_RECIPIENT: lambda s: f"The hours of whoever has its numbers were over; {_last(s)}.",
    Cause.EXPIRED_CAP: lambda s: f"The longest time of an emergency was over at {_at(s, s.closes_at)}; {_last(s)}.",
    Cause.CANCELED: lambda s: f"Its job was canceled; {_last(s)}.",
    Cause.CHAIN_CANCELED: lambda s: f"It was ended alone, and its job goes on: somebody canceled it; {_last(s)}.",
    Cause.FAILED: lambda _: "An error in the program ended it; see the engine's log.",
}
"""Causes of chains; those of messages without one have their sentences in `left_out` and `unsent`."""
