"""What a check found: how bad it is, what it means, and what to do about it."""

from enum import StrEnum

import msgspec

IDS_SHOWN = 5
"""Enough to find the cause by; the whole list is what reports are for."""


class Grade(StrEnum):
    """How bad it is, the best first."""

    OK = "ok"
    NOTE = "note"
    """Worth knowing; nothing needs to be done."""
    WARNING = "warning"
    """Somebody may not be reached, or soon something will not work."""
    PROBLEM = "problem"
    """Something does not work now."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One sentence or two for an administrator. It never holds a phone number, a name of a person or a secret."""

    topic: str
    grade: Grade
    says: str
    """What is, and what it means."""
    todo: str = ""
    """What to do; empty where nothing needs to be done."""


class Topic:
    """What findings are about, in a word or two."""

    def __init__(self, name: str) -> None:
        self.name = name

    def ok(self, says: str) -> Finding:
        """It is as it should be."""
        return Finding(topic=self.name, grade=Grade.OK, says=says)

    def note(self, says: str, todo: str = "") -> Finding:
        """It is worth knowing."""
        return Finding(topic=self.name, grade=Grade.NOTE, says=says, todo=todo)

    def warning(self, says: str, todo: str) -> Finding:
        """It may become, or hide, a problem."""
        return Finding(topic=self.name, grade=Grade.WARNING, says=says, todo=todo)

    def problem(self, says: str, todo: str) -> Finding:
        """It does not work."""
        return Finding(topic=self.name, grade=Grade.PROBLEM, says=says, todo=todo)


def amount(count: int, one: str, many: str = "") -> str:
    """A number and its noun: `1 job`, `3 jobs`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def some(ids: list[str]) -> str:
    """The first few of many ids: `S1, S2, S3 and 4 more`."""
    shown = ", ".join(ids[:IDS_SHOWN])
    return shown if len(ids) <= IDS_SHOWN else f"{shown} and {len(ids) - IDS_SHOWN:,} more"
