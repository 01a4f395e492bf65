"""Whom a message reaches: parents, students or staff, active today; who is listed as missed (decisions 4, 53-55)."""

import pytest

from engine.messaging.planning import Planned
from store.errors import AudienceError
from store.people import Enrollment
from store.records import Audience, AudienceKind, DeviceKind, Reason
from tests.engine.messaging.district import day, device, district, family, phone, send, staff, told

CELL, WORK, PAGER = DeviceKind.CELL, DeviceKind.WORK, DeviceKind.PAGER
TODAY = day("2026-03-02")


def gaps(planned: Planned) -> list[tuple[str, str]]:
    return [(gap.contact_key, str(gap.reason)) for gap in planned.gaps]


@pytest.mark.row("C055", "C086")
def test_only_contacts_whose_messenger_box_is_marked_are_called():
    """Recipients come from the Messenger checkbox per contact per student.

    Relationship is made by the Messenger checkbox on the student's Relationships tab.
    """
    alisa = family("Alisa").link("Son", "Dad", messenger=False)
    assert [line for line in told(send(district(alisa)).plans) if "Dad" in line] == ["Dad > Daughter"]


@pytest.mark.parametrize(
    ("span", "called"),
    [
        ({"begins_on": TODAY, "ends_on": TODAY}, True),
        ({"begins_on": TODAY + 1}, False),
        ({"ends_on": TODAY - 1}, False),
        ({"active": False}, False),
    ],
)
def test_a_contact_counts_only_within_the_dates_of_the_relationship(span, called):
    alisa = family("Alisa", students=("Son",)).link("Son", "Dad", **span)
    for inactive_too in (False, True):
        assert ("Dad > Son" in told(send(district(alisa), include_inactive=inactive_too).plans)) is called


def test_today_is_the_districts_day():
    alisa = family("Alisa", students=("Son",)).link("Son", "Dad", ends_on=TODAY)
    nearly_midnight = send(district(alisa), Reason.EMERGENCY, now=1_772_513_999_000)
    midnight = send(district(alisa), Reason.EMERGENCY, now=1_772_514_000_000)
    assert [len(planned.plans) for planned in (nearly_midnight, midnight)] == [3, 2]


def test_a_contact_who_is_inactive_is_not_called():
    alisa = family("Alisa", students=("Son",)).change("Dad", active=False)
    assert told(send(district(alisa)).plans) == ["home > Son", "Mom > Son"]


@pytest.mark.parametrize(
    "change",
    [
        {"active": False},
        {"enrollments": ()},
        {"enrollments": (Enrollment("oak", ends_on=TODAY - 1),)},
        {"enrollments": (Enrollment("oak", begins_on=TODAY + 1),)},
    ],
)
def test_a_student_who_is_not_enrolled_today_is_left_out_unless_inactive_ones_are_included(change):
    alisa = family("Alisa").change("Son", **change)
    assert send(district(alisa)).students == 1
    assert send(district(alisa), include_inactive=True).students == 2


def test_a_student_named_who_is_not_enrolled_or_not_known_is_listed():
    alisa = family("Alisa").change("Son", active=False)
    planned = send(district(alisa), about=["Alisa-Daughter", "Alisa-Son", "nobody", "Alisa-Mom"])
    assert planned.students == 1
    assert gaps(planned) == [
        ("p:Alisa-Mom", "unknown_person"),
        ("s:Alisa-Son", "not_enrolled"),
        ("p:nobody", "unknown_person"),
    ]


@pytest.mark.row("C085")
def test_a_student_without_any_messenger_contact_is_reported_and_not_dropped():
    """Every student needs at least one messenger contact, or the message may not reach anyone (report the gap)."""
    alisa = family("Alisa").link("Son", "Dad", messenger=False).link("Son", "Mom", messenger=False)
    planned = send(district(alisa))
    assert (planned.chains, planned.unreachable, planned.students) == (3, 1, 2)
    lost = planned.plans[-1]
    assert (lost.contact_key, lost.contact_name, lost.student_ids, lost.steps, lost.owner) == (
        "s:Alisa-Son", "Son Alisa", ("Alisa-Son",), (), -1,
    )  # fmt: skip
    assert gaps(planned) == [("s:Alisa-Son", "no_contact")]


