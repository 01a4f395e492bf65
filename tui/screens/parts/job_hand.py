"""The operator's hand on jobs: asks first, then gives commands to the jobs that were asked about, and to no others."""

from collections.abc import Sequence

from rich.text import Text
from textual.binding import Binding

from engine.board.views import JobSummary
from store.commands import Verb
from tui.dialogs.box import Box
from tui.dialogs.keep_dialog import KeepDialog, Question
from tui.dialogs.typed_dialog import TypedDialog
from tui.look.palette import ALERT, BUTTON, GREY, HOT, PAPER
from tui.panels.written import counted
from tui.screens.room import Room

NAMED_MAX = 4
"""Jobs named in a dialog; the others are counted."""

_FITS = {
    Verb.PAUSE: ("waiting", "in_progress"),
    Verb.RESUME: ("paused",),
    Verb.CANCEL: ("waiting", "in_progress", "paused"),
}
"""Which states a command makes sense in."""

_PAST = {Verb.PAUSE: "paused", Verb.RESUME: "resumed", Verb.CANCEL: "canceled"}


class SeveralDialog(Box):
    """Asks before several jobs are paused or resumed."""

    BINDINGS = [Binding("y", "yes", show=False)]  # noqa: RUF012 - as Textual wants it

    def __init__(self, verb: Verb, jobs: Sequence[JobSummary]) -> None:
        super().__init__()
        self._verb, self._jobs = verb, jobs

    def lines(self) -> list[Text]:
        """The question."""
        live = sum(job.counts.live for job in self._jobs)
        effect = "stand still until somebody resumes them" if self._verb is Verb.PAUSE else "go on where they stopped"
        keys = Text.assemble(
            (" Keep them as they are  Enter or Esc ", BUTTON),
            (f"     {self._verb.word.capitalize()}  ", GREY),
            ("y", HOT),
        )
        heading = Text(f"{self._verb.word.upper()} {len(self._jobs)} JOBS?", HOT)
        return [heading, *_named(self._jobs), Text(f"{live:,} chains {effect}.", PAPER), Text(), keys]

    def action_yes(self) -> None:
        """Do it."""
        self.dismiss(True)


def ask_about(room: Room, verb: Verb, jobs: Sequence[JobSummary]) -> None:
    """Ask; what was asked about is fixed from here on, whatever list and filter do meanwhile."""
    why_not = room.sight.vitals.no_commands
    fitting = [job for job in jobs if job.state in _FITS[verb] and not job.canceling]
    if why_not:
        room.notify(f"Commands are off: {why_not}.", severity="warning")
    elif not fitting:
        room.notify(f"Nothing here can be {_PAST[verb]}.", severity="warning")
    else:
        room.app.push_screen(_dialog(verb, fitting), lambda yes: _answered(room, verb, fitting, bool(yes)))


def ask_to_stop(room: Room, job: JobSummary) -> None:
    """Ask for the word STOP before an emergency is canceled: quicker than a count, and nothing typed by chance."""
    why_not = room.sight.vitals.no_commands
    if why_not:
        room.notify(f"Commands are off: {why_not}.", severity="warning")
    elif job.ended_at or job.canceling:
        room.notify("It has ended already.", severity="warning")
    else:
        said: list[str | Text] = [*_named([job]), *_what_cancel_does([job])]
        dialog = TypedDialog(f"STOP EMERGENCY JOB {job.job_id}?", said, "STOP", "Stop it")
        room.app.push_screen(dialog, lambda yes: _answered(room, Verb.CANCEL, [job], bool(yes)))


def _dialog(verb: Verb, jobs: Sequence[JobSummary]) -> Box:
    if len(jobs) == 1:
        return KeepDialog(Question(verb, jobs[0]))
    if verb is not Verb.CANCEL:
        return SeveralDialog(verb, jobs)
    live = sum(job.counts.live for job in jobs)
    ask = f"To cancel them, type the number of chains: {live}."
    lines: list[str | Text] = [*_named(jobs), *_what_cancel_does(jobs), ask]
    return TypedDialog(f"CANCEL {len(jobs)} JOBS?", lines, str(live), f"Cancel {len(jobs)} jobs")


def _answered(room: Room, verb: Verb, jobs: Sequence[JobSummary], yes: bool) -> None:
    """The commands go to the jobs that were asked about, if the engine can still hear them."""
    why_not = room.sight.vitals.no_commands
    if not yes:
        room.notify(f"{counted(len(jobs), 'job')} kept as {'it is' if len(jobs) == 1 else 'they are'}.")
    elif why_not:
        room.notify(f"Not sent: {why_not}.", severity="warning")
    else:
        for job in jobs:
            room.place.commands.give(room.sight.now(), verb, job.job_id, job.subject)


def _named(jobs: Sequence[JobSummary]) -> list[Text]:
    lines = [Text(f"#{job.job_id} {job.subject or job.reason}", PAPER) for job in jobs[:NAMED_MAX]]
    if len(jobs) > NAMED_MAX:
        lines.append(Text(f"and {len(jobs) - NAMED_MAX} more", GREY))
    urgent = sum(job.emergency for job in jobs)
    if urgent:
        word = (
            "AN EMERGENCY MESSAGE" if urgent == len(jobs) == 1 else f"{counted(urgent, 'EMERGENCY MESSAGE')} AMONG THEM"
        )
        lines.append(Text(f" ▲ {'THIS IS ' if urgent == len(jobs) == 1 else ''}{word.upper()} ", ALERT))
    return lines


def _what_cancel_does(jobs: Sequence[JobSummary]) -> list[str]:
    live, out = sum(job.counts.live for job in jobs), sum(job.counts.at_carrier for job in jobs)
    return [
        f"{live:,} chains will never be called again. This cannot be undone.",
        f"{out:,} calls are with the carrier: those that ring play out,",
        "the others are withdrawn.",
    ]
