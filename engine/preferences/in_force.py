"""The roster as it holds here: preferences set in this district and stopped contacts laid over what was imported."""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from store.database import Database
from store.documents import ContactStop, Mark, Point
from store.people import Device, Email, Household, Person, Roster
from store.records import DeviceKind
from store.tables import Txn
from store.vault import Vault


class Said(NamedTuple):
    """What marks say of one contact point: bits switched on and off for voice (or mail), and for texts."""

    on: int = 0
    off: int = 0
    text_on: int = 0
    text_off: int = 0

    def voice(self, reasons: int) -> int:
        """Reasons as they are with the marks laid over them."""
        return (reasons | self.on) & ~self.off

    def text(self, reasons: int) -> int:
        """The same for texts."""
        return (reasons | self.text_on) & ~self.text_off


Marked = dict[str, dict[Point, Said]]
"""Owner → point → what is said of it."""


def in_force(roster: Roster, marks: Iterable[Mark], stops: Iterable[ContactStop]) -> Roster:
    """The roster with marks over its preferences, bit by bit, and without stopped relationships (decisions 21c, 21d).

    Laying it over twice changes nothing more. Marks and stops of people the roster lacks wait until they come back.
    """
    said = said_of(marks)
    stopped = {(stop.person_id, stop.student_id) for stop in stops}
    if said:
        people = tuple(_person(person, said.get(f"p:{person.person_id}")) for person in roster.people)
        households = tuple(_household(one, said.get(f"h:{one.household_id}")) for one in roster.households)
        roster = msgspec.structs.replace(roster, people=people, households=households)
    if stopped:
        kept = tuple(link for link in roster.relationships if (link.contact_id, link.student_id) not in stopped)
        roster = msgspec.structs.replace(roster, relationships=kept)
    return roster


def roster_in_force(database: Database, txn: Txn) -> Roster:
    """The roster of a store as it holds now."""
    stops = [stop for _, stop in database.stops.scan(txn)]
    return in_force(Vault(database).roster(txn), marks_in_force(database, txn), stops)


def marks_in_force(database: Database, txn: Txn) -> list[Mark]:
    """Every mark of a store, those of batches that were taken back, or broken off, as they were before."""
    void = void_batches(database, txn)
    return [without(mark, void) for _, mark in database.marks.scan(txn)]


def void_batches(database: Database, txn: Txn) -> frozenset[int]:
    """Batches that do not count: taken back, broken off, or not written to their end yet."""
    data = database.get_meta(txn, "void_batches")
    return frozenset(msgspec.msgpack.decode(data, type=list[int])) if data else frozenset()


def without(mark: Mark, void: frozenset[int]) -> Mark:
    """A mark as it is without those batches; what was set after a batch stays."""
    if mark.batch not in void:
        return mark
    bits = mark.batch_bits
    return msgspec.structs.replace(
        mark,
        on=mark.on & ~bits | mark.was_on & bits,
        off=mark.off & ~bits | mark.was_off & bits,
        by_hand=mark.by_hand & ~bits | mark.was_by_hand & bits,
        author=mark.was_author, at=mark.was_at,
        batch=0, batch_bits=0, was_on=0, was_off=0, was_by_hand=0, was_author="", was_at=0,
    )  # fmt: skip


def said_of(marks: Iterable[Mark]) -> Marked:
    """Marks by owner and point; those that say nothing are left out."""
    found: Marked = {}
    for mark in marks:
        if mark.on or mark.off:
            of_owner = found.setdefault(mark.owner, {})
            said = of_owner.get(mark.point, Said())
            changed = (
                said._replace(text_on=mark.on, text_off=mark.off)
                if mark.text
                else said._replace(on=mark.on, off=mark.off)
            )
            of_owner[mark.point] = changed
    return found


def _person(person: Person, said: dict[Point, Said] | None) -> Person:
    if said is None:
        return person
    devices = tuple(_device(device, said.get(Point(device.kind))) for device in person.devices)
    emails = tuple(
        _email(email, said.get(Point.SECONDARY_EMAIL if email.secondary else Point.EMAIL)) for email in person.emails
    )
    return msgspec.structs.replace(person, devices=devices, emails=emails)


def _device(device: Device, said: Said | None) -> Device:
    if said is None:
        return device
    # A pager rings nobody: whatever is marked for it, it has no voice.
    voice = 0 if device.kind is DeviceKind.PAGER else said.voice(device.voice_reasons)
    text = said.text(device.text_reasons)
    refused = (device.refused_reasons | said.off) & ~said.on
    return msgspec.structs.replace(device, voice_reasons=voice, text_reasons=text, refused_reasons=refused)


def _email(email: Email, said: Said | None) -> Email:
    return email if said is None else msgspec.structs.replace(email, reasons=said.voice(email.reasons))


def _household(household: Household, said: dict[Point, Said] | None) -> Household:
    of_phone = said.get(Point.HOUSEHOLD) if said else None
    if of_phone is None:
        return household
    voice, text = of_phone.voice(household.voice_reasons), of_phone.text(household.text_reasons)
    return msgspec.structs.replace(household, voice_reasons=voice, text_reasons=text)
