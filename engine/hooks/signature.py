"""How a delivery is signed, after the Standard Webhooks scheme, so that its receiver knows whom it is from."""

import base64
import hashlib
import hmac
import secrets

PREFIX = "whsec_"
"""What a webhook's secret begins with; behind it stand its bytes in base64."""

SECRET_BYTES = 32
"""Between the 24 and 64 bytes the scheme allows."""

VERSION = "v1"
"""The scheme's name for HMAC-SHA256."""


def new_secret() -> str:
    """A secret like `whsec_MfKQ9r8G…`."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signature(secret: str, delivery_id: str, timestamp: int, body: bytes) -> str:
    """What goes into `webhook-signature`; `timestamp` in seconds UTC, as it stands in `webhook-timestamp`."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = hmac.new(key, f"{delivery_id}.{timestamp}.".encode() + body, hashlib.sha256)
    return f"{VERSION},{base64.b64encode(signed.digest()).decode()}"


def headers(secret: str, delivery_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers that tell a delivery's id, when it was sent and by whom."""
    return {
        "webhook-id": delivery_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(secret, delivery_id, timestamp, body),
    }
