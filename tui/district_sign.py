"""What a district is called, and by which clock it lives, for whoever shows it."""

from datetime import UTC, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from engine.config import load_settings
from store.errors import ConfigError


def district_sign(home: Path) -> tuple[str, tzinfo]:
    """The district's name and time zone, UTC where its settings cannot be read."""
    try:
        district = load_settings(home).district
    except ConfigError:
        return "", UTC
    return district.name, ZoneInfo(district.time_zone)
