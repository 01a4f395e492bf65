"""From a prepared message to a sent job: its audience is shown, its count is asked for, and only then it goes out."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import typer

from engine.district.permission import check_permitted
from engine.doctor.finding import amount
from engine.messaging.legal import LegalClass
from engine.orders import Health
from engine.views import GapView, Prepared
from store.errors import AudienceError, CallchainError
from store.records import Reason
from tui.commands import say
from tui.commands.sending.climbing import climbed
from tui.door import door_of, zone_of

SHOWN = 20
"""Rows of a list shown without --json."""


def send_prepared(home: Path, prepared: Prepared, expect: int | None, json: bool, follow: bool = False) -> None:
    """Show who will be called and who not, ask for the count, send. With --json a refusal answers the audience too.

    Where the confirmation ladder holds it, what it waits for is said; `follow` waits until it has gone out.
    Raises AudienceError for another count, RefusedError where the district may not phone: before the count is asked.
    """
    door = door_of(home)
    if not json:
        show_prepared(prepared, zone_of(home))
    try:
        _check_sendable(prepared, door.health())
        release = door.ask_to_send(prepared.job_id, _confirmed(prepared, expect, asks=not json))
    except CallchainError:
        if json:
            say.json({"prepared": prepared, "job": None})
        raise
    release = climbed(door, release, json, follow)
    if json:
        say.json({"prepared": prepared, "job": release.job, "release": msgspec.structs.replace(release, job=None)})


def _check_sendable(prepared: Prepared, health: Health) -> None:
    """What no count can mend is said before it is asked for."""
    if not prepared.count:
        raise AudienceError("Nobody can be called: no chain has a number to dial. Nothing was sent.")
    if health.standing is not None:
        check_permitted(health.standing)


def _confirmed(prepared: Prepared, expect: int | None, asks: bool) -> int:
    """The count as the sender gives it."""
    what = "EMERGENCY to" if prepared.reason == Reason.EMERGENCY.word else "message to"
    asked = f"Type the number of chains to send this {what} (Ctrl-C sends nothing)"
    return typed_count(prepared.count, expect, asked, asks=asks)


def typed_count(count: int, expect: int | None, prompt: str, *, asks: bool) -> int:
    """A count that is confirmed; a person types it, a script says --expect. AudienceError where neither can."""
    if expect is not None:
        return expect
    if not asks or not say.on_terminal():
        raise AudienceError(
            f"Nothing was sent: {'without a terminal' if asks else 'with --json'} the count must be given; this "
            f"message has --expect {count}."
        )
    return int(typer.prompt(prompt, type=int))


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
