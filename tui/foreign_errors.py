"""Errors of others that reach the command line, each as one of ours: the one table of them."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

from store.errors import CallchainError, InvalidInputError


def _of_file(error: OSError) -> str:
    why = (error.strerror or str(error)).lower()
    if error.filename is None:
        return f"The system refused: {why}."
    return f"{error.filename} cannot be used: {why}."


def _of_zone(error: ZoneInfoNotFoundError) -> str:
    return f"{error.args[0]}; give an IANA name like America/Chicago."


def _of_text(_error: UnicodeError) -> str:
    return "Something given is not UTF-8 text; write it in UTF-8."


SENTENCES: dict[type[Exception], Callable[[Any], str]] = {
    OSError: _of_file,
    ZoneInfoNotFoundError: _of_zone,
    UnicodeError: _of_text,
}
"""By the kind of error, which includes all kinds below it. What is not here is a fault of ours: it shows its trace."""

FOREIGN = tuple(SENTENCES)


def translated(error: Exception) -> CallchainError:
    """Our error for one of FOREIGN."""
    sentence = next(sentence for kind, sentence in SENTENCES.items() if isinstance(error, kind))
    return InvalidInputError(sentence(error))
