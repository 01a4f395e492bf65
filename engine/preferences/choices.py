"""What an administrator chooses for each contact point and reason: on, off, or no change (C210-C212)."""

from collections.abc import Iterable
from enum import StrEnum

from engine.preferences.in_force import Said
from store.documents import Point
from store.errors import InvalidInputError, RefusedError
from store.records import ALL_REASONS, Reason

ALL = "*"
NO_CHANGE = "no-change"

BATCH_POINTS = tuple(point for point in Point if point is not Point.PAGER)
"""A pager has no voice, and texts are not set in a batch."""

NO_TEXTS = (
    "Text preferences cannot be set in a batch: people could be charged for texts they do not want. Set a single "
    "person's with `callchain preferences set`."
)
"""C191, C192."""


class Mode(StrEnum):
    """Whose preferences a batch sets (C206)."""

    CONTACTS = "contacts"
    """Student Messenger Contacts."""
    STUDENTS = "students"
    STAFF = "staff"
    """Census/Staff."""

    @property
    def reasons(self) -> int:
        """The reasons there are in this mode: Staff is for people with a district assignment only (C201)."""
        return ALL_REASONS if self is Mode.STAFF else ALL_REASONS & ~Reason.STAFF.mask


Choices = dict[Point, Said]
"""Point → reasons switched on and off; what is in neither keeps its setting."""


def read_mode(word: str) -> Mode:
    """A mode by its word. Raises InvalidInputError for any other."""
    try:
        return Mode(word)
    except ValueError:
        raise InvalidInputError(f"{word!r} is no mode; give one of {', '.join(Mode)}.") from None


def read_choices(texts: Iterable[str], mode: Mode) -> Choices:
    """Choices like `cell.emergency=on`, `household.general=off`, `cell.*=on`, `*.priority=no-change`.

    Raises InvalidInputError where one is not understood, contradicts another, is about texts, or where none changes
    anything.
    """
    found: Choices = {}
    for text in texts:
        points, reasons, value = _read_choice(text, mode)
        for point in points if value != NO_CHANGE else ():
            said = found.get(point, Said())
            on, off = (reasons, 0) if value == "on" else (0, reasons)
            if said.on & off or said.off & on:
                raise InvalidInputError(f"{text!r} contradicts an earlier choice; say each point and reason once.")
            found[point] = Said(said.on | on, said.off | off)
    if not found:
        raise InvalidInputError("Nothing would change; give at least one choice like `--set cell.emergency=on`.")
    return found


def _read_choice(text: str, mode: Mode) -> tuple[tuple[Point, ...], int, str]:
    """The points, reasons and value of one choice."""
    place, equals, value = text.strip().lower().partition("=")
    point_word, dot, rest = place.partition(".")
    delivery, between, reason_word = rest.rpartition(".")
    if "text" in (point_word, delivery, reason_word):
        raise InvalidInputError(NO_TEXTS)
    if not equals or not dot or (between and delivery not in ("voice", "mail")):
        raise InvalidInputError(f"{text!r} is no choice; write POINT.REASON=on, such as cell.emergency=on.")
    if value not in ("on", "off", NO_CHANGE):
        raise InvalidInputError(f"{text!r} is neither on, off nor {NO_CHANGE}.")
    points = BATCH_POINTS if point_word == ALL else (read_point(point_word),)
    if Point.PAGER in points:
        raise InvalidInputError("A pager has no voice, and texts cannot be set in a batch; leave the pager out.")
    reasons = mode.reasons if reason_word == ALL else read_reason(reason_word)
    if reasons & ~mode.reasons:
        raise InvalidInputError("The reason staff is for people with a district assignment only; use the mode staff.")
    return points, reasons, value


def read_point(word: str) -> Point:
    """A contact point by its word."""
    try:
        return Point[word.strip().upper().replace("-", "_")]
    except KeyError:
        words = ", ".join(point.word for point in Point)
        raise InvalidInputError(f"{word!r} is no contact point; give one of {words}.") from None


def read_reason(word: str) -> int:
    """The mask of a reason by its word, or of `all`."""
    if word.strip().lower() == "all":
        return ALL_REASONS
    try:
        return Reason[word.strip().upper().replace("-", "_").replace(" ", "_")].mask
    except KeyError:
        words = ", ".join(reason.word for reason in Reason)
        raise InvalidInputError(f"{word!r} is no reason; give one of {words}, or all.") from None


def is_text(delivery: str, point: Point) -> bool:
    """Whether a delivery means texts. Raises where the point has no such delivery (C058)."""
    word = delivery.strip().lower()
    if word not in ("voice", "text", "mail"):
        raise InvalidInputError(f"{delivery!r} is no delivery; give voice or text, or mail for an address.")
    if point.is_email and word != "mail":
        raise RefusedError(f"An address has neither voice nor text; its delivery is mail, not {word}.")
    if not point.is_email and word == "mail":
        raise RefusedError(f"A {point.word} phone gets no mail; give voice or text.")
    if point is Point.PAGER and word == "voice":
        raise RefusedError("A pager has no voice; only texts can be marked for it.")
    return word == "text"


def reason_words(bits: int) -> tuple[str, ...]:
    """The reasons of a mask by their words."""
    return tuple(reason.word for reason in Reason if bits & reason.mask)
