"""What calls are like where the district has made none yet: stated, each figure with its reason, and soon outweighed.

They are for a school's own calls, from a number that most families know. Four in five Americans say that they do not
pick up for a number they do not know (Pew Research Center, 2020); for one they know most do when they can. Shares are
of calls made; those of people by the local hour.
"""

from engine.forecast.past.cells import HOURS, Before
from store.dispositions import Disposition
from store.records import DeviceKind

_NIGHT, _EARLY = (0.12,) * 6, (0.25, 0.32)
"""Before seven hardly anybody; until nine people are on their way."""

PEOPLE: dict[DeviceKind, tuple[float, ...]] = {
    DeviceKind.CELL: (*_NIGHT, *_EARLY, *(0.34,) * 9, *(0.44,) * 4, 0.32, 0.22, 0.15),
    DeviceKind.HOUSEHOLD: (*_NIGHT, *_EARLY, *(0.28,) * 9, *(0.48,) * 4, 0.32, 0.2, 0.12),
    DeviceKind.WORK: (*(0.02,) * 7, 0.2, *(0.5,) * 9, 0.2, 0.08, *(0.03,) * 5),
    DeviceKind.OTHER: (*_NIGHT, *_EARLY, *(0.3,) * 9, *(0.42,) * 4, 0.3, 0.2, 0.12),
    DeviceKind.PAGER: (0.05,) * HOURS,
}
"""A person answers: at work by day, at home in the evening."""

MACHINE = {
    DeviceKind.CELL: 0.75,
    DeviceKind.HOUSEHOLD: 0.55,
    DeviceKind.WORK: 0.6,
    DeviceKind.OTHER: 0.6,
    DeviceKind.PAGER: 0.3,
}
"""Of the calls that ring and that nobody takes: a machine does. Nearly every mobile line has one, some are full."""

OF_PEOPLE = {
    Disposition.CONFIRMED: 0.7,
    Disposition.LIVE_NO_CONFIRM: 0.2,
    Disposition.HANGUP_EARLY: 0.1,
}
"""Being told to press a key, most do; others listen and hang up."""

OF_MACHINES = {Disposition.MACHINE_MESSAGE_LEFT: 0.95, Disposition.MACHINE_NO_MESSAGE: 0.05}
"""One mailbox in twenty is full."""

UNTAKEN = {Disposition.NO_ANSWER: 0.85, Disposition.REJECTED: 0.15}

DEAD = {Disposition.DISCONNECTED: 0.03, Disposition.INVALID_NUMBER: 0.01, Disposition.FAX: 0.01}
"""Numbers of a roster that is a year old: one in twenty-five is nobody's any more (of a number's first call)."""

BUSY = 0.03
BUSY_AGAIN = 0.15
"""Of a number that was busy a few minutes ago."""

LOST = {Disposition.NETWORK_FAILURE: 0.005, Disposition.UNKNOWN: 0.005}

AGAIN = 0.7
"""Who did not answer some minutes ago answers less often than others."""

NEVER = 1e-4
"""Nothing is impossible: what is seen all the same must not be divided by zero."""

Shares = list[float]
"""By disposition code; their sum is 1."""


def prior(kind: DeviceKind, hour: int, before: Before) -> Shares:
    """How a call ends."""
    shares = [0.0] * (Disposition.UNKNOWN + 1)
    ends = dict(LOST)
    ends[Disposition.BUSY] = BUSY_AGAIN if before is Before.BUSY else BUSY
    if before is Before.NOTHING:
        ends |= DEAD
    rings = 1 - sum(ends.values())
    people = rings * PEOPLE[kind][hour] * (AGAIN if before in (Before.RANG_OUT, Before.OTHER) else 1)
    machines = (rings - people) * MACHINE[kind] * (0.2 if before is Before.RANG_OUT else 1)
    ends |= {end: people * share for end, share in OF_PEOPLE.items()}
    ends |= {end: machines * share for end, share in OF_MACHINES.items()}
    ends |= {end: (rings - people - machines) * share for end, share in UNTAKEN.items()}
    for end, share in ends.items():
        shares[end] = share
    floor = [max(share, NEVER) if code else 0.0 for code, share in enumerate(shares)]
    return [share / sum(floor) for share in floor]


Spans = tuple[tuple[float, bool, int], ...]
"""(share, whether the message is played to its end, ms): how long a call keeps its line, its message left out if so."""

HOLDS: dict[Disposition, Spans] = {
    Disposition.CONFIRMED: ((0.4, False, 9_000), (0.3, True, 8_000), (0.3, True, 13_000)),
    Disposition.LIVE_NO_CONFIRM: ((0.5, True, 8_000), (0.5, True, 13_000)),
    Disposition.MACHINE_MESSAGE_LEFT: ((0.3, True, 26_000), (0.4, True, 32_000), (0.3, True, 39_000)),
    Disposition.MACHINE_NO_MESSAGE: ((1.0, False, 32_000),),
    Disposition.HANGUP_EARLY: ((1.0, False, 11_000),),
    Disposition.FAX: ((1.0, False, 10_000),),
    Disposition.BUSY: ((1.0, False, 2_000),),
    Disposition.NO_ANSWER: ((1.0, False, 30_000),),
    Disposition.REJECTED: ((1.0, False, 7_000),),
    Disposition.INVALID_NUMBER: ((1.0, False, 1_000),),
    Disposition.DISCONNECTED: ((1.0, False, 3_000),),
    Disposition.NETWORK_FAILURE: ((1.0, False, 2_000),),
    Disposition.UNKNOWN: ((1.0, False, 20_000),),
}
"""People take a call after about eight seconds, machines after some twenty, with greetings of six to eighteen; four in
ten who confirm press the key at once."""
