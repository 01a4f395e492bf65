"""Filters narrow an audience: calendars, classes, languages, contacts by key; what the roster lacks is refused."""

from typing import Any

import msgspec
import pytest

from engine.audience.gaps import GapReason
from engine.audience.selection import grade_word, pair_key
from store.errors import AudienceError, InvalidInputError
from store.people import Enrollment, Person, SchoolClass
from store.records import Audience, AudienceKind, DeviceKind, Reason
from tests.engine.messaging.district import (
    calendar,
    day,
    device,
    district,
    family,
    phone,
    send,
    staff,
    told,
    with_classes,
    with_years,
)

THIS_YEAR = calendar("oak", "2025-08-25", "2026-06-10")
LAST_YEAR = calendar("oak", "2024-08-25", "2025-06-10")
NEXT_YEAR = calendar("oak", "2026-08-25", "2027-06-10")
ELM_YEAR = calendar("elm", "2025-08-25", "2026-06-10")


def audience(**filters: Any) -> Audience:
    values: dict[str, Any] = {name: (value,) if isinstance(value, str) else value for name, value in filters.items()}
    return Audience(**values)


def speaking(language: str, person: Person) -> Person:
    return msgspec.structs.replace(person, language=language)


# ---------------------------------------------------------------- calendars


def test_a_calendar_lets_through_who_is_enrolled_at_its_school_in_its_year():
    roster = with_years(district(family("Alisa"), family("Ben", school="elm")), THIS_YEAR, ELM_YEAR)
    assert send(roster, audience=audience(calendar_ids="elm/2026")).students == 2
    assert send(roster, audience=audience(calendar_ids=("elm/2026", "oak/2026"))).students == 4


def test_who_left_before_the_calendar_began_or_comes_later_is_not_in_it():
    alisa = family("Alisa").change("Son", enrollments=(Enrollment("oak", 0, day("2026-07-01")),))
    roster = with_years(district(alisa), THIS_YEAR, NEXT_YEAR)
    assert send(roster, audience=audience(calendar_ids="oak/2026")).students == 2
    assert send(roster, audience=audience(calendar_ids="oak/2027")).students == 1


def test_a_calendar_that_is_over_has_nobody_in_it_unless_the_inactive_count():
    roster = with_years(district(family("Alisa")), LAST_YEAR, THIS_YEAR)
    with pytest.raises(AudienceError, match=r"'oak/2025' ended on 2025-06-10.*Choose among its calendars: oak/2026\."):
        send(roster, audience=audience(calendar_ids="oak/2025"))
    assert send(roster, audience=audience(calendar_ids="oak/2025"), include_inactive=True).students == 2


def test_staff_belong_to_the_calendars_of_their_schools():
    roster = district(staff("ana", device(DeviceKind.CELL, phone(1))), staff("ben", school="elm"))
    chosen = send(with_years(roster, THIS_YEAR), audience=Audience(AudienceKind.STAFF, calendar_ids=("oak/2026",)))
    assert [chain.contact_key for chain in chosen.plans] == ["p:ana"]


# ---------------------------------------------------------------- classes


def test_a_class_lets_through_who_sits_in_it_today():
    alisa = family("Alisa")
    seats = (day("2025-08-25"), day("2026-03-01")), (day("2025-08-25"), 0)
    science = SchoolClass("science", "oak", "Science", (), (alisa.id("Daughter"), alisa.id("Son")), (), seats)
    left_yesterday = send(with_classes(district(alisa), science), audience=audience(class_ids="science"))
    assert told(left_yesterday.plans) == ["home > Son", "Dad > Son", "Mom > Son"]


def test_a_message_about_a_class_is_about_the_school_of_the_class():
    alisa = family("Alisa", parents=("Mom",), students=("Son",))
    alisa.change("Son", enrollments=(Enrollment("oak"), Enrollment("elm")))
    art = SchoolClass("art", "elm", "Art", (), (alisa.id("Son"),))
    planned = send(with_classes(district(alisa), art), audience=audience(class_ids="art"))
    assert {chain.school_id for chain in planned.plans} == {"elm"}


# ---------------------------------------------------------------- languages


def test_delivery_is_limited_to_contacts_that_speak_a_language():
    alisa = family("Alisa", students=("Son",)).change("Mom", language="es-MX")
    planned = send(district(alisa), audience=audience(languages="es"))
    assert told(planned.plans) == ["home > Son", "Mom > Son"], "the household has a contact who speaks it"
    assert planned.gaps == ()


def test_a_household_none_of_whose_contacts_speaks_the_language_is_not_called():
    alisa = family("Alisa", students=("Son",)).change("Mom", language="es").home(members=())
    assert told(send(district(alisa), audience=audience(languages="ES")).plans) == ["Mom > Son"]


