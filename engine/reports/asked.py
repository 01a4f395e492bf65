"""Every report that can be asked for by name: what it asks, who may have it, and how it is made."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec

from engine.reports.delivery import delivery_report
from engine.reports.dialer import day_activity, dialer_report, scheduled_on
from engine.reports.forecast import forecast_report
from engine.reports.recipient import recipient_log
from engine.reports.report import Report
from engine.reports.sent import MESSAGES_MAX, sent_messages
from engine.reports.source.local_time import Days, past_days, read_day
from engine.reports.source.records import Records
from engine.reports.utilization import read_medium, utilization
from store.access import Role

RANGE_DAYS = 30
"""How far back a report of a range goes where nobody says."""

JobNumber = Annotated[int, msgspec.Meta(ge=1, le=2**32 - 1)]


class SentAsked(msgspec.Struct, frozen=True, kw_only=True):
    """Messages created in a range of days. Days are written like 2026-11-24, 11/24/2026, today, yesterday."""

    first: str = ""
    """Empty: 30 days back."""
    last: str = "today"
    """Included."""
    calendar: str = ""
    school: str = ""
    users: tuple[str, ...] = ()
    limit: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = MESSAGES_MAX
    before: Annotated[int, msgspec.Meta(ge=0, le=2**32 - 1)] = 0
    """Go on below this job; 0: from the newest on."""


class DeliveryAsked(msgspec.Struct, frozen=True, kw_only=True):
    """How one job went, attempt by attempt."""

    job_id: JobNumber
    not_reached: bool = False
    """Only chains that nobody heard."""
    school: str = ""
    numbers: bool = False
    """Full phone numbers instead of masked ones."""


class ForecastAsked(msgspec.Struct, frozen=True, kw_only=True):
    """What was predicted of one job, and what came of it."""

    job_id: JobNumber


class DialerAsked(msgspec.Struct, frozen=True, kw_only=True):
    """A day's messages, sent and to be sent."""

    day: str = ""
    """Empty: today."""
    active: bool = False
    """Only what waits, is in progress or is paused."""
    users: tuple[str, ...] = ()
    calendar: str = ""
    school: str = ""


class UtilizationAsked(msgspec.Struct, frozen=True, kw_only=True):
    """How many calls or e-mails there were on each day, by school."""

    to: str = "phone"
    """phone or email."""
    first: str = ""
    last: str = "today"
    school: str = ""


class RecipientAsked(msgspec.Struct, frozen=True, kw_only=True):
    """Every message somebody was eligible for, or that was about a student."""

    person: str
    """A student, contact or member of staff, by id."""
    first: str = ""
    last: str = ""
    """Both empty: ever."""
    numbers: bool = False


def _sent(records: Records, asked: SentAsked) -> Report:
    days = _days(records, asked.first, asked.last)
    return sent_messages(
        records, days, school_id=asked.school, calendar_id=asked.calendar, users=asked.users, limit=asked.limit,
        before=asked.before,
    )  # fmt: skip


def _delivery(records: Records, asked: DeliveryAsked) -> Report:
    return delivery_report(
        records, asked.job_id, not_reached=asked.not_reached, school_id=asked.school, full_numbers=asked.numbers
    )


def _forecast(records: Records, asked: ForecastAsked) -> Report:
    return forecast_report(records, asked.job_id)


def _dialer(records: Records, asked: DialerAsked) -> Report:
    on = read_day(asked.day or "today", records.today)
    where = {"school_id": asked.school, "calendar_id": asked.calendar}
    jobs = day_activity(records, on, active_only=asked.active, users=asked.users, **where)
    due = scheduled_on(records, on, users=asked.users, **where)
    title = f"{'Active messages' if asked.active else 'Messages'} {Days(on, on).words}"
    return dialer_report(records, jobs, title, due)


def _utilization(records: Records, asked: UtilizationAsked) -> Report:
    medium = read_medium(asked.to)
    return utilization(records, _days(records, asked.first, asked.last), medium, school_id=asked.school)


def _recipient(records: Records, asked: RecipientAsked) -> Report:
    ever = not (asked.first or asked.last)
    days = None if ever else _days(records, asked.first or "01/01/1970", asked.last or "today")
    return recipient_log(records, asked.person, days, full_numbers=asked.numbers)


def _days(records: Records, first: str, last: str) -> Days:
    """A range as it was typed; without a beginning it is RANGE_DAYS long."""
    until = read_day(last, records.today)
    return past_days(read_day(first, records.today) if first else until - RANGE_DAYS + 1, until, records.today)


@dataclass(frozen=True, slots=True)
class ReportKind:
    """A report by its name. `role`: the least that may have it; what names people takes more than a look."""

    name: str
    asks: type[Any]
    make: Callable[[Records, Any], Report]
    role: Role


REPORTS = {
    kind.name: kind
    for kind in (
        ReportKind("sent", SentAsked, _sent, Role.VIEWER),
        ReportKind("delivery", DeliveryAsked, _delivery, Role.SENDER),
        ReportKind("forecast", ForecastAsked, _forecast, Role.VIEWER),
        ReportKind("dialer", DialerAsked, _dialer, Role.VIEWER),
        ReportKind("utilization", UtilizationAsked, _utilization, Role.VIEWER),
        ReportKind("recipient", RecipientAsked, _recipient, Role.SENDER),
    )
}
