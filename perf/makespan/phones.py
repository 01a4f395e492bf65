"""The phones of a day: what a call to each takes follows from the seed and the number alone; 30 s on average."""

from bisect import bisect_right
from itertools import accumulate
from typing import NamedTuple

from actors.gateway import CallEnd, Script
from engine.gateways.stand_in.phone_network import Pickup
from perf.workload.rule import mix

AREA_CODES, EXCHANGES, LINE_NUMBERS = 720, 792, 10_000
"""What the North American plan has of each, by the carrier's own rule."""


class PhoneHabit(NamedTuple):
    """How one in so many calls goes; spans are half-open, in ms, every value as likely as another."""

    permille: int
    end: CallEnd
    ring_ms: tuple[int, int]
    talk_ms: tuple[int, int] = (0, 1)
    keys: str = ""


HABITS = (
    PhoneHabit(340, CallEnd.ANSWERED, (4_000, 12_000), (17_000, 41_000), keys="0"),
    PhoneHabit(60, CallEnd.ANSWERED, (4_000, 12_000), (17_000, 41_000)),
    PhoneHabit(220, CallEnd.MACHINE, (17_000, 25_000), (14_000, 26_000)),
    PhoneHabit(180, CallEnd.NO_ANSWER, (30_000, 30_001)),
    PhoneHabit(100, CallEnd.BUSY, (2_000, 5_000)),
    PhoneHabit(60, CallEnd.REJECTED, (3_000, 9_000)),
    PhoneHabit(40, CallEnd.DISCONNECTED, (1_000, 4_000)),
)
"""People 21 to 53 s, 85 in a hundred of them press the key; machines 31 to 51 s; the average of all is 30.0 s."""

HABIT_BOUNDS = tuple(accumulate(habit.permille for habit in HABITS))


def number_of(phone: int) -> str:
    """The E.164 number of a phone: one the plan allows, so that the carrier takes it. Nobody has it."""
    rest, line_number = divmod(phone, LINE_NUMBERS)
    area, exchange = divmod(rest, EXCHANGES)
    # Nine tens of every hundred area codes have no 9 in the middle; of every hundred exchanges one, N11, is none.
    hundreds, place = divmod(exchange, 99)
    return f"+1{200 + area // 90 * 100 + area % 90}{200 + hundreds * 100 + place + (place >= 11)}{line_number:04}"


class DayPhones:
    """Implements `PhoneNetwork`: a phone does the same whenever it rings, so the order of calls changes no call."""

    def __init__(self, seed: int) -> None:
        self._salt = mix(seed + 1)
        self.rings = 0

    def ring(self, number: str, emergency: bool, at: int, call_index: int, script: Script, text: str | None) -> Pickup:  # noqa: ARG002
        """See PhoneNetwork."""
        self.rings += 1
        first = mix(int(number[2:7]) + self._salt)
        mood = mix(int(number[7:]) + first)
        habit = HABITS[bisect_right(HABIT_BOUNDS, mood % 1000)]
        ring_ms, talk_ms = _within(habit.ring_ms, mix(mood + 1)), _within(habit.talk_ms, mix(mood + 2))
        if habit.end is CallEnd.MACHINE:
            return Pickup(habit.end, ring_ms, talk_ms, talk_ms // 2, message_left=True)
        return Pickup(habit.end, ring_ms, talk_ms, talk_ms, habit.keys)


def _within(span: tuple[int, int], bits: int) -> int:
    return span[0] + bits % (span[1] - span[0])
