"""`callchain jobs`, `pause`, `resume`, `cancel` and `refresh`: what was sent, and how to steer it."""

from pathlib import Path

from engine.doctor.finding import amount
from engine.home import read_jobs
from engine.views import JobView
from store.commands import Verb
from store.errors import EngineUnreachableError
from tui.commands import say
from tui.commands.options import HOME, Home, JobId, Json
from tui.door import door_of, zone_of
from tui.door_ways import is_elsewhere

SUBJECT_SHOWN = 13
"""Characters of a subject in the list, which then fits into 120 columns; --json has all of it."""

YEAR = len("2026-")
"""What the list leaves out of an instant."""


def jobs(home: Home = HOME, json: Json = False) -> None:
    """List every job ever sent, whether an engine runs or not."""
    views = _jobs(home)
    if json:
        say.json(views)
        return
    zone = zone_of(home)
    say.table(
        "Jobs",
        ("JOB#", "REASON!", "STATE!", "CHAINS#", "LIVE#", "CONFIRMED#", "DELIVERED#", "NOT REACHED#", "BY",
         "PREPARED!", "SUBJECT"),
        (
            (view.job_id, view.reason, view.state, view.chains, view.live, view.confirmed,
             view.delivered_unconfirmed, view.exhausted + view.expired + view.errors, view.author,
             say.clock(view.prepared_at, zone)[YEAR:], say.shortened(view.subject, SUBJECT_SHOWN))
            for view in views
        ),
    )  # fmt: skip


def _jobs(home: Path) -> list[JobView]:
    try:
        return door_of(home).jobs()
    except EngineUnreachableError:
        if is_elsewhere():
            raise
    return read_jobs(home)


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
    view = door_of(home).command(verb, job_id)
    if json:
        say.json(view)
    elif verb is Verb.CANCEL:
        say.line(canceled(view))
    else:
        say.line(f"Job {view.job_id}: {verb.word} applied; it is {view.state}, {amount(view.live, 'chain')} live.")


def canceled(view: JobView) -> str:
    """What is said of a job that was just canceled: it has not ended while a call of it is out."""
    are = "is" if view.live == 1 else "are"
    ending = f"; {amount(view.live, 'chain')} {are} ending, answered calls play out" if view.live else ""
    return f"Job {view.job_id}: canceled{ending}."
