"""Every key in the store: its shape, big-endian so that order on disk is order in meaning, each with an example."""

import struct

CHAIN_BITS = 24
"""Bits of a chain id below its job: 16.7 million chains a job, 16 times the largest job that was ever measured."""

COUNTER_BITS = 40
"""Bits of an attempt id below its incarnation: a thousand dials a second for 34 years."""

ID_MAX = 2**32 - 1
"""The greatest number an `id_key` holds."""

_U32 = struct.Struct(">I")
_U64 = struct.Struct(">Q")
_U32_U32 = struct.Struct(">II")


def seq_key(seq: int) -> bytes:
    """A block in the journal, or a chain by its id: seq 258 → `00 00 00 00 00 00 01 02`."""
    return _U64.pack(seq)


def seq_of(key: bytes) -> int:
    """The number in a `seq_key`."""
    return int(_U64.unpack(key)[0])


def id_key(number: int) -> bytes:
    """A job or a roster version: job 3 → `00 00 00 03`."""
    return _U32.pack(number)


def id_of(key: bytes) -> int:
    """The number in an `id_key`."""
    return int(_U32.unpack(key)[0])


def pair_key(owner: int, index: int) -> bytes:
    """An owner's index-th record (a plan of a job, a person of a roster): (3, 1) → `00000003 00000001`."""
    return _U32_U32.pack(owner, index)


def name_key(*parts: str, last: bytes = b"") -> bytes:
    """A record known by names, which hold no control characters: ("p:mom", last=02 00) → `p:mom` 00 `02 00`.

    Two ids of 255 bytes and the zero between them are 511 bytes, the longest key there is.
    """
    return b"\0".join([part.encode() for part in parts] + ([last] if last else []))


def fire_key(schedule_id: int, fire_at: int) -> bytes:
    """A schedule's firing at an instant: (3, 258 ms) → `00000003 0000000000000102`."""
    return id_key(schedule_id) + seq_key(fire_at)


def occasion_key(occasion: bytes, job_id: int, index: int) -> bytes:
    """What a job's index-th chain tells of: (`behavior/EV7/S1`, 3, 1) → `behavior/EV7/S1 00 00000003 00000001`."""
    return occasion + b"\0" + pair_key(job_id, index)


def occasion_teller(key: bytes) -> tuple[int, int]:
    """Job and index in an `occasion_key`."""
    job_id, index = _U32_U32.unpack(key[-_U32_U32.size :])
    return job_id, index


def chain_id(job_id: int, index: int) -> int:
    """The id of a job's index-th chain: (3, 5) → 3 · 2²⁴ + 5."""
    return job_id << CHAIN_BITS | index


def job_of(chain: int) -> int:
    """The job a chain belongs to."""
    return chain >> CHAIN_BITS


def index_of(chain: int) -> int:
    """A chain's index in its job."""
    return chain & ((1 << CHAIN_BITS) - 1)


def attempt_id(incarnation: int, counter: int) -> int:
    """The id of an incarnation's counter-th attempt: (2, 7) → 2 · 2⁴⁰ + 7."""
    return incarnation << COUNTER_BITS | counter


def incarnation_of(attempt: int) -> int:
    """The incarnation that opened an attempt."""
    return attempt >> COUNTER_BITS


def reference(token: int, attempt: int) -> str:
    """What the carrier knows an attempt by: the incarnation's token and its counter, `9f31c2…-1a`.

    Tokens are drawn anew at every open, so a reference is never used twice, not even by a store restored from a backup
    that counts through the same numbers again, and not by another district.
    """
    return f"{token:016x}-{attempt & ((1 << COUNTER_BITS) - 1):x}"


def parse_reference(ref: str) -> tuple[int, int] | None:
    """Token and counter of a reference, or None when it is none of ours."""
    token, _, counter = ref.partition("-")
    try:
        parsed = int(token, 16), int(counter, 16)
    except ValueError:
        return None
    # `int` is lenient about signs, spaces and zeros; a reference has one spelling.
    return parsed if reference(*parsed) == ref else None
