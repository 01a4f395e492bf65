"""The one decider: which cause holds, from a table that is read from the top; the first row that fits is the cause."""

from collections.abc import Callable

from actors.gate import Refusal
from actors.lines.line_ledger import OVERDUE_AFTER_MS
from actors.lines.line_queue import Place
from engine.why.cause import Cause
from engine.why.chain.situation import Situation
from store.alarms import Alarm
from store.dispositions import Disposition, Expiry, JobState, Outcome

CARRIER_SILENT = frozenset({Alarm.CARRIER_UNREACHABLE, Alarm.CARRIER_REFUSES_LOGIN})

_TAKEN_BACK = frozenset({Disposition.CANCELED, Disposition.WITHDRAWN, Disposition.EXPIRED})


def cause_of(situation: Situation) -> Cause:
    """The one cause of a chain: of an ended one how it ended, of a live one what keeps it from ringing now."""
    if not situation.dialed:
        return Cause.COVERED if situation.case.plan.owner >= 0 else Cause.UNREACHABLE
    row = situation.case.row
    if row is not None and row.outcome:
        return _ended(situation, Outcome(row.outcome))
    return live_cause_of(situation) if situation.around.running else Cause.ENGINE_STOPPED


def live_cause_of(situation: Situation) -> Cause:
    """The same of a live chain as if an engine ran."""
    table = _OF_CALLS if situation.is_open else _OF_WAITING
    return next(cause for fits, cause in table if fits(situation))


# ---------------------------------------------------------------- ended

_EXPIRIES = {
    Expiry.NONE: Cause.EXPIRED_WINDOW,
    Expiry.MESSAGE_WINDOW: Cause.EXPIRED_WINDOW,
    Expiry.DISTRICT_END: Cause.EXPIRED_DISTRICT,
    Expiry.RECIPIENT_HOURS: Cause.EXPIRED_RECIPIENT,
    Expiry.JOB_CAP: Cause.EXPIRED_CAP,
}

_OUTCOMES = {
    Outcome.CONFIRMED: Cause.CONFIRMED,
    Outcome.DELIVERED_UNCONFIRMED: Cause.DELIVERED,
    Outcome.ERROR: Cause.FAILED,
    Outcome.UNREACHABLE: Cause.UNREACHABLE,
    Outcome.COVERED: Cause.COVERED,
}


def _ended(s: Situation, outcome: Outcome) -> Cause:
    row = s.case.row
    if outcome is Outcome.EXPIRED and row is not None:
        return _EXPIRIES[Expiry(row.expiry)]
    if outcome is Outcome.CANCELED:
        return Cause.CANCELED if s.case.job.canceled else _ended_alone(s)
    if outcome is Outcome.EXHAUSTED:
        return _exhausted(s)
    return _OUTCOMES[outcome]


def _ended_alone(s: Situation) -> Cause:
    """Its job went on: its contact was stopped for one of the students, or somebody canceled this chain alone."""
    key, students = s.case.plan.contact_key, s.case.plan.student_ids
    # A household's chain ends with the last of its contacts who may be told.
    stopped = any(
        student in students and (key == f"p:{contact}" or key.startswith("h:")) for contact, student in s.around.stopped
    )
    return Cause.CONTACT_STOPPED if stopped else Cause.CHAIN_CANCELED


def _exhausted(s: Situation) -> Cause:
    """Why no number was left: they are all blocked, all dead, redialed too often, or simply nobody was there."""
    last = {tried.step: tried.disposition for tried in s.tried}
    ends = set(last.values())
    if ends == {Disposition.BLOCKED}:
        return Cause.NUMBER_BLOCKED
    if ends == {Disposition.RETRY_BUDGET}:
        return Cause.REDIALS_SPENT
    dead = len(last) == len(s.case.plan.steps) and all(end.flags.number_dead for end in ends)
    return Cause.NUMBERS_DEAD if dead else Cause.EXHAUSTED


# ---------------------------------------------------------------- live

Fits = Callable[[Situation], bool]


def _call_ms(s: Situation) -> int:
    """How long its call takes at most: it rings, and says what it has to say."""
    return s.around.ring_ms + s.case.plan.message_ms


