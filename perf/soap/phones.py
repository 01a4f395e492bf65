"""Numbers the carrier will dial, and phones behind them whose calls are over within 50 ms."""

from actors.gateway import CallEnd, Script
from engine.gateways.stand_in.phone_network import Pickup

NUMBERS_AN_AREA = 800_000
"""Exchanges 220 to 299: none of them is an N11."""
CALL_MS_MAX = 50
KEY = "0"

MESSAGE_MS = 20_000
"""What a talk says was played; it is told as if nobody had hurried."""


def number_of(index: int) -> str:
    """The number of the call `index`, unlike that of any other, in the form the North American plan allows."""
    area, rest = divmod(index, NUMBERS_AN_AREA)
    return f"+1{200 + area}{2_200_000 + rest}"


def confirms(number: str) -> bool:
    """Whether the key is pressed there: at six numbers of ten."""
    return int(number[-1]) < 6


class BriefPhones:
    """A PhoneNetwork of which each call takes 0 to 50 ms: six people of ten, two machines, one busy, one silent."""

    def ring(self, number: str, emergency: bool, at: int, call_index: int, script: Script, text: str | None) -> Pickup:  # noqa: ARG002
        """See PhoneNetwork."""
        ms = int(number[-6:]) * 7 % (CALL_MS_MAX // 2 + 1)
        if confirms(number):
            return Pickup(CallEnd.ANSWERED, ms, CALL_MS_MAX // 2 - ms, MESSAGE_MS, KEY, sip_code=200)
        if number[-1] in "67":
            return Pickup(CallEnd.MACHINE, ms, ms, MESSAGE_MS, message_left=True, sip_code=200)
        if number[-1] == "8":
            return Pickup(CallEnd.BUSY, ms, sip_code=486)
        return Pickup(CallEnd.NO_ANSWER, 2 * ms, sip_code=480)
