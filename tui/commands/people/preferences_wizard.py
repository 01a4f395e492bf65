"""Asks for a batch of preferences step by step: mode, scope, filter, then each contact point and reason (C206-C212)."""

from collections.abc import Callable, Sequence

import typer

from engine.acts.preferences import BatchAsked
from engine.preferences.choices import BATCH_POINTS, NO_CHANGE, NO_TEXTS, Mode, read_mode
from store.documents import Point
from store.records import Reason
from tui.commands import say

ReadFilter = Callable[[str], tuple[str, tuple[str, ...]]]

SETTINGS = (NO_CHANGE, "on", "off")


def ask_batch(mode: str, school: str, calendar: str, filter_: str, read_filter: ReadFilter) -> BatchAsked:
    """A batch as it is typed; what the command line gave is not asked again. Ctrl-C ends it, and nothing is changed."""
    say.line("Contact preferences for many at once. Ctrl-C changes nothing.")
    chosen = read_mode(mode or _one_of("Mode", tuple(Mode)))
    school = school or typer.prompt("School, by id (empty: all)", default="", show_default=False)
    calendar = calendar or typer.prompt("Calendar, by id (empty: all)", default="", show_default=False)
    if not filter_ and chosen is Mode.STAFF:
        filter_ = typer.prompt("Filter, a file of ids or like type=teacher")
    elif not filter_:
        filter_ = typer.prompt("Filter, a file of ids or like grade=3,4 (empty: none)", default="", show_default=False)
    expression, ids = read_filter(filter_)
    say.line(NO_TEXTS)
    choices = [choice for point in BATCH_POINTS for choice in _of_point(point, chosen)]
    return BatchAsked(
        mode=chosen, choices=tuple(choices), school_id=school, calendar_id=calendar, expression=expression, ids=ids,
        preview=True,
    )  # fmt: skip


def _of_point(point: Point, mode: Mode) -> list[str]:
    if not typer.confirm(f"Change {point.word.replace('_', ' ')}?", default=False):
        return []
    reasons = [reason for reason in Reason if reason.mask & mode.reasons]
    return [f"{point.word}.{reason.word}={_one_of(f'  {reason.word}', SETTINGS)}" for reason in reasons]


def _one_of(question: str, words: Sequence[str]) -> str:
    """One of some words, the first unless another is typed."""
    while True:
        answer: str = typer.prompt(f"{question} ({', '.join(words)})", default=str(words[0])).strip().lower()
        if answer in words:
            return answer
        say.note(f"{answer!r} is none of {', '.join(words)}.")
