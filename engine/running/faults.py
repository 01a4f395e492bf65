"""Logs errors nobody foresaw: of which kind and where, never what they say, for that may be a name or a number."""

import logging
import traceback

FRAMES_MAX = 30
"""The innermost ones: what calls itself without end has a thousand."""


def log_fault(log: logging.Logger, what: str, error: Exception) -> None:
    """Say in the log that `what` failed."""
    where = "".join(traceback.format_tb(error.__traceback__)[-FRAMES_MAX:])
    log.error("%s failed with %s:\n%s", what, type(error).__name__, where)
