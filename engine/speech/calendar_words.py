"""Days and times of day as they are spoken, in the order of the language."""

from datetime import datetime

from engine.speech.prompts import base_language

_DAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
}
_MONTHS = {
    "en": (
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ),
    "es": (
        "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
        "diciembre",
    ),
}  # fmt: skip


def date_words(local: datetime, language: str) -> str:
    """`Tuesday, November 24`, `martes 24 de noviembre`; in languages we have no words for, in English."""
    spoken = _known(language)
    day, month = _DAYS[spoken][local.weekday()], _MONTHS[spoken][local.month - 1]
    return f"{day} {local.day} de {month}" if spoken == "es" else f"{day}, {month} {local.day}"


def time_words(local: datetime, language: str) -> str:
    """`8:05 AM`, `8:05 de la mañana`."""
    hour = local.hour % 12 or 12
    if _known(language) == "es":
        part = "mañana" if local.hour < 12 else "tarde" if local.hour < 20 else "noche"
        return f"{hour}:{local.minute:02d} de la {part}"
    return f"{hour}:{local.minute:02d} {'AM' if local.hour < 12 else 'PM'}"


def _known(language: str) -> str:
    spoken = base_language(language)
    return spoken if spoken in _DAYS else "en"
