"""Plans as bytes: what the helper process hands back, the vault keeps and a job commits to."""

from collections.abc import Iterable
from hashlib import blake2b

import msgspec

from store.records import Plan


def encode_plans(plans: Iterable[Plan]) -> list[bytes]:
    """Each plan in MessagePack, in the order of the chains."""
    encode = msgspec.msgpack.Encoder().encode
    return [encode(plan) for plan in plans]


def plans_hash(encoded: Iterable[bytes]) -> bytes:
    """The 32 bytes by which a job commits to its plans, their order and their number (`Job.plans_hash`)."""
    digest = blake2b(digest_size=32)
    for plan in encoded:
        digest.update(len(plan).to_bytes(4, "big"))
        digest.update(plan)
    return digest.digest()
