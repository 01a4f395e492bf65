"""Proofs about OneRoster 1.1, 1.2 and the shape Microsoft SDS gives it."""

from datetime import date

import pytest

from engine.roster.importer import import_bundle
from store.people import Enrollment, Role
from store.records import ALL_REASONS, DeviceKind, Reason
from tests.engine.roster.bundles import FAMILY, MANIFEST, ORGS, device, family, home, link, person, told, write

USERS_12 = """sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,\
identifier,email,sms,phone,agentSourcedIds,grades,password,userMasterIdentifier,preferredGivenName,preferredMiddleName,\
preferredFamilyName,primaryOrgSourcedId,pronouns,metadata.msgr.language
kid,active,,true,kid,,Katherine,Lee,,,,,,,"05,06",,,Kit,,,elm,they,
pat,active,,TRUE,pat,,Pat,Lee,,,,612-555-0101,,kid,,,,,,,,,es
tia,active,,true,tia,,Tia,Poe,,,,612-555-0102,,,,,,,,,,,
gone,tobedeleted,,true,gone,,Gone,Poe,,,,,,kid,,,,,,,,,
off,active,,false,off,,Off,Poe,,,,612-555-0103,,kid,,,,,,,,,
"""
ROLES_12 = """sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,\
userProfileSourcedId
r1,active,,kid,primary,student,2024-08-26,,elm,
r2,active,,kid,secondary,student,2020-08-24,2024-06-07,oak,
r3,active,,pat,primary,guardian,2024-08-26,2026-06-05,d1,
r4,active,,tia,primary,teacher,,,oak,
r5,active,,tia,secondary,districtAdministrator,,,d1,
r6,tobedeleted,,tia,secondary,principal,,,elm,
r7,active,,gone,primary,parent,,,elm,
r8,active,,off,primary,parent,,,elm,
"""


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


@pytest.mark.row("C055")
def test_a_plain_bundle_makes_parents_and_guardians_messenger_contacts(tmp_path):
    """C055: Recipients come from the Messenger checkbox per contact per student. Without a contacts file, active parent
    and guardian links have it; other relatives and staff do not (decision 4).
    """
    found = family(tmp_path)
    assert not found.problems
    assert [(one.student_id, one.contact_id) for one in found.roster.relationships if one.messenger] == [
        ("son", "dad"),
        ("son", "mom"),
        ("daughter", "dad"),
        ("daughter", "mom"),
    ]
    assert not link(found, "son", "aunt").messenger
    assert not link(found, "son", "coach").messenger
    assert "No contacts.csv: parents and guardians are messenger contacts" in found.roster.defaults_used[1]


def test_agents_are_read_in_both_directions_and_once(tmp_path):
    found = family(tmp_path)
    pairs = [(one.student_id, one.contact_id) for one in found.roster.relationships]
    assert len(pairs) == len(set(pairs)) == 6


def test_a_phone_shared_about_the_same_student_is_the_households(tmp_path):
    found = family(tmp_path)
    (household,) = found.roster.households
    assert household.name == "Jeremy & Alisa Anderson household"
    assert household.number == "+16125550100"
    assert household.household_id == "home-dad"
    assert [member.person_id for member in household.members] == ["dad", "mom"]
    assert [one.kind for one in person(found, "dad").devices] == [DeviceKind.CELL]


def test_a_phone_nobody_shares_is_the_persons_other_phone(tmp_path):
    found = family(tmp_path)
    assert [(one.kind, one.number) for one in person(found, "aunt").devices] == [
        (DeviceKind.CELL, "+16125550113"),
        (DeviceKind.OTHER, "+16125550114"),
    ]


def test_two_families_with_one_number_do_not_become_one_household(tmp_path):
    users = FAMILY + (
        "kid,active,,true,oak,student,kid,,Kim,Poe,,,,,612-555-0100,,10,\n"
        "pa,active,,true,oak,parent,pa,,Paul,Poe,,,,,612-555-0100,kid,,\n"
        "clerk,active,,true,oak,teacher,clerk,,Cy,Roe,,,,,612-555-0100,,,\n"
    )
    found = family(tmp_path, users=users)
    assert [[member.person_id for member in one.members] for one in found.roster.households] == [
        ["dad", "mom"],
        ["kid", "pa"],
    ]
    assert home(found, "kid").name == "Paul Poe household"
    assert device(found, "clerk", DeviceKind.OTHER).number == "+16125550100"


