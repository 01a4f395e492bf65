"""`callchain demo`: a make-believe district, a general message and an emergency, on a clock faster than life."""

import signal
import sys
import threading
from pathlib import Path
from tempfile import mkdtemp
from typing import Annotated

import typer

from engine.orders import PrepareRequest
from store.errors import CallchainError
from store.records import Reason
from tui.commands import say
from tui.commands.drill.drill import Drill
from tui.commands.drill.drill_report import DrillReport, report
from tui.commands.options import SPEED_MAX, Json
from tui.door import DoorClient

EMERGENCY_AFTER_SECONDS = 20 * 60
"""On the drill's clock: the emergency comes while the general message keeps every line busy."""

INTERRUPTED = 130
"""Exit code when the terminal goes away; both programs are stopped all the same."""

LOOK_SECONDS = 1.0
"""Between progress lines."""

SNOW = PrepareRequest(
    reason=Reason.GENERAL.word,
    subject="Snow day tomorrow",
    text="All schools are closed tomorrow because of snow. Buses do not run and meals are not served. "
    "Press 0 to confirm that you have heard this message.",
)
LOCKDOWN = PrepareRequest(
    reason=Reason.EMERGENCY.word,
    subject="Lockdown lifted",
    text="This is an emergency message. All schools were in lockdown this morning. The lockdown is lifted and all "
    "students are safe. Press 0 to confirm that you have heard this message.",
)


def demo(
    families: Annotated[int, typer.Option(min=1, max=100_000, help="Size of the make-believe district.")] = 2_000,
    seed: Annotated[int, typer.Option(help="The same seed makes the same district and the same phones.")] = 1,
    speed: Annotated[
        float, typer.Option(min=1.0, max=SPEED_MAX, help="How many times faster than life the clock runs.")
    ] = 90.0,
    headless: Annotated[
        bool, typer.Option("--headless", help="Progress lines and a summary instead of a screen.")
    ] = False,
    keep: Annotated[Path | None, typer.Option(help="Keep everything in this new folder.")] = None,
    json: Json = False,
) -> None:
    """Show it all: a district is made, a general message is sent and, a little later, an emergency.

    Everybody called is make-believe: the carrier is a stand-in on this machine, spoken to over real SOAP and HTTPS.
    """
    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(INTERRUPTED))
    folder = keep or Path(mkdtemp(prefix="callchain-demo-"))
    with Drill(folder, families, seed, speed, remove=keep is None) as drill:
        messages = threading.Thread(target=_send_both, args=(drill,), daemon=True)
        messages.start()
        if headless or not say.on_terminal():
            _follow(drill, quiet=json)
        else:
            _show(drill)
        messages.join()
        if not drill.all_sent():
            say.note("The demonstration was left before its jobs had ended.")
            return
        result = report(drill)
    if json:
        say.json(result)
    else:
        _print(result)
    if result.duplicate_rings or result.rings_after_confirm or result.unknown_to_journal:
        raise CallchainError("The carrier's ledger and the journal disagree; this is a fault of the program.")


def _send_both(drill: Drill) -> None:
    """The general message now, the emergency while it runs."""
    door = DoorClient(drill.home)
    try:
        for request, wait_s in ((SNOW, 0.0), (LOCKDOWN, EMERGENCY_AFTER_SECONDS / drill.clock.speed)):
            if drill.over.wait(wait_s):
                return
            prepared = door.prepare(request)
            drill.sent.append(door.send(prepared.job_id, prepared.count).job_id)
    except CallchainError as error:
        drill.failure = error
    finally:
        drill.sending_done.set()


def _follow(drill: Drill, quiet: bool) -> None:
    """Progress lines on standard error until both jobs have ended."""
    door = DoorClient(drill.home)
    while not drill.all_ended(door):
        drill.check()
        if not quiet:
            jobs = door.jobs()
            said = "; ".join(f"{job.reason} {job.chains - job.live:,}/{job.chains:,} chains" for job in jobs)
            say.note(f"{drill.local_time()}  {said or 'planning'}")
        drill.over.wait(LOOK_SECONDS)


def _show(drill: Drill) -> None:
    from tui.dashboard import Dashboard  # a terminal application takes a while to load

    Dashboard(drill.home, DoorClient(drill.home), drill.clock).run()
    drill.over.set()


def _print(result: DrillReport) -> None:
    say.table(
        "Delivery",
        ("JOB#", "REASON", "STATE", "CHAINS#", "ATTEMPTS#", "CONFIRMED#", "DELIVERED#", "NOT REACHED#", "UNREACHABLE#"),
        (
            (job.job_id, job.reason, job.state, job.chains, job.attempts, job.confirmed, job.delivered_unconfirmed,
             job.exhausted + job.expired + job.errors, job.unreachable)
            for job in result.per_job
        ),
    )  # fmt: skip
    students = result.students
    say.line(
        f"Students: {students.covered:,} covered, {students.told:,} told, {students.missed:,} missed. "
        f"Lines: at most {result.lines_peak} of {result.lines_total} at once. "
        f"Rung twice: {result.duplicate_rings}, rung after confirming: {result.rings_after_confirm}, "
        f"unknown to the journal: {result.unknown_to_journal}."
    )
