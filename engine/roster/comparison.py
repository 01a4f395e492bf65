"""What a second import would lose: people, contacts and phones that only the old roster has (decision 21c)."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from store.errors import InvalidInputError, RefusedError
from store.people import Roster

LOSS_PERCENT_MAX = 10
"""More than this share vanishing looks like a broken export, not like a school year (decision 21c)."""


class Count(NamedTuple):
    """How many there were, and how many of them the new roster lacks."""

    before: int
    vanished: int

    def exceeds(self, percent: float) -> bool:
        """Whether more than `percent` of them vanish."""
        return self.vanished * 100 > self.before * percent


@dataclass(frozen=True)
class Loss:
    """What vanishes from one roster to the next; what is new does not make up for it."""

    people: Count
    """Active people."""
    contacts: Count
    """Active messenger links of a contact to a student."""
    phones: Count
    """Numbers an active person can be called on, the household's included; a changed number counts as lost."""

    def exceeds(self, percent: float = LOSS_PERCENT_MAX) -> bool:
        """Whether more than `percent` of people, of contacts or of phones vanish."""
        return any(count.exceeds(percent) for count in (self.people, self.contacts, self.phones))

    @property
    def percent(self) -> float:
        """The largest of the three shares, 0 … 100."""
        counts = (self.people, self.contacts, self.phones)
        return max((100 * count.vanished / count.before for count in counts if count.before), default=0.0)

    def __str__(self) -> str:
        named = (("people", self.people), ("contacts", self.contacts), ("phones", self.phones))
        return ", ".join(f"{count.vanished} of {count.before} {word}" for word, count in named) + " would vanish"


def check_loss(old: Roster, new: Roster, accept_percent: float = LOSS_PERCENT_MAX) -> None:
    """Raise RefusedError when more than `accept_percent` (0 … 100) of people, contacts or phones would vanish (21c)."""
    if not 0 <= accept_percent <= 100:
        raise InvalidInputError(f"The loss to accept is {accept_percent:g} %; give 0 to 100.")
    loss = compare(old, new)
    if loss.exceeds(accept_percent):
        raise RefusedError(
            f"{loss}. That is more than {accept_percent:g} %: if it is right, import again with "
            f"--accept-loss {math.ceil(loss.percent)}. The roster in force was not changed."
        )


def compare(old: Roster, new: Roster) -> Loss:
    """Count what of `old` is not in `new`. Nothing vanishes from an empty roster."""
    return Loss(*(_count(set(kind(old)), set(kind(new))) for kind in (_people, _contacts, _phones)))


def _count(before: set[tuple[str, ...]], after: set[tuple[str, ...]]) -> Count:
    return Count(len(before), len(before - after))


def _people(roster: Roster) -> Iterator[tuple[str, ...]]:
    return ((person.person_id,) for person in roster.people if person.active)


def _contacts(roster: Roster) -> Iterator[tuple[str, ...]]:
    active = {person.person_id for person in roster.people if person.active}
    for link in roster.relationships:
        if link.messenger and link.active and link.student_id in active and link.contact_id in active:
            yield link.student_id, link.contact_id


def _phones(roster: Roster) -> Iterator[tuple[str, ...]]:
    """(person, number) pairs with Voice on for any reason: a number moved to the household is not lost."""
    active = {person.person_id for person in roster.people if person.active}
    for person in roster.people:
        if person.active:
            yield from ((person.person_id, device.number) for device in person.devices if device.voice_reasons)
    for household in roster.households:
        if household.number and household.voice_reasons:
            yield from ((one.person_id, household.number) for one in household.members if one.person_id in active)
