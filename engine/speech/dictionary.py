"""How words are spoken: each entry of the pronunciation dictionary in place of its word, before synthesis (C100)."""

import re
from collections.abc import Iterable
from unicodedata import normalize

from engine.config import Pronunciation

_APOSTROPHES = "['\u2018\u2019\u02bc]"
"""One sign to whoever writes a name, four to a computer: the typewriter's, both of print, and the letter."""

_ACCENTS = "\u0300-\u036f"
"""Accents by themselves, where no letter has them: what they stand on is no word's end."""


class Dictionary:
    """What holds at one school: its own entries before the district's (decision 57).

    Whole words, whatever their case, the longest entry first; what was put in place of a word is not looked up again.
    """

    def __init__(self, entries: Iterable[Pronunciation], school_id: str = "") -> None:
        said = sorted(_in_force(entries, school_id).items(), key=lambda item: (-len(item[0]), item[0]))
        self._said = [say for _, (_, say) in said]
        self._words = _pattern([written for _, (written, _) in said]) if said else None

    def spoken(self, text: str) -> str:
        """The text as it is synthesized."""
        if self._words is None:
            return text
        return self._words.sub(self._in_place, normalize("NFC", text))

    def _in_place(self, found: re.Match[str]) -> str:
        # The group says which entry it is: what matches regardless of case need not be equal in lower case.
        return self._said[(found.lastindex or 1) - 1]


def _in_force(entries: Iterable[Pronunciation], school_id: str) -> dict[str, tuple[str, str]]:
    """Word in lower case → as it is written, and what is said.

    The school's entries go over the district's, a later one over an earlier one.
    """
    entries = [entry for entry in entries if entry.word.split() and entry.school in ("", school_id)]
    entries.sort(key=lambda entry: entry.school != "")
    words = [" ".join(normalize("NFC", entry.word).split()) for entry in entries]
    return {word.lower(): (word, entry.say) for word, entry in zip(words, entries, strict=True)}


def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    """Any of the words, as a whole: an entry may itself begin or end with a sign, where no word boundary is."""
    choices = "|".join(f"({_spelled(word)})" for word in words)
    return re.compile(rf"(?<!\w)(?:{choices})(?![\w{_ACCENTS}])", re.IGNORECASE)


def _spelled(word: str) -> str:
    """An entry as it may be written: in capitals `Weiß` is `WEISS`, which no comparison letter by letter finds."""
    return "|".join(map(_spaced, dict.fromkeys((word, normalize("NFC", word.casefold())))))


def _spaced(word: str) -> str:
    """The words of an entry with any white space between them, and any apostrophe where one is."""
    parts = (re.sub(_APOSTROPHES, lambda _: _APOSTROPHES, re.escape(part)) for part in word.split())
    return r"\s+".join(parts)
