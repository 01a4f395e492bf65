"""Proofs about contacts, phones, households and preferences beside OneRoster."""

from datetime import date

import pytest

from store.people import Member, Role
from store.records import ALL_REASONS, DeviceKind, Reason
from tests.engine.roster.bundles import FAMILY, device, family, home, link, person, told

CONTACTS = (
    "studentSourcedId,contactSourcedId,relationship,messenger,guardian,emergencyPriority,startDate,endDate\n"
    "son,mom,Mother,true,true,1,,\n"
    "son,aunt,Aunt,yes,no,2,2020-01-01,2021-06-30\n"
)
PREFERENCES = "userSourcedId,householdId,point,device,reason,on\n"
HOUSEHOLDS = "householdId,name,phone,extension,userSourcedId,startDate,endDate\n"
PHONES = "userSourcedId,point,phone,extension,private\n"


@pytest.mark.row("C055")
def test_contacts_csv_alone_holds_the_messenger_boxes(tmp_path):
    """C055: Recipients come from the Messenger checkbox per contact per student."""
    found = family(tmp_path, contacts=CONTACTS)
    assert not found.problems
    aunt = link(found, "son", "aunt")
    assert (aunt.messenger, aunt.guardian, aunt.emergency_priority, aunt.relation) == (True, False, 2, "Aunt")
    assert (aunt.begins_on, aunt.ends_on) == (date(2020, 1, 1).toordinal(), date(2021, 6, 30).toordinal())
    assert link(found, "son", "mom").messenger
    assert not link(found, "son", "dad").messenger
    assert not link(found, "daughter", "mom").messenger


def test_bad_contacts_are_reported_row_by_row(tmp_path):
    bad = (
        "son,mom,Mother,true,true,1,,\n"
        "son,ghost,Aunt,true,,,,\n"
        "mom,dad,Spouse,true,,,,\n"
        "son,dad,Father,often,,,,\n"
        "son,dad,Father,true,,,8/31/2024,\n"
        "son,dad,Father,true,,,2025-02-30,\n"
        "son,dad,Father,true,,,2025-02-02,2025-02-01\n"
        "son,dad,,true,,first,,\n"
        ",dad,Father,true,,,,\n"
    )
    found = family(tmp_path, contacts=CONTACTS + bad)
    assert told(found) == [
        "contacts.csv line 4, contactSourcedId: 'mom' is there twice for the same student and time",
        "contacts.csv line 5, contactSourcedId: 'ghost' is not in users.csv",
        "contacts.csv line 6, studentSourcedId: 'mom' is no student",
        "contacts.csv line 7, messenger: 'often' is neither true nor false",
        "contacts.csv line 8, startDate: '8/31/2024' is not a date like 2026-08-31",
        "contacts.csv line 9, startDate: '2025-02-30' is not a date like 2026-08-31",
        "contacts.csv line 10, endDate: ends before it begins",
        "contacts.csv line 11, emergencyPriority: 'first' is not a number from 0 to 99",
        "contacts.csv line 12, studentSourcedId: is blank",
    ]
    assert link(found, "son", "dad").messenger
    assert link(found, "son", "dad").relation == "parent"


def test_a_contact_may_come_back_after_an_ended_relationship(tmp_path):
    found = family(tmp_path, contacts=CONTACTS + "son,aunt,Aunt,true,,,2024-01-01,\n")
    assert not found.problems
    assert sum(one.contact_id == "aunt" for one in found.roster.relationships) == 2


def test_a_member_of_staff_who_is_a_contact_is_both(tmp_path):
    found = family(tmp_path, contacts=CONTACTS + "daughter,coach,Father,true,true,1,,\n")
    assert person(found, "coach").roles == Role.STAFF | Role.CONTACT


@pytest.mark.row("C059")
def test_phones_csv_gives_the_other_points_with_extension_and_private_flag(tmp_path):
    """C059: Phone fields carry an extension box."""
    rows = "mom,work,612-555-0140,4410,true\nmom,work,612-555-0141 x7,,\nmom,pager,612-555-0142,,\n"
    found = family(tmp_path, phones=PHONES + rows + "mom,cell,612-555-0112,,\n")
    assert not found.problems
    devices = [(one.kind, one.number[-4:], one.extension, one.private) for one in person(found, "mom").devices]
    assert devices == [
        (DeviceKind.CELL, "0112", "", False),
        (DeviceKind.WORK, "0140", "4410", True),
        (DeviceKind.WORK, "0141", "7", False),
        (DeviceKind.PAGER, "0142", "", False),
    ]
    assert device(found, "mom", DeviceKind.PAGER).voice_reasons == 0


def test_bad_phones_are_reported_and_the_person_stays(tmp_path):
    rows = (
        "mom,fax,612-555-0140,,\nmom,household,612-555-0140,,\nmom,work,,,\nmom,work,555-0140,,\n"
        "mom,work,612-555-0140,front desk,\nghost,work,612-555-0140,,\nmom,work,612-555-0140,,often\n"
    )
    found = family(tmp_path, phones=PHONES + rows)
    assert told(found) == [
        "phones.csv line 2, point: 'fax' is none of household, cell, work, other, pager",
        "phones.csv line 3, point: a household's number stands in households.csv",
        "phones.csv line 4, phone: is blank",
        "phones.csv line 5, phone: 7 digits: no area code",
        "phones.csv line 6, extension: is not up to 8 digits",
        "phones.csv line 7, userSourcedId: 'ghost' is not in users.csv",
        "phones.csv line 8, private: 'often' is neither true nor false",
    ]
    assert [one.kind for one in person(found, "mom").devices] == [DeviceKind.CELL]


