"""What an event says of somebody, as it is spoken: the words, days and amounts of its file in a language."""

import re
from collections.abc import Iterable
from datetime import date, datetime, time

from engine.speech.calendar_words import date_words
from engine.speech.prompts import base_language

_WORDS = {
    "en": {"early_release": "released early", "unknown": "not excused yet"},
    "es": {
        "absent": "ausente", "tardy": "con retraso", "early_release": "con salida anticipada",
        "excused": "justificado", "unexcused": "sin justificar", "unknown": "aún sin justificar",
        "submitted": "enviado", "in_progress": "en curso", "complete": "completo", "meal": "comidas",
    },
}  # fmt: skip
"""The words that files are made of, where they are spoken otherwise; what people wrote themselves is left as it is."""

_FIXED = frozenset({"status", "excuse", "account"})
"""Fields that hold such words."""

_MONEY = {
    "en": ("minus", " and ", ("dollar", "dollars"), ("cent", "cents")),
    "es": ("menos", " con ", ("dólar", "dólares"), ("centavo", "centavos")),
}
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_AMOUNT = re.compile(r"(-?)(\d+)\.(\d\d)", re.ASCII)


def event_words(fields: Iterable[tuple[str, str]], language: str) -> dict[str, str]:
    """Name and value of an event's fields (`Detail.fields`) as they are said; languages we do not know hear English."""
    spoken = base_language(language)
    spoken = spoken if spoken in _WORDS else "en"
    return {name: _said(name, value, spoken) for name, value in fields}


def _said(name: str, value: str, language: str) -> str:
    if name in _FIXED:
        # A state is read as one word: `Under review` has become `under_review`.
        return _WORDS[language].get(value) or (value.replace("_", " ") if name == "status" else value)
    if name == "date" and _DAY.fullmatch(value):
        return date_words(datetime.combine(date.fromisoformat(value), time()), language)
    if name == "balance" and (found := _AMOUNT.fullmatch(value)):
        return _amount(found[1], int(found[2]), int(found[3]), language)
    return value


def _amount(sign: str, dollars: int, cents: int, language: str) -> str:
    """`minus 12 dollars and 50 cents`, `menos 12 dólares con 50 centavos`."""
    minus, between, *units = _MONEY[language]
    counted = ((dollars, units[0]), (cents, units[1]))
    parts = [f"{count} {one if count == 1 else more}" for count, (one, more) in counted if count]
    return f"{minus + ' ' if sign else ''}{between.join(parts) or f'0 {units[0][1]}'}"
