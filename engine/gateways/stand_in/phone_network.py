"""How phones behave when the make-believe carrier rings them: the protocol, and a town that lives by a seed."""

from bisect import bisect_right
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from actors.gateway import CallEnd, Script, Value

ANSWERED_ENDS = (CallEnd.ANSWERED, CallEnd.MACHINE, CallEnd.FAX)
"""The ends of a call that was taken: these alone have a talking time."""


class Pickup(Value, frozen=True):
    """What one phone does with one ring."""

    end: CallEnd
    ring_ms: int
    """From the first ring to the answer, or to the end of a call nobody took."""
    talk_ms: int = 0
    """From the answer to the end; counted only when `end` is among ANSWERED_ENDS."""
    played_ms: int | None = None
    """How much of the message was heard."""
    keys: str = ""
    message_left: bool | None = None
    sip_code: int | None = None


class PhoneNetwork(Protocol):
    """All phones there are."""

    def ring(self, number: str, emergency: bool, at: int, call_index: int, script: Script, text: str | None) -> Pickup:
        """What `number` does when it rings at `at` (ms UTC), having rung `call_index` times before.

        `text`, where given, is played instead of the script's. A ring longer than the script allows is cut by the
        carrier and ends as NO_ANSWER.
        """


# ---------------------------------------------------------------- a seeded town

WORD_MS = 400
"""150 words a minute."""
SPEECH_MS_MIN = 3_000
SPEECHES_KEPT = 4_096
"""Texts whose length is remembered: a job has one, or one per family."""
QUARTER_MS = 900_000
"""Every zone's offset is a whole number of quarter hours, so the local hour holds at least that long."""

MASK = 0xFFFF_FFFF_FFFF_FFFF
GOLDEN = 0x9E37_79B9_7F4A_7C15
"""The odd step of splitmix64, whose finalizer `_mix` is."""


class PhoneKind(NamedTuple):
    """How one kind of phone behaves; shares in permille."""

    share: int
    """Of all numbers."""
    by_hour: tuple[int, ...]
    """Rings a person answers, by local hour on a weekday."""
    weekend: int
    """The same on any hour of Saturday and Sunday, as a part of 100 of the weekday's."""
    busy: int
    declined: int
    machine: int
    """Numbers that have an answering machine."""


MOBILE = PhoneKind(620, (120,) * 6 + (220, 350) + (400,) * 8 + (520,) * 5 + (380, 250, 160), 105, 30, 70, 820)
LANDLINE = PhoneKind(200, (100,) * 6 + (200, 320) + (300,) * 8 + (560,) * 5 + (300, 150, 120), 110, 60, 0, 600)
WORK = PhoneKind(130, (5,) * 7 + (250,) + (620,) * 4 + (450,) + (600,) * 4 + (250, 60) + (10,) * 5, 5, 50, 10, 700)
DEAD = PhoneKind(40, (0,) * 24, 100, 0, 0, 0)
FAX = PhoneKind(10, (0,) * 24, 100, 100, 0, 0)
KINDS = (MOBILE, LANDLINE, WORK, DEAD, FAX)
KIND_BOUNDS = (620, 820, 950, 990)

FAILURE_PERMILLE = 4
"""Rings lost in the network, whoever is called."""
MAILBOX_FULL_PERMILLE = 30
INVALID_PERMILLE = 300
"""Of the dead numbers: never assigned; the others are disconnected."""

AT_ONCE, AFTER_LISTENING, NEVER, HANGS_UP, OTHER_KEYS, REPEATS = range(6)
HABIT_BOUNDS = (300, 700, 840, 920, 960)
"""What people do, permille: press the key at once, after listening, never, hang up early, other keys, hear it again."""
STRAY_KEYS = ("1", "5", "#", "22", "9#")


