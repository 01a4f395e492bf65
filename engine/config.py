"""Every setting of a district: type, default, one line of meaning; unknown keys are refused with a suggestion."""

import difflib
import tomllib
from pathlib import Path
from typing import Any, get_type_hints

import msgspec

from engine.setting_checks import Check, above_zero, is_text, is_url, is_zone, within
from store.errors import ConfigError
from store.records import Reason

FILE_NAME = "callchain.toml"


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of the sections of the settings file."""


class District(Section, frozen=True):
    """Who the district is and when it may be dialed for."""

    name: str = "your school district"
    """What is said where there is no single school."""
    time_zone: str = "America/Chicago"
    """IANA name; all times of day are in it."""
    start_time: str = "08:00"
    """District Start Time: no ordinary call before it (C047)."""
    end_time: str = "20:00"
    """District End Time: no ordinary call at or after it; "24:00" is midnight."""
    caller_id: str = ""
    """Ten digits shown to who is called where the school has no number of its own (decision 58)."""
    callback_number: str = ""
    """Spoken after the message; empty: none."""


class CarrierSettings(Section, frozen=True):
    """How the carrier is reached."""

    user: str = ""
    """User Name, as issued by the carrier (C018)."""
    password_file: str = "carrier.password"  # noqa: S105
    """File with the password on its first line, beside the settings, readable by its owner only."""
    endpoints: tuple[str, ...] = ()
    """URL End Point of each call center, the preferred one first (C011, C036)."""
    ca_file: str = ""
    """Certificates to trust instead of the system's, for a carrier with a private one."""
    stand_in: bool = False
    """The end-points are make-believe: only then may a fictional roster be dialed."""
    poll_seconds: float = 15.0
    """Between two readings of the call log, at most 15 (C050)."""
    poll_soonest_seconds: float = 3.0
    """It is read again so soon when many calls are due to end and chains wait for their lines."""
    deadline_seconds: float = 10.0
    """For one request, headers and body."""


class Lines(Section, frozen=True):
    """How many calls may be with the carrier at once."""

    ordinary: int = 0
    """0: by enrollment (decision 29)."""
    emergency: int | None = None
    """Dedicated to emergencies (C015); left out: by enrollment."""
    ahead_max: int | None = None
    """Ordinary calls that may wait in the carrier's own queue beside those on lines, so that none idles until the next
    reading of the call log; left out: as many as there are lines."""
    number_gap_seconds: int = 30
    """Between two calls to one number; emergencies skip it (decision 7)."""


class Voice(Section, frozen=True):
    """How calls behave."""

    grouping: bool = False
    """Allow multiple Messages in a Single Call (C069)."""
    leave_message: bool = True
    """Leave a message on answering machines (decision 10)."""
    voicemail_ends_chain: bool = False
    """A message left on a machine ends the chain (decision 10)."""
    unconfirmed_live: str = "continue"
    """After a live answer without the key: "continue" with the next number, or "stop" (decision 9)."""
    ring_seconds: int = 30
    """How long a phone rings."""
    private_blocks_voice: bool = False
    """Numbers marked private are not dialed (decision 52)."""


class Redial(Section, frozen=True):
    """How often, and after how long, numbers are tried again (decisions 11, 19)."""

    max_attempts: int = 3
    """Rounds, so attempts per number."""
    call_delay_minutes: float = 10.0
    """Between rounds."""
    busy_delay_minutes: float = 5.0
    """Between rounds when every number left was busy."""
    emergency_max_attempts: int = 3
    emergency_call_delay_minutes: float = 2.0
    emergency_busy_delay_minutes: float = 1.0
    emergency_cap_hours: float = 4.0
    """An emergency ends after this long, come what may."""


class RosterSettings(Section, frozen=True):
    """What an import takes for granted."""

    default_reasons: tuple[str, ...] = ("emergency", "attendance", "priority", "general")
    """Reasons Voice is on for where there is no preferences file (decision 3)."""
    include_inactive: bool = False
    """Also plan for students who are not enrolled (decision 4)."""


class Settings(Section, frozen=True):
    """The whole file. Every section and every key may be left out."""

    district: District = District()
    carrier: CarrierSettings = CarrierSettings()
    lines: Lines = Lines()
    voice: Voice = Voice()
    redial: Redial = Redial()
    roster: RosterSettings = RosterSettings()


LINES_BY_ENROLLMENT = ((2_500, 24, 8), (10_000, 96, 24), (50_000, 240, 48))
"""Up to so many students: ordinary and emergency lines (decision 29)."""

LINES_ABOVE = (480, 96)

POLL_SECONDS_MAX = 15.0
"""Results may not be older (C050)."""

DEADLINE_SECONDS_MAX = 300.0
"""A carrier that needs longer is down."""

LINES_MAX = 100_000
"""Far above what any carrier leases to a district: more is a typing error."""

NUMBER_GAP_SECONDS_MAX = 3_600
RING_SECONDS = (5, 120)
ATTEMPTS_MAX = 10

DELAY_MINUTES_MAX = 24 * 60.0
"""A round later than that falls on another day, which a job never lives to see."""

CAP_HOURS_MAX = 48.0
"""An emergency that is two days old is none."""

MINUTES_OF_DAY = 24 * 60


def load_settings(home: Path) -> Settings:
    """Read a district's settings file. Raises ConfigError with one sentence: what, where, how to mend it."""
    path = home / FILE_NAME
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"There is no {FILE_NAME} in {home}; make one with `callchain init {home}`.") from None
    except OSError as error:
        raise ConfigError(f"The settings file {path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not TOML: {error}.") from error
    _refuse_unknown(data, path)
    try:
        settings = msgspec.convert(data, Settings, strict=True)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {error}. See `callchain init --help` for every setting.") from error
    check_settings(settings, f"{path}: ")
    return settings


