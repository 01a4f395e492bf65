"""The secrets of webhooks, encrypted at rest under the district's own key like its passwords."""

from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from engine.district.secret_box import KEY_FILE, make_key, read_key
from store.database import Database
from store.errors import ConfigError
from store.tables import Txn


def sealed_secret(home: Path, secret: str) -> bytes:
    """A webhook's secret as it lies in the store. Reads the district's key, and makes it where there is none yet."""
    return Fernet(make_key(home)).encrypt(secret.encode())


def put_secret(database: Database, txn: Txn, webhook_id: int, sealed: bytes) -> None:
    """Keep a webhook's secret; empty: forget it."""
    database.put_meta(txn, _name(webhook_id), sealed)


def read_secret(home: Path, database: Database, webhook_id: int) -> str:
    """A webhook's secret. Raises ConfigError where the district's key does not open it, or none is kept."""
    with database.read() as txn:
        sealed = database.get_meta(txn, _name(webhook_id))
    try:
        return Fernet(read_key(home)).decrypt(sealed).decode()
    except InvalidToken:
        pass
    raise ConfigError(
        f"{home / KEY_FILE} does not open the secret of webhook {webhook_id}; put the district's own key there, or "
        "remove the webhook and add it anew."
    )


def _name(webhook_id: int) -> str:
    return f"secret_webhook_{webhook_id}"
