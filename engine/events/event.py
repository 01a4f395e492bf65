"""An event: what one row of an events file says of one person on one day."""

import msgspec


class Event(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """One row. Which fields are filled depends on the kind of its file."""

    person_id: str
    """The student; of a resolution the member of staff who is told."""
    day: int
    """An ordinal."""
    line: int = 0
    """Where it stands in its file, to say which of two rows was left out."""
    school_id: str = ""
    status: str = ""
    """Of attendance: absent, tardy or early_release; of behavior: submitted, in_progress or complete."""
    excuse: str = ""
    """excused, unexcused or unknown."""
    periods: int = 0
    event_id: str = ""
    event_type: str = ""
    """As it was written: it is spoken."""
    role: str = ""
    """What the student was to an incident: participant, offender, …"""
    student_id: str = ""
    """Of a resolution: whom the referral is about."""
    resolution: str = ""
    account: str = ""
    balance_cents: int = 0
