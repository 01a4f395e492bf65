"""`callchain plan`, `send` and `emergency`: see who would be called, and call them."""

import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from actors.runtime.clock import WallClock
from engine.config import Settings, load_settings, minute_of_day
from engine.home import STORE_FOLDER, read_store
from engine.messaging.plan_settings import plan_settings
from engine.messaging.planner import EncodedPlans, PlanRequest, plan_message
from engine.orders import PrepareRequest
from engine.views import GapView, JobView, Prepared, gap_view
from store.errors import AudienceError, InvalidInputError
from store.records import AudienceKind, Plan, Reason
from store.vault import Vault
from tui.commands import say
from tui.commands.options import HOME, ClockSpec, Home, Json, clock_of
from tui.door import DoorClient

SHOWN = 20
"""Rows of a list shown without --json."""

Text = Annotated[str, typer.Argument(help="What is said; {recipient}, {students} and {school} are filled in.")]
Subject = Annotated[str, typer.Option(help="A name for the job, never spoken.")]
MachineText = Annotated[str, typer.Option(help="What is left on answering machines, if something else.")]
ReasonWord = Annotated[str, typer.Option("--reason", help="general, attendance, behavior, priority, food_service, …")]
AudienceWord = Annotated[str, typer.Option("--audience", help="contacts, students or staff.")]
Schools = Annotated[list[str], typer.Option("--school", help="Only this school, by id; may be repeated.")]
Grades = Annotated[list[str], typer.Option("--grade", help="Only this grade; may be repeated.")]
People = Annotated[list[str], typer.Option("--person", help="Only this student or member of staff, by id.")]
StaffTypes = Annotated[list[str], typer.Option("--staff-type", help="Only staff of this type.")]
WindowText = Annotated[
    str, typer.Option("--window", help="Dialing window like 09:00-17:00; else the district's hours.")
]
Names = Annotated[bool, typer.Option("--names-recipient", help="One call per number, spoken to one recipient by name.")]
Expect = Annotated[int | None, typer.Option(help="The number of chains you expect; another number sends nothing.")]


def plan(
    text: Text,
    reason: ReasonWord = "general",
    subject: Subject = "",
    machine_text: MachineText = "",
    audience: AudienceWord = "contacts",
    school: Schools = [],  # noqa: B006 - typer reads it as "none given"
    grade: Grades = [],  # noqa: B006
    person: People = [],  # noqa: B006
    staff_type: StaffTypes = [],  # noqa: B006
    window: WindowText = "",
    names_recipient: Names = False,
    home: Home = HOME,
    clock: ClockSpec = "",
    json: Json = False,
) -> None:
    """Dry run: print the chains a message would start and who cannot be reached. Nothing is kept, nobody is called."""
    request = _request(
        text, reason, subject, machine_text, audience, school, grade, person, staff_type, window, names_recipient
    )
    settings = load_settings(home)
    planned = _plan(home, settings, request, clock)
    plans = [msgspec.msgpack.decode(data, type=Plan) for data in planned.plans]
    if json:
        say.json({"chains": planned.chains, "covered": planned.covered, "unreachable": planned.unreachable,
                  "students": planned.students, "opens_at": planned.opens_at, "closes_at": planned.closes_at,
                  "plans": [_plan_row(index, one) for index, one in enumerate(plans)],
                  "gaps": planned.gaps})  # fmt: skip
        return
    zone = settings.district.time_zone
    say.table(
        f"{planned.chains:,} chains about {planned.students:,} students, "
        f"{say.clock(planned.opens_at, zone)} to {say.clock(planned.closes_at, zone)}",
        ("CHAIN#", "CONTACT", "DEVICES", "ABOUT"),
        (
            (index, one.contact_name, _devices(one), ", ".join(one.student_ids))
            for index, one in enumerate(plans[:SHOWN])
        ),
    )
    if len(plans) > SHOWN:
        say.line(f"… and {len(plans) - SHOWN:,} more; --json lists them all.")
    _show_gaps([gap_view(gap) for gap in planned.gaps])


