"""Passwords encrypted at rest: they lie in the store, the key that opens them beside it, in a file of its own."""

import hashlib
import hmac
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from store.database import Database
from store.errors import ConfigError
from store.tables import Txn

KEY_FILE = "secret.key"
"""In the district's folder, beside the store and never in it: a backup of the store holds no usable password."""

KEY_VARIABLE = "CALLCHAIN_SECRET_KEY"
"""May hold the key instead of the file."""


class Secret(Enum):
    """The passwords a district has; each value is what people call it."""

    CARRIER = "carrier"
    EMAIL = "email"
    DIAL_IN = "dial-in"


class SecretBox:
    """A district's passwords. None of them is kept here, or shown anywhere."""

    def __init__(self, home: Path, database: Database) -> None:
        self._home = home
        self._database = database

    def password(self, secret: Secret) -> str:
        """A password, empty where none is kept. Raises ConfigError where the key does not open it."""
        with self._database.read() as txn:
            sealed = self._database.get_meta(txn, _name(secret))
        if not sealed:
            return ""
        key = read_key(self._home)
        try:
            return Fernet(key).decrypt(sealed).decode()
        except InvalidToken:
            pass
        raise ConfigError(
            f"{self._home / KEY_FILE} does not open the {secret.value} password in the store; put the district's own "
            "key there, or save the password anew with `callchain settings credentials`."
        )

    def keep(self, secret: Secret, password: str) -> Callable[[Txn], None]:
        """The write that keeps a password, encrypted; a key is made where there is none yet. Empty: forgets it."""
        sealed = Fernet(make_key(self._home)).encrypt(password.encode()) if password else b""
        return lambda txn: self._database.put_meta(txn, _name(secret), sealed)

    def kept(self) -> dict[str, bool]:
        """Which passwords are kept."""
        with self._database.read() as txn:
            return {secret.value: bool(self._database.get_meta(txn, _name(secret))) for secret in Secret}


def read_key(home: Path) -> bytes:
    """The district's secret key. Raises ConfigError where there is none, or one that cannot be."""
    key = os.environ.get(KEY_VARIABLE, "").encode() or _read(home)
    if not key:
        raise ConfigError(
            f"The secret key {home / KEY_FILE} is not there, nor in {KEY_VARIABLE}; put it back, or save the passwords "
            "anew with `callchain settings credentials`."
        )
    return _checked(key, home)


def make_key(home: Path) -> bytes:
    """The district's secret key, drawn and written for its owner only where there is none yet."""
    key = os.environ.get(KEY_VARIABLE, "").encode() or _read(home)
    if key:
        return _checked(key, home)
    _write(home, Fernet.generate_key())
    # Another process may have been first.
    return _checked(_read(home), home)


def proof_of_key(home: Path, said: str) -> str:
    """What only whoever may read the district's key can say about `said`."""
    return hmac.new(make_key(home), said.encode(), hashlib.sha256).hexdigest()


def _write(home: Path, key: bytes) -> None:
    """Put a key where none is, whole or not at all: an empty file is what a full disk or a crash left."""
    path = home / KEY_FILE
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(prefix=f".{KEY_FILE}.", dir=home)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(key + b"\n")
            file.flush()
            os.fsync(file.fileno())
        if path.exists() and not path.stat().st_size:
            path.unlink()
        with suppress(FileExistsError):
            path.hardlink_to(beside)
    except OSError as error:
        raise ConfigError(f"The secret key {path} cannot be written: {error.strerror}. Nothing was stored.") from None
    finally:
        Path(beside).unlink(missing_ok=True)


def _read(home: Path) -> bytes:
    try:
        return (home / KEY_FILE).read_bytes().strip()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise ConfigError(f"The secret key {home / KEY_FILE} cannot be read: {error.strerror}.") from None


def _checked(key: bytes, home: Path) -> bytes:
    try:
        Fernet(key)
    except ValueError:
        raise ConfigError(
            f"The secret key in {KEY_VARIABLE} or {home / KEY_FILE} is none: it has 32 bytes in URL-safe base64. Put "
            "the district's own there, or remove it and save the passwords anew with `callchain settings credentials`."
        ) from None
    return key


def _name(secret: Secret) -> str:
    return f"secret_{secret.name.lower()}"
