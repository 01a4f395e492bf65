"""Who is meant and which chains are theirs, looked for in a process of its own where that takes long."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from engine.elsewhere import answer_here, ask_elsewhere
from engine.preferences.excerpt import excerpt_in_force
from engine.preferences.owner import bare_id
from engine.reports.source.plan_parts import decode_head
from store.database import Database
from store.keys import pair_key
from store.people import Household, Person, Roster
from store.records import Job
from store.tables import Txn
from store.vault import Vault

INLINE_RECORDS_MAX = 5_000
"""People and plans up to which looking takes some ten milliseconds and stays in the process."""

LOOKING_SECONDS_MAX = 60
"""For the helper process: ten times what PLANS_MAX plans take."""

PLANS_MAX = 2_000_000
"""Plans looked through, those of the newest jobs first: some seconds."""

MATCHES_MAX = 20
"""People named where several may be meant."""


class Question(msgspec.Struct, array_like=True):
    """What the helper process is asked."""

    store_path: str
    who: str
    """An id, with `p:` or `h:` where it must be that, or a part of a name."""
    plans_max: int = PLANS_MAX


class Found(msgspec.Struct, array_like=True):
    """Who it is, and the places of their chains."""

    people: tuple[Person, ...] = ()
    """One: it is them. Several: those who may be meant, the first of them."""
    people_in_all: int = 0
    home: Household | None = None
    """A household that was meant by its id."""
    family: Roster = Roster()
    """As it holds today: the person, whom they are related to, and all their homes."""
    places: tuple[tuple[int, int], ...] = ()
    """Job and index of every chain about or to them, the newest job first."""
    looked_back_to: int = 0
    """Older jobs were not looked through; 0: all were."""


def find(question: Question, database: Database) -> Found:
    """Look; in a process of its own where there is much to look through."""
    with database.read() as txn:
        records = Vault(database).people_count(txn) + database.plans.count(txn)
    if records <= INLINE_RECORDS_MAX:
        return found_in(question, database)
    return ask_elsewhere("engine.why.person.finder", question, Found, LOOKING_SECONDS_MAX)


def found_in(question: Question, database: Database) -> Found:
    """Look here and now."""
    who = question.who.strip()
    with database.read() as txn:
        by_id, home = _by_id(database, txn, who)
        people = [by_id] if by_id is not None else [] if home is not None else _by_name(database, txn, who)
        if len(people) > 1:
            return Found(tuple(people[:MATCHES_MAX]), len(people))
        person = people[0] if people else None
        family = _family(database, txn, person, home)
        keys = _keys(who, person, home, family)
        places, back_to = _places(database, txn, keys, question.plans_max)
    return Found(tuple(people), len(people), home, family, tuple(places), back_to)


def _by_id(database: Database, txn: Txn, who: str) -> tuple[Person | None, Household | None]:
    """The person of an id, else the household; `p:` or `h:` before it says which is meant."""
    some_id = bare_id(who)
    roster, _, _ = excerpt_in_force(database, txn, [some_id])
    person = next((one for one in roster.people if one.person_id == some_id), None)
    home = next((one for one in roster.households if one.household_id == some_id), None)
    if who.startswith("h:") and home is not None:
        return None, home
    return person, None if person is not None else home


def _by_name(database: Database, txn: Txn, who: str) -> list[Person]:
    """Everybody whose name has all of these words in it, by name; whoever is called just so, alone."""
    words = who.casefold().split()
    version = Vault(database).roster_version(txn)
    everybody = database.people.scan(txn, pair_key(version, 0), pair_key(version + 1, 0))
    named = [one for _, one in everybody if words and all(word in one.name.casefold() for word in words)]
    exact = [one for one in named if one.name.casefold() == who.casefold()]
    return sorted(exact or named, key=lambda one: (one.name.casefold(), one.person_id))


def _family(database: Database, txn: Txn, person: Person | None, home: Household | None) -> Roster:
    """Whoever has to do with them: the roster of a few people, as it holds today."""
    ids = {person.person_id} if person is not None else set()
    ids.update(member.person_id for member in home.members) if home is not None else None
    if not ids:
        return Roster()
    # Also whom they may not be told of any more: that explains something.
    _, imported, _ = excerpt_in_force(database, txn, ids)
    ids.update(word for link in imported.relationships for word in (link.student_id, link.contact_id))
    return excerpt_in_force(database, txn, ids)[0]


def _keys(who: str, person: Person | None, home: Household | None, family: Roster) -> frozenset[str]:
    """How plans name them: by contact key, students by their id. An unknown id may be that of somebody who has left."""
    if home is not None:
        return frozenset({f"h:{home.household_id}"})
    if person is None:
        some_id = bare_id(who)
        return frozenset({some_id, f"p:{some_id}", f"h:{some_id}"})
    homes = (
        one.household_id
        for one in family.households
        if any(member.person_id == person.person_id for member in one.members)
    )
    return frozenset({person.person_id, f"p:{person.person_id}", *(f"h:{home_id}" for home_id in homes)})


def _places(database: Database, txn: Txn, keys: frozenset[str], plans_max: int) -> tuple[list[tuple[int, int]], int]:
    """The chains that are to one of these keys or about that student, and the oldest job that was looked through."""
    needles = tuple(sorted({key.encode() for key in keys}))
    places: list[tuple[int, int]] = []
    left = plans_max
    for job in sorted(Vault(database).jobs(txn), key=lambda job: -job.job_id):
        plans = job.chains + job.covered + job.unreachable
        if plans > left and left < plans_max:
            return places, job.job_id + 1
        left -= plans
        places += _of_job(database, txn, job, keys, needles)
    return places, 0


def _of_job(
    database: Database, txn: Txn, job: Job, keys: frozenset[str], needles: tuple[bytes, ...]
) -> Iterator[tuple[int, int]]:
    """Most plans are not theirs, which their bytes already tell."""
    stored = database.plans.scan_raw(txn, pair_key(job.job_id, 0), pair_key(job.job_id + 1, 0))
    for index, (_, data) in enumerate(stored):
        if any(needle in data for needle in needles):
            head = decode_head(data)
            if head.contact_key in keys or not keys.isdisjoint(head.student_ids):
                yield job.job_id, index


def _found_here(question: Question) -> Found:
    return found_in(question, Database(Path(question.store_path), readonly=True))


if __name__ == "__main__":
    answer_here(Question, _found_here)
