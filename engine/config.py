"""Every setting of a district: type, default, one line of meaning; unknown keys are refused with a suggestion."""

import difflib
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec

from engine.section import Section
from engine.service_settings import DoorRole, DoorSettings, EngineSettings, LadderSettings, LogSettings
from engine.setting_checks import minute_of_day as minute_of_day
from engine.setting_rules import POLL_SECONDS_MAX as POLL_SECONDS_MAX
from engine.setting_rules import check_settings as check_settings
from store.errors import ConfigError

FILE_NAME = "callchain.toml"


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
    recipient_hours: str = ""
    """Like "08:00-21:00", in the recipient's own time zone, for all but emergencies; empty: off (decision 22)."""
    recipient_zone_by_area_code: bool = False
    """Take the zone of who has none in the roster from the number's area code. Numbers move with their phones."""


class CarrierSettings(Section, frozen=True):
    """How the carrier is reached."""

    user: str = ""
    """User Name, as issued by the carrier (C018)."""
    endpoints: tuple[str, ...] = ()
    """URL End Point of each call center, the preferred one first (C011, C036). The password is kept encrypted in the
    store and set with `callchain settings credentials`."""
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
    calls_per_second: float = 0.0
    """Calls handed to the carrier in a second at most, evenly and emergencies first; 0: as fast as lines allow."""


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
    confirm_key: str = "0"
    """The key that confirms (C066)."""
    teachers_may_send: bool = False
    """Teachers may send to their own classes (C205)."""


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
    number_redials_per_day: int = 6
    """Redials of one number on one day, in all routine jobs together (decision 21b)."""


class Prompt(Section, frozen=True):
    """What is said around messages, in one language (C098). {school} and {callback} are filled in."""

    language: str = "en"
    reason: str = ""
    """Empty: for every reason that has no prompt of its own."""
    intro: str = ""
    """Before the message; it must name the school. Empty: the built-in one."""
    outro: str = ""
    """After the message; empty: the built-in one, with the call-back number where there is one."""
    confirm: str = ""
    """Said to people, never to machines: how to confirm. Empty: the built-in one."""


class CallerId(Section, frozen=True):
    """The number one school shows (C099)."""

    school: str
    """By id."""
    number: str
    """Ten digits, a number the district controls."""
    callback: str = ""
    """Spoken after its messages; empty: the district's."""


class Portal(Section, frozen=True):
    """Where parents of one school look things up: what {portal} says (C182)."""

    url: str
    school: str = ""
    """Empty: of every school that has none of its own."""


class Pronunciation(Section, frozen=True):
    """How a word is to be spoken (C100, decision 57)."""

    word: str
    say: str
    school: str = ""
    """Empty: in the whole district; a school's own goes before."""


class Email(Section, frozen=True):
    """Through whose server the district's own notices leave (C101)."""

    smtp_host: str = ""
    """Empty: no e-mail is sent."""
    smtp_port: int = 587
    starttls: bool = True
    user: str = ""
    """Empty: no login. The password is set with `callchain settings credentials --email`."""
    sender: str = ""
    """The address notices come from."""
    error_list: tuple[str, ...] = ()
    """Addresses that are told of each job's error (C183)."""
    confirmations: bool = True
    """Senders who gave an address are told when their job is done (C142)."""


class DialIn(Section, frozen=True):
    """Remote Dial-In: its number is kept here; the dial-in by voice itself is off."""

    number: str = ""
    """Ten digits. The password is set with `callchain settings credentials --dial-in`."""


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
    email: Email = Email()
    dial_in: DialIn = DialIn()
    engine: EngineSettings = EngineSettings()
    door: DoorSettings = DoorSettings()
    ladder: LadderSettings = LadderSettings()
    log: LogSettings = LogSettings()
    door_roles: tuple[DoorRole, ...] = ()
    prompts: tuple[Prompt, ...] = ()
    caller_ids: tuple[CallerId, ...] = ()
    pronunciations: tuple[Pronunciation, ...] = ()
    portals: tuple[Portal, ...] = ()


LINES_BY_ENROLLMENT = ((2_500, 24, 8), (10_000, 96, 24), (50_000, 240, 48))
"""Up to so many students: ordinary and emergency lines (decision 29)."""

LINES_ABOVE = (480, 96)

RETIRED = {"carrier": ("password_file",)}
"""Keys that older versions wrote and nothing reads any more."""


def load_settings(home: Path) -> Settings:
    """Read a district's settings file. Raises ConfigError with one sentence: what, where, how to mend it."""
    return settings_of_file(home, read_file(home))


def read_file(home: Path) -> bytes:
    """A district's settings file as it stands. Raises ConfigError where it cannot be read."""
    path = home / FILE_NAME
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise ConfigError(f"There is no {FILE_NAME} in {home}; make one with `callchain init {home}`.") from None
    except OSError as error:
        raise ConfigError(f"The settings file {path} cannot be read: {error.strerror}.") from error


def settings_of_file(home: Path, content: bytes) -> Settings:
    """The settings in a file's content. Raises ConfigError as `load_settings` does."""
    path = home / FILE_NAME
    if not content.strip():
        # Some editors empty a file before they write it: that is no wish for every default.
        raise ConfigError(f"{path} is empty; put the settings back, `callchain settings history` shows them.")
    try:
        data = tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not TOML: {error}.") from error
    except RecursionError:
        raise ConfigError(f"{path} is nested too deeply to be settings.") from None
    _drop_retired(data)
    _refuse_unknown(data, path)
    try:
        settings = msgspec.convert(data, Settings, strict=True)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {error}. See `callchain init --help` for every setting.") from error
    check_settings(settings, f"{path}: ")
    return settings


def lines_for(settings: Settings, students: int) -> tuple[int, int]:
    """Ordinary and emergency lines of a district of so many students."""
    ordinary, emergency = next((row[1:] for row in LINES_BY_ENROLLMENT if students <= row[0]), LINES_ABOVE)
    set_emergency = settings.lines.emergency
    return settings.lines.ordinary or ordinary, emergency if set_emergency is None else set_emergency


def _drop_retired(data: dict[str, Any]) -> None:
    for section, keys in RETIRED.items():
        if isinstance(data.get(section), dict):
            for key in keys:
                data[section].pop(key, None)


def _refuse_unknown(data: dict[str, Any], path: Path) -> None:
    sections = get_type_hints(Settings)
    for name, section in data.items():
        repeated = get_args(sections.get(name))
        rows = section if repeated else [section]
        if name not in sections or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise ConfigError(f"{path}: there is no section [{name}].{suggestion(name, sections)}")
        known = get_type_hints(repeated[0] if repeated else sections[name])
        for key in (key for row in rows for key in row):
            if key not in known:
                raise ConfigError(f"{path}: there is no setting {key} in [{name}].{suggestion(key, known)}")


def suggestion(word: str, known: Iterable[str]) -> str:
    """What an unknown word may have been meant for, as a sentence of its own."""
    names = sorted(known)
    near = difflib.get_close_matches(word, names, 1, 0.6)
    return f" Did you mean {near[0]}?" if near else f" Known are: {', '.join(names)}."