def _out_for(s: Situation) -> int:
    """How long its call is out."""
    return s.now - s.case.row.opened_at if s.case.row is not None else 0


def _is_overdue(s: Situation) -> bool:
    """As the line pool knows it; where it was not asked, as it would count."""
    return s.spot.overdue if s.spot is not None else _out_for(s) > _call_ms(s) + OVERDUE_AFTER_MS


def _refused(refusal: Refusal) -> Fits:
    return lambda s: s.refusal is refusal


def _last(*dispositions: Disposition) -> Fits:
    """It waits after a call that ended so."""
    return lambda s: s.waits_for_redial and s.last is not None and s.last.disposition in dispositions


def _district_opens_later(s: Situation) -> bool:
    """The district's day has not begun yet: its opening is what the job waits for."""
    opens_at = s.around.lines.district[0] if s.around.lines is not None else s.around.gate.district[0]
    return s.case.job.opens_at <= opens_at and s.now < opens_at


def _store_full(s: Situation) -> bool:
    return not s.emergency and not (s.around.lines or s.around.gate).store_has_room


def _clock_unsound(s: Situation) -> bool:
    return not s.emergency and not (s.around.lines or s.around.gate).clock_is_sound


_OF_CALLS: tuple[tuple[Fits, Cause], ...] = (
    (lambda s: not CARRIER_SILENT.isdisjoint(s.around.alarms), Cause.CARRIER_SILENT),
    (_is_overdue, Cause.RESULT_OVERDUE),
    (lambda s: s.case.job.canceled, Cause.PLAYS_OUT),
    (lambda s: _out_for(s) > _call_ms(s), Cause.RESULT_DUE),
    (lambda _: True, Cause.AT_CARRIER),
)
"""A chain with a call out."""

_OF_WAITING: tuple[tuple[Fits, Cause], ...] = (
    # Nothing of its job is dialed any more.
    (lambda s: s.case.job.canceled, Cause.CANCELING),
    (lambda s: s.cursor is None or s.now >= s.closes_at, Cause.CLOSING),
    # It rings in this very moment.
    (lambda s: s.place is Place.HELD, Cause.LINE_GRANTED),
    # Nothing of its job is dialed for now.
    (lambda s: s.case.job.state is JobState.PAUSED, Cause.PAUSED),
    (lambda s: s.now < s.case.job.opens_at and _district_opens_later(s), Cause.DISTRICT_NOT_OPEN),
    (lambda s: s.now < s.case.job.opens_at, Cause.WINDOW_NOT_OPEN),
    (_refused(Refusal.LOG_UNREAD), Cause.RESTORED),
    (_refused(Refusal.DISTRICT_CLOSED), Cause.DISTRICT_CLOSED),
    (lambda s: not CARRIER_SILENT.isdisjoint(s.around.alarms), Cause.CARRIER_SILENT),
    (_store_full, Cause.STORE_FULL),
    (_clock_unsound, Cause.CLOCK_UNSOUND),
    # It waits after its last call.
    (lambda s: s.waits_for_redial and s.redial_at >= s.closes_at, Cause.REDIAL_TOO_LATE),
    (_last(*_TAKEN_BACK), Cause.WITHDRAWN),
    (_last(Disposition.NETWORK_FAILURE), Cause.NETWORK_FAILED),
    (lambda s: s.waits_for_redial, Cause.BETWEEN_ROUNDS),
    # Its next number may not be dialed.
    (_refused(Refusal.BLOCKED), Cause.NUMBER_BLOCKED),
    (_refused(Refusal.RETRY_BUDGET), Cause.REDIALS_SPENT),
    (_refused(Refusal.TOO_EARLY_FOR_RECIPIENT), Cause.RECIPIENT_NOT_OPEN),
    (_refused(Refusal.TOO_LATE_FOR_RECIPIENT), Cause.RECIPIENT_CLOSED),
    (_refused(Refusal.NUMBER_IN_USE), Cause.NUMBER_IN_USE),
    (_refused(Refusal.NUMBER_COOLING), Cause.NUMBER_COOLING),
    # Its turn.
    (lambda s: s.place is Place.COMING, Cause.COMING),
    (lambda _: True, Cause.WAITING_FOR_LINE),
)
"""A chain without one."""