def test_students_and_staff_are_limited_by_what_they_speak_themselves():
    alisa = family("Alisa").devices("Son", device(DeviceKind.CELL, phone(1))).change("Son", language="so")
    ana, ben = (staff(name, device(DeviceKind.CELL, phone(n))) for n, name in ((2, "ana"), (3, "ben")))
    roster = district(alisa, speaking("so", ana), ben)
    for kind, expected in ((AudienceKind.STUDENTS, "p:Alisa-Son"), (AudienceKind.STAFF, "p:ana")):
        planned = send(roster, audience=Audience(kind, languages=("so",)))
        assert [chain.contact_key for chain in planned.plans] == [expected]


def test_a_language_nobody_speaks_is_refused_with_those_that_are_spoken():
    alisa = family("Alisa").change("Mom", language="es")
    with pytest.raises(AudienceError, match=r"none of its contacts speaks so\. Spoken are en, es\."):
        send(district(alisa), audience=audience(languages="so"))


# ---------------------------------------------------------------- contacts by key


def test_contacts_by_key_are_called_about_the_students_named_with_them():
    roster = district(family("Alisa"))
    keys = ("h:Alisa-home", pair_key("p:Alisa-Mom", "Alisa-Son"))
    planned = send(roster, audience=Audience(contact_keys=keys))
    assert told(planned.plans) == ["home > Daughter", "home > Son", "Mom > Son"]


def test_contacts_who_are_none_any_more_are_listed():
    alisa = family("Alisa").link("Son", "Dad", messenger=False).link("Daughter", "Dad", messenger=False)
    planned = send(district(alisa), audience=Audience(contact_keys=("p:Alisa-Mom", "p:Alisa-Dad", "h:gone")))
    assert told(planned.plans) == ["Mom > Daughter", "Mom > Son"]
    assert [(gap.contact_key, gap.contact_name, gap.reason) for gap in planned.gaps] == [
        ("h:gone", "", GapReason.GONE), ("p:Alisa-Dad", "Dad Alisa", GapReason.GONE),
    ]  # fmt: skip
    with pytest.raises(AudienceError, match="none of the contacts asked for"):
        send(district(alisa), audience=Audience(contact_keys=("p:Alisa-Dad",)))


# ---------------------------------------------------------------- what there is not


@pytest.mark.parametrize(
    ("filters", "sentence"),
    [
        ({"school_ids": "ok"}, r"no school 'ok'. Choose among its schools: elm, oak."),
        ({"calendar_ids": "oak/2031"}, r"no calendar 'oak/2031'. Choose among its calendars: oak/2026."),
        ({"class_ids": "latin"}, r"no class 'latin'. Choose among its classes: science."),
        ({"grades": "99"}, "no enrolled student passes"),
        ({"person_ids": "nobody"}, "no enrolled student passes"),
    ],
)
def test_a_filter_that_names_what_there_is_not_is_refused_with_what_there_is(filters, sentence):
    roster = with_years(district(family("Alisa")), THIS_YEAR)
    roster = with_classes(roster, SchoolClass("science", "oak", "Science"))
    with pytest.raises(AudienceError, match=sentence):
        send(roster, audience=audience(**filters))


def test_filters_that_go_with_other_people_are_refused():
    roster = district(family("Alisa"), staff("ana", device(DeviceKind.CELL, phone(1))))
    with pytest.raises(InvalidInputError, match="Staff have no grades"):
        send(roster, audience=Audience(AudienceKind.STAFF, grades=("3",)))
    with pytest.raises(InvalidInputError, match="Staff types narrow messages to staff only"):
        send(roster, audience=Audience(staff_types=("teacher",)))
    with pytest.raises(AudienceError, match=r"no staff type 'techer'. Choose among its staff types: teacher\."):
        send(roster, Reason.GENERAL, audience=Audience(AudienceKind.STAFF, staff_types=("techer",)))


def test_a_grade_is_found_however_its_zeros_and_letters_are_written():
    third, kinder = family("Alisa").change("Son", grade="03"), family("Ben").change("Son", grade="K")
    roster = district(third, kinder)
    assert send(roster, audience=Audience(grades=("k", "3"))).students == 4
    assert send(roster, audience=Audience(grades=("03",))).students == 3
    assert [grade_word(grade) for grade in ("00", "0", "", "K", "PK", "010")] == ["0", "0", "", "k", "pk", "10"]


def test_a_grade_the_roster_lacks_is_refused_beside_others_and_never_left_out_in_silence():
    with pytest.raises(AudienceError, match=r"no grade '33'\. Choose among its grades: 3"):
        send(district(family("Alisa")), audience=Audience(grades=("3", "33")))
