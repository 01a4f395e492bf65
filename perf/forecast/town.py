"""A town whose habits the stated priors do not know: it answers in the morning and after school, hardly at noon."""

from datetime import datetime
from zoneinfo import ZoneInfo

from actors.gateway import CallEnd, Script
from engine.gateways.stand_in.phone_network import Pickup, speech_ms
from perf.workload.rule import mix

ANSWERS = (50,) * 7 + (450, 620, 560, 500, 300, 180, 160, 240, 420, 540, 330, 240, 200) + (120,) * 4
"""Rings in 1,000 that a person answers, by local hour."""

SHY = 150
"""Everybody has habits of their own: up to so many more or fewer."""

DEAD, MACHINES, TAKES, BUSY, DECLINED = 20, 930, 960, 30, 60
"""In 1,000: numbers nobody has, numbers with a machine, mailboxes not full, busy rings, declined ones."""

AT_ONCE, LISTENS, NEVER = 250, 800, 920
"""Bounds in 1,000 of those who answer: they press the key at once, after listening, never; the others hang up."""

MINUTE_MS = 60_000


class TownPhones:
    """Implements `PhoneNetwork`; what a phone does follows from the seed, the number and the minute."""

    def __init__(self, seed: int, zone: str = "America/Chicago") -> None:
        self._salt = mix(seed + 11)
        self._zone = ZoneInfo(zone)
        self._hours: dict[int, int] = {}

    def ring(self, number: str, emergency: bool, at: int, call_index: int, script: Script, text: str | None) -> Pickup:  # noqa: ARG002
        """See PhoneNetwork."""
        trait = mix(int(number) + self._salt)
        mood = mix(trait + at // MINUTE_MS)
        if _drawn(trait, 1) % 1000 < DEAD:
            return Pickup(CallEnd.DISCONNECTED, 1_500)
        if _drawn(mood, 1) % 1000 < BUSY:
            return Pickup(CallEnd.BUSY, 1_500)
        answers = ANSWERS[self._hour(at)] + _drawn(trait, 2) % (2 * SHY) - SHY
        if _drawn(mood, 2) % 1000 < answers:
            return _person(trait, mood, script)
        if _drawn(trait, 3) % 1000 < MACHINES:
            talk_ms = 6_000 + _drawn(mood, 3) % 10_000 + speech_ms(script.machine_text or "")
            left = _drawn(mood, 4) % 1000 < TAKES
            return Pickup(CallEnd.MACHINE, 18_000 + _drawn(trait, 4) % 6_000, talk_ms, message_left=left)
        if _drawn(mood, 5) % 1000 < DECLINED:
            return Pickup(CallEnd.REJECTED, 6_000)
        return Pickup(CallEnd.NO_ANSWER, script.ring_s * 1000)

    def _hour(self, at: int) -> int:
        quarter = at // (15 * MINUTE_MS)
        if quarter not in self._hours:
            self._hours[quarter] = datetime.fromtimestamp(at / 1000, self._zone).hour
        return self._hours[quarter]


def _person(trait: int, mood: int, script: Script) -> Pickup:
    ring_ms, speech = 3_000 + _drawn(mood, 6) % 12_000, speech_ms(script.text)
    habit = _drawn(trait, 5) % 1000
    if habit < AT_ONCE:
        return Pickup(CallEnd.ANSWERED, ring_ms, min(speech, 3_000), 3_000, script.confirm_key)
    if habit < LISTENS:
        return Pickup(CallEnd.ANSWERED, ring_ms, speech + 2_000, speech, script.confirm_key)
    if habit < NEVER:
        return Pickup(CallEnd.ANSWERED, ring_ms, speech + 2_000, speech)
    return Pickup(CallEnd.ANSWERED, ring_ms, 2_000, 0)


def _drawn(of: int, what: int) -> int:
    """One of the things that follow from a number or a mood."""
    return mix(of * 8 + what)
