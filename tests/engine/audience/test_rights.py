"""Which messages may go to whom: a teacher's own classes, staff by type, one number for a test call."""

import msgspec
import pytest

from engine.messaging.drafts import TEST_CALL
from engine.messaging.steps import number_id
from store.errors import AudienceError, InvalidInputError, RefusedError
from store.people import Roster, SchoolClass
from store.records import Audience, AudienceKind, DeviceKind, Reason
from tests.engine.messaging.district import (
    TEACHER,
    device,
    district,
    family,
    phone,
    send,
    staff,
    taught,
    told,
    with_classes,
)

OWN = Audience(teacher_id=TEACHER)


def school() -> Roster:
    """Two families; Ms. Frizzle teaches science to the one and Mr. Keating latin to the other."""
    alisa, ben = family("Alisa", students=("Son",)), family("Ben", students=("Son",))
    roster = taught(district(alisa, ben, staff("keating", device(DeviceKind.CELL, phone(1)))))
    science = SchoolClass("science", "oak", "Science", (TEACHER,), (alisa.id("Son"),))
    return with_classes(roster, science, SchoolClass("latin", "oak", "Latin", ("keating",), (ben.id("Son"),)))


@pytest.mark.row("C205")
def test_a_teacher_reaches_the_contacts_of_their_own_classes_only():
    """Grades, missing assignments, general announcements; needs rights"""
    planned = send(school(), Reason.TEACHER, audience=OWN, teachers_may_send=True)
    assert told(planned.plans) == ["home > Son", "Dad > Son", "Mom > Son"]
    assert {chain.student_ids for chain in planned.plans} == {("Alisa-Son",)}


def test_without_the_districts_leave_a_teacher_sends_nothing():
    with pytest.raises(RefusedError, match=r"Teachers may not send messages here.*voice\.teachers_may_send"):
        send(school(), Reason.TEACHER, audience=OWN)


@pytest.mark.parametrize(
    ("audience", "sentence"),
    [
        (Audience(teacher_id=TEACHER, class_ids=("latin",)), "does not teach class 'latin'; their own are science"),
        (Audience(teacher_id="nobody"), "'nobody' is no active member of staff"),
        (Audience(teacher_id="Alisa-Mom"), "'Alisa-Mom' is no active member of staff"),
        (Audience(AudienceKind.STAFF, teacher_id=TEACHER), "sit in no classes"),
    ],
)
def test_a_teachers_message_to_anybody_else_is_refused(audience, sentence):
    with pytest.raises((AudienceError, RefusedError, InvalidInputError), match=sentence):
        send(school(), Reason.TEACHER, audience=audience, teachers_may_send=True)


def test_a_teacher_without_a_class_has_nobody_to_send_to():
    roster = with_classes(school())
    with pytest.raises(RefusedError, match="teaches no class today"):
        send(roster, Reason.TEACHER, audience=OWN, teachers_may_send=True)


def test_a_message_of_another_reason_is_no_teachers():
    with pytest.raises(InvalidInputError, match="A general message is no teacher's"):
        send(school(), Reason.GENERAL, audience=OWN, teachers_may_send=True)


@pytest.mark.row("C044")
def test_an_emergency_to_staff_without_staff_types_is_refused_with_the_types_there_are():
    """Can target current staff; staff must have a matching Staff Type on District Assignments"""
    roster = district(
        staff("ana", device(DeviceKind.CELL, phone(1)), types=("nurse",)), staff("ben", types=("driver",))
    )
    with pytest.raises(AudienceError, match=r"needs the staff types it is for\. Choose among.*: driver, nurse\."):
        send(roster, Reason.EMERGENCY, to=AudienceKind.STAFF)
    assert send(roster, Reason.PRIORITY, to=AudienceKind.STAFF).chains == 1


@pytest.mark.row("C200", "C201")
def test_only_assigned_staff_who_are_marked_for_it_get_a_staff_message():
    """Staff told of a resolution added to a behavior event

    Only people with a District Assignments record
    """
    cell, general = DeviceKind.CELL, Reason.GENERAL.mask
    roster = district(
        staff("ana", device(cell, phone(1), Reason.STAFF.mask)),
        staff("ben", device(cell, phone(2), general)),
        staff("cy", device(cell, phone(3)), types=()),
    )
    planned = send(roster, Reason.STAFF, to=AudienceKind.STAFF)
    assert [chain.contact_key for chain in planned.plans[: planned.chains]] == ["p:ana"]
    assert [(gap.contact_key, gap.reason) for gap in planned.gaps] == [
        ("p:ben", "no_preference"), ("p:cy", "no_staff_type"),
    ]  # fmt: skip


# ---------------------------------------------------------------- test calls


def test_a_test_call_rings_one_number_and_nobody_else_even_without_a_roster():
    for roster in (Roster(), district(family("Alisa"))):
        planned = send(roster, audience=Audience(number=phone(7)), text="Hello {students}, {periods} periods.")
        (plan,) = planned.plans
        (step,) = plan.steps
        hashed = number_id(phone(7), b"secret")
        assert (planned.chains, planned.students, planned.gaps) == (1, 0, ())
        assert (plan.contact_key, plan.contact_name, plan.student_ids) == (f"n:{hashed:x}", TEST_CALL, ())
        assert (step.kind, step.number, step.number_id) == (DeviceKind.OTHER, phone(7), hashed)


@pytest.mark.row("C077", "C078")
@pytest.mark.parametrize("number", ["5550134", "+15550134", "+12015550100x5", "+11115550100", "2015550100", "+44201"])
def test_a_test_call_needs_ten_digits(number):
    """Existing and new numbers must be 10 digits

    No area code → cannot be delivered
    """
    with pytest.raises(InvalidInputError, match="ten digits, area code first"):
        send(Roster(), audience=Audience(number=number))


def test_a_test_call_has_no_other_filters():
    whom = msgspec.structs.replace(OWN, number=phone(7))
    with pytest.raises(InvalidInputError, match="one number and nobody else"):
        send(school(), audience=whom)
