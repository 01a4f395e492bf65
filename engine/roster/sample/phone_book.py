"""Numbers that ring nobody: 555-0100 … 555-0199 of every area code first, then the rest of the 555 exchanges."""

from collections.abc import Iterator

from engine.roster.sample.names import AREA_CODES
from store.errors import RosterError

FICTIONAL = range(100, 200)
"""Lines of the 555 exchange set aside for fiction."""
IN_SERVICE = frozenset({1212, 4334})
"""Lines of 555 that are or were answered somewhere: directory assistance."""

_FORMS = ("({}) {}-{}", "{}-{}-{}", "{}{}{}", "+1 {} {} {}", "{}.{}.{}", "1-{}-{}-{}")


class PhoneBook:
    """Hands out each number once, as a ten-digit string."""

    def __init__(self) -> None:
        self.handed_out = 0
        self._numbers = _numbers()

    def number(self) -> str:
        """The next free number. Raises RosterError when all are used up."""
        number = next(self._numbers, None)
        if number is None:
            raise RosterError(f"All {self.handed_out} make-believe numbers are used up: ask for fewer families.")
        self.handed_out += 1
        return number


def written(number: str, form: int) -> str:
    """The number as a person might have typed it; `form` chooses the habit."""
    return _FORMS[form % len(_FORMS)].format(number[:3], number[3:6], number[6:]) if number else ""


def _numbers() -> Iterator[str]:
    for area_code in AREA_CODES:
        yield from (f"{area_code}555{line:04d}" for line in FICTIONAL)
    for area_code in AREA_CODES:
        for line in range(10_000):
            if line not in FICTIONAL and line not in IN_SERVICE:
                yield f"{area_code}555{line:04d}"
