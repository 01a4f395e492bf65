"""Times as schedules write them, and the dialing window of one firing."""

from datetime import datetime
from zoneinfo import ZoneInfo

from engine.config import Settings, minute_of_day
from engine.messaging.windows import Window, local_day
from engine.plan_settings import PlanSettings, plan_settings
from store.documents import Schedule, Template
from store.errors import InvalidInputError

NO_NUMBERS = b"no number is made into an id here"
"""Planning settings want the key of number ids; when a window opens has nothing to do with numbers."""


def window_settings(settings: Settings) -> PlanSettings:
    """What windows follow."""
    return plan_settings(settings, NO_NUMBERS)


def read_window(text: str, name: str) -> tuple[int, int]:
    """Two minutes of a day from `09:00-17:00`, as a person typed it. Raises InvalidInputError naming what it is."""
    opens, dash, closes = text.partition("-")
    if not dash:
        raise InvalidInputError(f'{name} is "{text}"; write it like 09:00-17:00.')
    return minute_of_day(opens.strip(), name), minute_of_day(closes.strip(), name)


def window_of(schedule: Schedule, template: Template, fire_at: int, zone: ZoneInfo) -> Window:
    """When a firing dials: the schedule's window or the template's, on the day it fires, and not before it fires.

    The later of firing and opening counts (decision 25).
    """
    text = schedule.window or template.window
    if not text:
        return Window(starts_at=fire_at)
    opens, closes = read_window(text, f'The window of schedule "{schedule.name}"')
    return Window(opens_minute=opens, closes_minute=closes, day=local_day(fire_at, zone), starts_at=fire_at)


def clock_text(at: int, zone: ZoneInfo) -> str:
    """An instant as the district's clocks show it: `2026-11-24 08:30`."""
    return datetime.fromtimestamp(at / 1000, zone).strftime("%Y-%m-%d %H:%M")
