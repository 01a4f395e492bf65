"""What follows for a delivery from one try: heard, later again, or given up after three days."""

import msgspec

from engine.hooks.posting import Answer
from store.hooks import Delivery

FIRST_WAIT_MS = 5_000
"""After a first try that came to nothing; then twice as long each time."""

LONGEST_WAIT_MS = 3_600_000
"""A receiver that was put right hears within the hour."""

JITTER = 0.2
"""Share of a wait that chance takes away, so that many engines do not come back at one instant."""

GIVEN_UP_AFTER_MS = 3 * 86_400_000
"""A receiver may be down over a long weekend; what is older it has to ask for (`GET /events`, reports)."""


def heard(delivery: Delivery, note: str, now: int) -> Delivery:
    """The delivery after its receiver said that it heard."""
    return msgspec.structs.replace(delivery, tries=delivery.tries + 1, done_at=max(1, now), note=note, body=b"")


def put_off(delivery: Delivery, answer: Answer, now: int, chance: float) -> Delivery:
    """The delivery after a try that came to nothing; `chance`: from 0 to 1."""
    tries = delivery.tries + 1
    after = msgspec.structs.replace(delivery, tries=tries, note=answer.note)
    if now - delivery.made_at >= GIVEN_UP_AFTER_MS:
        return given_up(after, now)
    wait = min(LONGEST_WAIT_MS, FIRST_WAIT_MS << min(tries - 1, 12))
    return msgspec.structs.replace(after, due_at=now + max(answer.rest_ms, int(wait * (1 - JITTER * chance))))


def given_up(delivery: Delivery, now: int) -> Delivery:
    """The delivery nobody will be told any more; its body goes, its note stays."""
    note = delivery.note or "not tried: its receiver has been away for three days"
    return msgspec.structs.replace(delivery, failed=True, due_at=0, done_at=now, note=note, body=b"")
