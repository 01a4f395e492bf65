"""Every act there is, by name: what the door serves and the command line asks."""

from typing import Any

from engine.acts import (
    audience,
    audit,
    blocks,
    chain_cancels,
    contact_stops,
    credentials,
    doctor,
    firings,
    health,
    mails,
    messenger,
    notices,
    preferences,
    recordings,
    roster,
    schedules,
    settings,
    templates,
    to_cancel,
    tokens,
)
from engine.acts.act import Act
from engine.forecast import acts as forecasts
from engine.hooks import acts as webhooks
from engine.why import acts as why

_MATTERS: tuple[tuple[Act[Any, Any], ...], ...] = (
    doctor.ACTS,
    health.ACTS,
    recordings.ACTS,
    templates.ACTS,
    credentials.ACTS,
    messenger.ACTS,
    settings.ACTS,
    preferences.ACTS,
    blocks.ACTS,
    chain_cancels.ACTS,
    contact_stops.ACTS,
    schedules.ACTS,
    firings.ACTS,
    mails.ACTS,
    notices.ACTS,
    to_cancel.ACTS,
    audience.ACTS,
    roster.ACTS,
    tokens.ACTS,
    webhooks.ACTS,
    audit.ACTS,
    why.ACTS,
    forecasts.ACTS,
)
"""The acts of each matter, from its own file."""

ACTS: dict[str, Act[Any, Any]] = {act.name: act for matter in _MATTERS for act in matter}
