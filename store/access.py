"""Who may do what at the door: roles, tokens, and who was ever seen there."""

from enum import IntEnum

from store.records import Record


class Role(IntEnum):
    """From least to most; each may all that the ones before it may. The numbers are stored: append only."""

    VIEWER = 1
    """Looks, and is shown no name and no number."""
    SENDER = 2
    """Sends and steers all but emergencies, and sees whom it is about."""
    EMERGENCY_SENDER = 3
    """Sends and stops emergencies too."""
    ADMINISTRATOR = 4
    """Settings, roster, roles and tokens."""

    @property
    def word(self) -> str:
        """How it is written: `emergency_sender`."""
        return self.name.lower()


class Token(Record, frozen=True):
    """What a program shows to be let in. The store knows its hash, so it is told once, when it is made."""

    token_id: int
    name: str
    role: Role
    digest: bytes
    """SHA-256 of the token."""
    author: str = ""
    made_at: int = 0
    ends_at: int = 0
    """ms UTC; 0: it has no end."""
    revoked_at: int = 0


class Identity(Record, frozen=True):
    """Somebody who gave a command: facts know them by a hash (`engine.release.author_id`), this is the name to it."""

    name: str
    """`anna`, or `token:reports`."""
    seen_at: int = 0
