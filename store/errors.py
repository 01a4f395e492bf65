"""The one error tree: every error a caller may meet, each with a sentence that says what, where and how to mend it."""


class CallchainError(Exception):
    """Base of all errors this project raises on purpose. `exit_code` is what a command line ends with."""

    exit_code = 1


class InvalidInputError(CallchainError):
    """Something handed in (a file, a setting, an option) is not usable as it is."""

    exit_code = 2


class ConfigError(InvalidInputError):
    """A setting is unknown, missing or out of range."""


class RosterError(InvalidInputError):
    """A roster bundle cannot be read at all; single bad rows are reported instead."""


class AudienceError(InvalidInputError):
    """The audience is empty, or its count is not the one expected."""

    exit_code = 3


class RefusedError(CallchainError):
    """A command is understood but not allowed as things stand."""

    exit_code = 4


class NotFoundError(CallchainError):
    """There is no such job, chain or person."""

    exit_code = 5


class StoreError(CallchainError):
    """The store cannot be opened, read or written."""

    exit_code = 6


class StoreBusyError(StoreError):
    """Another engine already runs on this store."""


class StoreVersionError(StoreError):
    """The store was written by a newer version of this program."""


class GatewayError(CallchainError):
    """The carrier cannot be used: unreachable, refusing, or answering outside its contract."""

    exit_code = 7


class EngineUnreachableError(CallchainError):
    """No engine answers at the door."""

    exit_code = 8
