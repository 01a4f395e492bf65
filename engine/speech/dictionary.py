"""How words are spoken: each entry of the pronunciation dictionary in place of its word, before synthesis (C100)."""

import re
from collections.abc import Iterable

from engine.config import Pronunciation


class Dictionary:
    """What holds at one school: its own entries before the district's (decision 57).

    Whole words, whatever their case, the longest entry first; what was put in place of a word is not looked up again.
    """

    def __init__(self, entries: Iterable[Pronunciation], school_id: str = "") -> None:
        said = _in_force(entries, school_id)
        words = sorted(said, key=lambda word: (-len(word), word))
        self._said = [said[word] for word in words]
        self._words = _pattern(words) if words else None

    def spoken(self, text: str) -> str:
        """The text as it is synthesized."""
        if self._words is None:
            return text
        return self._words.sub(self._in_place, text)

    def _in_place(self, found: re.Match[str]) -> str:
        # The group says which entry it is: what matches regardless of case need not be equal when folded.
        return self._said[(found.lastindex or 1) - 1]


def _in_force(entries: Iterable[Pronunciation], school_id: str) -> dict[str, str]:
    """Folded word → what is said, the school's entries over the district's, a later entry over an earlier one."""
    entries = [entry for entry in entries if entry.word.split() and entry.school in ("", school_id)]
    entries.sort(key=lambda entry: entry.school != "")
    return {" ".join(entry.word.split()).casefold(): entry.say for entry in entries}


def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    """Any of the words, as a whole: an entry may itself begin or end with a sign, where no word boundary is."""
    choices = "|".join(f"({_spaced(word)})" for word in words)
    return re.compile(rf"(?<!\w)(?:{choices})(?!\w)", re.IGNORECASE)


def _spaced(word: str) -> str:
    """The words of an entry with any white space between them."""
    return r"\s+".join(re.escape(part) for part in word.split())
