"""What events say: each becomes a detail, its fields for every language, its occasion as it must not be told twice."""

from collections.abc import Iterable
from datetime import date

from engine.audience.occasions import occasion
from engine.events.event import Event
from engine.events.kinds import EventKind
from engine.roster.problems import Problem
from store.records import Detail


def details_of(
    kind: EventKind, events: Iterable[Event], file: str = ""
) -> tuple[tuple[Detail, ...], tuple[Problem, ...]]:
    """A detail for each event, and the rows that say again what an earlier one said.

    Fields hold days like `2026-11-24`, amounts like `-12.50` and the words of the file: `event_words` says them in the
    language of each chain. Occasions: `attendance/2026-11-24/S1/101` (without the school where the row names none: it
    is told about each school the student is at), `behavior/EV77/S1`; resolutions and balances may be told any number
    of times.
    """
    found: dict[str, tuple[Detail, int]] = {}
    again: list[Problem] = []
    for event in events:
        key, fields = _key(kind, event), tuple(_fields(kind, event))
        if key in found:
            first, line = found[key]
            what = "says again what line" if first.fields == fields else "is left out: the same is told as line"
            again.append(Problem(file, event.line, "", f"{what} {line} says"))
        else:
            found[key] = Detail(event.person_id, event.school_id, _occasion(kind, event), fields), event.line
    return tuple(detail for detail, _ in found.values()), tuple(again)


def _key(kind: EventKind, event: Event) -> str:
    """What makes two rows the same event."""
    if kind is EventKind.RESOLUTIONS:
        return f"{event.event_id}\n{event.person_id}\n{event.resolution}"
    return _occasion(kind, event) or f"{event.person_id}\n{event.account}"


def _occasion(kind: EventKind, event: Event) -> str:
    if kind is EventKind.ATTENDANCE:
        return occasion("attendance", str(date.fromordinal(event.day)), event.person_id, event.school_id)
    if kind is EventKind.BEHAVIOR:
        return occasion("behavior", event.event_id, event.person_id)
    return ""


def _fields(kind: EventKind, event: Event) -> Iterable[tuple[str, str]]:
    """Name and value of what a text may ask for. Those of attendance also tell the legal class."""
    if kind is EventKind.ATTENDANCE:
        yield "status", event.status
        yield "excuse", event.excuse
        yield "periods", str(event.periods) if event.periods else ""
    elif kind is EventKind.BEHAVIOR:
        yield "event", event.event_type
        yield "role", event.role
        yield "status", event.status
    elif kind is EventKind.RESOLUTIONS:
        yield "event", event.event_type or event.event_id
        yield "resolution", event.resolution
    else:
        yield "account", event.account
        yield "balance", _amount(event.balance_cents)
    yield "date", str(date.fromordinal(event.day))


def _amount(cents: int) -> str:
    """`-12.50`."""
    dollars, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{dollars}.{rest:02d}"
