"""What a chain's calls say: fields filled in, names joined, the length of the speech estimated."""

import re
from collections.abc import Sequence

from store.errors import InvalidInputError
from store.records import AudienceKind, Message

FIELDS = ("recipient", "students", "school")
WORD_MS = 60_000 // 150
"""About 150 words a minute, the pace of clear speech to strangers."""

_FIELD = re.compile(r"\{([^{}]*)\}")


def fill(text: str, recipient: str, students: Sequence[str], school: str) -> str:
    """The text with its fields replaced; a name that looks like a field is left as it is."""
    values = {"recipient": recipient, "students": join_names(students), "school": school}
    return _FIELD.sub(lambda found: values[found[1]], text)


def has_fields(text: str) -> bool:
    """Whether the text differs from chain to chain."""
    return _FIELD.search(text) is not None


def check_text(message: Message, kind: AudienceKind) -> None:
    """Refuse a message without words, and a field nobody can fill in: unknown, or students where it is for staff."""
    if not message.text.strip():
        raise InvalidInputError("The message says nothing; give it a text.")
    for text in (message.text, message.machine_text):
        for name in _FIELD.findall(text):
            if name not in FIELDS:
                known = ", ".join(f"{{{field}}}" for field in FIELDS)
                raise InvalidInputError(f"The message has an unknown field {{{name}}}; use {known}.")
            if name == "students" and kind is AudienceKind.STAFF:
                raise InvalidInputError("A message to staff is about no students; leave {students} out.")


def join_names(names: Sequence[str]) -> str:
    """`Ana`, `Ana and Ben`, `Ana, Ben and Cy`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def announce(text: str, school: str, callback_number: str) -> str:
    """What is played: whose message it is first, a number to call back after it (decision 58)."""
    said = f"This is a message from {school}. {text}"
    if not callback_number:
        return said
    digits = " ".join(callback_number.removeprefix("+1").lstrip("+"))
    return f"{said} To call us back, dial {digits}."


def speech_ms(text: str) -> int:
    """About how long the text takes to say, ms; a run of digits is spoken one by one."""
    return WORD_MS * sum(len(word) if word.isdecimal() else 1 for word in text.split())
