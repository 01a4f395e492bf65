"""The review of what somebody else wants to send: what, to how many, who asked; agreed to by typing its number."""

import textwrap
from datetime import tzinfo

from rich.text import Text

from engine.views import ReleaseView
from store.records import Job
from tui.dialogs.typed_dialog import TypedDialog
from tui.look.palette import ALERT, GREY, PAPER, STRONG
from tui.panels.written import counted, minute_of_day, time_of_day

LINES_MAX = 8
"""Of what is said; whoever needs more looks at the job with `callchain jobs`."""

WIDTH = 68
"""Cells for text in a dialog."""


def review(release: ReleaseView, job: Job | None, zone: tzinfo, live: bool) -> TypedDialog:
    """A dialog that agrees; `job` is what was prepared, None where the store has it no more."""
    banner = " LIVE EMERGENCY — REAL PEOPLE WILL BE CALLED " if live else " Emergency "
    lines: list[str | Text] = [Text(banner, ALERT)] if release.reason == "emergency" else []
    lines += [
        Text(release.subject or release.reason, STRONG),
        f"{release.reason} to {counted(release.count, 'contact')}",
        Text(f"asked by {release.asked_by} at {time_of_day(release.asked_at, zone)}", GREY),
        Text(f"nobody can agree after {time_of_day(release.expires_at, zone)}", GREY),
        Text(),
        *_said(job, zone),
    ]
    phrase = f"APPROVE {release.count}"
    return TypedDialog(f"APPROVE JOB {release.job_id}?", lines, phrase, "Approve, as the second person")


def _said(job: Job | None, zone: tzinfo) -> list[Text]:
    if job is None:
        return [Text("What it says is not in this store.", GREY)]
    window = f"called from {minute_of_day(job.opens_at, zone)} to {minute_of_day(job.closes_at, zone)}"
    wrapped = textwrap.wrap(job.message.text, WIDTH) or ["(a recording)"]
    cut = [Text("…", GREY)] if len(wrapped) > LINES_MAX else []
    gaps = counted(job.unreachable, "contact") + " of its audience cannot be reached"
    return [
        Text(window, PAPER),
        *([Text(gaps, PAPER)] if job.unreachable else []),
        Text(),
        *(Text(f"  {line}", PAPER) for line in wrapped[:LINES_MAX]),
        *cut,
    ]
