"""Whether the clock can be trusted: a jump closes the gate, and a clock that was set right opens it again."""

import pytest

from actors.gate import Gate
from actors.lines.soundness import CARRIER_SKEW_MS, JUMP_MS, TRUSTED_AFTER_MS, Soundness
from store.alarms import Alarm


class SetClock:
    """A clock whose two kinds of time are moved apart."""

    def __init__(self) -> None:
        self.wall = 1_700_000_000_000
        self.steady = 0

    def now(self) -> int:
        return self.wall

    def monotonic(self) -> int:
        return self.steady

    def passes(self, ms: int) -> None:
        self.wall += ms
        self.steady += ms


class Hall:
    """What of a floor the soundness needs."""

    def __init__(self) -> None:
        self.gate = Gate()
        self.alarms: set[Alarm] = set()

    def alarm(self, alarm: Alarm, raised: bool) -> None:
        (self.alarms.add if raised else self.alarms.discard)(alarm)


@pytest.fixture
def scene() -> tuple[SetClock, Hall, Soundness]:
    clock = SetClock()
    return clock, Hall(), Soundness(clock, has_room=lambda: True)


def test_a_clock_that_is_set_closes_the_gate_until_it_has_stood_and_the_carrier_agrees(scene):
    clock, hall, soundness = scene
    soundness.check(hall)
    assert hall.gate.clock_is_sound
    clock.wall += JUMP_MS + 1
    soundness.check(hall)
    assert (hall.gate.clock_is_sound, hall.alarms) == (False, {Alarm.CLOCK_JUMPED})

    clock.passes(TRUSTED_AFTER_MS)
    soundness.check(hall)
    assert not hall.gate.clock_is_sound, "the carrier was not asked since"
    soundness.carrier_skew(hall, 0)
    assert (hall.gate.clock_is_sound, hall.alarms) == (True, set())


def test_a_clock_that_was_set_wrong_stays_distrusted(scene):
    clock, hall, soundness = scene
    clock.wall += JUMP_MS + CARRIER_SKEW_MS
    soundness.check(hall)
    clock.passes(TRUSTED_AFTER_MS)
    soundness.carrier_skew(hall, -(JUMP_MS + CARRIER_SKEW_MS))
    assert (hall.gate.clock_is_sound, hall.alarms) == (False, {Alarm.CLOCK_JUMPED, Alarm.CARRIER_CLOCK_FAR})


def test_a_clock_that_keeps_jumping_is_not_trusted(scene):
    clock, hall, soundness = scene
    for _ in range(5):
        clock.wall += JUMP_MS + 1
        clock.passes(TRUSTED_AFTER_MS - 1)
        soundness.carrier_skew(hall, 0)
        assert not hall.gate.clock_is_sound


def test_a_store_that_takes_no_writes_closes_the_gate(scene):
    _, hall, soundness = scene
    soundness.store_failing(hall, True)
    assert (hall.gate.store_has_room, hall.alarms) == (False, {Alarm.STORE_FULL})
    soundness.store_failing(hall, False)
    assert (hall.gate.store_has_room, hall.alarms) == (True, set())