@pytest.mark.row("C087")
@pytest.mark.parametrize("reason", [r for r in Reason if r is not Reason.STAFF])
def test_a_message_of_any_reason_depends_on_the_messenger_relationship(reason):
    """C087: Emergency, Behavior, Attendance, Failing Grades, Class Messages, Missing Assignments, Message Builder,
    Survey Designer all depend on that relationship.
    """
    alisa = family("Alisa", students=("Son",)).link("Son", "Dad", messenger=False)
    assert told(send(district(alisa), reason).plans) == ["home > Son", "Mom > Son"]


@pytest.mark.row("C001", "C081", "C083")
def test_a_student_with_any_phone_gets_student_messages():
    """Staff create voice messages for three recipient classes: parents, students, district staff.

    A student with any phone number can get "student" messages.
    Message Builder, Class Messages, Survey Designer can target students.
    """
    alisa = family("Alisa").devices("Son", device(CELL, phone(1), reasons=0))
    planned = send(district(alisa), to=AudienceKind.STUDENTS)
    assert told(planned.plans) == ["Son > Son", "Daughter > Daughter"]
    assert (planned.chains, planned.unreachable) == (1, 1)
    assert gaps(planned) == [("p:Alisa-Daughter", "no_phone")]


def test_a_students_preferences_are_honored_where_any_are_set():
    alisa = family("Alisa", students=("Son",)).devices(
        "Son", device(CELL, phone(1), reasons=0), device(WORK, phone(2), reasons=Reason.GENERAL.mask)
    )
    general, attendance = (
        send(district(alisa), reason, to=AudienceKind.STUDENTS).plans[0].steps
        for reason in (Reason.GENERAL, Reason.ATTENDANCE)
    )
    assert [step.number for step in general] == [phone(2)]
    assert attendance == ()


@pytest.mark.row("C088")
def test_staff_need_a_phone_and_one_voice_box_marked():
    """Staff need a phone number and at least one voice checkbox."""
    planned = send(
        district(
            staff("ana", device(CELL, phone(1), Reason.PRIORITY.mask), device(WORK, phone(2), Reason.GENERAL.mask)),
            staff("ben", device(CELL, phone(3), Reason.PRIORITY.mask)),
            staff("cy", device(CELL, phone(4), reasons=0)),
            staff("di", device(PAGER, phone(5))),
        ),
        to=AudienceKind.STAFF,
    )
    assert [[step.number for step in chain.steps] for chain in planned.plans] == [[phone(2)], [phone(3)], [], []]
    assert gaps(planned) == [("p:cy", "no_preference"), ("p:di", "no_phone")]
    assert planned.students == 0


@pytest.mark.row("C044", "C089")
def test_an_emergency_reaches_staff_of_the_types_chosen():
    """Can target current staff; staff must have a matching Staff Type on District Assignments.

    Emergency Messenger, Staff Messenger and Survey Designer can target current staff.
    """
    roster = district(
        staff("ana", device(CELL, phone(1)), types=("nurse", "teacher")),
        staff("ben", device(CELL, phone(2)), types=("driver",)),
        staff("cy", device(CELL, phone(3)), types=()),
    )
    chosen = send(roster, Reason.EMERGENCY, audience=Audience(AudienceKind.STAFF, staff_types=("nurse", "driver")))
    assert [chain.contact_key for chain in chosen.plans] == ["p:ana", "p:ben"]
    one_type = send(roster, Reason.EMERGENCY, audience=Audience(AudienceKind.STAFF, staff_types=("nurse",)))
    assert [chain.contact_key for chain in one_type.plans] == ["p:ana"]
    assert len(send(roster, to=AudienceKind.STAFF).plans) == 3


def test_filters_narrow_each_other():
    oak, elm = family("Alisa"), family("Ben", school="elm")
    oak.change("Son", grade="4")
    roster = district(oak, elm, staff("ana", device(CELL, phone(1))))
    assert send(roster, audience=Audience(school_ids=("oak",))).students == 2
    assert send(roster, audience=Audience(school_ids=("oak",), grades=("4",))).students == 1
    assert send(roster, audience=Audience(grades=("3",))).students == 3
    assert send(roster, audience=Audience(AudienceKind.STAFF, school_ids=("oak",))).chains == 1


def test_an_audience_of_nobody_is_refused():
    roster = district(family("Alisa"))
    with pytest.raises(AudienceError, match="no enrolled student"):
        send(roster, audience=Audience(grades=("12",)))
    with pytest.raises(AudienceError, match="no member of staff"):
        send(roster, to=AudienceKind.STAFF)
    with pytest.raises(AudienceError, match="no school 'ok'"):
        send(roster, audience=Audience(school_ids=("ok",)))
