"""What a single setting may be: a number within bounds, a time zone, a URL."""

from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import msgspec

from store.errors import ConfigError

Check = tuple[bool, str]
"""Whether something holds, and the sentence for where it does not, without its full stop."""


def within(name: str, value: float, least: float, most: float) -> Check:
    """From `least` to `most`, both included; `nan` lies within no bounds."""
    return least <= value <= most, f"{name} must be {least:g} to {most:,.0f}"


def above_zero(name: str, value: float, most: float) -> Check:
    """Above 0, at most `most`."""
    return 0 < value <= most, f"{name} must be above 0, at most {most:,.0f}"


def time_zone(name: str) -> ZoneInfo:
    """The time zone of an IANA name. Raises ConfigError where there is none."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, LookupError):  # folders of the database, paths out of it, unknown names
        raise ConfigError(f'"{name}" is no time zone; give an IANA name like "America/Chicago".') from None


def is_zone(name: str) -> bool:
    """Whether it is a time zone's IANA name."""
    try:
        time_zone(name)
    except ConfigError:
        return False
    return True


def is_url(text: str) -> bool:
    """A host behind http or https; whether plain http may be used there is the gateway's to say."""
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port or an address that is none
        return False


def is_text(value: object) -> bool:
    """Whether every text in it can be written as UTF-8; bytes from a command line that are not cannot."""
    try:
        msgspec.json.encode(value)
    except UnicodeEncodeError:
        return False
    return True
