"""Every act there is, by name: what the door serves and the command line asks."""

from typing import Any

from engine.acts import (
    blocks,
    contact_stops,
    credentials,
    doctor,
    firings,
    mails,
    messenger,
    notices,
    preferences,
    recordings,
    schedules,
    settings,
    templates,
)
from engine.acts.act import Act

_MATTERS: tuple[tuple[Act[Any, Any], ...], ...] = (
    doctor.ACTS,
    recordings.ACTS,
    templates.ACTS,
    credentials.ACTS,
    messenger.ACTS,
    settings.ACTS,
    preferences.ACTS,
    blocks.ACTS,
    contact_stops.ACTS,
    schedules.ACTS,
    firings.ACTS,
    mails.ACTS,
    notices.ACTS,
)
"""The acts of each matter, from its own file."""

ACTS: dict[str, Act[Any, Any]] = {act.name: act for matter in _MATTERS for act in matter}
