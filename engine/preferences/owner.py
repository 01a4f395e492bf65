"""Whose preference somebody means: a person or a household by its id, and whether they have such a contact point."""

from engine.preferences.batch import points_of
from engine.preferences.matrix import homes_of
from engine.preferences.scope import is_assigned
from store.documents import Point
from store.errors import NotFoundError, RefusedError
from store.people import Household, Person, Roster
from store.records import Reason


def owner_named(roster: Roster, who: str) -> Person | Household:
    """The person or household of an id; `p:` or `h:` before it says which where an id is both.

    Raises NotFoundError where there is neither, RefusedError where there are both.
    """
    some_id = bare_id(who)
    prefix = who[: -len(some_id)] if some_id else ""
    person = next((one for one in roster.people if one.person_id == some_id), None) if prefix != "h:" else None
    home = next((one for one in roster.households if one.household_id == some_id), None) if prefix != "p:" else None
    if person and home:
        raise RefusedError(f"{who!r} is a person and a household; write p:{some_id} or h:{some_id}.")
    found = person or home
    if found is None:
        raise NotFoundError(f"The roster has neither a person nor a household {who!r}; look the id up in it.")
    return found


def bare_id(who: str) -> str:
    """An id without its `p:` or `h:`."""
    return who[2:] if who[:2] in ("p:", "h:") else who


def mark_owner(roster: Roster, one: Person | Household, point: Point, today: int) -> str:
    """Whose mark is set: the person's own, or their household's, whose phone is every member's (C060, C207).

    Raises RefusedError where there is no such point on record (C195), or where two households are meant.
    """
    if isinstance(one, Person) and point is not Point.HOUSEHOLD:
        if point not in points_of(one):
            raise RefusedError(f"{one.name} has no {point.word} on record; the roster must bring one first.")
        return f"p:{one.person_id}"
    return f"h:{_home(roster, one, point, today).household_id}"


def _home(roster: Roster, one: Person | Household, point: Point, today: int) -> Household:
    if isinstance(one, Household):
        if point is not Point.HOUSEHOLD:
            raise RefusedError(f"A household has only the point household, not {point.word}; name a person.")
        homes = [one]
    else:
        homes = homes_of(one, roster, today)
    homes = [home for home in homes if home.number]
    if not homes:
        raise RefusedError(f"{one.name} has no household phone on record; the roster must bring one first.")
    if len(homes) > 1:
        ids = " or ".join(home.household_id for home in homes)
        raise RefusedError(f"{one.name} lives in several households; name the one that is meant: {ids}.")
    return homes[0]


def settable(one: Person | Household, reasons: int) -> int:
    """Of several reasons those that can be switched on: Staff only with a district assignment (C201).

    Raises RefusedError where that leaves none.
    """
    if isinstance(one, Person) and not is_assigned(one):
        reasons &= ~Reason.STAFF.mask
    if not reasons:
        raise RefusedError(f"{one.name} has no district assignment; the reason staff is for those who have one.")
    return reasons
