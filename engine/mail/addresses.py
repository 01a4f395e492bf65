"""E-mail addresses as people type them."""

import re

from store.errors import InvalidInputError

ADDRESS_MAX = 254
"""Characters of an address that any server takes (RFC 5321)."""

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
"""What mail systems give out. Nothing that could end a header line or begin another recipient."""


def is_address(text: str) -> bool:
    """Whether a mail can be sent to it."""
    return len(text) <= ADDRESS_MAX and _ADDRESS.fullmatch(text) is not None


def checked_address(text: str, name: str) -> str:
    """The address. Raises InvalidInputError naming what it was given for."""
    if not is_address(text):
        raise InvalidInputError(f"{name} is no e-mail address; write it like office@example.org.")
    return text
