"""Phones that ring and talk faster than life, while every clock stays true: `callchain carrier --speed`."""

import msgspec

from actors.gateway import CallEnd, Script
from engine.gateways.stand_in.phone_network import PhoneNetwork, Pickup


class HurriedNetwork:
    """The same phones as `network`, `speed` times as fast. What they heard is told as if nobody had hurried."""

    def __init__(self, network: PhoneNetwork, speed: float) -> None:
        self._network = network
        self._speed = speed

    def ring(self, number: str, emergency: bool, at: int, call_index: int, script: Script, text: str | None) -> Pickup:
        """See PhoneNetwork. A phone that would ring too long gives up after the hurried part of what is allowed."""
        pickup = self._network.ring(number, emergency, at, call_index, script, text)
        if pickup.ring_ms > script.ring_s * 1000:
            pickup = Pickup(CallEnd.NO_ANSWER, script.ring_s * 1000)
        return msgspec.structs.replace(
            pickup, ring_ms=self._hurried(pickup.ring_ms), talk_ms=self._hurried(pickup.talk_ms)
        )

    def _hurried(self, ms: int) -> int:
        return max(1, round(ms / self._speed)) if ms else 0
