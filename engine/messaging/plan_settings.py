"""From the settings file to what planning and the calls themselves need."""

from engine.config import Settings, minute_of_day
from engine.messaging.settings import PlanSettings

MINUTE_MS = 60_000
HOUR_MS = 3_600_000


def plan_settings(settings: Settings, number_key: bytes) -> PlanSettings:
    """The settings as planning takes them; `number_key` is the secret of the number ids."""
    district, voice, redial = settings.district, settings.voice, settings.redial
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
    )
