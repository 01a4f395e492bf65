"""Every message type rings the phones marked for it, and only those."""

import msgspec
import pytest

from store.people import Person, Roster, SchoolClass
from store.records import ALL_REASONS, Audience, AudienceKind, DeviceKind, Reason
from tests.fakes import Family, StaffMember, SteppedTown, one_contact, roster_of

DAILY = (Reason.ATTENDANCE, Reason.BEHAVIOR, Reason.TEACHER)


def marked(person: Person, reason: Reason) -> Person:
    """Their cell is marked for this reason only, and their other phones for every other."""
    devices = tuple(
        msgspec.structs.replace(
            device,
            voice_reasons=reason.mask if device.kind is DeviceKind.CELL else ALL_REASONS & ~reason.mask,
        )
        for device in person.devices
    )
    return msgspec.structs.replace(person, devices=devices)


def roster(family: Family, ana: StaffMember, reason: Reason) -> Roster:
    """The family and Ana, who teaches the family's children, with phones so marked."""
    whole = roster_of(family, ana)
    science = SchoolClass("science", "oak", "Science", ("ana",), tuple(family.students.values()))
    people = tuple(marked(person, reason) for person in whole.people)
    return msgspec.structs.replace(whole, people=people, classes=(science,))


def rung(tmp_path, reason: Reason, kind: AudienceKind = AudienceKind.CONTACTS) -> list[str]:
    """Send a message of this type; whose phones rang."""
    family = Family("Lopez", ("Mom",), ("Son",), household=False)
    ana = StaffMember("ana", "Ana")
    for cell in (family.mom.cell, ana.cell):
        cell.answers().presses("0")
    with SteppedTown(tmp_path, family, ana, voice={"teachers_may_send": True}) as town:
        town.engine.replace_roster(roster(family, ana, reason))
        teacher = "ana" if reason is Reason.TEACHER else ""
        town.wait(town.send(reason, audience=Audience(kind, teacher_id=teacher)))
        return town.ring_order()


@pytest.mark.row("C006")
@pytest.mark.parametrize("reason", [*DAILY, Reason.PRIORITY, Reason.GENERAL], ids=lambda reason: reason.word)
def test_every_kind_of_message_is_carried_to_the_families_phones_that_are_marked_for_it(tmp_path, reason):
    """C006: Message kinds carried: daily (behavior, attendance, grades), high priority, general notifications, internal
    staff. Internal staff messages: the next test.
    """
    assert rung(tmp_path, reason) == ["Mom's cell"]


@pytest.mark.row("C006")
def test_an_internal_staff_message_is_carried_to_the_phone_that_is_marked_for_it(tmp_path):
    """C006: Message kinds carried: daily (behavior, attendance, grades), high priority, general notifications, internal
    staff.
    """
    assert rung(tmp_path, Reason.STAFF, AudienceKind.STAFF) == ["Ana's cell"]


@pytest.mark.row("C197")
def test_an_emergency_rings_the_phones_marked_for_emergencies(tmp_path):
    """C197: To points marked for emergency on Demographics."""
    assert rung(tmp_path, Reason.EMERGENCY) == ["Mom's cell"]


@pytest.mark.row("C202")
def test_a_message_labeled_general_rings_the_phones_marked_for_general(tmp_path):
    """C202: Anything labeled general."""
    assert rung(tmp_path, Reason.GENERAL) == ["Mom's cell"]


@pytest.mark.row("C204")
def test_a_message_labeled_high_priority_rings_the_phones_marked_for_it_ahead_of_a_general_one(tmp_path):
    """C204: Labeled "High Priority" by the author."""
    assert rung(tmp_path / "alone", Reason.PRIORITY) == ["Mom's cell"]
    families = [one_contact(name) for name in ("Adams", "Baker", "Cole")]
    urgent = one_contact("Urgent")
    urgent.mom.cell.label = "the urgent one"
    for family in (*families, urgent):
        family.mom.cell.answers().presses("0")
    with SteppedTown(tmp_path / "both", *families, urgent, lines=1, emergency_lines=0) as town:
        general, priority = town.prepare(Reason.GENERAL, *families), town.prepare(Reason.PRIORITY, urgent)
        town.engine.send(general)
        town.run(seconds=1)
        town.engine.send(priority)
        for job_id in (priority, general):
            town.wait(job_id)
        assert town.ring_order().index("the urgent one") == 1
