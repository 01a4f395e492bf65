"""The bounds that types cannot say: what a district's settings may be, each with the sentence for where it is not."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from engine.setting_checks import (
    Check,
    above_zero,
    is_address,
    is_language,
    is_text,
    is_url,
    is_zone,
    minute_of_day,
    names_user,
    number_fault,
    tcp_address,
    within,
)
from store.access import Role
from store.errors import ConfigError
from store.records import Reason

if TYPE_CHECKING:
    from engine.config import District, Settings

POLL_SECONDS_MAX = 15.0
"""Results may not be older (C050)."""

DEADLINE_SECONDS_MAX = 300.0
"""A carrier that needs longer is down."""

LINES_MAX = 100_000
"""Far above what any carrier leases to a district: more is a typing error."""

CALLS_PER_SECOND_MIN = 0.1
"""Emergencies obey the pace too, and must never wait long for it."""

TOO_SLOW = "below 0.1 an emergency would wait for its turn; give 0 for no pace, or more"

CALLS_PER_SECOND_MAX = 1_000
"""Far above what any carrier takes of one district."""

NUMBER_GAP_SECONDS_MAX = 3_600
RING_SECONDS = (5, 120)
ATTEMPTS_MAX = 10

REDIALS_PER_DAY_MAX = 100
"""Nobody wants to be rung more often, and no district that often."""

DELAY_MINUTES_MAX = 24 * 60.0
"""A round later than that falls on another day, which a job never lives to see."""

CAP_HOURS_MAX = 48.0
"""An emergency that is two days old is none."""

LOG_FORMATS = ("text", "json")
LOG_LEVELS = ("debug", "info", "warning", "error")

LEASE_SECONDS = (1.0, 3_600.0)
"""A busy machine may skip a beat; and whoever waits for more than an hour does not stand by."""

SECOND_PERSON = ("never", "emergency", "always")

APPROVAL_MINUTES_MAX = 24 * 60.0
"""Whoever has not agreed after a day was not asked."""

RECALL_SECONDS_MAX = 3_600
"""An hour in which nothing is called is no countdown any more; a schedule is what is meant."""

KEYS = "0123456789*#"
"""What a phone has."""


def check_settings(settings: "Settings", where: str = "") -> None:
    """Hold settings against the bounds that types cannot say. Raises ConfigError, its sentence opened by `where`."""
    for rules in (_words, _numbers, _phones, _rows, _door, _log):
        try:
            broken = [sentence for holds, sentence in rules(settings) if not holds]
        except ConfigError as error:
            raise ConfigError(f"{where}{error}") from None
        if broken:
            raise ConfigError(f"{where}{broken[0]}.")


def _words(settings: "Settings") -> tuple[Check, ...]:
    """What texts must say. Raises ConfigError where a time of day is none."""
    district, voice = settings.district, settings.voice
    start = minute_of_day(district.start_time, "district.start_time")
    end = minute_of_day(district.end_time, "district.end_time")
    unknown = [word for word in settings.roster.default_reasons if not _is_reason(word)]
    # A URL may hold a password, so the sentence does not repeat it.
    no_urls = [str(place) for place, url in enumerate(settings.carrier.endpoints, 1) if not is_url(url)]
    with_user = [str(place) for place, url in enumerate(settings.carrier.endpoints, 1) if names_user(url)]
    return (
        (is_text(settings), "a setting holds bytes that are no text; settings are UTF-8"),
        (bool(district.name.strip()), "district.name is blank; every message begins with it where no school is named"),
        (start < end, "district.start_time must lie before district.end_time"),
        (is_zone(district.time_zone), f'district.time_zone is "{district.time_zone}", which is no IANA time zone'),
        _recipient_hours(district),
        (not no_urls, f"carrier.endpoints: number {', '.join(no_urls)} is no URL like https://host/path"),
        (not with_user, f"carrier.endpoints: number {', '.join(with_user)} holds a user name; set it apart"),
        (voice.unconfirmed_live in ("continue", "stop"), 'voice.unconfirmed_live must be "continue" or "stop"'),
        (voice.confirm_key in KEYS and len(voice.confirm_key) == 1, "voice.confirm_key must be one of 0 to 9, * and #"),
        (
            settings.ladder.second_person in SECOND_PERSON,
            'ladder.second_person must be "never", "emergency" or "always"',
        ),
        (not unknown, f"roster.default_reasons has {', '.join(unknown)}, which is no reason"),
    )


def _recipient_hours(district: "District") -> Check:
    """Both ends are times of day, the first before the second; empty is off (decision 22)."""
    name, text = "district.recipient_hours", district.recipient_hours
    if not text:
        return True, ""
    opens, dash, closes = text.partition("-")
    if not dash:
        return False, f'{name} is "{text}"; write it like "08:00-21:00"'
    holds = minute_of_day(opens.strip(), name) < minute_of_day(closes.strip(), name)
    return holds, f"{name} must begin before it ends"


def _numbers(settings: "Settings") -> tuple[Check, ...]:
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
        within("lines.calls_per_second", lines.calls_per_second, 0, CALLS_PER_SECOND_MAX),
        (not 0 < lines.calls_per_second < CALLS_PER_SECOND_MIN, f"lines.calls_per_second: {TOO_SLOW}"),
        within("voice.ring_seconds", voice.ring_seconds, *RING_SECONDS),
        within("redial.max_attempts", redial.max_attempts, 1, ATTEMPTS_MAX),
        within("redial.call_delay_minutes", redial.call_delay_minutes, 0, DELAY_MINUTES_MAX),
        within("redial.busy_delay_minutes", redial.busy_delay_minutes, 0, DELAY_MINUTES_MAX),
        within("redial.emergency_max_attempts", redial.emergency_max_attempts, 1, ATTEMPTS_MAX),
        within("redial.emergency_call_delay_minutes", redial.emergency_call_delay_minutes, 0, DELAY_MINUTES_MAX),
        within("redial.emergency_busy_delay_minutes", redial.emergency_busy_delay_minutes, 0, DELAY_MINUTES_MAX),
        above_zero("redial.emergency_cap_hours", redial.emergency_cap_hours, CAP_HOURS_MAX),
        within("redial.number_redials_per_day", redial.number_redials_per_day, 0, REDIALS_PER_DAY_MAX),
        within("email.smtp_port", settings.email.smtp_port, 1, 65_535),
        within("engine.lease_seconds", settings.engine.lease_seconds, *LEASE_SECONDS),
        above_zero("ladder.approval_minutes", settings.ladder.approval_minutes, APPROVAL_MINUTES_MAX),
        within("ladder.recall_seconds", settings.ladder.recall_seconds, 0, RECALL_SECONDS_MAX),
    )


def _phones(settings: "Settings") -> Iterator[Check]:
    """Numbers that are shown or spoken have ten digits (C099, decision 58); the sentences repeat none of them."""
    district = settings.district
    named = [
        ("district.caller_id", district.caller_id),
        ("district.callback_number", district.callback_number),
        ("dial_in.number", settings.dial_in.number),
    ]
    for row in settings.caller_ids:
        named += [(f"the caller ID of school {row.school}", row.number or "-")]
        named += [(f"the call-back number of school {row.school}", row.callback)]
    for name, number in named:
        fault = number_fault(number) if number else ""
        yield not fault, f"{name} {fault}; give ten digits of a number the district controls"


def _rows(settings: "Settings") -> Iterator[Check]:
    """Rows are complete, and there is one for each thing they are about."""
    for place, prompt in enumerate(settings.prompts, 1):
        row = f"prompts: row {place}"
        yield is_language(prompt.language), f'{row} has the language "{prompt.language}"; write it like en'
        known = not prompt.reason or _is_reason(prompt.reason)
        yield known, f'{row} has the reason "{prompt.reason}", which is no reason'
    for place, said in enumerate(settings.pronunciations, 1):
        complete = bool(said.word.strip() and said.say.strip())
        yield complete, f"pronunciations: row {place} must say which word is spoken and how"
    for portal in settings.portals:
        yield is_url(portal.url), f'portals: "{portal.url}" is no URL like https://portal.district.example'
    yield _once([portal.school for portal in settings.portals]), "portals: a school stands twice"
    for address in (settings.email.sender, *settings.email.error_list):
        yield not address or is_address(address), f'email: "{address}" is no address like office@district.example'
    words = [(said.word.lower(), said.school) for said in settings.pronunciations]
    prompts = [(prompt.language, prompt.reason) for prompt in settings.prompts]
    yield _once(prompts), "prompts: a language and reason stand twice"
    yield _once([row.school for row in settings.caller_ids]), "caller_ids: a school stands twice"
    yield _once(words), "pronunciations: a word stands twice"


def _door(settings: "Settings") -> Iterator[Check]:
    """Where the door stands, and who may do what at it."""
    door = settings.door
    if door.listen:
        yield tcp_address(door.listen) is not None, f'door.listen is "{door.listen}"; write it like "0.0.0.0:8443"'
        secured = bool(door.certificate and door.key)
        yield secured, "door.listen needs door.certificate and door.key: over TCP the door has TLS or is not opened"
    for place, row in enumerate(settings.door_roles, 1):
        named = bool(row.who.removeprefix("@").strip()) and row.who == row.who.strip()
        yield named, f'door_roles: row {place} must name a user like "anna", or a group like "@office"'
        known = row.role.upper() in Role.__members__
        yield known, f'door_roles: row {place} has the role "{row.role}"; roles are {", ".join(r.word for r in Role)}'
    yield _once([row.who for row in settings.door_roles]), "door_roles: somebody stands twice"


def _log(settings: "Settings") -> tuple[Check, ...]:
    """How the log is written."""
    log = settings.log
    return (
        (log.format in LOG_FORMATS, f"log.format must be one of {', '.join(LOG_FORMATS)}"),
        (log.level in LOG_LEVELS, f"log.level must be one of {', '.join(LOG_LEVELS)}"),
    )


def _is_reason(word: str) -> bool:
    return word.upper() in Reason.__members__


def _once(keys: Sequence[object]) -> bool:
    return len(set(keys)) == len(keys)