@pytest.mark.row("C081")
def test_a_students_own_cell_is_kept(tmp_path):
    """C081: A student with any phone number can get "student" messages."""
    found = family(tmp_path, users=FAMILY.replace("Cody,Anderson,,,,,", "Cody,Anderson,,,,612-555-0120,"))
    assert device(found, "son", DeviceKind.CELL).number == "+16125550120"


def test_without_preferences_voice_is_on_for_the_default_reasons(tmp_path):
    found = family(tmp_path)
    expected = sum(reason.mask for reason in (Reason.EMERGENCY, Reason.ATTENDANCE, Reason.PRIORITY, Reason.GENERAL))
    assert device(found, "mom", DeviceKind.CELL).voice_reasons == expected
    assert home(found, "mom").voice_reasons == expected
    assert found.roster.defaults_used[0] == (
        "No preferences.csv: Voice is on for emergency, attendance, general, priority on every phone."
    )
    other = import_bundle(tmp_path, default_reasons=frozenset(Reason))
    assert device(other, "mom", DeviceKind.CELL).voice_reasons == ALL_REASONS


def test_roles_and_preferred_names_of_1_2_are_read(tmp_path):
    found = family(tmp_path, manifest=MANIFEST.format("1.2"), users=USERS_12, roles=ROLES_12)
    assert not found.problems
    kid, tia, pat = person(found, "kid"), person(found, "tia"), person(found, "pat")
    assert (kid.name, kid.grade, kid.roles) == ("Kit Lee", "05", Role.STUDENT)
    assert kid.enrollments == (
        Enrollment("elm", day("2024-08-26"), 0),
        Enrollment("oak", day("2020-08-24"), day("2024-06-07")),
    )
    assert (tia.roles, tia.school_ids, tia.staff_types) == (Role.STAFF, ("oak",), ("teacher", "districtAdministrator"))
    assert (pat.roles, pat.language) == (Role.CONTACT, "es")
    assert [school.school_id for school in found.roster.schools] == ["elm", "oak"]


def test_a_dated_role_of_a_contact_bounds_the_relationship(tmp_path):
    found = family(tmp_path, users=USERS_12, roles=ROLES_12)
    assert (link(found, "kid", "pat").begins_on, link(found, "kid", "pat").ends_on) == (
        day("2024-08-26"),
        day("2026-06-05"),
    )


def test_rows_to_be_deleted_are_left_out_and_disabled_people_are_inactive(tmp_path):
    found = family(tmp_path, users=USERS_12, roles=ROLES_12)
    assert "gone" not in [one.person_id for one in found.roster.people]
    assert not person(found, "off").active
    assert person(found, "pat").active


def test_a_school_only_a_class_tells_of_counts_and_a_listed_one_is_not_narrowed(tmp_path):
    enrollments = (
        "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate\n"
        "e1,active,,c1,oak,son,student,,2025-09-01,2025-12-19\n"
        "e2,active,,c1,elm,son,student,,2025-09-01,2025-12-19\n"
        "e3,active,,c2,elm,son,student,,2026-01-05,2026-06-05\n"
        "e3,active,,c2,elm,son,student,,2026-01-05,2026-06-05\n"
        "e4,active,,c2,ash,nobody,student,,1/05/2026,\n"
    )
    found = family(tmp_path, enrollments=enrollments)
    assert person(found, "son").enrollments == (
        Enrollment("oak"),
        Enrollment("elm", day("2025-09-01"), day("2026-06-05")),
    )
    assert told(found) == [
        "enrollments.csv line 5, sourcedId: 'e3' is there twice",
        "enrollments.csv line 6, userSourcedId: 'nobody' is not in users.csv",
        "enrollments.csv line 6, beginDate: '1/05/2026' is not a date like 2026-08-31",
        "enrollments.csv line 6, schoolSourcedId: 'ash' is not in orgs.csv",
    ]


