"""The text of a token, and what of it the store keeps."""

import hashlib
import re
import secrets

PREFIX = "cc"
"""Whoever finds such a text in a log or a repository knows what it is."""

SECRET_BYTES = 32

_TEXT = re.compile(r"cc_([0-9]{1,9})_[A-Za-z0-9_-]{43}", re.ASCII)

NONE = 0
"""The id no token has."""


def new_text(token_id: int) -> str:
    """`cc_12_…`: its id, so that it is found at once, and 256 bits nobody can guess."""
    return f"{PREFIX}_{token_id}_{secrets.token_urlsafe(SECRET_BYTES)}"


def digest_of(text: str) -> bytes:
    """What the store keeps of it. A random text of 256 bits needs no slow hash."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def id_in(text: str) -> int:
    """The id a text names, NONE where it is no token."""
    found = _TEXT.fullmatch(text)
    return int(found[1]) if found else NONE
