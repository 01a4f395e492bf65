"""The live gate: may this number be dialed for this job, now? Asked at every grant and again at every submission."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from store.rows import RedialRow, redials_of


class Refusal(Enum):
    """Why a number may not be dialed right now."""

    CANCELED = "canceled"
    PAUSED = "paused"
    BEFORE_WINDOW = "before_window"
    WINDOW_CLOSED = "window_closed"
    DISTRICT_CLOSED = "district_closed"
    BLOCKED = "blocked"
    NUMBER_IN_USE = "number_in_use"
    NUMBER_COOLING = "number_cooling"
    RETRY_BUDGET = "retry_budget"
    TOO_EARLY_FOR_RECIPIENT = "too_early_for_recipient"
    TOO_LATE_FOR_RECIPIENT = "too_late_for_recipient"
    STORE_FULL = "store_full"
    CLOCK_UNSOUND = "clock_unsound"
    LOG_UNREAD = "log_unread"


@dataclass(slots=True)
class JobGate:
    """What the gate knows of one job."""

    emergency: bool
    opens_at: int
    closes_at: int
    """The message window, half-open; an emergency's job cap."""
    paused: bool = False
    canceled: bool = False


@dataclass(slots=True)
class Gate:
    """Everything that may change while a job runs. One per engine, changed only on its loop."""

    jobs: dict[int, JobGate] = field(default_factory=dict)
    district: tuple[int, int] = (0, 0)
    """Today's district interval, half-open, ms UTC."""
    blocked: set[int] = field(default_factory=set)
    """number_ids nobody may call, emergencies included."""
    blocked_except_emergency: set[int] = field(default_factory=set)
    in_use: dict[int, int] = field(default_factory=dict)
    """number_id → the attempt that holds it: one live call to a number at a time (decision 7)."""
    cooling: dict[int, int] = field(default_factory=dict)
    """number_id → until when: the small gap between two calls."""
    cooled: deque[tuple[int, int]] = field(default_factory=deque)
    """(until, number_id) of `cooling`, in the order of those instants."""
    hours: dict[int, tuple[int, int]] = field(default_factory=dict)
    """number_id → today's hours of who has it, half-open, ms UTC; only where they are other than the district's."""
    redials: Mapping[int, RedialRow] = field(default_factory=dict)
    """How often numbers were redialed today, on the fold's own shelves."""
    redials_max: int = 1 << 30
    """Redials of one number on one day, in all routine jobs together (decision 21b)."""
    store_has_room: bool = True
    clock_is_sound: bool = True
    log_is_read: bool = True
    """Off after a restore until the carrier's call log has been read to its end."""

    def block(self, number_id: int, except_emergency: bool) -> None:
        """Nobody may call a number from now on; what was said of it before no longer counts."""
        self.unblock(number_id)
        (self.blocked_except_emergency if except_emergency else self.blocked).add(number_id)

    def unblock(self, number_id: int) -> None:
        """A number may be called again."""
        self.blocked.discard(number_id)
        self.blocked_except_emergency.discard(number_id)

    def cool(self, number_id: int, until: int, now: int) -> None:
        """Start a number's gap, and forget those that are over. Gaps are all of one length."""
        if until <= now:
            return
        self.cooling[number_id] = until
        self.cooled.append((until, number_id))
        while self.cooled[0][0] <= now:
            over, number = self.cooled.popleft()
            if self.cooling.get(number) == over:
                del self.cooling[number]
            if not self.cooled:
                return


def may_dial(
    gate: Gate, job_id: int, number_id: int, now: int, attempt_id: int = 0, redial: bool = False
) -> Refusal | None:
    """Why `number_id` may not be dialed for a job at `now`; None: it may.

    `attempt_id` is the attempt that already holds the number's lock, 0 before there is one. `redial`: a chain wants to
    dial the number again. An emergency is free of the district interval, of recipients' hours, of the gap between
    calls, of the retry budget and of everything that speaks for caution (decisions 19, 21b, 22, 31).
    """
    job = gate.jobs.get(job_id)
    if job is None or job.canceled:
        return Refusal.CANCELED
    if job.paused:
        return Refusal.PAUSED
    if now < job.opens_at:
        return Refusal.BEFORE_WINDOW
    if now >= job.closes_at:
        return Refusal.WINDOW_CLOSED
    if number_id in gate.blocked:
        return Refusal.BLOCKED
    if gate.in_use.get(number_id, attempt_id) != attempt_id:
        return Refusal.NUMBER_IN_USE
    if not gate.log_is_read:
        return Refusal.LOG_UNREAD
    if job.emergency:
        return None
    opens_at, closes_at = gate.district
    if not opens_at <= now < closes_at:
        return Refusal.DISTRICT_CLOSED
    if number_id in gate.blocked_except_emergency:
        return Refusal.BLOCKED
    if gate.hours and (refusal := _outside_hours(gate.hours.get(number_id), now)) is not None:
        return refusal
    if redial and redials_of(gate.redials, number_id) >= gate.redials_max:
        return Refusal.RETRY_BUDGET
    if not gate.store_has_room:
        return Refusal.STORE_FULL
    if not gate.clock_is_sound:
        return Refusal.CLOCK_UNSOUND
    if number_id not in gate.in_use and gate.cooling.get(number_id, 0) > now:
        return Refusal.NUMBER_COOLING
    return None


def window_end(gate: Gate, job_id: int, number_id: int = 0) -> int:
    """The instant no dial of a job to a number may reach: a submitted call carries it as `windowEnd` (decision 26)."""
    job = gate.jobs[job_id]
    if job.emergency:
        return job.closes_at
    end = min(job.closes_at, gate.district[1])
    return min(end, gate.hours[number_id][1]) if number_id in gate.hours else end


def _outside_hours(hours: tuple[int, int] | None, now: int) -> Refusal | None:
    """Why a recipient may not be called at `now`; None without hours of their own, or within them."""
    if hours is None or hours[0] <= now < hours[1]:
        return None
    return Refusal.TOO_EARLY_FOR_RECIPIENT if now < hours[0] else Refusal.TOO_LATE_FOR_RECIPIENT
