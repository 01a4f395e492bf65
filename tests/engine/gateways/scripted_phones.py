"""Phones that do what a test tells them; a ring nobody expected fails the test."""

from collections import deque

from actors.gateway import Call, CallEnd, Script
from engine.gateways.stand_in.phone_network import Pickup

MONDAY_9AM = 1_790_000_000_000 // 3_600_000 * 3_600_000
SCRIPT = Script("m1", "School is closed today. Press zero to confirm.", "School is closed today.")
HOUR = 3_600_000


class ScriptedPhones:
    """Each number has a row of pickups, played one a ring; `rings` lists (number, instant)."""

    def __init__(self) -> None:
        self.rings: list[tuple[str, int]] = []
        self._plans: dict[str, deque[Pickup]] = {}

    def expect(self, number: str, *pickups: Pickup) -> None:
        self._plans.setdefault(number, deque()).extend(pickups)

    def ring(self, number: str, emergency: bool, at: int, call_index: int, script: Script, text: str | None) -> Pickup:
        self.rings.append((number, at))
        assert self._plans.get(number), f"nobody expected {number} to ring"
        return self._plans[number].popleft()


def answers(after_s: float = 5, talks_s: float = 20, keys: str = "0") -> Pickup:
    return Pickup(CallEnd.ANSWERED, int(after_s * 1000), int(talks_s * 1000), int(talks_s * 1000), keys)


def busy() -> Pickup:
    return Pickup(CallEnd.BUSY, 1000, sip_code=486)


def rings_out(after_s: float = 30) -> Pickup:
    return Pickup(CallEnd.NO_ANSWER, int(after_s * 1000))


def number_of(index: int) -> str:
    return f"+1202555{index:04d}"


def a_call(
    index: int,
    *,
    ref: str | None = None,
    emergency: bool = False,
    window_end_at: int = MONDAY_9AM + HOUR,
    number: str | None = None,
    script_id: str = "m1",
    text: str | None = None,
) -> Call:
    """Call r<index> to the phone of that index."""
    return Call(
        ref or f"r{index}", number or number_of(index), "+12025550199", script_id, emergency, window_end_at, text
    )
