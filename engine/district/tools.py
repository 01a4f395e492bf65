"""The five tools a district configures before it sends its first voice message (C096, C097)."""

import msgspec

from engine.config import Settings
from engine.district.permission import Standing


class Tool(msgspec.Struct, frozen=True, kw_only=True):
    """One of them, whether somebody has configured it, and how."""

    name: str
    configured: bool
    how: str


def tools_of(settings: Settings, now: Standing) -> tuple[Tool, ...]:
    """All five, in the order in which they are configured. What is not configured has a default that works."""
    district = settings.district
    caller_id = bool(district.caller_id or settings.caller_ids)
    email = bool(settings.email.smtp_host and settings.email.sender)
    return (
        Tool(name="Voice Settings", configured=now.voice, how="callchain settings credentials, settings set"),
        Tool(name="Prompt Preferences", configured=bool(settings.prompts), how="callchain settings prompt"),
        Tool(name="Email Settings", configured=email, how="callchain settings set email.smtp_host=… email.sender=…"),
        Tool(name="CallerID Preferences", configured=caller_id, how="callchain settings set district.caller_id=…"),
        Tool(name="TTS Dictionary", configured=bool(settings.pronunciations), how="callchain settings pronounce"),
    )
