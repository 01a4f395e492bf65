"""What events say: each becomes a detail, its fields as they are spoken, its occasion as it must not be told twice."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time

from engine.audience.occasions import occasion
from engine.events.event import Event
from engine.events.kinds import EventKind
from engine.roster.problems import Problem
from engine.speech.calendar_words import date_words
from store.records import Detail

_SPOKEN = {"early_release": "released early", "unknown": "not excused yet"}
"""Words of a file that are spoken otherwise."""


def details_of(
    kind: EventKind, events: Iterable[Event], file: str = "", language: str = "en"
) -> tuple[tuple[Detail, ...], tuple[Problem, ...]]:
    """A detail for each event, and the rows that say again what an earlier one said.

    Occasions: `attendance/2026-11-24/S1/101` (without the school where the row names none: it is told about each school
    the student is at), `behavior/EV77/S1`; resolutions and balances may be told any number of times.
    """
    found: dict[str, tuple[Detail, int]] = {}
    again: list[Problem] = []
    for event in _newest_balances(events) if kind is EventKind.BALANCES else events:
        key = _key(kind, event)
        if key in found:
            again.append(Problem(file, event.line, "", f"says again what line {found[key][1]} says"))
        else:
            fields = tuple(_fields(kind, event, language))
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


def _fields(kind: EventKind, event: Event, language: str) -> Iterable[tuple[str, str]]:
    """Name and value of what a text may ask for. Those of attendance also tell the legal class."""
    if kind is EventKind.ATTENDANCE:
        yield "status", _SPOKEN.get(event.status, event.status)
        yield "excuse", _SPOKEN.get(event.excuse, event.excuse)
        yield "periods", str(event.periods) if event.periods else ""
    elif kind is EventKind.BEHAVIOR:
        yield "event", event.event_type
        yield "role", event.role
        yield "status", event.status.replace("_", " ")
    elif kind is EventKind.RESOLUTIONS:
        yield "event", event.event_type or event.event_id
        yield "resolution", event.resolution
    else:
        yield "account", event.account
        yield "balance", _amount(event.balance_cents)
    yield "date", date_words(datetime.combine(date.fromordinal(event.day), time()), language)


def _amount(cents: int) -> str:
    """`minus 12 dollars and 50 cents`."""
    dollars, rest = divmod(abs(cents), 100)
    counted = ((dollars, "dollar"), (rest, "cent"))
    parts = [f"{count} {word}{'' if count == 1 else 's'}" for count, word in counted if count]
    return f"{'minus ' if cents < 0 else ''}{' and '.join(parts) or '0 dollars'}"


def _newest_balances(events: Iterable[Event]) -> Sequence[Event]:
    """Of each account the newest row: a file may hold its history."""
    newest: dict[tuple[str, str], Event] = {}
    for event in events:
        account = (event.person_id, event.account)
        if account not in newest or newest[account].day < event.day:
            newest[account] = event
    return list(newest.values())
