"""Deliveries out of happenings: one body for each, but hundreds of ended chains of a job share one."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from hashlib import blake2b

import msgspec

from engine.hooks.happenings import CHAIN_ENDED, Happening, Words
from store.hooks import Delivery

CHAINS_PER_DELIVERY = 500
"""Ended chains told in one body: 60 KB, and 200 bodies for a job of 100,000."""

Keyed = tuple[tuple[int, int], Delivery]
"""A delivery and its place: block and position of the first fact it tells of."""


def deliveries_of(
    webhook_id: int, found: Iterable[Happening], now: int, tell_job: Callable[[int], Words]
) -> Iterator[Keyed]:
    """What a webhook is told, in the order of what happened; `now`: when they are due first, ms UTC."""
    chains: dict[int, list[Happening]] = {}
    for one in found:
        if one.event != CHAIN_ENDED:
            # What happened to a job is told after the chains that had ended before.
            if one.job_id in chains:
                yield _of_chains(webhook_id, chains.pop(one.job_id), now, tell_job)
            yield _of_one(webhook_id, one, now)
            continue
        together = chains.setdefault(one.job_id, [])
        together.append(one)
        if len(together) == CHAINS_PER_DELIVERY:
            yield _of_chains(webhook_id, chains.pop(one.job_id), now, tell_job)
    for together in chains.values():
        yield _of_chains(webhook_id, together, now, tell_job)


def body(event: str, at: int, data: Words) -> bytes:
    """What is posted: type, timestamp and data, as the Standard Webhooks scheme has them."""
    return msgspec.json.encode({"type": event, "timestamp": _clock(at), "data": data})


def delivery_id(webhook_id: int, *event_ids: str) -> str:
    """The same for the same events and webhook."""
    told = "/".join([str(webhook_id), *event_ids])
    return f"msg_{blake2b(told.encode(), digest_size=12).hexdigest()}"


def _of_one(webhook_id: int, one: Happening, now: int) -> Keyed:
    content = body(one.event, one.at, {"id": one.event_id, **one.data})
    given = delivery_id(webhook_id, one.event_id)
    return (one.seq, one.position), Delivery(given, webhook_id, one.event, content, one.at, due_at=now)


def _of_chains(webhook_id: int, together: Sequence[Happening], now: int, tell_job: Callable[[int], Words]) -> Keyed:
    first, last = together[0], together[-1]
    job = tell_job(first.job_id)
    about = {key: job[key] for key in ("job_id", "subject", "reason") if key in job}
    chains = [{"id": one.event_id, "at": one.at, **one.data} for one in together]
    content = body(CHAIN_ENDED, last.at, about | {"ended_chains": chains})
    given = delivery_id(webhook_id, first.event_id, last.event_id, str(len(together)))
    return (first.seq, first.position), Delivery(given, webhook_id, CHAIN_ENDED, content, last.at, due_at=now)


def _clock(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
