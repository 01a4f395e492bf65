"""Phone numbers as people write them, to E.164; nothing is ever guessed (decisions 50, 51; C077–C079)."""

import re
from typing import NamedTuple

import phonenumbers

DIGITS = 10
"""A North American number: area code, exchange, line."""
EXTENSION_DIGITS_MAX = 8
"""Longer ones are a second number in the wrong field."""
TEXT_MAX = 64
"""No written number is longer; a longer cell is something else."""

_EXTENSION = re.compile(r"^(.*?)[\s,;]*(?:extension|ext|x|#)[\s.:]*(\d+)$", re.ASCII | re.IGNORECASE)
_PUNCTUATION = re.compile(r"[\s()\[\]\-./·'\u00ad\u2010-\u2015\u2212]+")
_SPREADSHEET = re.compile(r"\d{10,}\.0+", re.ASCII)
_PLAN = re.compile(r"[2-9](?!11)[0-8]\d[2-9](?!11)\d{6}", re.ASCII)
_FICTIONAL = re.compile(r"\d{3}55501\d\d", re.ASCII)
_PREMIUM_AREA_CODE = "900"


class Number(NamedTuple):
    """A number that can be dialed: `e164` is `+1` and ten digits; `extension` is digits or empty."""

    e164: str
    extension: str = ""


def read_number(text: str) -> Number | str:
    """The number written in `text`, or the reason, as a sentence part without any digits of it, why there is none.

    Ten digits, or eleven with a leading 1, with any usual punctuation and an extension (`x123`, `ext. 4`) after it.
    """
    text = text.strip()
    if len(text) > TEXT_MAX:
        return "too long for a phone number"
    extension = ""
    if match := _EXTENSION.match(text):
        text, extension = match[1], match[2]
        if len(extension) > EXTENSION_DIGITS_MAX:
            return f"an extension of {len(extension)} digits; it has at most {EXTENSION_DIGITS_MAX}"
    if _SPREADSHEET.fullmatch(text):
        return "a spreadsheet's decimal number, not a phone number"
    digits = _PUNCTUATION.sub("", text)
    international = digits.startswith("+")
    digits = digits.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        return "holds signs that belong in no phone number" if digits else "holds no digits"
    return _checked(digits, international, extension)


def read_extension(text: str) -> str | None:
    """The digits of an extension column (`4`, `x4`, `ext. 4`; blank is `""`), or None where it is not one."""
    text = text.strip()
    if not text:
        return ""
    digits = re.sub(r"^(?:extension|ext|x|#)?[\s.:]*", "", text, flags=re.IGNORECASE)
    plain = digits.isascii() and digits.isdigit() and len(digits) <= EXTENSION_DIGITS_MAX
    return digits if plain else None


def is_fictional(e164: str) -> bool:
    """Whether the number is one of 555-0100 … 555-0199, which ring nobody in any area code."""
    return _FICTIONAL.fullmatch(e164.removeprefix("+1")) is not None


def _checked(digits: str, international: bool, extension: str) -> Number | str:
    """The number behind bare digits, after the checks of the North American plan."""
    if international and not digits.startswith("1"):
        return "not a North American number"
    if len(digits) == 7:
        return "7 digits: no area code"
    if len(digits) == DIGITS + 1 and digits.startswith("1"):
        digits = digits[1:]
    elif len(digits) != DIGITS or international:
        return f"{len(digits)} digits; a number has 10, or 11 with a leading 1"
    if not _PLAN.fullmatch(digits):
        return "no number of the North American plan has this area code or exchange"
    if digits.startswith(_PREMIUM_AREA_CODE):
        return "a premium-rate number"
    if not is_fictional(digits) and not _assigned(digits):
        return "no such area code is in use"
    return Number("+1" + digits, extension)


def _assigned(digits: str) -> bool:
    """Whether the numbering plan's published tables know the number's range."""
    return bool(phonenumbers.is_valid_number(phonenumbers.PhoneNumber(country_code=1, national_number=int(digits))))
