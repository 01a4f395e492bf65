"""The words of a message: which languages it speaks, its fields and how they are filled in."""

import re
from collections.abc import Iterable, Mapping, Sequence

from engine.speech.prompts import base_language, spoken_digits
from store.errors import InvalidInputError
from store.records import AudienceKind, Detail, Message, Saying

CHAIN_FIELDS = ("recipient", "students", "school")
"""What differs from chain to chain."""

DAY_FIELDS = ("date", "time")
"""When it is said, in the district's own time."""

PLACE_FIELDS = ("portal",)
"""Where parents of a school look things up."""

EVENT_FIELDS = ("periods", "status", "excuse", "event", "role", "resolution", "balance", "account")
"""What an event says of a student; only messages that tell of events have them."""

FIELDS = (*CHAIN_FIELDS, *DAY_FIELDS, *PLACE_FIELDS, *EVENT_FIELDS)

EXAMPLES = {
    "recipient": "Jordan Sample", "students": "Alex Sample", "school": "Sample School",
    "periods": "2 and 3", "status": "absent", "excuse": "unexcused", "event": "a tardy", "role": "participant",
    "resolution": "a conference", "balance": "4 dollars and 10 cents", "account": "lunch",
}  # fmt: skip
"""What a test call and a preview say in the place of what they cannot know."""

LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
"""A language as rosters write it: `en`, `es`, `zh-Hant`."""

_FIELD = re.compile(r"\{([^{}]*)\}")
_AND = {"en": "and", "es": "y"}


def fill(
    text: str,
    recipient: str,
    students: Sequence[str],
    school: str,
    more: Mapping[str, str] | None = None,
    language: str = "en",
) -> str:
    """The text with its fields replaced; a name that looks like a field is left as it is.

    `more`: date, time and what an event says (`Detail.fields`); it goes before the rest. What nothing is known of is
    left out.
    """
    values = {"recipient": recipient, "students": join_names(students, language), "school": school, **(more or {})}
    return _FIELD.sub(lambda found: values.get(found[1], ""), text)


def fields_of(text: str) -> set[str]:
    """The fields a text asks for."""
    return set(_FIELD.findall(text))


def sayings_of(message: Message) -> dict[str, Saying]:
    """What is said in each language; the message's own is under the empty name, where a plan looks for it."""
    own = Saying(message.language, message.text, message.machine_text, message.recording_id)
    return {"": own, **{saying.language: saying for saying in message.sayings}}


def language_for(message: Message, wanted: str) -> str:
    """Under which name a message speaks to who speaks `wanted`: empty for its own language (decision 56)."""
    if not message.sayings or not wanted or base_language(wanted) == base_language(message.language):
        return ""
    languages = [saying.language for saying in message.sayings]
    if wanted in languages:
        return wanted
    return next((one for one in languages if base_language(one) == base_language(wanted)), "")


def check_text(message: Message, kind: AudienceKind, details: Iterable[Detail] = (), example: bool = False) -> None:
    """Refuse a message that says nothing, and a field nobody can fill in.

    A field must be known, about an event only where `details` tell of one, and `{students}` not for staff. An
    `example`, a test call, may have them all.
    """
    check_sayings(message)
    told = {name for detail in details for name, _ in detail.fields}
    for name in sorted(fields_asked(message)):
        if example or name in told or name in (*DAY_FIELDS, *PLACE_FIELDS):
            continue
        if name in EVENT_FIELDS:
            raise InvalidInputError(
                f"The message has the field {{{name}}}, which no event fills in; leave it out, or send from events."
            )
        if name == "students" and kind is AudienceKind.STAFF:
            raise InvalidInputError("A message to staff is about no students; leave {students} out.")


def check_sayings(message: Message) -> None:
    """Refuse a message that says nothing in one of its languages, one language twice, and a field there is not.

    A brace by itself is a field that was never closed, or never opened: read out, it would be heard by everybody.
    """
    seen: set[str] = set()
    for saying in sayings_of(message).values():
        if not saying.text.strip() and not saying.recording_id:
            where = f" in {saying.language}" if message.sayings else ""
            raise InvalidInputError(f"The message says nothing{where}; give it a text or a recording.")
        if not LANGUAGE.fullmatch(saying.language):
            raise InvalidInputError(f'"{saying.language}" is no language; write it like en, es or zh-Hant.')
        seen.add(base_language(saying.language))
    if len(seen) <= len(message.sayings):
        raise InvalidInputError("The message speaks one language twice; give each language once.")
    if any(not set("{}").isdisjoint(_FIELD.sub("", text)) for text in texts_of(message)):
        raise InvalidInputError("The message has a brace that belongs to no field; write fields like {school}.")
    unknown = sorted(fields_asked(message).difference(FIELDS))
    if unknown:
        known = ", ".join(f"{{{field}}}" for field in FIELDS)
        raise InvalidInputError(f"The message has an unknown field {{{unknown[0]}}}; use {known}.")


def fields_asked(message: Message) -> set[str]:
    """The fields of all that a message says, to people and machines."""
    return {field for text in texts_of(message) for field in fields_of(text)}


def texts_of(message: Message) -> list[str]:
    """All texts of a message, in every language, to people and machines."""
    return [text for saying in sayings_of(message).values() for text in (saying.text, saying.machine_text)]


def join_names(names: Sequence[str], language: str = "en") -> str:
    """`Ana`, `Ana and Ben`, `Ana, Ben and Cy`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {_AND.get(base_language(language), 'and')} {names[-1]}"


def announce(text: str, school: str, callback_number: str) -> str:
    """What jobs say that were prepared before what is said was frozen with them (decision 58)."""
    said = f"This is a message from {school}. {text}"
    return f"{said} To call us back, dial {spoken_digits(callback_number)}." if callback_number else said
