"""From a prepared message to a sent job: its audience is shown, its count is asked for, and only then it goes out."""

from collections.abc import Sequence
from pathlib import Path

import typer

from engine.district.permission import check_permitted
from engine.doctor.finding import amount
from engine.home import settings_in_force
from engine.messaging.legal import LegalClass
from engine.orders import Health
from engine.views import GapView, JobView, Prepared
from store.errors import AudienceError, CallchainError
from store.records import Reason
from tui.commands import say
from tui.door import DoorClient

SHOWN = 20
"""Rows of a list shown without --json."""


def send_prepared(home: Path, prepared: Prepared, expect: int | None, json: bool) -> None:
    """Show who will be called and who not, ask for the count, send. With --json a refusal answers the audience too.

    Raises AudienceError for another count, RefusedError where the district may not phone: before the count is asked.
    """
    door = DoorClient(home)
    if not json:
        show_prepared(prepared, settings_in_force(home).district.time_zone)
    try:
        _check_sendable(prepared, door.health())
        job = door.send(prepared.job_id, _confirmed(prepared, expect, asks=not json))
    except CallchainError:
        if json:
            say.json({"prepared": prepared, "job": None})
        raise
    if json:
        say.json({"prepared": prepared, "job": job})
    else:
        _show_sent(job)


def _check_sendable(prepared: Prepared, health: Health) -> None:
    """What no count can mend is said before it is asked for."""
    if not prepared.count:
        raise AudienceError("Nobody can be called: no chain has a number to dial. Nothing was sent.")
    if health.standing is not None:
        check_permitted(health.standing)


def _confirmed(prepared: Prepared, expect: int | None, asks: bool) -> int:
    """The count as the sender gives it; a person types it, a script says --expect."""
    if expect is not None:
        return expect
    if not asks or not say.on_terminal():
        raise AudienceError(
            f"Nothing was sent: {'without a terminal' if asks else 'with --json'} the count must be given; this "
            f"message has --expect {prepared.count}."
        )
    emergency = prepared.reason == Reason.EMERGENCY.word
    what = "EMERGENCY to" if emergency else "message to"
    return int(typer.prompt(f"Type the number of chains to send this {what} (Ctrl-C sends nothing)", type=int))


def show_prepared(prepared: Prepared, zone: str) -> None:
    """What will happen when it is sent, and who will not be called."""
    say.line(
        f"Job {prepared.job_id}, {prepared.reason}: {amount(prepared.count, 'chain')} about "
        f"{amount(prepared.students, 'student')}; "
        f"{prepared.covered:,} covered by another chain, {prepared.unreachable:,} unreachable. "
        f"Window {say.clock(prepared.opens_at, zone)} to {say.clock(prepared.closes_at, zone)}."
    )
    show_effort(prepared.legal_class, prepared.speech_ms, prepared.line_minutes, prepared.line_minutes_most)
    show_gaps(prepared.gaps)


def show_effort(legal: str, speech_ms: dict[str, int], least: int, most: int) -> None:
    """Under which rule the calls are made, how long they speak and what they need of the lines."""
    if legal in set(LegalClass):
        say.line(f"Legal class {legal}: {LegalClass(legal).meaning}")
    lengths = ", ".join(f"{language} {ms / 1000:.0f} s" for language, ms in speech_ms.items())
    say.line(f"Speech {lengths or '0 s'}; {least:,} to {amount(most, 'line-minute')}.")


def show_gaps(gaps: Sequence[GapView]) -> None:
    """Who will not be called, and why."""
    if not gaps:
        return
    say.table(
        f"{len(gaps):,} will not be called",
        ("WHO", "WHY", "DEVICE", "ABOUT"),
        (
            (gap.contact_name or gap.contact_key, gap.reason, gap.device, ", ".join(gap.student_ids))
            for gap in gaps[:SHOWN]
        ),
    )
    if len(gaps) > SHOWN:
        say.line(f"… and {len(gaps) - SHOWN:,} more; --json lists them all.")


def _show_sent(job: JobView) -> None:
    say.line(f"Sent: job {job.job_id}, {amount(job.chains, 'chain')}. Watch it with `callchain watch`.")
