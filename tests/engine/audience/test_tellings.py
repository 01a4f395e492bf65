"""Messages that tell of events: one chain about each student, school and event, told once."""

import pytest

from engine.audience.gaps import GapReason
from engine.messaging.planning import Planned, plan
from store.errors import AudienceError
from store.people import Enrollment
from store.records import Audience, AudienceKind, Detail, DeviceKind, Message, Reason, Saying
from tests.engine.messaging.district import (
    MONDAY_TEN,
    chain_of,
    device,
    district,
    family,
    phone,
    send,
    settings,
    staff,
    told,
)


def absence(student: str = "Alisa-Son", school: str = "", status: str = "absent") -> Detail:
    return Detail(student, school, f"attendance/2026-03-02/{student}/{school}", (("status", status),))


def incident(event: str, student: str = "Alisa-Son") -> Detail:
    return Detail(student, "", f"behavior/{event}/{student}", (("event", event),))


def tell(roster, *details: Detail, reason: Reason = Reason.ATTENDANCE, **more) -> Planned:
    return send(roster, reason, text=more.pop("text", "{students} was {status}."), details=details, **more)


def gaps(planned: Planned) -> list[tuple[str, str]]:
    return [(gap.contact_key, str(gap.reason)) for gap in planned.gaps]


def test_only_the_contacts_of_students_with_events_are_called_each_about_them():
    planned = tell(district(family("Alisa"), family("Ben")), absence())
    assert told(planned.plans) == ["home > Son", "Dad > Son", "Mom > Son"]
    assert {chain.occasions for chain in planned.plans} == {("attendance/2026-03-02/Alisa-Son/oak",)}
    assert all("Son Alisa was absent." in chain.text for chain in planned.plans)


def test_a_child_in_two_schools_is_told_of_at_each_and_a_row_that_names_one_at_that_one():
    both = (Enrollment("oak"), Enrollment("elm"))
    roster = district(family("Alisa", parents=("Mom",), students=("Son",)).change("Son", enrollments=both))
    planned = tell(roster, absence())
    assert sorted((chain.contact_key, chain.school_id) for chain in planned.plans) == [
        ("h:Alisa-home", "elm"), ("h:Alisa-home", "oak"), ("p:Alisa-Mom", "elm"), ("p:Alisa-Mom", "oak"),
    ]  # fmt: skip
    assert {chain.school_id for chain in tell(roster, absence(school="elm")).plans} == {"elm"}


@pytest.mark.parametrize("grouping", [False, True])
def test_an_absence_that_one_row_tells_with_its_school_and_another_without_is_told_once(grouping):
    roster = district(family("Alisa", parents=("Mom",), students=("Son",)))
    for rows in ((absence(), absence(school="oak")), (absence(school="oak"), absence())):
        planned = tell(roster, *rows, grouping=grouping)
        assert told(planned.plans) == ["home > Son", "Mom > Son"]
        assert all(chain.text.count("was absent") == 1 for chain in planned.plans)


def test_each_contact_hears_an_events_day_in_their_own_language():
    mom, dad = Saying("es", "{students}: {date}, {status}."), "{students}: {date}, {status}."
    roster = district(family("Alisa", students=("Son",)).change("Mom", language="es").home(number=""))
    fields = (("date", "2026-03-02"), ("status", "absent"))
    detail = Detail("Alisa-Son", "oak", "attendance/2026-03-02/Alisa-Son/oak", fields)
    message = Message(Reason.ATTENDANCE, "Absence", dad, sayings=(mom,))
    planned = plan(roster, message, Audience(), None, settings(), MONDAY_TEN, (detail,))
    assert "Son Alisa: Monday, March 2, absent." in chain_of(planned, "Dad").text
    assert "Son Alisa: lunes 2 de marzo, ausente." in chain_of(planned, "Mom").text


def test_two_events_of_one_student_are_two_chains_and_one_call_when_grouped():
    roster = district(family("Alisa", parents=("Mom",)))
    events = incident("a fight"), incident("a theft"), incident("a prank", "Alisa-Daughter")
    text = "{students}: {event}."
    apart = tell(roster, *events, reason=Reason.BEHAVIOR, text=text)
    assert len(apart.plans) == 6
    assert {chain.occasions for chain in apart.plans} == {(one.occasion,) for one in events}
    grouped = tell(roster, *events, reason=Reason.BEHAVIOR, text=text, grouping=True)
    assert told(grouped.plans) == ["home > Daughter and Son", "Mom > Daughter and Son"]
    for chain in grouped.plans:
        assert "Daughter Alisa: a prank. Son Alisa: a fight. Son Alisa: a theft." in chain.text
        assert len(chain.occasions) == 3


def test_what_was_told_before_is_listed_and_not_told_again():
    roster = district(family("Alisa"))
    before = {
        "attendance/2026-03-02/Alisa-Son/oak": GapReason.ALREADY_TOLD,
        "attendance/2026-03-02/Alisa-Daughter/oak": GapReason.IN_HAND,
    }
    planned = tell(roster, absence(), absence("Alisa-Daughter"), seen=before)
    assert planned.plans == []
    assert gaps(planned) == [("s:Alisa-Daughter", "in_hand"), ("s:Alisa-Son", "already_told")]


def test_students_the_roster_lacks_or_who_are_not_at_that_school_are_listed():
    planned = tell(district(family("Alisa")), absence(), absence("nobody"), absence("Alisa-Daughter", "elm"))
    assert told(planned.plans) == ["home > Son", "Dad > Son", "Mom > Son"]
    assert gaps(planned) == [("p:nobody", "unknown_person"), ("s:Alisa-Daughter", "not_enrolled")]


def test_the_audience_narrows_whom_the_events_are_told():
    one, other = family("Alisa").change("Son", grade="9"), family("Ben")
    roster = district(one, other)
    events = absence(), absence("Ben-Son")
    assert tell(roster, *events, audience=Audience(grades=("9",))).students == 1
    assert tell(roster, *events, audience=Audience(person_ids=("Ben-Son",))).plans[0].student_ids == ("Ben-Son",)
    with pytest.raises(AudienceError, match="about nobody on the list of people"):
        tell(roster, *events, audience=Audience(person_ids=("Ben-Daughter",)))
    assert tell(roster, absence(school="oak"), audience=Audience(school_ids=("oak",))).chains == 3


def test_events_of_students_without_a_contact_are_listed():
    planned = tell(district(family("Alisa", parents=())), absence())
    assert (planned.chains, planned.unreachable, gaps(planned)) == (0, 1, [("s:Alisa-Son", "no_contact")])


def test_a_member_of_staff_is_told_of_each_resolution():
    roster = district(staff("ana", device(DeviceKind.CELL, phone(1))))
    two = [Detail("ana", "", "", (("event", name), ("resolution", "a talk"))) for name in ("EV1", "EV2")]
    text = "{event}: {resolution}."
    planned = tell(roster, *two, reason=Reason.STAFF, to=AudienceKind.STAFF, text=text)
    assert [("EV1: a talk." in chain.text, "EV2: a talk." in chain.text) for chain in planned.plans] == [
        (True, False), (False, True),
    ]  # fmt: skip
    (grouped,) = tell(roster, *two, reason=Reason.STAFF, to=AudienceKind.STAFF, text=text, grouping=True).plans
    assert "EV1: a talk. EV2: a talk." in grouped.text
