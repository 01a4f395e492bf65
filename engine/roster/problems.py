"""A bad row: which file, line and column, and why; everything else in the bundle is loaded all the same."""

from dataclasses import dataclass

SHOWN_MAX = 40
"""Characters of a foreign value quoted in a reason: enough to find it, too few to flood a screen."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One bad row. `line` is the physical line the row begins on, 1-based; `column` is empty for the whole row."""

    file: str
    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        place = f"{self.file} line {self.line}"
        return f"{place}, {self.column}: {self.reason}" if self.column else f"{place}: {self.reason}"


class Problems:
    """All problems of one import, in the order they were met. None is ever left out."""

    def __init__(self) -> None:
        self._found: list[Problem] = []

    def add(self, file: str, line: int, column: str, reason: str) -> None:
        """Note a bad row. Reasons never carry a phone number: they are written to logs."""
        self._found.append(Problem(file, line, column, reason))

    def all(self) -> tuple[Problem, ...]:
        """Every problem noted so far."""
        return tuple(self._found)


def shown(value: str) -> str:
    """A foreign value in quotes, short and without control characters, fit for a terminal."""
    plain = "".join(sign if sign.isprintable() else "?" for sign in value[:SHOWN_MAX])
    return f"'{plain}…'" if len(value) > SHOWN_MAX else f"'{plain}'"
