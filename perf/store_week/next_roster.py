"""What a night's export changes: some numbers are new, some people have left."""

from dataclasses import dataclass
from random import Random

import msgspec

from store.people import Person, Roster

NEW_NUMBER_SHARE = 0.005
"""Of the people: a few hundred new numbers a year for every thousand of them, as families move and change carriers."""

LEFT_SHARE = 0.001
"""Of the people: a fifth of a district leaves in a school year."""


@dataclass(frozen=True)
class Change:
    """The next night's roster, and what in it is new."""

    roster: Roster
    records: int
    bytes: int
    """Of the changed records, encoded."""


def next_roster(roster: Roster, random: Random) -> Change:
    """The same people in the same order, a few of them changed; numbers stay make-believe."""
    people = tuple(_next(person, random) for person in roster.people)
    changed = [new for old, new in zip(roster.people, people, strict=True) if new is not old]
    encoded = sum(len(msgspec.msgpack.encode(person)) for person in changed)
    return Change(msgspec.structs.replace(roster, people=people), len(changed), encoded)


def _next(person: Person, random: Random) -> Person:
    chance = random.random()
    if chance < LEFT_SHARE:
        return msgspec.structs.replace(person, active=False)
    if chance < LEFT_SHARE + NEW_NUMBER_SHARE and person.devices:
        device = person.devices[0]
        # The last four digits are another line of the make-believe exchange.
        moved = msgspec.structs.replace(device, number=f"{device.number[:-4]}{random.randrange(10_000):04d}")
        return msgspec.structs.replace(person, devices=(moved, *person.devices[1:]))
    return person
