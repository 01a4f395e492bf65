"""The two lines above every step: which kind of message this is, real or make-believe, and how far it has come."""

from collections.abc import Sequence

from rich.text import Text

from tui.look.palette import ALERT, BRIGHT, FAINT, GREEN, GREY, LIVE, NOTICE, STRONG, WARN
from tui.screens.compose.work import Work


def kind_line(work: Work, width: int, *, not_sent: bool) -> Text:
    """The band that cannot be mistaken. In a drill it never says that anybody is called.

    `not_sent`: it was asked for, and nobody is called after all.
    """
    emergency = work.emergency
    if work.place.sight.health is None:
        words, style = "NO ENGINE SEEN — NOTHING CAN BE SENT", WARN
    elif work.drill:
        what = "practice of an emergency" if emergency else "practice"
        words, style = f"DRILL — MAKE-BELIEVE CARRIER — {what}, no phone rings", NOTICE
    elif not_sent:
        words, style = f"{'EMERGENCY' if emergency else 'GENERAL'} MESSAGE — not sent", LIVE
    elif emergency:
        words, style = "LIVE EMERGENCY — REAL PEOPLE WILL BE CALLED", ALERT
    else:
        words, style = "GENERAL MESSAGE — real people will be called", LIVE
    return Text(f" {words} ".center(width), style)


def crumbs(words: Sequence[str], here: int) -> Text:
    """`New › 1 Who ✓ › 2 What ✓ › 3 When › 4 Review`; `here` behind the last one: all are done."""
    line = Text(" New", GREY)
    for place, word in enumerate(words):
        style = STRONG if place == here else BRIGHT if place < here else GREY
        line.append(" › ", FAINT).append(f"{place + 1} {word}", style)
        if place < here:
            line.append(" ✓", GREEN)
    return line
