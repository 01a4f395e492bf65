"""How long what is said takes: seconds of speech, and minutes of phone lines."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from store.records import Plan

WORD_MS = 60_000 // 150
"""About 150 words a minute, the pace of clear speech to strangers."""

SIGN_MS = 250
"""One sign of a script that puts no spaces between words is about a syllable."""

MINUTE_MS = 60_000

_RUN_ON = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
"""Thai, Lao, Burmese, Khmer, Japanese, Chinese, Korean."""


class LineMinutes(NamedTuple):
    """Minutes on phone lines, begun ones counted whole."""

    least: int
    """One call per chain: each rings as long as it may and plays its message once."""
    most: int
    """Every number of every chain in every round, each call as long."""


def speech_ms(text: str) -> int:
    """About how long the text takes to say, ms; a run of digits is spoken one by one."""
    signs = 0
    if not text.isascii():
        text, signs = _RUN_ON.subn("", text)
    return WORD_MS * sum(len(word) if word.isdecimal() else 1 for word in text.split()) + SIGN_MS * signs


def line_minutes(plans: Iterable[Plan], ring_ms: int) -> LineMinutes:
    """What a job may need of the district's lines; chains without a number to dial need nothing."""
    least = most = 0
    for plan in plans:
        if plan.steps:
            call_ms = ring_ms + plan.message_ms
            least += call_ms
            most += call_ms * len(plan.steps) * plan.policy.rounds_max
    return LineMinutes(-(-least // MINUTE_MS), -(-most // MINUTE_MS))


def longest_by_language(plans: Iterable[Plan], own_language: str) -> tuple[tuple[str, int], ...]:
    """Of each language that is spoken, the message's own first: how long its longest chain's speech is, ms."""
    longest: dict[str, int] = {}
    for plan in plans:
        if plan.steps:
            language = plan.language or own_language
            longest[language] = max(longest.get(language, 0), plan.message_ms)
    return tuple(sorted(longest.items(), key=lambda item: (item[0] != own_language, item[0])))
