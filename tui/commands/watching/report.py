"""`callchain report …`: what was sent, to whom, how it went, what is being dialed, and how much of it there was."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from engine.acts.to_cancel import Wanted
from engine.reports.asked import (
    DeliveryAsked,
    DialerAsked,
    ForecastAsked,
    RecipientAsked,
    SentAsked,
    UtilizationAsked,
)
from engine.reports.sent import MESSAGES_MAX
from tui.commands.option_groups import with_groups
from tui.commands.options import HOME, JOB_ID_MAX, ClockSpec, Home, JobId, Json
from tui.commands.watching.cancel_jobs import cancel_jobs
from tui.commands.watching.report_output import Output, give

report = typer.Typer(help="What was sent, how it went, and how much of it there was.", no_args_is_help=True)

From = Annotated[str, typer.Option("--from", help="First day: 2026-11-24, 11/24/2026, today, yesterday.")]
Until = Annotated[str, typer.Option("--until", help="Last day, included.")]
School = Annotated[str, typer.Option("--school", help="Only this school, by id.")]
CalendarId = Annotated[str, typer.Option("--calendar", help="Only this calendar, by id.")]
Users = Annotated[list[str], typer.Option("--user", help="Only what this user sent; may be repeated.")]
Numbers = Annotated[bool, typer.Option("--numbers", help="Full phone numbers instead of masked ones.")]


@dataclass(frozen=True)
class Shown:
    """Of which district, and how a report is shown."""

    form: Annotated[str, typer.Option("--format", help="table, csv, html or json; else what the file's name says.")] = (
        ""
    )
    out: Annotated[Path | None, typer.Option("--out", help="Write to this file, readable by you only.")] = None
    excel: Annotated[bool, typer.Option("--excel", help="CSV that Excel knows for UTF-8.")] = False
    home: Home = HOME
    clock: ClockSpec = ""
    json: Json = False

    @property
    def output(self) -> Output:
        """The form, and where it goes."""
        return Output("json" if self.json else self.form, self.out, self.excel)


@report.command()
@with_groups
def sent(
    *,
    first: From = "",
    last: Until = "today",
    calendar: CalendarId = "",
    school: School = "",
    user: Users = [],  # noqa: B006 - typer reads it as "none given"
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="Messages at most, the newest.")] = MESSAGES_MAX,
    before: Annotated[int, typer.Option(min=0, help="Go on below this job.")] = 0,
    shown: Shown,
) -> None:
    """List the messages of a calendar or school created in a range of days, by default the last 30."""
    asked = SentAsked(
        first=first, last=last, calendar=calendar, school=school, users=tuple(user), limit=limit, before=before
    )
    give(shown.home, shown.clock, shown.output, "sent", asked)


@report.command()
@with_groups
def delivery(
    *,
    job_id: JobId,
    not_reached: Annotated[bool, typer.Option("--not-reached", help="Only chains that nobody heard.")] = False,
    school: School = "",
    numbers: Numbers = False,
    shown: Shown,
) -> None:
    """Show how a job went: its figures, then every chain, attempt by attempt."""
    asked = DeliveryAsked(job_id=job_id, not_reached=not_reached, school=school, numbers=numbers)
    give(shown.home, shown.clock, shown.output, "delivery", asked)


@report.command()
@with_groups
def dialer(
    *,
    day: Annotated[str, typer.Option("--date", help="Messages of this day; by default today.")] = "",
    active: Annotated[bool, typer.Option("--active", help="Only what waits, is in progress or is paused.")] = False,
    user: Users = [],  # noqa: B006
    calendar: CalendarId = "",
    school: School = "",
    cancel: Annotated[
        list[int], typer.Option("--cancel", min=1, max=JOB_ID_MAX, help="Cancel this job; may be repeated.")
    ] = [],  # noqa: B006
    cancel_scheduled: Annotated[
        list[str],
        typer.Option("--cancel-scheduled", help="Cancel what this schedule has yet to send that day; may be repeated."),
    ] = [],  # noqa: B006
    cancel_all: Annotated[
        bool,
        typer.Option(
            "--cancel-all",
            help="Cancel all active jobs, emergencies only if named with --cancel, and what schedules have to send.",
        ),
    ] = False,
    shown: Shown,
) -> None:
    """List a day's messages, sent and to be sent, or cancel jobs: calls not yet answered are withdrawn.

    With --cancel-all and without date, user, calendar or school every active job is meant, whatever its day, and what
    schedules would still send today.
    """
    if cancel or cancel_scheduled or cancel_all:
        wanted = Wanted(
            jobs=tuple(cancel), schedules=tuple(cancel_scheduled), every=cancel_all, day=day, users=tuple(user),
            calendar_id=calendar, school_id=school,
        )  # fmt: skip
        cancel_jobs(shown.home, shown.clock, wanted, shown.json)
        return

    asked = DialerAsked(day=day, active=active, users=tuple(user), calendar=calendar, school=school)
    give(shown.home, shown.clock, shown.output, "dialer", asked)


@report.command("utilization")
@with_groups
def utilization_(
    *,
    to: Annotated[str, typer.Option("--to", help="phone or email.")] = "phone",
    first: From = "",
    last: Until = "today",
    school: School = "",
    shown: Shown,
) -> None:
    """Count phone calls or e-mails for each day and school, by default of the last 30 days."""
    asked = UtilizationAsked(to=to, first=first, last=last, school=school)
    give(shown.home, shown.clock, shown.output, "utilization", asked)


@report.command()
@with_groups
def recipient(
    *,
    person: Annotated[str, typer.Argument(help="A student, contact or member of staff, by id.")],
    first: From = "",
    last: Until = "",
    numbers: Numbers = False,
    shown: Shown,
) -> None:
    """Show every message somebody was eligible for, or that was about a student, device by device."""
    asked = RecipientAsked(person=person, first=first, last=last, numbers=numbers)
    give(shown.home, shown.clock, shown.output, "recipient", asked)


@report.command()
@with_groups
def forecast(*, job_id: JobId, shown: Shown) -> None:
    """Score what was predicted of a job, at its release and later, against what happened."""
    give(shown.home, shown.clock, shown.output, "forecast", ForecastAsked(job_id=job_id))
