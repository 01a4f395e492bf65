"""What a single setting may be: a number within bounds, a time zone, a URL."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import msgspec

from store.errors import ConfigError

MINUTES_OF_DAY = 24 * 60

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]+")
_NORTH_AMERICAN = re.compile(r"[2-9](?!11)[0-8]\d[2-9](?!11)\d{6}", re.ASCII)

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


def names_user(url: str) -> bool:
    """Whether a URL holds a user name, and so perhaps a password."""
    return "@" in url.partition("//")[2].partition("/")[0]


def is_loopback(url: str) -> bool:
    """Whether a URL's host is this machine: only there can a carrier be make-believe."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def tcp_address(listen: str) -> tuple[str, int] | None:
    """Host and port of a text like "0.0.0.0:8443" or "[::1]:8443"; None where it is no such thing."""
    host, _, port = listen.rpartition(":")
    host = host[1:-1] if host[:1] == "[" and host[-1:] == "]" else host
    try:
        ip_address(host)
    except ValueError:
        return None
    return (host, int(port)) if port.isascii() and port.isdigit() and int(port) <= 65_535 else None


def is_language(tag: str) -> bool:
    """A language tag like `en` or `es-MX`."""
    return _LANGUAGE.fullmatch(tag) is not None


def is_address(text: str) -> bool:
    """An e-mail address."""
    return _ADDRESS.fullmatch(text) is not None


def number_fault(text: str) -> str:
    """What is wrong with a phone number that is to be shown or spoken, as a verb phrase; empty where nothing is."""
    digits = re.sub(r"[\s().+/-]", "", text)
    if not (digits.isascii() and digits.isdigit()):
        return "is no phone number"
    digits = digits[1:] if len(digits) == 11 and digits[0] == "1" else digits
    if len(digits) != 10:
        return f"has {len(digits)} digits" + (": no area code" if len(digits) == 7 else "")
    return "" if _NORTH_AMERICAN.fullmatch(digits) else "is in no North American area code or exchange"


def minute_of_day(text: str, name: str) -> int:
    """Minutes since midnight of a time like 08:30. Raises ConfigError naming the setting."""
    hours, colon, minutes = text.partition(":")
    if colon and hours.isdecimal() and minutes.isdecimal() and int(minutes) < 60:
        minute = int(hours) * 60 + int(minutes)
        if minute <= MINUTES_OF_DAY:
            return minute
    raise ConfigError(f'{name} is "{text}", which is no time of day; write it like "08:30".')
