"""Settings as words: `district.end_time=17:30` and rows of a table, typed and put in their place."""

from collections.abc import Iterable, Mapping
from typing import Any, get_args, get_type_hints

import msgspec

from engine.config import Settings, suggestion
from engine.district.secret_box import Secret
from engine.setting_rules import check_settings
from engine.speech.prompts import check_prompt
from store.errors import ConfigError, NotFoundError

ROWS: dict[str, tuple[str, ...]] = {
    "caller_ids": ("school",),
    "prompts": ("language", "reason"),
    "pronunciations": ("word", "school"),
    "portals": ("school",),
    "door_roles": ("who",),
}
"""Tables of rows, and what tells their rows apart."""

COMMANDS = {
    "caller_ids": "caller-id",
    "prompts": "prompt",
    "pronunciations": "pronounce",
    "portals": "portal",
    "door_roles": "role",
}
"""How each is changed: `callchain settings caller-id` …"""

YES, NO = ("true", "yes", "on"), ("false", "no", "off")


def with_values(settings: Settings, words: Iterable[str]) -> Settings:
    """The settings with `key=value` words put in, all of them or none.

    Raises ConfigError for an unknown key, a value of another type, and settings that do not hold together.
    """
    sections: dict[str, dict[str, Any]] = {}
    for word in words:
        key, equals, text = word.partition("=")
        if not equals:
            raise ConfigError(f'"{word}" sets nothing; write it like district.end_time=17:30.')
        section, name = _place(key.strip())
        kind = get_type_hints(get_type_hints(Settings)[section])[name]
        sections.setdefault(section, {})[name] = _value(key.strip(), kind, text.strip())
    changed = {
        section: msgspec.structs.replace(getattr(settings, section), **values) for section, values in sections.items()
    }
    return checked(msgspec.structs.replace(settings, **changed))


def with_row(settings: Settings, table: str, row: Mapping[str, str], *, remove: bool) -> Settings:
    """The settings with a row of a table put in place of the one it is about, or removed.

    Raises NotFoundError where there is none to remove, ConfigError as `with_values` does.
    """
    kind, keys = get_args(get_type_hints(Settings)[table])[0], ROWS[table]
    rows = list(getattr(settings, table))
    about = tuple(row.get(key, "") for key in keys)
    others = [one for one in rows if tuple(getattr(one, key) for key in keys) != about]
    if remove and len(others) == len(rows):
        raise NotFoundError(f"There is no row for {' and '.join(filter(None, about))} in {table}; nothing was changed.")
    if not remove:
        try:
            others.append(msgspec.convert(dict(row), kind))
        except msgspec.ValidationError as error:
            raise ConfigError(f"A row of {table}: {error}.") from None
    kept = sorted(others, key=lambda one: tuple(getattr(one, key) for key in keys))
    return checked(msgspec.structs.replace(settings, **{table: tuple(kept)}))


def flat(settings: Settings) -> dict[str, object]:
    """Every setting under its dotted key; tables of rows as a whole."""
    found: dict[str, object] = {}
    for section, value in msgspec.structs.asdict(settings).items():
        if isinstance(value, tuple):
            found[section] = [msgspec.structs.asdict(row) for row in value]
        else:
            found.update({f"{section}.{key}": said for key, said in msgspec.structs.asdict(value).items()})
    return found


def differences(before: Settings, after: Settings) -> dict[str, tuple[object, object]]:
    """What changed: key → (before, after)."""
    old, new = flat(before), flat(after)
    return {key: (old[key], new[key]) for key in new if old[key] != new[key]}


def checked(settings: Settings) -> Settings:
    """The same settings. Raises ConfigError where they do not hold, or a prompt has a field nobody can fill in."""
    check_settings(settings)
    for prompt in settings.prompts:
        check_prompt(prompt)
    return settings


def _place(key: str) -> tuple[str, str]:
    """Section and name of a setting. Raises ConfigError where there is none that is set this way."""
    section, _, name = key.partition(".")
    if section in ROWS:
        raise ConfigError(f"{section} is a table of rows; use `callchain settings {COMMANDS[section]}`.")
    if "password" in name:
        kinds = {secret.name.lower(): f" --{secret.value}" for secret in Secret if secret is not Secret.CARRIER}
        way = f"`callchain settings credentials{kinds.get(section, '')}`"
        raise ConfigError(f"Passwords are kept encrypted and never stand among the settings; set this one with {way}.")
    known = flat(Settings())
    if key not in known:
        raise ConfigError(f"There is no setting {key}.{suggestion(key, known.keys() - ROWS.keys())}")
    return section, name


def _value(key: str, kind: Any, text: str) -> object:  # noqa: ANN401 - a type, or a union of two
    """A value as its setting's type reads it; empty leaves an optional one out. Raises ConfigError."""
    optional = type(None) in get_args(kind)
    if optional and text in ("", "none"):
        return None
    if kind is str:
        return text
    if kind is bool:
        if text.lower() not in YES + NO:
            raise ConfigError(f'{key} is on or off, not "{text}".')
        return text.lower() in YES
    if kind is int or optional:
        return _number(key, int, text, "a whole number")
    if kind is float:
        return _number(key, float, text, "a number")
    return tuple(filter(None, (part.strip() for part in text.strip("[]").replace('"', "").split(","))))


def _number(key: str, kind: type[int] | type[float], text: str, called: str) -> float:
    try:
        return kind(text)
    except ValueError:
        raise ConfigError(f'{key} is {called}, not "{text}".') from None
