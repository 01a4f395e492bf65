"""Under which rule a job's calls are made: the legal class that is logged with each of them (facts §2.5).

Not legal advice: it says on which ground the district means to call, so that it can be asked later.
"""

from collections.abc import Sequence
from enum import StrEnum

from store.records import Audience, AudienceKind, Detail, Reason


class LegalClass(StrEnum):
    """The word kept with a job; `meaning` says it in a sentence."""

    EMERGENCY_PURPOSES = "emergency_purposes"
    """Also of unexcused absences, if a message tells of nothing else (FCC 16-88)."""
    SCHOOL_MISSION = "school_mission"
    STAFF_DUTY = "staff_duty"
    TEST_CALL = "test_call"

    @property
    def meaning(self) -> str:
        """What the class says of consent."""
        return _MEANINGS[self]


_MEANINGS = {
    LegalClass.EMERGENCY_PURPOSES: "Health and safety, such as a closure, a threat or an unexcused absence: no consent "
    "is needed, at any hour (47 CFR 64.1200; FCC 16-88).",
    LegalClass.SCHOOL_MISSION: "Closely related to the school's mission, to numbers given to the school: that is prior "
    "express consent, until it is revoked (FCC 16-88).",
    LegalClass.STAFF_DUTY: "To the district's own staff about their work, on numbers they gave for it.",
    LegalClass.TEST_CALL: "To its author, who asked for it.",
}


def legal_class(reason: Reason, audience: Audience, details: Sequence[Detail] = ()) -> LegalClass:
    """The class of a message by its reason, its audience and what events it tells of.

    Attendance is for emergency purposes only where every absence told of is unexcused: one excused among them makes the
    whole job an ordinary school message.
    """
    if audience.number:
        return LegalClass.TEST_CALL
    if reason is Reason.EMERGENCY:
        return LegalClass.EMERGENCY_PURPOSES
    if reason is Reason.STAFF or audience.kind is AudienceKind.STAFF:
        return LegalClass.STAFF_DUTY
    if reason is Reason.ATTENDANCE and details and all(_is_unexcused_absence(detail) for detail in details):
        return LegalClass.EMERGENCY_PURPOSES
    return LegalClass.SCHOOL_MISSION


def _is_unexcused_absence(detail: Detail) -> bool:
    fields = dict(detail.fields)
    return fields.get("status") == "absent" and fields.get("excuse") == "unexcused"
