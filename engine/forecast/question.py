"""What a forecast is asked: of which job, and what would be if."""

import re

import msgspec

from engine.config import Settings
from store.errors import InvalidInputError
from store.records import Job

LINES_MOST = 100_000
"""More lines than any carrier has."""

MESSAGE_SECONDS_MAX = 600
"""Ten minutes of speech: nobody listens so long."""

SEEDS_MAX = 32
"""Runs after which another changes nothing any more."""

_LINES = re.compile(r"([+=-]?)([0-9]{1,6})")


class WhatIf(msgspec.Struct, frozen=True, kw_only=True):
    """What would be otherwise; what is not given is as it is."""

    lines: str = ""
    """Ordinary lines: "+10" or "-10" beside those there are, "60" or "=60" instead of them."""
    message_seconds: float = 0.0
    """Every chain's speech is as long."""
    grouping: bool | None = None
    """One call about all students of a contact, or one about each; only before it is sent."""
    until: str = ""
    """Like "18:30": no call of this job at or after it, on its day."""

    @property
    def is_asked(self) -> bool:
        """Whether anything would be otherwise."""
        return self != WhatIf()


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What the helper process is asked. A job in the store is given by its id, one that is not there whole."""

    store_path: str
    settings: Settings
    now: int
    job_id: int = 0
    job: Job | None = None
    plans: list[bytes] = []
    lines: tuple[int, int] = (0, 0)
    """Ordinary and emergency lines; 0, 0: as the settings say."""
    what_if: WhatIf = WhatIf()
    seeds: int = 0
    """Whole runs after the first answer."""
    patient: bool = False
    """Nobody waits for the answer: it takes only what nobody else wants of the machine."""


def lines_if(asked: str, lines: int) -> int:
    """Ordinary lines as a what-if wants them. Raises InvalidInputError."""
    if not asked:
        return lines
    found = _LINES.fullmatch(asked.strip())
    if found is None:
        raise InvalidInputError(f'"{asked}" is no number of lines; write +10, -10 or 60.')
    count = int(found[2])
    wanted = lines + count if found[1] == "+" else lines - count if found[1] == "-" else count
    if not 1 <= wanted <= LINES_MOST:
        raise InvalidInputError(f"That makes {wanted:,} lines; a forecast needs 1 to {LINES_MOST:,}.")
    return wanted


def checked(what_if: WhatIf) -> WhatIf:
    """The same. Raises InvalidInputError for what makes no sense."""
    lines_if(what_if.lines, LINES_MOST // 2)
    if not 0 <= what_if.message_seconds <= MESSAGE_SECONDS_MAX:
        raise InvalidInputError(
            f"A message takes up to {MESSAGE_SECONDS_MAX} seconds, not {what_if.message_seconds:g}."
        )
    return what_if
