"""`callchain jobs`, `pause`, `resume`, `cancel` and `refresh`: what was sent, and how to steer it."""

from pathlib import Path
from typing import Annotated

import typer

from engine.home import read_jobs
from store.commands import Verb
from tui.commands import say
from tui.commands.options import HOME, Home, Json
from tui.door import DoorClient

JobId = Annotated[int, typer.Argument(help="The job's number, as `callchain jobs` shows it.")]


def jobs(home: Home = HOME, json: Json = False) -> None:
    """List every job ever sent, whether an engine runs or not."""
    views = read_jobs(home)
    if json:
        say.json(views)
        return
    say.table(
        "Jobs",
        ("JOB#", "REASON", "STATE", "CHAINS#", "LIVE#", "ATTEMPTS#", "CONFIRMED#", "DELIVERED#", "NOT REACHED#"),
        (
            (view.job_id, view.reason, view.state, view.chains, view.live, view.attempts, view.confirmed,
             view.delivered_unconfirmed, view.exhausted + view.expired + view.errors)
            for view in views
        ),
    )  # fmt: skip


def pause(job_id: JobId, home: Home = HOME, json: Json = False) -> None:
    """No further call of a job until it is resumed; answered calls play out."""
    _command(Verb.PAUSE, job_id, home, json)


def resume(job_id: JobId, home: Home = HOME, json: Json = False) -> None:
    """Let a paused job go on."""
    _command(Verb.RESUME, job_id, home, json)


def cancel(job_id: JobId, home: Home = HOME, json: Json = False) -> None:
    """No further call of a job, ever; answered calls play out."""
    _command(Verb.CANCEL, job_id, home, json)


def refresh(job_id: JobId, home: Home = HOME, json: Json = False) -> None:
    """Ask the carrier for results of a job that are overdue."""
    _command(Verb.REFRESH, job_id, home, json)


def _command(verb: Verb, job_id: int, home: Path, json: bool) -> None:
    view = DoorClient(home).command(verb, job_id)
    if json:
        say.json(view)
    else:
        say.line(f"Job {view.job_id}: {verb.word} applied; it is {view.state}, {view.live:,} chains live.")
