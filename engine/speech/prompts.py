"""What is said around a message: whose it is, a number to call back, how to confirm (C098, decisions 10, 14, 58)."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from engine.config import Prompt
from store.errors import ConfigError
from store.records import Reason

FIELDS = ("school", "callback", "key")
"""What a prompt may leave to be filled in."""

ENGLISH = "en"

BUILT_IN = {
    "en": Prompt(
        language="en",
        intro="This is a message from {school}.",
        outro="To call us back, dial {callback}.",
        confirm="To confirm this message, press {key}. To hear it again, press star.",
    ),
    "es": Prompt(
        language="es",
        intro="Este es un mensaje de {school}.",
        outro="Para devolver la llamada, marque {callback}.",
        confirm="Para confirmar este mensaje, oprima {key}. Para escucharlo otra vez, oprima asterisco.",
    ),
}
"""By language; any other language falls back to the district's English, then to ours."""

KEY_NAMES = {"en": {"*": "star", "#": "pound"}, "es": {"*": "asterisco", "#": "número"}}
"""Keys that are not spoken as they are written."""

_FIELD = re.compile(r"\{([^{}]*)\}")


class Around(NamedTuple):
    """What is said around one message, complete; each may be empty but the intro."""

    intro: str
    outro: str
    confirm: str
    """For people only."""


class Prompts:
    """The prompts of one reason. Raises ConfigError for a field nobody can fill in."""

    def __init__(self, prompts: Iterable[Prompt], reason: Reason, confirm_key: str = "0") -> None:
        self._key = confirm_key
        self._given: dict[tuple[str, str], Prompt] = {}
        for prompt in prompts:
            check_prompt(prompt)
            self._given[base_language(prompt.language), prompt.reason.lower()] = prompt
        self._reason = reason.word

    def around(self, language: str, school: str, callback_number: str) -> Around:
        """What is said around a message of this school, or district, in a language."""
        values = {
            "school": school,
            "callback": spoken_digits(callback_number),
            "key": KEY_NAMES.get(base_language(language), KEY_NAMES[ENGLISH]).get(self._key, self._key),
        }
        return Around(
            _said(self._intro(language), values),
            _said(self._outro(language, bool(values["callback"])), values),
            _said(self._first("confirm", language), values),
        )

    def _intro(self, language: str) -> str:
        """The school is named whatever the district wrote (decision 58)."""
        intro = self._first("intro", language)
        return intro if "{school}" in intro else f"{_built_in(language).intro} {intro}"

    def _outro(self, language: str, has_number: bool) -> str:
        """The number is said where there is one, and where there is none nothing speaks of it."""
        given = [prompt.outro for prompt in self._order(language) if prompt.outro]
        if not has_number:
            return next((outro for outro in given if "{callback}" not in outro), "")
        return given[0] if "{callback}" in given[0] else f"{given[0]} {_built_in(language).outro}"

    def _first(self, part: str, language: str) -> str:
        return next(text for prompt in self._order(language) if (text := str(getattr(prompt, part))))

    def _order(self, language: str) -> list[Prompt]:
        """The prompts that may speak, the first one first: part by part, what one leaves empty the next one says."""
        spoken = base_language(language)
        languages = (spoken,) if spoken in BUILT_IN else (spoken, ENGLISH)
        return [prompt for one in languages for prompt in self._of(one) if prompt is not None]

    def _of(self, language: str) -> tuple[Prompt | None, ...]:
        return self._given.get((language, self._reason)), self._given.get((language, "")), BUILT_IN.get(language)


def check_prompt(prompt: Prompt) -> None:
    """Raise ConfigError for a field that is none, naming those there are, and for a brace that belongs to no field."""
    for part in (prompt.intro, prompt.outro, prompt.confirm):
        for field in _FIELD.findall(part):
            if field not in FIELDS:
                known = ", ".join(f"{{{name}}}" for name in FIELDS)
                raise ConfigError(f"A prompt in [[prompts]] has an unknown field {{{field}}}; use {known}.")
        if not set("{}").isdisjoint(_FIELD.sub("", part)):
            raise ConfigError(
                "A prompt in [[prompts]] has a brace that belongs to no field; write fields like {school}."
            )


def base_language(language: str) -> str:
    """`es` of `es-MX`, in lower case."""
    return re.split(r"[-_]", language.strip().casefold(), maxsplit=1)[0]


def spoken_digits(number: str) -> str:
    """A number as it is read out, digit by digit, without the country's 1: `6 1 2 5 5 5 0 1 0 0`."""
    digits = re.sub(r"\D", "", number)
    return " ".join(digits[1:] if len(digits) == 11 and digits.startswith("1") else digits)


def _built_in(language: str) -> Prompt:
    return BUILT_IN.get(base_language(language), BUILT_IN[ENGLISH])


def _said(prompt: str, values: dict[str, str]) -> str:
    return _FIELD.sub(lambda found: values[found[1]], prompt).strip()