def test_with_households_csv_households_come_from_it_alone(tmp_path):
    rows = (
        "h1,Anderson household,612-555-0100,3,mom,,2030-01-01\nh1,,,,son,,\n"
        "h2,,612-555-0150,,dad,,\nh2,Dad's,612-555-0150,,son,,\n"
    )
    found = family(tmp_path, households=HOUSEHOLDS + rows)
    assert not found.problems
    first, second = found.roster.households
    assert (first.name, first.number, first.extension) == ("Anderson household", "+16125550100", "3")
    assert first.members == (Member("mom", 0, date(2030, 1, 1).toordinal()), Member("son"))
    assert (second.household_id, second.name, second.number) == ("h2", "Dad's", "+16125550150")
    assert [one.kind for one in person(found, "mom").devices] == [DeviceKind.CELL]
    assert device(found, "dad", DeviceKind.OTHER).number == "+16125550100"


def test_bad_household_rows_are_reported(tmp_path):
    rows = (
        "h1,A,612-555-0100,,mom,,\nh1,A,612-555-0199,,son,,\nh1,A,,,mom,,\nh1,A,555-0100,,dad,,\n"
        "h1,A,,,ghost,,\n,A,,,mom,,\nh1,A,,,aunt,bad,\n"
    )
    found = family(tmp_path, households=HOUSEHOLDS + rows)
    assert told(found) == [
        "households.csv line 3, phone: another phone than an earlier row gives household 'h1'",
        "households.csv line 4, userSourcedId: 'mom' is there twice in the same household",
        "households.csv line 5, phone: 7 digits: no area code",
        "households.csv line 6, userSourcedId: 'ghost' is not in users.csv",
        "households.csv line 7, householdId: is blank",
        "households.csv line 8, startDate: 'bad' is not a date like 2026-08-31",
    ]
    assert [member.person_id for member in home(found, "mom").members] == ["mom", "son", "dad"]


@pytest.mark.row("C057", "C084", "C088")
def test_with_preferences_csv_only_what_is_listed_as_on_is_on(tmp_path):
    """C057: Per contact point and device: Emergency, Attendance, Behavior Messenger, General, Food Service, Priority,
    Teacher. C084: Guardian needs a phone number and marked checkboxes per message type. C088: Staff need a phone number
    and at least one voice checkbox.
    """
    rows = (
        'mom,,cell,voice,"emergency,Food Service",true\nmom,,cell,voice,general,false\nmom,,cell,text,general,true\n'
        "coach,,cell,voice,all,true\n"
    )
    found = family(tmp_path, preferences=PREFERENCES + rows)
    assert not found.problems
    assert device(found, "mom", DeviceKind.CELL).voice_reasons == Reason.EMERGENCY.mask | Reason.FOOD_SERVICE.mask
    assert device(found, "coach", DeviceKind.CELL).voice_reasons == ALL_REASONS
    assert device(found, "dad", DeviceKind.CELL).voice_reasons == 0
    assert home(found, "mom").voice_reasons == 0
    assert not any("Voice" in sentence for sentence in found.roster.defaults_used)


@pytest.mark.row("C060")
def test_a_household_preference_holds_for_all_members_however_it_is_given(tmp_path):
    """C060: Household phone preferences apply to all active members of the household."""
    by_member = family(tmp_path / "a", preferences=PREFERENCES + "mom,,household,voice,priority,true\n")
    assert home(by_member, "dad").voice_reasons == Reason.PRIORITY.mask
    by_id = family(
        tmp_path / "b",
        households=HOUSEHOLDS + "h1,A,612-555-0100,,mom,,\nh1,,,,dad,,\n",
        preferences=PREFERENCES + ",h1,household,voice,attendance,true\n",
    )
    assert home(by_id, "dad").voice_reasons == Reason.ATTENDANCE.mask


def test_bad_preferences_are_reported(tmp_path):
    rows = (
        "mom,,cell,voice,general,true\nmom,,cell,voice,general,false\nmom,,cell,smoke,general,true\n"
        "mom,,pager,voice,general,true\nmom,,cell,voice,gossip,true\nmom,,cell,voice,,true\n"
        ",h9,household,voice,general,true\n,home-dad,cell,voice,general,true\nghost,,cell,voice,general,true\n"
        "mom,,ear,voice,general,true\nmom,,cell,voice,general,often\n"
    )
    found = family(tmp_path, preferences=PREFERENCES + rows)
    assert [line.split(": ")[0] for line in told(found)] == [
        "preferences.csv line 3, on",
        "preferences.csv line 4, device",
        "preferences.csv line 5, device",
        "preferences.csv line 6, reason",
        "preferences.csv line 7, reason",
        "preferences.csv line 8, householdId",
        "preferences.csv line 9, point",
        "preferences.csv line 10, userSourcedId",
        "preferences.csv line 11, point",
        "preferences.csv line 12, on",
    ]
    assert device(found, "mom", DeviceKind.CELL).voice_reasons == Reason.GENERAL.mask


def test_problems_never_quote_a_phone_number(tmp_path):
    users = FAMILY.replace("612.555.0112", "12.555.0112")
    found = family(tmp_path, users=users, phones=PHONES + "mom,work,612-555-01400,,\n")
    assert len(found.problems) == 2
    assert not any("555" in problem.reason or "0112" in problem.reason for problem in found.problems)
