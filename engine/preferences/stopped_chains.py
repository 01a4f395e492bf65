"""Which chains of a job tell somebody of a student they may no longer be told about (decision 21d)."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple, Protocol

import msgspec

from engine.audience.directory import is_current
from engine.preferences.excerpt import excerpt_in_force
from store.database import Database
from store.documents import ContactStop
from store.keys import CHAIN_BITS, chain_id, seq_key
from store.people import Roster
from store.records import Job, Plan
from store.vault import Vault

SLICE_PLANS = 1_000
"""Plans read in one short transaction."""


class Stopped(NamedTuple):
    """A chain to stop, whose it is, and about whom."""

    chain_id: int
    contact_key: str
    student_ids: tuple[str, ...]
    silent: tuple[str, ...] = ()
    """Other contacts, by key, for whom it was to dial a number they share: nobody dials it now (decision 17)."""

    @property
    def tells_of_others(self) -> bool:
        """Whether the call tells of more students than the one that was stopped: it is withdrawn whole."""
        return len(self.student_ids) > 1


class WithPlans(Protocol):
    """A job or its row."""

    @property
    def job_id(self) -> int:
        """Its id."""

    @property
    def chains(self) -> int:
        """How many chains it dials."""

    @property
    def emergency(self) -> bool:
        """Whether it is an emergency."""


class Ended(NamedTuple):
    """What stops took away: (contact key, student) pairs nobody may be told under any more."""

    pairs: frozenset[tuple[str, str]]

    @property
    def needles(self) -> tuple[bytes, ...]:
        """Contact keys as they stand in an encoded plan: most plans are passed over without being decoded."""
        return tuple(sorted({key.encode() for key, _ in self.pairs}))


def ended_by(stops: Iterable[ContactStop], roster: Roster, today: int) -> Ended:
    """The person's own chains, and those of each household of theirs where no other contact of the student lives.

    `roster` is the one in force, or an excerpt about the people of these stops. Another contact, and their living
    there, must hold today; that the stopped one ever lived there is enough.
    """
    pairs: set[tuple[str, str]] = set()
    stops = list(stops)
    over = {(stop.person_id, stop.student_id) for stop in stops}
    contacts: dict[str, set[str]] = {}
    for link in roster.relationships:
        holds = link.messenger and link.active and is_current(link, today)
        if holds and (link.contact_id, link.student_id) not in over:
            contacts.setdefault(link.student_id, set()).add(link.contact_id)
    for stop in stops:
        pairs.add((f"p:{stop.person_id}", stop.student_id))
        for home in roster.households:
            lives_there = {member.person_id for member in home.members if is_current(member, today)}
            lived_there = any(member.person_id == stop.person_id for member in home.members)
            if lived_there and not lives_there & contacts.get(stop.student_id, set()):
                pairs.add((f"h:{home.household_id}", stop.student_id))
    return Ended(frozenset(pairs))


def stopped_chains(vault: Vault, job_id: int, chains: int, ended: Ended, *, emergency: bool) -> Iterator[Stopped]:
    """The dialed chains of a job that must stop: a few milliseconds for ten thousand plans.

    A call about several students is one call, frozen as it is spoken: it goes as soon as one of them may not be told
    of, since nothing can be cut out of it. An emergency says the same to everybody and names no student where it has
    no names in its text: there a chain stops only when all its students are stopped, and goes on where each of its
    numbers is also that of somebody who must be told: those phones would ring in any case.
    """
    found: dict[int, Plan] = {}
    for index, plan in _naming(vault, job_id, chains, ended.needles):
        told = [(plan.contact_key, student_id) in ended.pairs for student_id in plan.student_ids]
        if any(told) and (all(told) or not emergency):
            found[index] = plan
    sharers = _sharers(vault, job_id, found, ended)
    for index, plan in found.items():
        shared = {step.number_id: sharers.get((index, step.number_id), ()) for step in plan.steps}
        if emergency and not (plan.text or plan.machine_text) and all(shared.values()):
            continue
        silent = tuple(sorted({key for keys in shared.values() for key in keys}))
        yield Stopped(chain_id(job_id, index), plan.contact_key, plan.student_ids, silent)


def _naming(vault: Vault, job_id: int, chains: int, needles: tuple[bytes, ...]) -> Iterator[tuple[int, Plan]]:
    """The plans in which one of these stands anywhere, with their places."""
    decode = msgspec.msgpack.Decoder(Plan).decode
    for start in range(0, chains, SLICE_PLANS):
        plans = vault.plans(job_id, start, min(SLICE_PLANS, chains - start))
        if not plans:
            return
        for index, data in enumerate(plans, start):
            if any(needle in data for needle in needles):
                yield index, decode(data)


def _sharers(
    vault: Vault, job_id: int, owners: dict[int, Plan], ended: Ended
) -> dict[tuple[int, int], tuple[str, ...]]:
    """(Chain, number) → the other contacts it was dialed for, who may still be told of all their students."""
    found: dict[tuple[int, int], tuple[str, ...]] = {}
    numbers = {msgspec.msgpack.encode(step.number_id) for plan in owners.values() for step in plan.steps}
    for _, plan in _naming(vault, job_id, 1 << CHAIN_BITS if numbers else 0, tuple(numbers)):
        if not any((plan.contact_key, student_id) in ended.pairs for student_id in plan.student_ids):
            for number_id, owner in plan.moved:
                if owner in owners:
                    found[owner, number_id] = (*found.get((owner, number_id), ()), plan.contact_key)
    return found


def to_stop(database: Database, stops: Iterable[ContactStop], jobs: Iterable[WithPlans], today: int) -> list[Stopped]:
    """The chains of jobs that must stop for these stops, ended ones left out. `today` is the district's, an ordinal."""
    stops, vault = list(stops), Vault(database)
    if not stops:
        return []
    with database.read() as txn:
        people = {word for stop in stops for word in (stop.person_id, stop.student_id)}
        ended = ended_by(stops, excerpt_in_force(database, txn, people)[0], today)
    found = [
        chain for job in jobs for chain in stopped_chains(vault, job.job_id, job.chains, ended, emergency=job.emergency)
    ]
    with database.read() as txn:
        return [chain for chain in found if database.ended_chains.raw(txn, seq_key(chain.chain_id)) is None]


def overlooked(database: Database, jobs: Iterable[Job], today: int) -> list[Stopped]:
    """The chains of jobs that tell somebody who was stopped since those jobs were prepared.

    For a job that is released, and for those that go on when an engine starts: nobody stopped them then.
    """
    found: list[Stopped] = []
    for job in jobs:
        with database.read() as txn:
            stops = [stop for _, stop in database.stops.scan(txn) if stop.at >= job.prepared_at]
        found += to_stop(database, stops, [job], today)
    return found
