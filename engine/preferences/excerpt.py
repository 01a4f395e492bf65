"""An excerpt of the roster: whatever names a few people or households, found without decoding all the others."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

import msgspec

from engine.preferences.in_force import in_force, void_batches, without
from store.database import Database
from store.documents import Mark
from store.keys import name_key, pair_key
from store.people import Household, Person, Relationship, Roster
from store.records import Record
from store.tables import Table, Txn
from store.vault import Vault

R = TypeVar("R", bound=Record)


def excerpt(database: Database, txn: Txn, ids: Iterable[str]) -> Roster:
    """Of the roster in force as imported: people and households of these ids, the homes and relationships of people.

    0.2 s for 100,000 families, most of it without holding the interpreter long.
    """
    wanted = frozenset(ids)
    version = Vault(database).roster_version(txn)
    span, needles = (pair_key(version, 0), pair_key(version + 1, 0)), tuple(one.encode() for one in sorted(wanted))
    people = _naming(database.people, Person, txn, span, needles)
    homes = _naming(database.households, Household, txn, span, needles)
    links = _naming(database.relationships, Relationship, txn, span, needles)
    return Roster(
        people=tuple(one for one in people if one.person_id in wanted),
        households=tuple(
            one for one in homes if one.household_id in wanted or any(m.person_id in wanted for m in one.members)
        ),
        relationships=tuple(one for one in links if one.student_id in wanted or one.contact_id in wanted),
    )


def excerpt_in_force(database: Database, txn: Txn, ids: Iterable[str]) -> tuple[Roster, Roster, list[Mark]]:
    """The same as it holds now, as it was imported, and the marks laid over it."""
    imported = excerpt(database, txn, ids)
    owners = [f"p:{one.person_id}" for one in imported.people]
    owners += [f"h:{one.household_id}" for one in imported.households]
    marks = [mark for owner in owners for mark in marks_of(database, txn, owner)]
    stops = [stop for _, stop in database.stops.scan(txn)]
    return in_force(imported, marks, stops), imported, marks


def marks_of(database: Database, txn: Txn, owner: str) -> Iterator[Mark]:
    """The marks of one owner, as they count."""
    void, start = void_batches(database, txn), name_key(owner, last=b"\0")
    stop = name_key(owner, last=b"\xff")
    return (without(mark, void) for _, mark in database.marks.scan(txn, start, stop))


def _naming(table: Table[R], kind: type[R], txn: Txn, span: tuple[bytes, bytes], needles: tuple[bytes, ...]) -> list[R]:
    """The records that hold one of these ids anywhere; some hold it by chance only."""
    decode = msgspec.msgpack.Decoder(kind).decode
    return [decode(data) for _, data in table.scan_raw(txn, *span) if any(needle in data for needle in needles)]
