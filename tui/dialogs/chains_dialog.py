"""Asks before chains are canceled: one by its person's name, several by their number."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType

from engine.board.chain_view import ChainView
from engine.board.state import State
from engine.board.views import JobSummary
from tui.dialogs.box import Box
from tui.dialogs.typed_dialog import TypedDialog
from tui.look.palette import ALERT, BUTTON, GREY, HOT, PAPER, STRONG
from tui.panels.chain_text import chain_word
from tui.panels.written import counted

JOBS_NAMED_MAX = 4


@dataclass(frozen=True, slots=True)
class Picked:
    """The chains a dialog is about, taken when it opened; what the list does meanwhile changes nothing."""

    chains: tuple[int, ...]
    jobs: tuple[tuple[JobSummary, int], ...]
    """Their jobs, each with how many of them are its."""

    @property
    def emergency(self) -> bool:
        """Some of them are of an emergency."""
        return any(job.emergency for job, _ in self.jobs)


class ChainDialog(Box):
    """About one chain; dismissed with true only by `C`."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("C", "cancel", show=False), Binding("q", "keep", show=False)]

    def __init__(self, view: ChainView, picked: Picked) -> None:
        super().__init__()
        self._view = view
        self._picked = picked

    def lines(self) -> list[Text]:
        """Who, about what, and what it means."""
        view = self._view
        call = "Its call is with the carrier: if it rings it plays out, else it is withdrawn."
        return [
            Text(f"CANCEL CHAIN {chain_word(view.chain_id)}?", HOT),
            Text.assemble((view.contact_name, STRONG), (f"  {view.subject}", PAPER)),
            Text(),
            Text("This contact is not called any more with this message. This cannot be undone.", PAPER),
            Text(call if view.state is State.AT_CARRIER else "No call of it is with the carrier.", PAPER),
            Text("The job goes on, and so do all its other chains.", PAPER),
            *_urgent(self._picked),
            Text(),
            Text.assemble((" Keep it as it is  Enter or Esc ", BUTTON), ("     Cancel it  ", GREY), ("C", HOT)),
        ]

    def action_cancel(self) -> None:
        """Carry it out."""
        self.dismiss(True)


def several(picked: Picked) -> TypedDialog:
    """About several chains: their number must be typed."""
    count = len(picked.chains)
    jobs = [f"  {some:,} of #{job.job_id} {job.subject or job.reason}" for job, some in picked.jobs[:JOBS_NAMED_MAX]]
    more = len(picked.jobs) - JOBS_NAMED_MAX
    lines: list[str | Text] = [
        *jobs,
        *([f"  and of {counted(more, 'job')} more"] if more > 0 else []),
        "These contacts are not called any more with these messages. This cannot be undone.",
        "Calls with the carrier that ring play out; the others are withdrawn.",
        "The jobs go on, and so do their other chains.",
        *_urgent(picked),
    ]
    return TypedDialog(
        f"CANCEL {counted(count, 'CHAIN').upper()}?", lines, str(count), f"Cancel {counted(count, 'chain')}"
    )


def every_job(jobs: Sequence[JobSummary]) -> TypedDialog:
    """About all jobs that are open."""
    live = sum(job.counts.live for job in jobs)
    urgent = sum(job.emergency for job in jobs)
    lines: list[str | Text] = [
        f"{counted(len(jobs), 'job')} with {counted(live, 'chain')} will never be called again. This cannot be undone.",
        f"{sum(job.counts.at_carrier for job in jobs):,} calls are with the carrier: those that ring play out.",
        *([Text(f" ▲ {counted(urgent, 'EMERGENCY MESSAGE').upper()} AMONG THEM ", ALERT)] if urgent else []),
    ]
    return TypedDialog("CANCEL EVERYTHING?", lines, f"CANCEL ALL {live}", f"Cancel {counted(len(jobs), 'job')}")


def _urgent(picked: Picked) -> list[Text]:
    return [Text(" ▲ THIS IS AN EMERGENCY MESSAGE ", ALERT)] if picked.emergency else []
