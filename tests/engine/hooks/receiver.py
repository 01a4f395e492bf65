"""A program that is told: it checks signatures, remembers what it heard, and answers as a test has it."""

import base64
import hashlib
import hmac
import json
from collections import deque
from typing import Any

from engine.hooks.posting import Answer

HEARD = Answer(heard=True, note="answered 200")
DOWN = Answer(of_receiver=True, note="not reached (ConnectionRefusedError)")
REFUSED = Answer(note="answered 422")
GONE = Answer(gone=True, note="answered 410")


def signed_by(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """Whether a delivery is signed as the Standard Webhooks scheme has it; written apart from what signs."""
    key = base64.b64decode(secret.split("_", 1)[1])
    said = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
    expected = base64.b64encode(hmac.digest(key, said, hashlib.sha256)).decode()
    return headers["webhook-signature"] == f"v1,{expected}"


class Receiver:
    """Stands in for HTTP: `Crier(engine, post=receiver)`."""

    def __init__(self) -> None:
        self.answers: deque[Answer] = deque()
        """What it answers next; then it hears everything."""
        self.always: Answer = HEARD
        self.urls: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.bodies: list[bytes] = []
        self.heard: list[tuple[str, dict[str, Any]]] = []
        """Delivery id and body of what it said it heard."""

    def __call__(self, url: str, headers: dict[str, str], body: bytes) -> Answer:
        self.urls.append(url)
        self.headers.append(headers)
        self.bodies.append(body)
        answer = self.answers.popleft() if self.answers else self.always
        if answer.heard:
            self.heard.append((headers["webhook-id"], json.loads(body)))
        return answer

    def events(self) -> list[str]:
        return [body["type"] for _, body in self.heard]

    def event_ids(self) -> list[str]:
        """The ids of all events it heard, of ended chains one by one."""
        data = [body["data"] for _, body in self.heard]
        return [one["id"] for item in data for one in item.get("ended_chains", [item])]
