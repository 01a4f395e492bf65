"""Reads a filter as it is typed: words, `field:value`, `field>=value`, `-` for what is unwanted, `|` for or."""

import re
from dataclasses import dataclass

from tui.live.filter_words import CODES, MEASURED, SPANS, Field, codes_of, like, measure, pieces

_TERM = re.compile(r'(?:[^\s"|]|"[^"]*"?)+')
_PARTS = re.compile(r"([a-zA-Z]+)(:|<=|>=|<|>|=)(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Term:
    """One part of a filter: a field, how it is compared, with what, and whether that is unwanted."""

    field: Field
    sign: str
    value: str
    unwanted: bool = False

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the most that a measured field may be, both included."""
        low, dash, high = self.value.partition("-")
        if dash:
            return measure(self.field, low) or 0, measure(self.field, high) or 0
        bound = measure(self.field, self.value) or 0
        return {
            "<": (float("-inf"), bound - 1),
            "<=": (float("-inf"), bound),
            ">": (bound + 1, float("inf")),
            ">=": (bound, float("inf")),
        }.get(self.sign, (bound, bound))


@dataclass(frozen=True, slots=True)
class Read:
    """What was understood: one of the alternatives must hold, of that all terms. `trouble` names what was not."""

    alternatives: tuple[tuple[Term, ...], ...]
    trouble: str = ""


def read(text: str) -> Read:
    """Read what was typed. What cannot be understood is left out and named, with what may have been meant."""
    alternatives: list[tuple[Term, ...]] = []
    troubles: list[str] = []
    for part in _alternatives(text):
        terms = [_term(word, troubles) for word in _TERM.findall(part)]
        alternatives.append(tuple(term for term in terms if term is not None))
    return Read(tuple(terms for terms in alternatives if terms), troubles[-1] if troubles else "")


def _alternatives(text: str) -> list[str]:
    """The text at its bars, but for those between quotes."""
    parts = re.split(r'\|(?=(?:[^"]*"[^"]*")*[^"]*$)', text)
    return [part for part in parts if part.strip()]


def _term(word: str, troubles: list[str]) -> Term | None:
    unwanted = word.startswith("-") and len(word) > 1
    bare = word.removeprefix("-") if unwanted else word
    match = _PARTS.fullmatch(bare)
    if match is None:
        return Term(Field.NAME, ":", bare.replace('"', ""), unwanted) if bare != "-" else None
    name, sign, value = match[1].casefold(), match[2], match[3].replace('"', "")
    if name not in list(Field):
        troubles.append(_no_field(name))
        return None
    term = Term(Field(name), sign, value, unwanted)
    trouble = _trouble(term) if value else ""
    troubles.extend(filter(None, [trouble]))
    return None if trouble or not value else term


def _no_field(name: str) -> str:
    meant = like(name, [field for field in Field if field])
    return f"no field {name}:" + (f", {meant}: perhaps" if meant else f" (there are {_fields()})")


def _fields() -> str:
    return " ".join(f"{field}:" for field in Field if field and field not in MEASURED) + " try due age"


def _trouble(term: Term) -> str:
    """Why a term means nothing, empty where it means something."""
    field = term.field
    if field in MEASURED:
        parts = term.value.split("-") if term.sign in (":", "=") else [term.value]
        endless = field in SPANS and len(parts) == 1 and term.sign in (":", "=")
        if endless or len(parts) > 2 or any(measure(field, part) is None for part in parts):
            example = "age>90s, due<10m" if field in SPANS else "try>=3, try:1-2"
            return f"{field} is measured, as in {example}"
        return ""
    if term.sign not in (":", "="):
        return f"{field}: has no more and less; write {field}:{term.value}"
    if field in CODES:
        for word in pieces(term.value):
            if not codes_of(field, word):
                meant = like(word, CODES[field])
                return f"no {field} {word}" + (
                    f", {meant} perhaps" if meant else f" (such as {next(iter(CODES[field]))})"
                )
    return ""
