"""Asks before a job is paused, resumed or canceled. Enter and Esc keep things as they are."""

from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType

from engine.board.views import JobSummary
from store.commands import Verb
from tui.dialogs.box import Box
from tui.look.palette import ALERT, BUTTON, GREY, HOT, PAPER, STRONG

CONFIRM_KEYS = {Verb.PAUSE: "y", Verb.RESUME: "y", Verb.CANCEL: "C"}
"""None of them is a key that opens a dialog, so that no key pressed twice does harm."""


@dataclass(frozen=True, slots=True)
class Question:
    """A command on one job, captured when the dialog opened; what the list does meanwhile changes nothing."""

    verb: Verb
    job: JobSummary


class KeepDialog(Box):
    """Dismissed with true only by the confirming key."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "keep", show=False),
        Binding("y", "confirm('y')", show=False),
        Binding("C", "confirm('C')", show=False),
    ]

    def __init__(self, question: Question) -> None:
        super().__init__()
        self._question = question

    def lines(self) -> list[Text]:
        """The question."""
        return question_lines(self._question)

    def action_confirm(self, key: str) -> None:
        """Carry it out, if that was its key."""
        if key == CONFIRM_KEYS[self._question.verb]:
            self.dismiss(True)


def question_lines(question: Question) -> list[Text]:
    """What will happen, to how many, and which keys do what."""
    verb, job = question.verb, question.job
    key = CONFIRM_KEYS[verb]
    lines = [
        Text(f"{verb.word.upper()} JOB {job.job_id}?", HOT),
        Text(job.subject or job.reason, STRONG),
        Text(),
        *(Text(sentence, PAPER) for sentence in _effects(verb, job)),
    ]
    if job.emergency:
        lines.append(Text(" ▲ THIS IS AN EMERGENCY MESSAGE ", ALERT))
    keys = Text.assemble(
        (" Keep it as it is  Enter or Esc ", BUTTON),
        (f"     {verb.word.capitalize()} it  ", GREY),
        (key, HOT),
    )
    return [*lines, Text(), keys]


def _effects(verb: Verb, job: JobSummary) -> list[str]:
    counts = job.counts
    if verb is Verb.PAUSE:
        return [
            f"{counts.live:,} chains stand still until somebody resumes the job.",
            f"{counts.at_carrier:,} calls are with the carrier: those that ring play out,",
            "the others are withdrawn.",
        ]
    if verb is Verb.RESUME:
        return [f"{counts.live:,} chains go on where they stopped,", "inside their window."]
    return [
        f"{counts.live:,} chains will never be called again. This cannot be undone.",
        f"{counts.at_carrier:,} calls are with the carrier: those that ring play out,",
        "the others are withdrawn.",
    ]
