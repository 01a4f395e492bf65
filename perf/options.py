"""Bounds of what a measurement is asked for, as types of argparse."""

from argparse import ArgumentTypeError

from engine.config import POLL_SECONDS_MAX


def whole(text: str) -> int:
    """A count: a whole number from 1 on. Raises ArgumentTypeError."""
    try:
        count = int(text)
    except ValueError:
        count = 0
    if count < 1:
        raise ArgumentTypeError(f"{text} is no whole number from 1 on")
    return count


def poll_seconds(text: str) -> float:
    """Seconds above 0, at most those a district may set. Raises ArgumentTypeError."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= POLL_SECONDS_MAX:
        raise ArgumentTypeError(f"{text} lies not above 0 and at most {POLL_SECONDS_MAX:g}")
    return seconds