def check_settings(settings: Settings, where: str = "") -> None:
    """Hold settings against the bounds that types cannot say. Raises ConfigError, its sentence opened by `where`."""
    for holds, sentence in (*_words(settings), *_numbers(settings)):
        if not holds:
            raise ConfigError(f"{where}{sentence}.")


def lines_for(settings: Settings, students: int) -> tuple[int, int]:
    """Ordinary and emergency lines of a district of so many students."""
    ordinary, emergency = next((row[1:] for row in LINES_BY_ENROLLMENT if students <= row[0]), LINES_ABOVE)
    set_emergency = settings.lines.emergency
    return settings.lines.ordinary or ordinary, emergency if set_emergency is None else set_emergency


def minute_of_day(text: str, name: str) -> int:
    """Minutes since midnight of a time like 08:30. Raises ConfigError naming the setting."""
    hours, colon, minutes = text.partition(":")
    if colon and hours.isdecimal() and minutes.isdecimal() and int(minutes) < 60:
        minute = int(hours) * 60 + int(minutes)
        if minute <= MINUTES_OF_DAY:
            return minute
    raise ConfigError(f'{name} is "{text}", which is no time of day; write it like "08:30".')


def password(settings: Settings, home: Path) -> str:
    """The carrier's password, read when it is needed and kept nowhere."""
    path = home / settings.carrier.password_file
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        raise ConfigError(f"The carrier's password file {path} cannot be read; write the password into it.") from None
    if not lines or not lines[0].strip():
        raise ConfigError(f"The carrier's password file {path} is empty; write the password on its first line.")
    return lines[0].strip()


def _refuse_unknown(data: dict[str, Any], path: Path) -> None:
    sections = get_type_hints(Settings)
    for name, section in data.items():
        if name not in sections or not isinstance(section, dict):
            raise ConfigError(f"{path}: there is no section [{name}].{_suggestion(name, sections)}")
        known = get_type_hints(sections[name])
        for key in section:
            if key not in known:
                raise ConfigError(f"{path}: there is no setting {key} in [{name}].{_suggestion(key, known)}")


def _suggestion(word: str, known: dict[str, Any]) -> str:
    near = difflib.get_close_matches(word, known, 1, 0.6)
    return f" Did you mean {near[0]}?" if near else f" Known are: {', '.join(sorted(known))}."


def _words(settings: Settings) -> tuple[Check, ...]:
    """What texts must say. Raises ConfigError where a time of day is none."""
    district, live = settings.district, settings.voice.unconfirmed_live
    start = minute_of_day(district.start_time, "district.start_time")
    end = minute_of_day(district.end_time, "district.end_time")
    unknown = [word for word in settings.roster.default_reasons if word.upper() not in Reason.__members__]
    # A URL may hold a password, so the sentence does not repeat it.
    no_urls = [str(place) for place, url in enumerate(settings.carrier.endpoints, 1) if not is_url(url)]
    return (
        (is_text(settings), "a setting holds bytes that are no text; settings are UTF-8"),
        (start < end, "district.start_time must lie before district.end_time"),
        (is_zone(district.time_zone), f'district.time_zone is "{district.time_zone}", which is no IANA time zone'),
        (not no_urls, f"carrier.endpoints: number {', '.join(no_urls)} is no URL like https://host/path"),
        (live in ("continue", "stop"), 'voice.unconfirmed_live must be "continue" or "stop"'),
        (not unknown, f"roster.default_reasons has {', '.join(unknown)}, which is no reason"),
    )


def _numbers(settings: Settings) -> tuple[Check, ...]:
    """What numbers may be. `nan` lies within no bounds."""
    carrier, lines, voice, redial = settings.carrier, settings.lines, settings.voice, settings.redial
    return (
        above_zero("carrier.poll_seconds", carrier.poll_seconds, POLL_SECONDS_MAX),
        above_zero("carrier.poll_soonest_seconds", carrier.poll_soonest_seconds, POLL_SECONDS_MAX),
        above_zero("carrier.deadline_seconds", carrier.deadline_seconds, DEADLINE_SECONDS_MAX),
        within("lines.ordinary", lines.ordinary, 0, LINES_MAX),
        within("lines.emergency", lines.emergency or 0, 0, LINES_MAX),
        within("lines.ahead_max", lines.ahead_max or 0, 0, LINES_MAX),
        within("lines.number_gap_seconds", lines.number_gap_seconds, 0, NUMBER_GAP_SECONDS_MAX),
        within("voice.ring_seconds", voice.ring_seconds, *RING_SECONDS),
        within("redial.max_attempts", redial.max_attempts, 1, ATTEMPTS_MAX),
        within("redial.call_delay_minutes", redial.call_delay_minutes, 0, DELAY_MINUTES_MAX),
        within("redial.busy_delay_minutes", redial.busy_delay_minutes, 0, DELAY_MINUTES_MAX),
        within("redial.emergency_max_attempts", redial.emergency_max_attempts, 1, ATTEMPTS_MAX),
        within("redial.emergency_call_delay_minutes", redial.emergency_call_delay_minutes, 0, DELAY_MINUTES_MAX),
        within("redial.emergency_busy_delay_minutes", redial.emergency_busy_delay_minutes, 0, DELAY_MINUTES_MAX),
        above_zero("redial.emergency_cap_hours", redial.emergency_cap_hours, CAP_HOURS_MAX),
    )
