"""Under which rule a job's calls are made."""

import pytest

from engine.messaging.legal import LegalClass, legal_class
from store.records import Audience, AudienceKind, Detail, Reason

FAMILIES, STAFF = Audience(), Audience(AudienceKind.STAFF)


def absence(excuse: str, status: str = "absent") -> Detail:
    return Detail("S1", "oak", "", (("status", status), ("excuse", excuse)))


@pytest.mark.parametrize(
    ("reason", "audience", "expected"),
    [
        (Reason.EMERGENCY, FAMILIES, LegalClass.EMERGENCY_PURPOSES),
        (Reason.EMERGENCY, STAFF, LegalClass.EMERGENCY_PURPOSES),
        (Reason.ATTENDANCE, FAMILIES, LegalClass.SCHOOL_MISSION),
        (Reason.FOOD_SERVICE, FAMILIES, LegalClass.SCHOOL_MISSION),
        (Reason.TEACHER, FAMILIES, LegalClass.SCHOOL_MISSION),
        (Reason.PRIORITY, STAFF, LegalClass.STAFF_DUTY),
        (Reason.STAFF, STAFF, LegalClass.STAFF_DUTY),
        (Reason.GENERAL, Audience(number="+12015550100"), LegalClass.TEST_CALL),
    ],
)
def test_every_reason_has_its_class(reason, audience, expected):
    assert legal_class(reason, audience) is expected


def test_unexcused_absences_are_emergency_purposes_and_one_excused_among_them_makes_none():
    unexcused, excused, late = absence("unexcused"), absence("excused"), absence("unexcused", "tardy")
    assert legal_class(Reason.ATTENDANCE, FAMILIES, [unexcused]) is LegalClass.EMERGENCY_PURPOSES
    assert legal_class(Reason.ATTENDANCE, FAMILIES, [unexcused, excused]) is LegalClass.SCHOOL_MISSION
    assert legal_class(Reason.ATTENDANCE, FAMILIES, [late]) is LegalClass.SCHOOL_MISSION


def test_every_class_says_what_it_means():
    assert all(one.meaning.endswith(".") for one in LegalClass)
