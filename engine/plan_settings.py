"""The settings that planning needs, resolved to plain values by whoever reads the configuration."""

from engine.config import Prompt, Pronunciation, Settings, minute_of_day
from store.errors import ConfigError
from store.records import Policy, Reason, Record

MINUTES_OF_DAY = 24 * 60
NUMBER_KEY_MAX = 64
"""Bytes a key of BLAKE2b may have."""
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS


class PlanSettings(Record, frozen=True, kw_only=True):
    """How a district wants its chains planned. Delays in ms, times of day in minutes since local midnight."""

    time_zone: str
    """IANA name, such as `America/New_York`."""
    number_key: bytes
    """Secret of the number ids; never shown."""
    district_start: int = 8 * 60
    district_end: int = 20 * 60
    """End of the district's dialing window, itself outside of it; 1440 is midnight (C047)."""
    district_name: str = "your school district"
    """What `{school}` says where there is no single school."""
    callback_number: str = ""
    """Spoken after the message (decision 58); empty: none."""
    grouping: bool = False
    """`Allow multiple Messages in a Single Call` (C069); never for emergencies (C042)."""
    include_inactive: bool = False
    """Also plan for students who are inactive or not enrolled today (decision 4)."""
    private_blocks_voice: bool = False
    """Numbers marked private are not dialed (decision 52)."""
    leave_message: bool = True
    voicemail_ends_chain: bool = False
    live_ends_chain: bool = False
    rounds_max: int = 3
    redial_ms: int = 10 * MINUTE_MS
    busy_redial_ms: int = 5 * MINUTE_MS
    emergency_rounds_max: int = 3
    emergency_redial_ms: int = 2 * MINUTE_MS
    emergency_busy_redial_ms: int = MINUTE_MS
    emergency_cap_ms: int = 4 * 60 * MINUTE_MS
    """An emergency ends this long after it was planned, come what may (decision 19)."""
    recipient_start: int = 0
    """The recipient's own hours; both 0: none are kept (decision 22)."""
    recipient_end: int = 0
    recipient_zone_by_area_code: bool = False
    """Without a stated time zone, the number's area code says in which zone its owner lives."""
    teachers_may_send: bool = False
    """Teachers may send to their own classes (C205)."""
    confirm_key: str = "0"
    """The key people are told to press (C066)."""
    ring_ms: int = 30_000
    """How long a phone rings."""
    prompts: tuple[Prompt, ...] = ()
    """What is said around messages where the district wants it its own way (C098)."""
    pronunciations: tuple[Pronunciation, ...] = ()
    """How words are spoken (C100)."""
    school_callbacks: tuple[tuple[str, str], ...] = ()
    portals: tuple[tuple[str, str], ...] = ()
    """(school id, URL): what `{portal}` says; the district's has no school id."""
    """(school id, number) spoken after its messages instead of the district's."""
    recordings: tuple[tuple[str, int], ...] = ()
    """(id, ms) of the recordings the district keeps: filled in where the store is read."""

    def __post_init__(self) -> None:
        """Refuse a window that is empty or leaves the day, and a key nobody could use."""
        if not 0 <= self.district_start < self.district_end <= MINUTES_OF_DAY:
            raise ConfigError("The district's start time must lie before its end time, both within one day.")
        if (self.recipient_start or self.recipient_end) and not (
            0 <= self.recipient_start < self.recipient_end <= MINUTES_OF_DAY
        ):
            raise ConfigError("The recipient's hours must begin before they end, both within one day.")
        if not 0 < len(self.number_key) <= NUMBER_KEY_MAX:
            raise ConfigError(f"The number key must have 1 to {NUMBER_KEY_MAX} bytes.")

    def __repr__(self) -> str:
        """Everything worth reading in a log, without the key."""
        return f"PlanSettings({self.time_zone}, {self.district_start}-{self.district_end}, grouping={self.grouping})"

    def policy(self, reason: Reason) -> Policy:
        """How chains of this reason go on; only confirm, exhaustion or cancel stop an emergency (decision 19)."""
        if reason is Reason.EMERGENCY:
            return Policy(
                rounds_max=self.emergency_rounds_max,
                redial_ms=self.emergency_redial_ms,
                busy_redial_ms=self.emergency_busy_redial_ms,
                leave_message=self.leave_message,
                ring_maybe_rung=True,
            )
        return Policy(
            rounds_max=self.rounds_max,
            redial_ms=self.redial_ms,
            busy_redial_ms=self.busy_redial_ms,
            leave_message=self.leave_message,
            voicemail_ends_chain=self.voicemail_ends_chain,
            live_ends_chain=self.live_ends_chain,
        )


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
        portals=tuple((row.school, row.url) for row in settings.portals),
        school_callbacks=tuple((row.school, row.callback) for row in settings.caller_ids if row.callback),
    )


def _hours(text: str) -> tuple[int, int]:
    """Two times of day like `08:00-21:00`, (0, 0) where none are set. Raises ConfigError."""
    if not text:
        return 0, 0
    opens, _, closes = text.partition("-")
    name = "district.recipient_hours"
    return minute_of_day(opens.strip(), name), minute_of_day(closes.strip(), name)
