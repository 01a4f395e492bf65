"""Which events of a file are told: by date, status, excuse, periods, type, role and balance (facts §2.1)."""

import re
from collections.abc import Iterable
from datetime import date

import msgspec

from engine.events.event import Event
from engine.events.kinds import EventKind
from engine.events.reading import ATTENDANCE_STATUSES, EXCUSES, PERIODS_MAX
from store.errors import InvalidInputError

NAMES: dict[EventKind, tuple[str, ...]] = {
    EventKind.ATTENDANCE: ("date", "status", "excuse", "minimum_periods"),
    EventKind.BEHAVIOR: ("date", "event_type", "role"),
    EventKind.RESOLUTIONS: ("date", "event_type"),
    EventKind.BALANCES: ("date", "below"),
}
"""The filters of each kind, by the names a schedule keeps them under. Grade, school, people and language narrow the
audience instead."""

TODAY = "today"
_AMOUNT = re.compile(r"(-?)\$?(\d{1,9})(?:\.(\d{1,2}))?", re.ASCII)


class Filters(msgspec.Struct, kw_only=True, frozen=True):
    """What an event must be like; an empty filter lets every event through."""

    day: int = 0
    """The effective date, an ordinal; 0: today, or as far back as the kind looks."""
    statuses: tuple[str, ...] = ()
    excuses: tuple[str, ...] = ()
    minimum_periods: int = 0
    event_types: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    below_cents: int | None = None
    """Only balances under this."""

    def chosen(self, events: Iterable[Event], kind: EventKind, today: int) -> list[Event]:
        """Those of a file that are told on a day (ordinal); of a balance the newest one alone, since no older holds."""
        if kind is EventKind.BALANCES:
            events = _newest_balances(event for event in events if self._in_days(event.day, kind, today))
        return [event for event in events if self.passes(event, kind, today)]

    def passes(self, event: Event, kind: EventKind, today: int) -> bool:
        """Whether an event is told on a day (ordinal)."""
        return (
            self._in_days(event.day, kind, today)
            and _among(event.status, self.statuses)
            and _among(event.excuse, self.excuses)
            and event.periods >= self.minimum_periods
            and _among(event.event_type, self.event_types)
            and _among(event.role, self.roles)
            and (self.below_cents is None or event.balance_cents < self.below_cents)
        )

    def _in_days(self, day: int, kind: EventKind, today: int) -> bool:
        """The effective date, or from some days ago until today; a balance holds until a newer one."""
        if self.day:
            return day == self.day
        return day <= today and (kind is EventKind.BALANCES or day >= today - kind.traits.days_back)


def read_filters(kind: EventKind, pairs: Iterable[tuple[str, str]]) -> Filters:
    """Filters by name and value, as a schedule and the command line give them; a repeated name means "or".

    Raises InvalidInputError for a filter the kind has not, and for a value that is none.
    """
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        if name not in NAMES[kind]:
            raise InvalidInputError(f"{kind} events have no filter {name}; known are {', '.join(NAMES[kind])}.")
        given.setdefault(name, []).append(value.strip())
    return Filters(
        day=_day(_single(given, "date")),
        statuses=_words(given.get("status", ()), "status", ATTENDANCE_STATUSES),
        excuses=_words(given.get("excuse", ()), "excuse", EXCUSES),
        minimum_periods=_periods(_single(given, "minimum_periods")),
        event_types=tuple(given.get("event_type", ())),
        roles=tuple(given.get("role", ())),
        below_cents=_cents(_single(given, "below")),
    )


def _newest_balances(events: Iterable[Event]) -> Iterable[Event]:
    """Of each account the newest row, of several of one day the last: a file may hold its history."""
    newest: dict[tuple[str, str], Event] = {}
    for event in events:
        account = (event.person_id, event.account)
        if account not in newest or newest[account].day <= event.day:
            newest[account] = event
    return newest.values()


def _among(word: str, asked: tuple[str, ...]) -> bool:
    return not asked or word.casefold() in {one.casefold() for one in asked}


def _single(given: dict[str, list[str]], name: str) -> str:
    values = given.get(name, [""])
    if len(values) > 1:
        raise InvalidInputError(f"The filter {name} is given {len(values)} times; give it once.")
    return values[0]


def _words(values: Iterable[str], name: str, known: tuple[str, ...]) -> tuple[str, ...]:
    words = tuple(value.lower().replace(" ", "_").replace("-", "_") for value in values)
    unknown = sorted(set(words).difference(known))
    if unknown:
        raise InvalidInputError(f'The filter {name} is "{unknown[0]}"; known are {", ".join(known)}.')
    return words


def _day(text: str) -> int:
    if text in ("", TODAY):
        return 0
    try:
        return date.fromisoformat(text).toordinal()
    except ValueError:
        raise InvalidInputError(f'The filter date is "{text}"; write it like 2026-11-24.') from None


def _periods(text: str) -> int:
    if text and not (text.isascii() and text.isdigit() and int(text[:4]) <= PERIODS_MAX):
        raise InvalidInputError(f'The filter minimum_periods is "{text}"; give a number from 0 to {PERIODS_MAX}.')
    return int(text or 0)


def _cents(text: str) -> int | None:
    if not text:
        return None
    found = _AMOUNT.fullmatch(text)
    if found is None:
        raise InvalidInputError(f'The filter below is "{text}"; give an amount like 0 or 5.00.')
    cents = int(found[2]) * 100 + int((found[3] or "").ljust(2, "0"))
    return -cents if found[1] else cents
