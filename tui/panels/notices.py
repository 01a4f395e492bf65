"""Bands over the top: that all is make-believe, what waits for a second person, what goes out, what can be done."""

from collections.abc import Sequence

from rich.text import Text

from engine.views import ReleaseView
from store.releases import Rung
from tui.look.palette import GREY, HOT, NOTICE, OWED, PAPER, WARN
from tui.panels.vitals import Freshness, Vitals
from tui.panels.written import age, counted

RELEASES_MAX = 2
"""Bands of releases at once; more are counted."""


def drill_band(words: str, width: int) -> list[Text]:
    """A band over everything where nobody is really called, so that no screen can be taken for the real one."""
    if not words:
        return []
    line = Text(f" {words} ".center(width, "▒"), NOTICE)
    line.truncate(width)
    return [line]


def standing(releases: Sequence[ReleaseView]) -> list[ReleaseView]:
    """Those that wait for somebody, or count down: the countdowns first, for they end sooner."""
    waiting = [one for one in releases if one.rung in (Rung.ASKED.word, Rung.COUNTING.word)]
    return sorted(waiting, key=lambda one: (one.rung != Rung.COUNTING.word, one.asked_at))


def release_bands(releases: Sequence[ReleaseView], now: int, width: int) -> list[Text]:
    """A band for each, with what can be done about it."""
    found = standing(releases)
    bands = [_band(one, now, width) for one in found[:RELEASES_MAX]]
    if len(found) > RELEASES_MAX:
        bands.append(Text(f" ◆ and {counted(len(found) - RELEASES_MAX, 'release')} more ", OWED))
    return bands


def _band(release: ReleaseView, now: int, width: int) -> Text:
    what = f"{'EMERGENCY ' if release.reason == 'emergency' else ''}“{release.subject or release.reason}”"
    whom = f"{release.count:,}"
    if release.rung == Rung.COUNTING.word:
        left = max(0, release.release_at - now + 999) // 1_000
        said, style = f" ▲ GOES OUT TO {whom} IN {left} s: {what}", WARN
        keys = " Ctrl+R recalls it "
    else:
        left = max(0, release.expires_at - now)
        said, style = f" ◆ {release.asked_by or 'somebody'} wants to call {whom}: {what}", OWED
        keys = f" {age(left)} left   v to view "
    line = Text(said, style)
    line.truncate(width - len(keys), overflow="ellipsis", pad=True)
    return line.append(keys, style)


def way_out(vitals: Vitals, browsing: bool, width: int) -> list[Text]:
    """What can be done while the numbers are old; nothing where they are not."""
    if not vitals.old:
        return []
    line = Text.assemble(("  r", HOT), (" retry now   ", PAPER), ("d", HOT), (" diagnose   ", PAPER))
    if vitals.freshness is not Freshness.NONE:
        line.append("b", HOT).append(
            " dim the old numbers again   " if browsing else " browse the old numbers   ", PAPER
        )
    line.append("commands are off", GREY)
    line.truncate(width)
    return [line]
