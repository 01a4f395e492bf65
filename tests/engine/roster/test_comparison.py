"""Proofs about the guard of a second import (decision 21c)."""

from typing import Any

from engine.roster.comparison import Count, compare
from store.people import Device, Household, Member, Person, Relationship, Role, Roster
from store.records import DeviceKind

CELL = (Device(DeviceKind.CELL, "+16125550100", voice_reasons=2),)


def district(people: int, devices: tuple[Device, ...] = CELL, **changes: Any) -> Roster:
    contacts = tuple(Person(f"c{index}", "Ann", "Lee", int(Role.CONTACT), devices) for index in range(people))
    links = tuple(Relationship("c0", person.person_id, messenger=True) for person in contacts)
    fields: dict[str, Any] = {"people": contacts, "relationships": links} | changes
    return Roster(**fields)


def test_nothing_vanishes_from_an_empty_or_an_equal_roster():
    assert not compare(Roster(), district(5)).exceeds(0)
    assert not compare(district(5), district(5)).exceeds(0)
    assert compare(district(5), district(50)).percent == 0


def test_ten_percent_may_vanish_and_not_more():
    loss = compare(district(100), district(90))
    assert (loss.people, loss.contacts, loss.phones) == (Count(100, 10), Count(100, 10), Count(100, 10))
    assert not loss.exceeds()
    assert compare(district(100), district(89)).exceeds()
    assert not compare(district(100), district(89)).exceeds(11)
    assert str(loss) == "10 of 100 people, 10 of 100 contacts, 10 of 100 phones would vanish"


def test_newcomers_do_not_make_up_for_the_lost():
    old, new = district(20), district(40)
    assert compare(old, Roster(people=new.people[20:])).people == Count(20, 20)


def test_lost_phones_lost_marks_and_lost_messenger_boxes_each_count():
    old = district(10)
    assert compare(old, district(10, ())).phones == Count(10, 10)
    assert compare(old, district(10, (Device(DeviceKind.CELL, "+16125550100"),))).phones == Count(10, 10)
    assert compare(old, district(10, relationships=())).contacts == Count(10, 10)
    assert compare(old, district(10, relationships=())).exceeds(99)


def test_people_made_inactive_have_vanished():
    old = district(2)
    asleep = tuple(Person(one.person_id, "Ann", "Lee", one.roles, one.devices, active=False) for one in old.people)
    loss = compare(old, Roster(people=asleep, relationships=old.relationships))
    assert (loss.people.vanished, loss.contacts.vanished, loss.phones.vanished) == (2, 2, 2)


def test_a_number_moved_to_the_household_is_not_lost():
    home = Household("h1", "Lee", "+16125550100", voice_reasons=2, members=(Member("c0"), Member("c1")))
    assert compare(district(2), district(2, (), households=(home,))).phones == Count(2, 0)