class SeededNetwork:
    """Phones whose kind, habits and moods follow from the seed, the number and how often it rang, and nothing else.

    The hour in `time_zone` (an IANA name) only shifts how likely a person answers.
    """

    def __init__(self, seed: int, time_zone: str = "America/Chicago") -> None:
        self._salt = _mix(seed * GOLDEN & MASK)
        self._zone = ZoneInfo(time_zone)
        self._speech_ms = lru_cache(SPEECHES_KEPT)(speech_ms)
        self._quarter = -1
        self._hour = 0
        self._weekend = False

    def ring(self, number: str, emergency: bool, at: int, call_index: int, script: Script, text: str | None) -> Pickup:  # noqa: ARG002
        """See PhoneNetwork."""
        trait = _mix((int(number) * GOLDEN ^ self._salt) & MASK)
        mood = _mix(trait + (call_index + 1) * GOLDEN & MASK)
        kind = KINDS[bisect_right(KIND_BOUNDS, trait % 1000)]
        luck = mood % 1000
        if luck < FAILURE_PERMILLE:
            return Pickup(CallEnd.NETWORK_FAILURE, _span(mood >> 16, 300, 4_000), sip_code=503)
        if kind is DEAD:
            return _dead(trait)
        luck -= FAILURE_PERMILLE + kind.busy
        if luck < 0:
            return Pickup(CallEnd.BUSY, _span(mood >> 16, 800, 2_500), sip_code=486)
        if kind is FAX:
            return Pickup(CallEnd.FAX, _span(mood >> 16, 4_000, 9_000), 4_000, played_ms=0, sip_code=200)
        luck -= self._answers(kind, at)
        if luck < 0:
            return _person(trait, mood, script, self._speech_ms(text or script.text))
        return self._nobody(kind, trait, mood, luck < kind.declined, script)

    def _answers(self, kind: PhoneKind, at: int) -> int:
        """How many of 1000 rings a person answers at this hour."""
        if at // QUARTER_MS != self._quarter:
            self._quarter = at // QUARTER_MS
            local = datetime.fromtimestamp(at // 1000, self._zone)
            self._hour, self._weekend = local.hour, local.weekday() >= 5
        rate = kind.by_hour[self._hour]
        return rate * kind.weekend // 100 if self._weekend else rate

    def _nobody(self, kind: PhoneKind, trait: int, mood: int, declined: bool, script: Script) -> Pickup:
        """No person takes the call: a machine does, or it is declined, or it rings out."""
        allowed_ms = script.ring_s * 1000
        ring_ms = _span(mood >> 16, 3_000, 9_000) if declined else _span(trait >> 16, 17_000, 25_000)
        if (trait >> 32) % 1000 < kind.machine and ring_ms < allowed_ms:
            return self._machine(mood, ring_ms, script)
        if declined:
            return Pickup(CallEnd.REJECTED, ring_ms, sip_code=603)
        return Pickup(CallEnd.NO_ANSWER, allowed_ms, sip_code=480)

    def _machine(self, mood: int, ring_ms: int, script: Script) -> Pickup:
        greeting_ms = _span(mood >> 32, 6_000, 18_000)
        if script.machine_text is None or (mood >> 48) % 1000 < MAILBOX_FULL_PERMILLE:
            return Pickup(CallEnd.MACHINE, ring_ms, greeting_ms, 0, message_left=False, sip_code=200)
        played_ms = self._speech_ms(script.machine_text)
        return Pickup(CallEnd.MACHINE, ring_ms, greeting_ms + played_ms, played_ms, message_left=True, sip_code=200)


def _person(trait: int, mood: int, script: Script, speech: int) -> Pickup:
    """A person takes the call. Mostly they follow their habit, one time in four a passing whim."""
    ring_ms = _span(mood >> 16, 2_000, 16_000)
    source = mood if mood >> 62 == 0 else trait
    habit = bisect_right(HABIT_BOUNDS, (source >> 40) % 1000)
    pause_ms = _span(mood >> 32, 700, 4_000)
    if habit == AT_ONCE:
        talk_ms = min(speech, pause_ms + 800)
        return _talk(ring_ms, talk_ms, talk_ms, script.confirm_key)
    if habit == AFTER_LISTENING:
        return _talk(ring_ms, speech + pause_ms, speech, script.confirm_key)
    if habit == HANGS_UP:
        return _talk(ring_ms, min(pause_ms, speech // 4), min(pause_ms, speech // 4), "")
    if habit == REPEATS:
        return _talk(ring_ms, 2 * (speech + pause_ms), 2 * speech, "*" + script.confirm_key)
    keys = STRAY_KEYS[(mood >> 50) % len(STRAY_KEYS)] if habit == OTHER_KEYS else ""
    return _talk(ring_ms, speech + pause_ms, speech, keys)


def _talk(ring_ms: int, talk_ms: int, played_ms: int, keys: str) -> Pickup:
    return Pickup(CallEnd.ANSWERED, ring_ms, talk_ms, played_ms, keys, sip_code=200)


def _dead(trait: int) -> Pickup:
    """A number nobody has: the same every time."""
    if (trait >> 32) % 1000 < INVALID_PERMILLE:
        return Pickup(CallEnd.INVALID_NUMBER, 600, sip_code=484)
    return Pickup(CallEnd.DISCONNECTED, _span(trait >> 16, 1_000, 4_000), sip_code=404)


def speech_ms(text: str) -> int:
    """How long a text takes to say, at 150 words a minute and at least 3 s."""
    return max(SPEECH_MS_MIN, len(text.split()) * WORD_MS)


def _span(bits: int, low: int, high: int) -> int:
    """The lowest 16 bits spread over `[low, high)`."""
    return low + ((bits & 0xFFFF) * (high - low) >> 16)


def _mix(x: int) -> int:
    """Stir 64 bits until none tells of another (splitmix64's finalizer)."""
    x = (x ^ (x >> 30)) * 0xBF58_476D_1CE4_E5B9 & MASK
    x = (x ^ (x >> 27)) * 0x94D0_49BB_1331_11EB & MASK
    return x ^ (x >> 31)
