"""The words a filter may use: its fields, what each may be, and how instants and counts are written in it."""

import difflib
import re
from collections.abc import Iterable
from enum import StrEnum

from engine.board.state import FAULTS, State
from store.dispositions import Disposition
from store.records import DeviceKind, Reason


class Field(StrEnum):
    """What a term looks at."""

    NAME = ""
    """A bare word: the contact's name, the message, or a chain's id."""
    STATE = "state"
    JOB = "job"
    REASON = "reason"
    SCHOOL = "school"
    DEVICE = "device"
    """What is being dialed, or was dialed last."""
    DISP = "disp"
    """How the last ended attempt ended."""
    TRY = "try"
    """Attempts so far."""
    DUE = "due"
    """Time that is left until the chain's window closes; only of chains that go on."""
    AGE = "age"
    """Time since the open attempt began, or the last one ended."""
    ID = "id"


SPANS = (Field.DUE, Field.AGE)
"""Fields that are measured in time."""

MEASURED = (Field.TRY, *SPANS)

FIELD_HELP: tuple[tuple[str, str], ...] = (
    ("  words", "part of a name or of a message, or a chain's id"),
    ("  field:value", "state:waiting,error disp:busy device:cell reason:staff"),
    ("", 'job:gas* job:3-5 job:"bus 12"  school:lincoln  id:3-17'),
    ("  try due age", "try>=3  try:1-2  due<10m (its window closes)  age>90s"),
    ("  -  |", "-state:pending leaves out; state:error | try>2: either"),
)

_LIVE = (State.PENDING, State.WAITING, State.AT_CARRIER)
STATE_WORDS: dict[str, tuple[int, ...]] = {
    **{state.word: (state,) for state in State},
    "unconfirmed": (State.DELIVERED_UNCONFIRMED,),
    "fault": FAULTS,
    "live": _LIVE,
}

CODES: dict[Field, dict[str, tuple[int, ...]]] = {
    Field.STATE: STATE_WORDS,
    Field.DISP: {disposition.word: (disposition,) for disposition in Disposition},
    Field.DEVICE: {kind.word: (kind,) for kind in DeviceKind},
    Field.REASON: {reason.name.lower(): (reason,) for reason in Reason},
}
"""Fields whose words are all known, and what each word stands for."""

_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|min|h|d)?")
_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3_600, "d": 86_400}


def codes_of(field: Field, value: str) -> set[int]:
    """What some words, split by commas, stand for; each may be the beginning of a word."""
    found: set[int] = set()
    for start in pieces(value):
        found.update(*(codes for word, codes in CODES[field].items() if word.startswith(start)))
    return found


def pieces(value: str) -> list[str]:
    """The words of a list, as the program writes them."""
    return [word.replace("-", "_") for word in value.casefold().split(",") if word]


def measure(field: Field, text: str) -> float | None:
    """A count, or a span in milliseconds: `90s`, `5m`, `2h`, seconds without a unit. None where it is neither."""
    if field not in SPANS:
        return int(text) if text.isdecimal() else None
    match = _SPAN.fullmatch(text)
    return float(match[1]) * _SECONDS[match[2] or "s"] * 1_000 if match else None


def like(word: str, known: Iterable[str]) -> str:
    """The known word that a misspelt one was most likely meant to be, empty where there is none like it."""
    folded = {one.casefold(): one for one in known}
    close = difflib.get_close_matches(word.casefold().strip("*"), folded, 1, 0.5)
    return folded[close[0]] if close else ""
