"""Programs that are told of what happened: whom, what of, and what is still to be told."""

from store.records import Record


class Webhook(Record, frozen=True):
    """An address that is told. Its secret lies in the secret box, under its id."""

    webhook_id: int
    url: str
    events: tuple[str, ...] = ()
    """Like `job.ended`; empty: all of them."""
    author: str = ""
    made_at: int = 0
    paused: bool = False
    seq: int = 0
    """Blocks up to here were made into deliveries."""


class Delivery(Record, frozen=True):
    """Something one webhook is told, until it has said that it heard."""

    delivery_id: str
    """The same for the same event and webhook, so that whoever hears it twice can tell."""
    webhook_id: int
    event: str
    body: bytes
    made_at: int
    tries: int = 0
    due_at: int = 0
    done_at: int = 0
    failed: bool = False
    """Given up."""
    note: str = ""
    """What the last try ended with."""
