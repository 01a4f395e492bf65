"""Instants and spans inside the sentences, on the district's clock."""

from datetime import datetime, tzinfo

MINUTE_MS = 60_000


def clock(at: int, zone: tzinfo, now: int) -> str:
    """`10:15`, or `2026-03-03 10:15` on another day than today; seconds where they say something."""
    then, today = datetime.fromtimestamp(at / 1000, zone), datetime.fromtimestamp(now / 1000, zone)
    time = then.strftime("%H:%M:%S" if at % MINUTE_MS else "%H:%M")
    return time if then.date() == today.date() else f"{then:%Y-%m-%d} {time}"


def span(ms: int) -> str:
    """`24 s`, `3 min`, `2 h 05 min`."""
    seconds = max(0, ms) // 1000
    if seconds < 120:
        return f"{seconds} s"
    if seconds < 7_200:
        return f"{seconds // 60} min"
    return f"{seconds // 3_600} h {seconds % 3_600 // 60:02d} min"
