"""From the settings file to what planning and the calls themselves need."""

from engine.config import Settings, minute_of_day
from engine.messaging.settings import PlanSettings

MINUTE_MS = 60_000
HOUR_MS = 3_600_000


def plan_settings(settings: Settings, number_key: bytes) -> PlanSettings:
    """The settings as planning takes them; `number_key` is the secret of the number ids."""
    district, voice, redial = settings.district, settings.voice, settings.redial
    recipient_start, recipient_end = _hours(district.recipient_hours)
    return PlanSettings(
        time_zone=district.time_zone,
        number_key=number_key,
        district_start=minute_of_day(district.start_time, "district.start_time"),
        district_end=minute_of_day(district.end_time, "district.end_time"),
        district_name=district.name,
        callback_number=district.callback_number,
        grouping=voice.grouping,
        include_inactive=settings.roster.include_inactive,
        private_blocks_voice=voice.private_blocks_voice,
        leave_message=voice.leave_message,
        voicemail_ends_chain=voice.voicemail_ends_chain,
        live_ends_chain=voice.unconfirmed_live == "stop",
        rounds_max=redial.max_attempts,
        redial_ms=int(redial.call_delay_minutes * MINUTE_MS),
        busy_redial_ms=int(redial.busy_delay_minutes * MINUTE_MS),
        emergency_rounds_max=redial.emergency_max_attempts,
        emergency_redial_ms=int(redial.emergency_call_delay_minutes * MINUTE_MS),
        emergency_busy_redial_ms=int(redial.emergency_busy_delay_minutes * MINUTE_MS),
        emergency_cap_ms=int(redial.emergency_cap_hours * HOUR_MS),
        recipient_start=recipient_start,
        recipient_end=recipient_end,
        recipient_zone_by_area_code=district.recipient_zone_by_area_code,
        teachers_may_send=voice.teachers_may_send,
        confirm_key=voice.confirm_key,
        ring_ms=voice.ring_seconds * 1000,
        prompts=settings.prompts,
        pronunciations=settings.pronunciations,
        school_callbacks=tuple((row.school, row.callback) for row in settings.caller_ids if row.callback),
    )


def _hours(text: str) -> tuple[int, int]:
    """Two times of day like `08:00-21:00`, (0, 0) where none are set. Raises ConfigError."""
    if not text:
        return 0, 0
    opens, _, closes = text.partition("-")
    name = "district.recipient_hours"
    return minute_of_day(opens.strip(), name), minute_of_day(closes.strip(), name)
