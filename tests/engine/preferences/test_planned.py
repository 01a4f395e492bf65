"""What preferences mean for who is planned to be called."""

import msgspec
import pytest

from engine.audience.gaps import GapReason
from engine.messaging.planning import Planned, plan
from engine.preferences.blocked import blocked_gaps
from engine.preferences.in_force import in_force
from store.documents import Mark, NumberBlock, Point
from store.people import Roster
from store.records import Audience, AudienceKind, DeviceKind, Message, Reason
from tests.engine.messaging.district import MONDAY_TEN, chain_of, device, district, family, send, settings
from tests.engine.preferences.neighborhood import AUNT, CLERK, GENERAL, HOME, ROSTER, link, phone


def planned(
    roster: Roster = ROSTER, reason: Reason = Reason.GENERAL, kind: AudienceKind = AudienceKind.CONTACTS
) -> Planned:
    return plan(roster, Message(reason, "Snow", "Snow."), Audience(kind), None, settings(), MONDAY_TEN)


def numbers(found: Planned) -> dict[str, list[str]]:
    """Contact → the devices that are dialed."""
    return {one.contact_key: [step.kind.word for step in one.steps] for one in found.plans if one.steps}


def gaps(found: Planned) -> dict[str, GapReason]:
    return {gap.contact_key: gap.reason for gap in found.gaps if not gap.device}


@pytest.mark.row("C080", "C082")
def test_a_guardian_without_a_phone_number_is_called_nowhere_and_listed():
    """C080: A person needs at least one phone number to get voice. C082: Guardian must have a phone number in a phone
    field.
    """
    found = planned()
    assert "p:aunt" not in numbers(found)
    assert gaps(found)["p:aunt"] is GapReason.NO_PHONE
    with_phone = msgspec.structs.replace(AUNT, devices=(phone(DeviceKind.OTHER, 20),))
    people = tuple(with_phone if one is AUNT else one for one in ROSTER.people)
    assert numbers(planned(msgspec.structs.replace(ROSTER, people=people)))["p:aunt"] == ["other"]


@pytest.mark.row("C084")
def test_a_guardian_is_called_on_the_numbers_marked_for_the_type_of_message():
    """C084: Guardian needs a phone number and marked checkboxes per message type"""
    assert numbers(planned())["p:mom"] == ["cell", "work"]
    assert numbers(planned(reason=Reason.EMERGENCY))["p:mom"] == ["work"]
    found = planned(reason=Reason.PRIORITY)
    assert not numbers(found)
    assert gaps(found)["p:mom"] is GapReason.NO_PREFERENCE


@pytest.mark.row("C088")
def test_staff_need_a_phone_and_one_voice_box():
    """C088: Staff need a phone number and at least one voice checkbox"""
    staff = AudienceKind.STAFF
    assert numbers(planned(kind=staff)) == {"p:clerk": ["cell"], "p:coach": ["cell"], "p:nurse": ["cell"]}
    assert set(numbers(planned(kind=staff, reason=Reason.PRIORITY))) == {"p:clerk", "p:coach", "p:nurse"}
    none = msgspec.structs.replace(CLERK, devices=(phone(DeviceKind.CELL, 8, 0),))
    people = tuple(none if one is CLERK else one for one in ROSTER.people)
    assert "p:clerk" not in numbers(planned(msgspec.structs.replace(ROSTER, people=people), kind=staff))


@pytest.mark.row("C060")
def test_the_households_phone_is_called_for_every_contact_under_its_roof_or_for_none():
    """C060: Household phone preferences apply to all active members of the household"""
    roster = msgspec.structs.replace(ROSTER, relationships=(link("son", "dad"),))
    assert numbers(planned(roster))["h:home"] == ["household"]
    off = in_force(roster, [Mark("h:home", Point.HOUSEHOLD, off=GENERAL)], [])
    assert "h:home" not in numbers(planned(off))
    left = msgspec.structs.replace(HOME, members=HOME.members[:1])
    assert "h:home" not in numbers(planned(msgspec.structs.replace(roster, households=(left,))))


def test_staff_are_told_of_resolutions_only_where_they_are_marked_for_it():
    assert not numbers(planned(kind=AudienceKind.STAFF, reason=Reason.STAFF))
    marked = in_force(ROSTER, [Mark("p:coach", Point.CELL, on=Reason.STAFF.mask)], [])
    assert numbers(planned(marked, Reason.STAFF, AudienceKind.STAFF)) == {"p:coach": ["cell"]}


def test_a_box_switched_off_is_not_stood_in_for_by_another():
    staff = AudienceKind.STAFF
    off = in_force(ROSTER, [Mark("p:coach", Point.CELL, off=Reason.PRIORITY.mask)], [])
    assert set(numbers(planned(off, Reason.PRIORITY, staff))) == {"p:clerk", "p:nurse"}
    assert "p:coach" in numbers(planned(off, Reason.GENERAL, staff))


def test_a_student_without_any_preference_is_called_and_one_with_off_is_not():
    blank = tuple(msgspec.structs.replace(one, devices=(phone(DeviceKind.CELL, 5, 0),)) for one in ROSTER.people[3:4])
    roster = msgspec.structs.replace(ROSTER, people=(*ROSTER.people[:3], *blank, *ROSTER.people[4:]))
    students = AudienceKind.STUDENTS
    assert numbers(planned(roster, kind=students)) == {"p:son": ["cell"]}
    off = in_force(roster, [Mark("p:son", Point.CELL, off=GENERAL)], [])
    assert not numbers(planned(off, kind=students))
    assert not numbers(planned(off, Reason.EMERGENCY, students))


def test_blocked_numbers_among_the_planned_are_told_once_for_each_contact():
    found = planned()
    (mom,) = {step.number_id for one in found.plans for step in one.steps if one.contact_key == "p:mom"} - {
        step.number_id for one in found.plans for step in one.steps if step.kind is DeviceKind.WORK
    }
    block = NumberBlock("", mom, True, "asked", "ann", 1)
    told = list(blocked_gaps(found.plans, [block], emergency=False))
    assert [(gap.contact_key, gap.device) for gap in told] == [("p:mom", "cell")]
    assert not list(blocked_gaps(found.plans, [block], emergency=True))


def test_a_contact_whose_number_another_chain_dials_is_listed_where_that_number_is_blocked():
    alisa, ben = family("Alisa", parents=("Mom",)), family("Ben", parents=("Dad",))
    ben.devices("Dad", device(DeviceKind.CELL, alisa.number("Mom")))
    found = send(district(alisa, ben), Reason.EMERGENCY)
    dad = chain_of(found, "Dad")
    block = NumberBlock(alisa.number("Mom"), dad.moved[0][0], False, "asked us to", "", 0)
    listed = [(gap.contact_key, gap.device) for gap in blocked_gaps(found.plans, [block], emergency=True)]
    assert listed == [("p:Alisa-Mom", "cell"), ("p:Ben-Dad", "")]
