"""Stopped contacts: somebody is told nothing of a student from now on, running jobs included (decision 21d)."""

from typing import cast

import msgspec

from actors.messages import StopChains
from engine.acts.act import Act
from engine.acts.blocks import checked_reason
from engine.acts.desk import Desk
from engine.acts.preferences import desk_day
from engine.preferences.excerpt import excerpt
from engine.preferences.stopped_chains import Stopped, to_stop
from store import access
from store.commands import Verb
from store.documents import ContactStop
from store.errors import InvalidInputError, NotFoundError, RefusedError
from store.keys import name_key
from store.people import Person, Role


class Stopping(msgspec.Struct, kw_only=True, frozen=True):
    """A relationship to stop."""

    person_id: str
    student_id: str
    reason: str


class Allowing(msgspec.Struct, kw_only=True, frozen=True):
    """A relationship that holds again as the roster says."""

    person_id: str
    student_id: str


class Listing(msgspec.Struct, kw_only=True, frozen=True):
    """All of them are meant."""


class Contact(msgspec.Struct, kw_only=True, frozen=True):
    """A stopped relationship."""

    person_id: str
    student_id: str
    person: str
    """Names, empty where the roster has nobody of that id any more."""
    student: str
    reason: str
    author: str
    at: int
    withdrawn: int = 0
    """Calls of open jobs that are made no more."""
    of_other_students: int = 0
    """Of these, calls that would have told of other students in the same breath: tell those families otherwise."""
    silent: int = 0
    """Other contacts whose shared number was left to these calls: `resend --not-reached` rings whom nobody reached."""


def _stop(desk: Desk, asked: Stopping, author: str) -> Contact:
    stop = ContactStop(asked.person_id, asked.student_id, checked_reason(asked.reason), author, desk.clock.now())
    people, key = _people(desk, stop), name_key(stop.person_id, stop.student_id)
    student = people.get(stop.student_id)
    for some_id in (stop.person_id, stop.student_id):
        if some_id not in people:
            raise NotFoundError(f"The roster has no person {some_id!r}; look the id up in it.")
    if student is None or not student.roles & Role.STUDENT:
        raise InvalidInputError(f"{stop.student_id!r} is no student; give the contact first, then the student.")
    with desk.database.read() as txn:
        if desk.database.stops.raw(txn, key) is not None:
            raise RefusedError("This contact is stopped already; see `callchain contact list`.")
    desk.change(Verb.STOP_CONTACT, author, lambda txn: desk.database.stops.put(txn, key, stop))
    return _shown(stop, people, _withdraw(desk, stop))


def _withdraw(desk: Desk, stop: ContactStop) -> list[Stopped]:
    """Stop the chains of open jobs; where no engine runs, the next one stops them before it dials."""
    fold = desk.fold()
    jobs = [job for job in list(fold.jobs.values()) if not job.state.ended]
    with desk.database.read() as txn:
        every_stop = [one for _, one in desk.database.stops.scan(txn)]
    today, routine = desk_day(desk), [job for job in jobs if not job.emergency]
    # An emergency's chain ends with the last of its students, whichever stop took the others.
    emergencies = [job for job in jobs if job.emergency]
    chains = to_stop(desk.database, [stop], routine, today) + to_stop(desk.database, every_stop, emergencies, today)
    # What has just ended may not be in its table yet.
    found = [chain for chain in chains if not ((row := fold.chains.get(chain.chain_id)) and row.outcome)]
    if desk.running and found:
        desk.engine.station.tell_pool(StopChains(tuple(chain.chain_id for chain in found)))
    return found


def _allow(desk: Desk, asked: Allowing, author: str) -> Contact:
    key = name_key(asked.person_id, asked.student_id)
    with desk.database.read() as txn:
        stop = desk.database.stops.get(txn, key)
    if stop is None:
        raise NotFoundError("This contact is not stopped; see `callchain contact list`.")
    desk.change(Verb.STOP_CONTACT, author, lambda txn: cast("None", desk.database.stops.delete(txn, key)))
    return _shown(stop, _people(desk, stop))


def _list(desk: Desk, _asked: Listing, _author: str) -> tuple[Contact, ...]:
    with desk.database.read() as txn:
        stops = sorted((stop for _, stop in desk.database.stops.scan(txn)), key=lambda stop: stop.at)
    people = _people(desk, *stops)
    return tuple(_shown(stop, people) for stop in stops)


def _people(desk: Desk, *stops: ContactStop) -> dict[str, Person]:
    ids = {some_id for stop in stops for some_id in (stop.person_id, stop.student_id)}
    with desk.database.read() as txn:
        return {one.person_id: one for one in excerpt(desk.database, txn, ids).people}


def _shown(stop: ContactStop, people: dict[str, Person], withdrawn: list[Stopped] | None = None) -> Contact:
    person, student = people.get(stop.person_id), people.get(stop.student_id)
    chains = withdrawn or []
    return Contact(
        person_id=stop.person_id, student_id=stop.student_id,
        person=person.name if person else "", student=student.name if student else "",
        reason=stop.reason, author=stop.author, at=stop.at,
        withdrawn=len(chains), of_other_students=sum(chain.tells_of_others for chain in chains),
        silent=len({key for chain in chains for key in chain.silent}),
    )  # fmt: skip


STOP = Act("contacts.stop", Stopping, Contact, _stop, role=access.Role.SENDER)
ALLOW = Act("contacts.allow", Allowing, Contact, _allow, role=access.Role.SENDER)
LIST: Act[Listing, tuple[Contact, ...]] = Act(
    "contacts.list", Listing, tuple[Contact, ...], _list, role=access.Role.SENDER
)

ACTS = (STOP, ALLOW, LIST)
