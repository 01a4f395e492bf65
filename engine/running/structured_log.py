"""How the log is written: sentences for people or JSON for programs; phone numbers are masked in both."""

import copy
import logging
import re
import sys
from typing import IO, Self

from pythonjsonlogger.json import JsonFormatter

from engine.service_settings import LogSettings

TEXT = "%(asctime)s %(levelname)s %(name)s %(message)s"

FIELDS = {"levelname": "level", "name": "logger"}
"""What JSON calls what the log has anyway; `ts`, `message` and the fields of an entry stand beside them."""

_NUMBER = re.compile(
    r"(?<![\w.+])(?:\+\d{3,11}|1?[2-9]\d{5}|(?:\+?1[ .-]?)?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-])(\d{4})(?![\w.]\d|\w)"
)
"""A phone number in E.164, as ten or eleven digits, or as people write it."""


class LogWriter:
    """The log's one way out of the process, as long as its block lasts."""

    def __init__(self, stream: IO[str] | None = None) -> None:
        self._handler = logging.StreamHandler(stream or sys.stderr)
        self._settings: LogSettings | None = None
        self.follow(LogSettings())

    def __enter__(self) -> Self:
        """From now on everything that is logged in the process goes here."""
        logging.getLogger().addHandler(self._handler)
        self._set_level()
        return self

    def __exit__(self, *_error: object) -> None:
        """No more."""
        logging.getLogger().removeHandler(self._handler)

    def follow(self, settings: LogSettings) -> None:
        """Write as the settings say from the next entry on; again it does nothing."""
        if settings == self._settings:
            return
        self._settings = settings
        self._handler.setFormatter(JsonLines() if settings.format == "json" else Sentences(TEXT))
        self._set_level()

    def _set_level(self) -> None:
        if self._settings is not None and self._handler in logging.getLogger().handlers:
            logging.getLogger().setLevel(self._settings.level.upper())


class _Masking(logging.Formatter):
    """Whatever a message says, the numbers in it show their last four digits only."""

    def format(self, record: logging.LogRecord) -> str:
        """See logging.Formatter."""
        shown = copy.copy(record)
        shown.msg, shown.args = masked(record.getMessage()), None
        shown.exc_text = None  # another handler may have written it there, unmasked
        return super().format(shown)

    def formatException(self, ei: tuple[type[BaseException], BaseException, object]) -> str:  # type: ignore[override]  # noqa: N802
        """See logging.Formatter."""
        return masked(super().formatException(ei))  # type: ignore[arg-type]


class Sentences(_Masking):
    """For people."""


class JsonLines(_Masking, JsonFormatter):
    """For programs: one object a line."""

    def __init__(self) -> None:
        super().__init__([*FIELDS, "message"], rename_fields=FIELDS, timestamp="ts", json_ensure_ascii=False)


def masked(text: str) -> str:
    """The text with its phone numbers masked."""
    return _NUMBER.sub(r"•••-•••-\1", text)
