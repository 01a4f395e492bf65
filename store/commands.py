"""What a command may ask of the engine."""

from enum import IntEnum


class Verb(IntEnum):
    """The numbers are stored: append only."""

    SEND = 1
    PAUSE = 2
    RESUME = 3
    CANCEL = 4
    REFRESH = 5
    BLOCK = 6
    UNBLOCK = 7
    STOP_CONTACT = 8
    SETTINGS = 9
    CREDENTIALS = 10
    MESSENGER = 11
    TEMPLATE = 12
    SCHEDULE = 13
    PREFERENCES = 14
    RECORDING = 15
    ASK = 16
    """Wants a job sent, and waits for a second person."""
    APPROVE = 17
    RECALL = 18
    TOKEN = 19
    WEBHOOK = 20
    ROSTER = 21

    @property
    def word(self) -> str:
        """How it is written in paths and on screens."""
        return self.name.lower()
