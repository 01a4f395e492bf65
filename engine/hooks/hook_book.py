"""The tables of webhooks and of what they are still to be told; every act takes the transaction it happens in."""

from collections.abc import Iterable, Iterator

import msgspec

from store.database import Database
from store.hooks import Delivery, Webhook
from store.keys import id_key, seq_key
from store.tables import Txn

FINISHED_KEPT = 50
"""Deliveries of one webhook that stay readable after they were heard or given up, the newest."""

_LAST_ID = "webhook_last_id"


class HookBook:
    """A delivery's key is its webhook, then the block and position of the first fact it tells of: order of telling."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # -- webhooks

    def hooks(self, txn: Txn) -> list[Webhook]:
        """All of them, oldest first."""
        return [hook for _, hook in self._database.webhooks.scan(txn)]

    def hook(self, txn: Txn, webhook_id: int) -> Webhook | None:
        """One of them."""
        return self._database.webhooks.get(txn, id_key(webhook_id))

    def put(self, txn: Txn, hook: Webhook) -> None:
        """Write one."""
        self._database.webhooks.put(txn, id_key(hook.webhook_id), hook)

    def enter(self, txn: Txn, new: Webhook) -> Webhook:
        """Write a new one under an id no webhook ever had: what waits for a removed one is never told to another."""
        webhook_id = int(self._database.get_meta(txn, _LAST_ID) or b"0") + 1
        self._database.put_meta(txn, _LAST_ID, str(webhook_id).encode())
        hook = msgspec.structs.replace(new, webhook_id=webhook_id)
        self.put(txn, hook)
        return hook

    def remove(self, txn: Txn, webhook_id: int) -> None:
        """Forget a webhook and all it was still to be told."""
        self._database.webhooks.delete(txn, id_key(webhook_id))
        for key, _ in list(self._database.deliveries.scan_raw(txn, *_range(webhook_id))):
            self._database.deliveries.delete(txn, key)

    def pause(self, txn: Txn, webhook_id: int, paused: bool) -> None:
        """Tell a webhook nothing from now on, or go on where that began."""
        if (hook := self.hook(txn, webhook_id)) is not None:
            self.put(txn, msgspec.structs.replace(hook, paused=paused))

    # -- deliveries

    def deliveries(self, txn: Txn, webhook_id: int) -> Iterator[tuple[bytes, Delivery]]:
        """All that is kept for a webhook, in the order of telling."""
        return self._database.deliveries.scan(txn, *_range(webhook_id))

    def waiting(self, txn: Txn, webhook_id: int) -> Iterator[tuple[bytes, Delivery]]:
        """Those that were neither heard nor given up."""
        return ((key, one) for key, one in self.deliveries(txn, webhook_id) if not (one.done_at or one.failed))

    def add(self, txn: Txn, webhook_id: int, seq: int, new: Iterable[tuple[tuple[int, int], Delivery]]) -> None:
        """Keep new deliveries and, in the same write, that all blocks up to `seq` were made into them.

        A webhook that was removed meanwhile is told nothing; one that was moved on meanwhile is not told twice.
        """
        hook = self.hook(txn, webhook_id)
        if hook is None or hook.seq >= seq:
            return
        self.put(txn, msgspec.structs.replace(hook, seq=seq))
        for (first_seq, position), delivery in new:
            self._database.deliveries.put(txn, delivery_key(webhook_id, first_seq, position), delivery)

    def note(self, txn: Txn, tried: Iterable[tuple[bytes, Delivery]]) -> None:
        """Write what came of deliveries, unless their webhook is gone; of finished ones only the newest are kept."""
        touched: set[int] = set()
        for key, delivery in tried:
            if self._database.deliveries.raw(txn, key) is not None:
                self._database.deliveries.put(txn, key, delivery)
                touched.add(delivery.webhook_id)
        for webhook_id in touched:
            finished = [key for key, one in self.deliveries(txn, webhook_id) if one.done_at or one.failed]
            for key in finished[:-FINISHED_KEPT]:
                self._database.deliveries.delete(txn, key)


def delivery_key(webhook_id: int, seq: int, position: int) -> bytes:
    """A webhook's delivery of what began with a block's fact: (3, 258, 1) → `00000003 0000000000000102 00000001`."""
    return id_key(webhook_id) + seq_key(seq) + id_key(position)


def _range(webhook_id: int) -> tuple[bytes, bytes]:
    return id_key(webhook_id), id_key(webhook_id + 1)
