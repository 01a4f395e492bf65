"""The simple types of the contract: how one value is read from text and written as text."""

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

INT_MIN, INT_MAX = -(2**31), 2**31 - 1
"""The bounds of xsd:int."""


class Simple(NamedTuple):
    """A type of one value: how it is read from text and written as text. Both raise ValueError on what does not fit."""

    name: str
    read: Callable[[str], Any]
    write: Callable[[Any], str]


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
SECOND = timedelta(seconds=1)
TAILS = tuple(f".{ms:03d}Z" for ms in range(1000))
"""How instants end as everybody writes them: three digits and Z."""
MILLISECONDS = {tail: ms for ms, tail in enumerate(TAILS)}
SECOND_CHARACTERS = len("2026-03-01T08:00:00")
SECONDS_KEPT = 4_096
"""A page of the call log is about the same few minutes; what lies before the point is worked out once a second."""
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
INTEGER = re.compile(r"[+-]?\d{1,11}", re.ASCII)
INT_DIGITS = 10
"""A number of fewer digits and nothing else is an xsd:int."""
BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
XML_SPACE = " \t\r\n"

ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 cannot carry at all, not even escaped."""
SPECIAL = re.compile("[&<>\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})


def clean(value: str) -> str:
    """Text made fit for an element: escaped, and without the control characters XML cannot carry."""
    if SPECIAL.search(value) is None:
        return value
    return ILLEGAL.sub("", value).translate(ESCAPES)


def read_time(text: str) -> int:
    """An xsd:dateTime as ms UTC. Raises ValueError, also for a time without a zone: it would be a guess."""
    ms = MILLISECONDS.get(text[SECOND_CHARACTERS:])
    if ms is not None:
        return _read_second(text[:SECOND_CHARACTERS]) + ms
    return _read_any_time(text.strip(XML_SPACE))


@lru_cache(SECONDS_KEPT)
def _read_second(text: str) -> int:
    return _read_any_time(text + "Z")


def _read_any_time(text: str) -> int:
    if TIME.fullmatch(text) is None:
        raise ValueError("not a dateTime with a zone")
    return (datetime.fromisoformat(text) - EPOCH) // MILLISECOND


def write_time(at: int) -> str:
    """Ms UTC as `2026-03-01T08:00:00.000Z`."""
    second, ms = divmod(at, 1000)
    return _write_second(second) + TAILS[ms]


@lru_cache(SECONDS_KEPT)
def _write_second(second: int) -> str:
    return (EPOCH + second * SECOND).isoformat()[:SECOND_CHARACTERS]


def read_int(text: str) -> int:
    """An xsd:int. Raises ValueError."""
    if len(text) < INT_DIGITS and text.isascii() and text.isdigit():
        return int(text)
    text = text.strip(XML_SPACE)
    if INTEGER.fullmatch(text) is None or not INT_MIN <= int(text) <= INT_MAX:
        raise ValueError("not an int")
    return int(text)


def write_int(value: int) -> str:
    """An xsd:int. Raises ValueError when it does not fit."""
    if type(value) is not int or not INT_MIN <= value <= INT_MAX:
        raise ValueError("not an int")
    return str(value)


def read_boolean(text: str) -> bool:
    """An xsd:boolean. Raises ValueError."""
    value = BOOLEANS.get(text.strip(XML_SPACE))
    if value is None:
        raise ValueError("not a boolean")
    return value


def write_boolean(value: bool) -> str:
    """An xsd:boolean. Raises ValueError."""
    if type(value) is not bool:
        raise ValueError("not a boolean")
    return "true" if value else "false"


def read_base64(text: str) -> bytes:
    """An xsd:base64Binary. Raises ValueError."""
    try:
        return b64decode("".join(text.split()), validate=True)
    except Base64Error:
        raise ValueError("not base64") from None


def write_base64(value: bytes) -> str:
    """An xsd:base64Binary."""
    return b64encode(value).decode("ascii")


SIMPLE_TYPES = (
    Simple("string", str, clean),
    Simple("int", read_int, write_int),
    Simple("boolean", read_boolean, write_boolean),
    Simple("dateTime", read_time, write_time),
    Simple("base64Binary", read_base64, write_base64),
)
