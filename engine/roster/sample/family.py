"""One make-believe family: its children, adults and homes, all drawn from one seeded source of chance."""

import random
from dataclasses import dataclass, field
from typing import TypeVar

from engine.roster.sample.names import FAMILY_NAMES, GIVEN_NAMES, LANGUAGES
from engine.roster.sample.phone_book import PhoneBook

CHILDREN = ((1, 0.45), (2, 0.38), (3, 0.13), (4, 0.04))
"""Numbers of children of school age and their shares."""
CHILDREN_MEAN = sum(count * share for count, share in CHILDREN)
SINGLE, SPLIT, UNKNOWN = 0.22, 0.12, 0.01
"""Shares of families with one parent, with parents in two homes, and with nobody on file; the rest are couples."""
OTHER_FAMILY_NAME = 0.15
RELATIVE = 0.10
RELATIVE_IS_MESSENGER = 0.3
NO_LANDLINE, NO_HOME_PHONE = 0.15, 0.05
"""Homes whose number is the first parent's cell, and homes without a number."""
NO_CELL, WORK, WORK_EXTENSION, OTHER, PAGER, PRIVATE = 0.06, 0.45, 0.5, 0.12, 0.005, 0.05
CHILD_CELL = 0.3
CHILD_CELL_GRADE = 6
FORMER_STUDENT, FORMER_CONTACT = 0.015, 0.03
"""Children who have left, and links that have ended."""
GRADES = 13
"""Kindergarten is 0, then 1 to 12."""

Drawn = TypeVar("Drawn")


@dataclass(slots=True)
class Child:
    """A student."""

    given_name: str
    grade: int
    cell: str = ""
    former: bool = False


@dataclass(slots=True)
class Adult:
    """A contact; `home` is the index of the home lived in, -1 for none of the family's."""

    given_name: str
    family_name: str
    relation: str
    role: str
    home: int = 0
    cell: str = ""
    phones: list[tuple[str, str, str, bool]] = field(default_factory=list)
    """Of phones.csv: point, number, extension, private."""
    messenger: bool = True
    former: bool = False


@dataclass(slots=True)
class Family:
    """Who belongs together. `homes` holds each home's number, empty where it has none."""

    name: str
    language: str
    children: list[Child]
    adults: list[Adult]
    homes: list[str]


def draw_family(rng: random.Random, book: PhoneBook) -> Family:
    """The next family. The same source in the same state gives the same family."""
    name = rng.choice(FAMILY_NAMES)
    adults = _parents(rng, name)
    homes = 1 + max((adult.home for adult in adults), default=-1)
    if adults and rng.random() < RELATIVE:
        adults.append(_relative(rng))
    for adult in adults:
        _give_phones(rng, book, adult)
    children = [_child(rng, book) for _ in range(drawn(rng, CHILDREN))]
    numbers = [_home_number(rng, book, [adult for adult in adults if adult.home == home]) for home in range(homes)]
    return Family(name, drawn(rng, LANGUAGES), children, adults, numbers)


def drawn(rng: random.Random, shares: tuple[tuple[Drawn, float], ...]) -> Drawn:
    """One of several values, each as often as its share says."""
    chance = rng.random()
    for value, share in shares:
        chance -= share
        if chance < 0:
            return value
    return shares[0][0]


def _parents(rng: random.Random, name: str) -> list[Adult]:
    chance = rng.random()
    if chance < UNKNOWN:
        return []
    mother_first = rng.random() < 0.8
    relations = ("Mother", "Father") if mother_first else ("Father", "Mother")
    count = 1 if chance < UNKNOWN + SINGLE else 2
    split = UNKNOWN + SINGLE <= chance < UNKNOWN + SINGLE + SPLIT
    parents = []
    for index, relation in enumerate(relations[:count]):
        own = rng.choice(FAMILY_NAMES) if rng.random() < OTHER_FAMILY_NAME else name
        role = "guardian" if rng.random() < 0.1 else "parent"
        parents.append(Adult(rng.choice(GIVEN_NAMES), own, relation, role, index if split else 0))
        parents[-1].former = index > 0 and rng.random() < FORMER_CONTACT
    return parents


def _relative(rng: random.Random) -> Adult:
    relation = rng.choice(("Grandmother", "Grandfather", "Aunt", "Uncle"))
    relative = Adult(rng.choice(GIVEN_NAMES), rng.choice(FAMILY_NAMES), relation, "relative", -1)
    relative.messenger = rng.random() < RELATIVE_IS_MESSENGER
    return relative


def _give_phones(rng: random.Random, book: PhoneBook, adult: Adult) -> None:
    if rng.random() >= NO_CELL:
        adult.cell = book.number()
    if rng.random() < WORK:
        extension = str(rng.randrange(100, 9999)) if rng.random() < WORK_EXTENSION else ""
        adult.phones.append(("work", book.number(), extension, False))
    if rng.random() < OTHER:
        adult.phones.append(("other", book.number(), "", rng.random() < PRIVATE))
    if rng.random() < PAGER:
        adult.phones.append(("pager", book.number(), "", False))


def _child(rng: random.Random, book: PhoneBook) -> Child:
    child = Child(rng.choice(GIVEN_NAMES), rng.randrange(GRADES))
    if child.grade >= CHILD_CELL_GRADE and rng.random() < CHILD_CELL:
        child.cell = book.number()
    child.former = rng.random() < FORMER_STUDENT
    return child


def _home_number(rng: random.Random, book: PhoneBook, adults: list[Adult]) -> str:
    chance = rng.random()
    if chance < NO_HOME_PHONE:
        return ""
    if chance < NO_HOME_PHONE + NO_LANDLINE:
        return adults[0].cell
    return book.number()