def send(
    text: Text,
    reason: ReasonWord = "general",
    subject: Subject = "",
    machine_text: MachineText = "",
    audience: AudienceWord = "contacts",
    school: Schools = [],  # noqa: B006
    grade: Grades = [],  # noqa: B006
    person: People = [],  # noqa: B006
    staff_type: StaffTypes = [],  # noqa: B006
    window: WindowText = "",
    names_recipient: Names = False,
    expect: Expect = None,
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Send a message through the running engine, after its audience was shown and its count confirmed."""
    if reason == Reason.EMERGENCY.word:
        raise InvalidInputError("An emergency is sent with `callchain emergency`.")
    request = _request(
        text, reason, subject, machine_text, audience, school, grade, person, staff_type, window, names_recipient
    )
    _send(request, home, expect, json)


def emergency(
    text: Text,
    subject: Subject = "",
    machine_text: MachineText = "",
    audience: AudienceWord = "contacts",
    school: Schools = [],  # noqa: B006
    grade: Grades = [],  # noqa: B006
    person: People = [],  # noqa: B006
    staff_type: StaffTypes = [],  # noqa: B006
    expect: Expect = None,
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Send an emergency: at once, at any hour, ahead of everything else, after its count was confirmed."""
    word = Reason.EMERGENCY.word
    request = _request(text, word, subject, machine_text, audience, school, grade, person, staff_type, "", False)
    _send(request, home, expect, json)


def _send(request: PrepareRequest, home: Path, expect: int | None, json: bool) -> None:
    door = DoorClient(home)
    prepared = door.prepare(request)
    if not json:
        _show_prepared(prepared, load_settings(home).district.time_zone)
    job = door.send(prepared.job_id, _confirmed(prepared, expect))
    if json:
        say.json({"prepared": prepared, "job": job})
    else:
        _show_sent(job)


def _confirmed(prepared: Prepared, expect: int | None) -> int:
    """The count as the sender gives it; a person types it, a script says --expect."""
    if expect is not None:
        return expect
    if not sys.stdin.isatty():
        raise AudienceError(
            f"Nothing was sent: without a terminal the count must be given; this message has --expect {prepared.count}."
        )
    emergency = prepared.reason == Reason.EMERGENCY.word
    what = "EMERGENCY to" if emergency else "message to"
    return int(typer.prompt(f"Type the number of chains to send this {what} (Ctrl-C sends nothing)", type=int))


def _request(
    text: str, reason: str, subject: str, machine_text: str, audience: str, school: list[str], grade: list[str],
    person: list[str], staff_type: list[str], window: str, names_recipient: bool,
) -> PrepareRequest:  # fmt: skip
    _known(reason, Reason, "--reason")
    _known(audience, AudienceKind, "--audience")
    opens, closes = _window(window)
    return PrepareRequest(
        reason=reason,
        subject=subject or text[:40],
        text=text,
        machine_text=machine_text,
        names_recipient=names_recipient,
        audience=audience,
        school_ids=tuple(school),
        grades=tuple(grade),
        person_ids=tuple(person),
        staff_types=tuple(staff_type),
        opens_minute=opens,
        closes_minute=closes,
    )


def _known(word: str, kind: type[Reason] | type[AudienceKind], option: str) -> None:
    words = [member.name.lower() for member in kind]
    if word not in words:
        raise InvalidInputError(f'{option} is "{word}"; known are {", ".join(words)}.')


def _window(text: str) -> tuple[int, int]:
    if not text:
        return -1, -1
    opens, dash, closes = text.partition("-")
    if not dash:
        raise InvalidInputError(f'--window is "{text}"; write it like 09:00-17:00.')
    return minute_of_day(opens.strip(), "--window"), minute_of_day(closes.strip(), "--window")


def _plan(home: Path, settings: Settings, request: PrepareRequest, clock: str) -> EncodedPlans:
    database = read_store(home)
    try:
        with database.read() as txn:
            vault = Vault(database)
            resolved = plan_settings(settings, vault.number_key(txn))
            people = vault.people_count(txn)
        now = clock_of(clock).now() if clock else WallClock().now()
        asked = PlanRequest(
            str(home / STORE_FOLDER), request.message(), request.whom(), request.window(), resolved, now
        )
        return plan_message(asked, database, people)
    finally:
        database.close()


def _plan_row(index: int, one: Plan) -> dict[str, object]:
    devices = [{"device": step.kind.word, "number": say.masked(step.number)} for step in one.steps]
    state = "dial" if one.steps else "covered" if one.owner >= 0 else "unreachable"
    return {"chain": index, "contact": one.contact_key, "name": one.contact_name, "students": one.student_ids,
            "devices": devices, "state": state, "owner": one.owner if one.owner >= 0 else None}  # fmt: skip


def _devices(one: Plan) -> str:
    if one.steps:
        return ", ".join(f"{step.kind.word} {say.masked(step.number)}" for step in one.steps)
    return f"covered by chain {one.owner}" if one.owner >= 0 else "unreachable"


def _show_prepared(prepared: Prepared, zone: str) -> None:
    say.line(
        f"Job {prepared.job_id}, {prepared.reason}: {prepared.count:,} chains about {prepared.students:,} students; "
        f"{prepared.covered:,} covered by another chain, {prepared.unreachable:,} unreachable. "
        f"Window {say.clock(prepared.opens_at, zone)} to {say.clock(prepared.closes_at, zone)}."
    )
    _show_gaps(prepared.gaps)


def _show_gaps(gaps: "list[GapView] | tuple[GapView, ...]") -> None:
    if not gaps:
        return
    say.table(
        f"{len(gaps):,} will not be called",
        ("WHO", "WHY", "DEVICE", "ABOUT"),
        ((gap.contact_name, gap.reason, gap.device, ", ".join(gap.student_ids)) for gap in gaps[:SHOWN]),
    )
    if len(gaps) > SHOWN:
        say.line(f"… and {len(gaps) - SHOWN:,} more; --json lists them all.")


def _show_sent(job: JobView) -> None:
    say.line(f"Sent: job {job.job_id}, {job.chains:,} chains. Watch it with `callchain watch`.")
