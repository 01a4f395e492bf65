"""What a bundle says of preferences: every point, voice, text and mail, and the boxes of a relationship."""

from datetime import date

import pytest

from store.documents import Point
from store.people import Email
from store.records import ALL_REASONS, DeviceKind, Reason
from tests.engine.roster.bundles import FAMILY, device, family, home, link, person, told

PREFERENCES = "userSourcedId,householdId,point,device,reason,on\n"
PHONES = "userSourcedId,point,phone,extension,private\n"
WITH_EMAIL = FAMILY.replace(
    "mom,,Alisa,Anderson,,,,612.555.0112", "mom,,Alisa,Anderson,,,alisa@example.org,612.555.0112"
)


@pytest.mark.row("C057")
def test_each_delivery_of_each_point_has_reasons_of_its_own(tmp_path):
    """C057: Per contact point and device: Emergency, Attendance, Behavior Messenger, General, Food Service, Priority,
    Teacher
    """
    rows = (
        'mom,,cell,voice,"emergency,Food Service",true\nmom,,cell,text,"general,teacher",true\n'
        "mom,,email,mail,attendance,true\nmom,,household,text,priority,true\nmom,,household,voice,behavior,true\n"
    )
    found = family(tmp_path, users=WITH_EMAIL, preferences=PREFERENCES + rows)
    assert not found.problems
    cell = device(found, "mom", DeviceKind.CELL)
    assert cell.voice_reasons == Reason.EMERGENCY.mask | Reason.FOOD_SERVICE.mask
    assert cell.text_reasons == Reason.GENERAL.mask | Reason.TEACHER.mask
    assert person(found, "mom").emails == (Email("alisa@example.org", False, Reason.ATTENDANCE.mask),)
    assert (home(found, "dad").voice_reasons, home(found, "dad").text_reasons) == (
        Reason.BEHAVIOR.mask,
        Reason.PRIORITY.mask,
    )


@pytest.mark.row("C058", "C059")
def test_every_contact_point_can_be_brought_with_its_extension_and_private_flag(tmp_path):
    """C058: Contact points: Email, Secondary Email, Household phone, Cell, Other, Work, Pager; each phone has a Voice
    and a Text row and a Private flag. C059: Phone fields carry an extension box.
    """
    users = WITH_EMAIL.replace(",password\n", ",password,metadata.msgr.secondaryEmail\n", 1)
    lines = [
        f"{line}," if not line.startswith("mom") else f"{line},home@example.org" for line in users.splitlines()[1:]
    ]
    rows = "mom,work,612-555-0140,4410,true\nmom,pager,612-555-0142,,\nmom,other,612-555-0143,,\n"
    marks = "".join(f"mom,,{point.word},{'mail' if point.is_email else 'text'},all,true\n" for point in Point)
    found = family(
        tmp_path, users="\n".join([users.splitlines()[0], *lines]) + "\n", phones=PHONES + rows,
        preferences=PREFERENCES + marks,
    )  # fmt: skip
    assert not found.problems
    mom = person(found, "mom")
    assert mom.emails == (
        Email("alisa@example.org", False, ALL_REASONS),
        Email("home@example.org", True, ALL_REASONS),
    )
    assert home(found, "mom").text_reasons == ALL_REASONS
    assert [(one.kind.word, one.extension, one.private, one.text_reasons) for one in mom.devices] == [
        ("cell", "", False, ALL_REASONS), ("work", "4410", True, ALL_REASONS), ("pager", "", False, ALL_REASONS),
        ("other", "", False, ALL_REASONS),
    ]  # fmt: skip
    assert all(one.voice_reasons == 0 for one in mom.devices)


def test_without_the_file_voice_has_its_default_and_texts_and_mail_are_off(tmp_path):
    found = family(tmp_path, users=WITH_EMAIL)
    cell = device(found, "mom", DeviceKind.CELL)
    assert cell.voice_reasons
    assert cell.text_reasons == 0
    assert person(found, "mom").emails == (Email("alisa@example.org"),)


def test_bad_rows_and_bad_addresses_are_reported(tmp_path):
    rows = (
        "mom,,cell,mail,general,true\nmom,,email,voice,general,true\nmom,,email,,general,true\n"
        "mom,,cell,text,general,true\nmom,,cell,text,general,false\n"
    )
    users = FAMILY.replace("mom,,Alisa,Anderson,,,,612", "mom,,Alisa,Anderson,,,alisa at home,612")
    found = family(tmp_path, users=users, preferences=PREFERENCES + rows)
    assert told(found) == [
        "users.csv line 5, email: is no e-mail address",
        "preferences.csv line 2, device: an address has mail alone, and a phone has none",
        "preferences.csv line 3, device: an address has mail alone, and a phone has none",
        "preferences.csv line 6, on: contradicts an earlier row for the same phone and reason",
    ]


@pytest.mark.row("C056")
def test_a_relationship_carries_all_its_attributes(tmp_path):
    """C056: Relationship attributes shown: start/end date, Emergency Priority, Guardian, Mailing, Portal, Messenger,
    Private
    """
    header = (
        "studentSourcedId,contactSourcedId,relationship,messenger,guardian,emergencyPriority,startDate,endDate,"
        "mailing,portal,private\n"
    )
    row = "son,mom,Mother,true,true,2,2026-09-01,2027-06-30,true,false,yes\n"
    found = family(tmp_path, contacts=header + row)
    assert not found.problems
    one = link(found, "son", "mom")
    assert (one.begins_on, one.ends_on) == (date(2026, 9, 1).toordinal(), date(2027, 6, 30).toordinal())
    assert (one.emergency_priority, one.guardian, one.messenger) == (2, True, True)
    assert (one.mailing, one.portal, one.private) == (True, False, True)


def test_a_reason_marked_off_is_more_than_one_left_unmarked(tmp_path):
    """C212, decision 53: a student who said no is not called because nothing else is marked."""
    rows = "mom,,cell,voice,general,false\nmom,,cell,text,emergency,false\n"
    cell = device(family(tmp_path, preferences=PREFERENCES + rows), "mom", DeviceKind.CELL)
    assert (cell.voice_reasons, cell.refused_reasons) == (0, Reason.GENERAL.mask)
    assert device(family(tmp_path / "plain"), "mom", DeviceKind.CELL).refused_reasons == 0
