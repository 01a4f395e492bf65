"""The rule of the workload: what each chain is and how each of its calls ends, by arithmetic alone, the same anywhere.

Nothing here knows the engine, so what it recorded can be checked against these lines.
"""

from collections.abc import Iterator
from typing import NamedTuple

FACTOR = 0x45D9F3B
MASK_32 = 0xFFFFFFFF
CHECKSUM_MODULUS = 1 << 48
DEVICES_MAX = 3
DEVICE_SLOTS = 8
"""Slots of a chain: its devices, and two numbers more that say how many they are and whether it is an emergency."""
CALL_MS = 50
"""How long a call takes in real mode."""


def mix(x: int) -> int:
    """32 bits scattered over 32 bits."""
    for _ in range(2):
        x = ((x ^ (x >> 16)) * FACTOR) & MASK_32
    return x ^ (x >> 16)


def drawn(chain: int, slot: int) -> int:
    """The number in a slot of a chain: `h(c, slot)`."""
    return mix((chain * DEVICE_SLOTS + slot + 1) & MASK_32)


def devices(chain: int) -> int:
    """How many a chain has: 1 to 3."""
    return 1 + drawn(chain, 3) % DEVICES_MAX


def is_emergency(chain: int) -> bool:
    """One chain in twenty."""
    return drawn(chain, 4) % 20 == 0


def confirms(chain: int, device: int) -> bool:
    """Whether key 0 is pressed: 60 in a hundred times."""
    return drawn(chain, device) % 100 >= 40


def outcomes(chain: int) -> Iterator[tuple[int, bool]]:
    """The calls of a chain, in order: device, and whether it is confirmed. The first that is ends it."""
    for device in range(devices(chain)):
        confirmed = confirms(chain, device)
        yield device, confirmed
        if confirmed:
            return


def term(chain: int, device: int, confirmed: bool) -> int:
    """One call's part of the checksum."""
    return (chain * DEVICE_SLOTS + device) * 2 + confirmed


class Expected(NamedTuple):
    """What must be in the store after chains 0 … n-1."""

    dials: int
    confirmed: int
    checksum: int
    calls_max: int
    """Of the longest chain."""
    emergencies: tuple[tuple[int, int], ...]
    """Emergency chain and the calls it makes, in order."""


def expected(n: int) -> Expected:
    """Walk all chains on paper."""
    dials = confirmed = checksum = calls_max = 0
    emergencies = []
    for chain in range(n):
        calls = list(outcomes(chain))
        dials += len(calls)
        confirmed += calls[-1][1]
        checksum += sum(term(chain, *call) for call in calls)
        calls_max = max(calls_max, len(calls))
        if is_emergency(chain):
            emergencies.append((chain, len(calls)))
    return Expected(dials, confirmed, checksum % CHECKSUM_MODULUS, calls_max, tuple(emergencies))


def arrivals_ms(due: Expected, lines: int) -> list[int]:
    """When each emergency arrives in real mode: evenly over the first half of what the calls alone take."""
    half = calls_ms(due, lines) / 2
    return [int(place * half / len(due.emergencies)) for place in range(len(due.emergencies))]


def calls_ms(due: Expected, lines: int) -> int:
    """The least time the calls take: all lines busy throughout, or the longest chain."""
    return max(-(-due.dials // lines), due.calls_max) * CALL_MS


def ideal_ms(due: Expected, lines: int) -> int:
    """The least time everything takes, the last emergency's arrival and calls included."""
    ends = (at + calls * CALL_MS for at, (_, calls) in zip(arrivals_ms(due, lines), due.emergencies, strict=True))
    return max(calls_ms(due, lines), *ends, 0)