def test_every_bad_row_is_reported_and_the_good_ones_are_loaded(tmp_path):
    users = FAMILY + (
        "son,active,,true,oak,student,,,Twin,Anderson,,,,,,,,\n"
        "u1,maybe,,true,oak,student,,,Uma,One,,,,,,,,\n"
        "u2,active,,perhaps,oak,student,,,Uma,Two,,,,,,,,\n"
        "u3,active,,true,oak,student,,,,Three,,,,,,,,\n"
        "u4,active,,true,oak,student,,,,,,,,,,,,\n"
        "u5,active,,true,oak,janitor,,,Uma,Five,,,,,,,,\n"
        "u6,active,,true,fir,student,,,Uma,Six,,,,555-0100,603121567,nobody,,\n"
        "u7,active,,true,oak,student,,,Uma,Seven,,,,,,son,,\n"
    )
    found = family(tmp_path, users=users)
    assert told(found) == [
        "users.csv line 8, sourcedId: 'son' is there twice",
        "users.csv line 9, status: 'maybe' is neither active nor tobedeleted",
        "users.csv line 10, enabledUser: 'perhaps' is neither true nor false",
        "users.csv line 11, givenName: is blank",
        "users.csv line 12, givenName: is blank",
        "users.csv line 12, familyName: is blank",
        "users.csv line 13, role: 'janitor' is no OneRoster role",
        "users.csv line 14, sms: 7 digits: no area code",
        "users.csv line 14, phone: 9 digits; a number has 10, or 11 with a leading 1",
        "users.csv line 14, orgSourcedIds: 'fir' is not in orgs.csv",
        "users.csv line 14, agentSourcedIds: 'nobody' is not in users.csv",
        "users.csv line 15, agentSourcedIds: no link of a student and an adult: 'son'",
        "users.csv line 13, role: has no role and is nobody's contact",
        "users.csv line 14, orgSourcedIds: a student without a school",
    ]
    assert [one.person_id for one in found.roster.people[6:]] == ["u3", "u6", "u7"]
    assert person(found, "u6").devices == ()


def test_bad_organizations_are_reported(tmp_path):
    orgs = ORGS + "elm,active,,Elm again,school,9,d1\nfir,active,,,school,9,d1\nash,tobedeleted,,Ash,school,9,d1\n"
    found = family(tmp_path, orgs=orgs, users=FAMILY.replace("true,oak,teacher", 'true,"oak,fir,ash",teacher'))
    assert told(found) == ["orgs.csv line 5, sourcedId: 'elm' is there twice", "orgs.csv line 6, name: is blank"]
    assert person(found, "coach").school_ids == ("oak",)


def test_the_shape_of_microsoft_sds_imports_without_a_manifest(tmp_path):
    found = import_bundle(
        write(
            tmp_path,
            orgs="sourcedId,name,type,parentSourcedId\n1,North School,school,2\n2,Ministry,ministryOfEducation,\n",
            users="sourcedId,username,givenName,familyName,password,activeDirectoryMatchId,email,phone,sms\n"
            "11,kim,Kim,Poe,,kim,,,\n12,pat,Pat,Poe,,,,+16125550130,+16125550131\n13,lou,Lou,Roe,,,,,+16125550132\n",
            roles="userSourcedId,orgSourcedId,role,sessionSourcedId,grade,isPrimary,roleStartDate,roleEndDate\n"
            "11,1,student,SY25,10,TRUE,2025-08-25,2026-06-11\n",
            enrollments="classSourcedId,userSourcedId,role\n90,11,student\n",
            relationships="userSourcedId,relationshipUserSourcedId,relationshipRole\n11,12,guardian\n11,13,Relative\n"
            "11,12,guardian\n12,13,guardian\n11,99,guardian\n",
        )
    )
    assert link(found, "11", "12").messenger
    assert not link(found, "11", "13").messenger
    assert person(found, "11").grade == "10"
    assert person(found, "12").roles == person(found, "13").roles == Role.CONTACT
    assert told(found) == [
        "relationships.csv line 4, relationshipUserSourcedId: '12' is there twice",
        "relationships.csv line 5, relationshipUserSourcedId: does not link a student and an adult",
        "relationships.csv line 6, relationshipUserSourcedId: '99' is not in users.csv",
    ]
