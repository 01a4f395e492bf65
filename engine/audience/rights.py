"""Which messages may go to whom at all: teachers' own classes, staff by type, a test call to one number."""

import re

from engine.audience.directory import STAFF, Directory
from engine.audience.selection import listed, taught_classes
from engine.plan_settings import PlanSettings
from store.errors import AudienceError, InvalidInputError, RefusedError
from store.records import Audience, AudienceKind, Message, Reason

_NUMBER = re.compile(r"\+1[2-9]\d{2}[2-9]\d{6}", re.ASCII)
"""E.164 of a ten-digit number; whoever reads what people type makes it so (C077)."""


def check_rights(message: Message, audience: Audience, directory: Directory, settings: PlanSettings) -> None:
    """Refuse an audience its message may not have.

    Raises `RefusedError` for a teacher without rights (C205), `AudienceError` for a staff emergency without types
    (C044), `InvalidInputError` for filters that go with other people.
    """
    _check_filters(audience)
    if message.reason is Reason.TEACHER or audience.teacher_id:
        _check_teacher(message, audience, directory, settings)
    staff = audience.kind is AudienceKind.STAFF
    if staff and message.reason is Reason.EMERGENCY and not audience.staff_types:
        raise AudienceError(
            f"An emergency to staff needs the staff types it is for. {listed('staff type', directory.staff_types())}"
        )


def check_number(audience: Audience) -> None:
    """Refuse a test call to what is no ten-digit number, or to somebody else besides."""
    if not _NUMBER.fullmatch(audience.number):
        raise InvalidInputError("A test call needs a number of ten digits, area code first.")
    if audience != Audience(audience.kind, number=audience.number):
        raise InvalidInputError("A test call rings one number and nobody else; leave all other filters out.")


def _check_filters(audience: Audience) -> None:
    if audience.kind is AudienceKind.STAFF:
        if audience.grades or audience.class_ids or audience.teacher_id:
            raise InvalidInputError(
                "Staff have no grades and sit in no classes; narrow a message to staff by school, calendar, type or id."
            )
    elif audience.staff_types:
        raise InvalidInputError("Staff types narrow messages to staff only; leave them out, or set the audience to it.")


def _check_teacher(message: Message, audience: Audience, directory: Directory, settings: PlanSettings) -> None:
    """C205: with the district's leave, and to students of the teacher's own classes only."""
    if message.reason is not Reason.TEACHER:
        raise InvalidInputError(f"A {message.reason.word} message is no teacher's; leave the teacher out.")
    if not settings.teachers_may_send:
        raise RefusedError(
            "Teachers may not send messages here; the district gives them leave with voice.teachers_may_send."
        )
    if not audience.teacher_id:
        raise InvalidInputError("A teacher message needs its teacher; name them by id.")
    teacher = directory.people.get(audience.teacher_id)
    if teacher is None or not teacher.roles & STAFF or not teacher.active:
        raise AudienceError(f"{audience.teacher_id!r} is no active member of staff; name a teacher by id.")
    own = [one.class_id for one in taught_classes(directory, audience.teacher_id)]
    if not own:
        raise RefusedError(f"{audience.teacher_id!r} teaches no class today, so there is nobody to send to.")
    others = sorted(set(audience.class_ids).intersection(directory.classes).difference(own))
    if others:
        raise RefusedError(
            f"{audience.teacher_id!r} does not teach class {others[0]!r}; their own are {', '.join(sorted(own))}."
        )
